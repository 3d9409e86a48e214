import { draftOf, rootsOf, type Scan, type ScanDraft, type ScanRoots, scanOf } from "../../ir/bodies/scan.ts";
import type { Expr } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { Call } from "../../ir/operation.ts";
import { stack } from "../../ops/arrays/arrays.ts";
import { elementAt } from "../forms/contractions/splat.ts";
import { ByElements, isShort, positions } from "./apart.ts";

/**
 * The call with carries of a few elements as one carry an element, where steps read and make them element by element, as
 * `c = [c[0] - flow, c[1] + flow]` does: derivatives then have no arrays of which all but one element is 0.
 */
export function withoutShortCarries(call: Call<Scan>): readonly Expr[] | undefined {
  const { operation: scan } = call;
  if (!scan.operands.slice(0, scan.carries).some(({ shape }) => shape.some(isShort))) return undefined;
  const draft = draftOf(scan);
  const { carries } = draft.parameters;
  const roots = [...draft.roots.carries, ...draft.roots.stacks, ...draft.roots.sums];
  const axisOf = new Map<Expr, number>();
  const choose = (carry: Expr, end: number) => {
    let axis = end - 1;
    while (axis >= 0 && !isShort(carry.shape[axis]!)) axis--;
    if (axis >= 0 && carry.dtype === "real") axisOf.set(carry, axis);
    else axisOf.delete(carry);
  };
  for (const carry of carries) choose(carry, carry.shape.length);
  while (axisOf.size > 0) {
    const elements = new ByElements(roots, axisOf);
    const refused = elements.refused.size > 0 ? elements.refused : unfit(draft.roots, carries, elements, axisOf);
    if (refused.size === 0) return withElements(call, draft, elements, axisOf);
    for (const carry of refused) choose(carry, axisOf.get(carry)!);
  }
  return undefined;
}

/** The carries that nothing puts together of elements, and those that are needed as one array. */
function unfit(
  { carries: next, stacks, sums }: ScanRoots<Expr>,
  carries: readonly Expr[],
  elements: ByElements,
  axisOf: ReadonlyMap<Expr, number>,
): Set<Expr> {
  const madeOf = (node: Expr) => [...(elements.partsOf(node)?.variables ?? [])];
  const put = new Set<Expr>();
  for (let known = -1; known < put.size; ) {
    known = put.size;
    for (const [carry, axis] of axisOf) {
      const root = next[carries.indexOf(carry)]!;
      if (elements.isPut(root, axis) || madeOf(root).some((other) => put.has(other))) put.add(carry);
    }
  }
  const whole = [
    ...next.filter((root, k) => axisOf.get(carries[k]!) !== elements.partsOf(root)?.axis),
    ...[...stacks, ...sums].filter(({ dtype }) => dtype !== "real"),
  ];
  return new Set([...[...axisOf.keys()].filter((carry) => !put.has(carry)), ...whole.flatMap(madeOf)]);
}

/** The results of the loop over elements, put together again. */
function withElements(
  { operation: scan, operands, results }: Call<Scan>,
  draft: ScanDraft,
  elements: ByElements,
  axisOf: ReadonlyMap<Expr, number>,
): Expr[] {
  const { parameters, roots } = draft;
  const inParts = (node: Expr, axis: number | undefined, part: ByElements["elementOf"]) =>
    axis === undefined ? [elements.formOf(node)] : positions(node, axis).map((k) => part(node, axis, k));
  const axes = parameters.carries.map((carry) => axisOf.get(carry));
  const inside: ByElements["elementOf"] = (node, axis, k) => elements.elementOf(node, axis, k);
  const all = [...roots.carries, ...roots.stacks, ...roots.sums];
  const places = all.map((root, k) => (k < axes.length ? axes[k] : elements.partsOf(root)?.axis));
  const groups = all.map((root, k) => inParts(root, places[k], inside));
  const { carries, stacks, sums } = rootsOf(scan, groups);
  const smaller = scanOf({
    ...draft,
    parameters: { ...parameters, carries: parameters.carries.flatMap((carry, k) => inParts(carry, axes[k], inside)) },
    roots: { carries: carries.flat(), stacks: stacks.flat(), sums: sums.flat() },
  });
  const outside: ByElements["elementOf"] = (node, axis, k) => elementAt(node, axis, Integer.constant(k));
  const given = operands.flatMap((operand, k) => inParts(operand, axes[k], outside));
  const found = results[0]!.graph.operation(smaller, given).values();
  return groups.map((group, k) => {
    const parts = group.map(() => found.next().value!);
    const isStack = k >= scan.carries && k < scan.carries + scan.stacks;
    return places[k] === undefined ? parts[0]! : stack(parts, places[k] + (isStack ? 1 : 0));
  });
}
