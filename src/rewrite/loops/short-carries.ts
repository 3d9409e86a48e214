import type { Expr } from "../../ir/graph.ts";
import type { Call } from "../../ir/operation.ts";
import { draftOf, partsOf, type Scan, type ScanDraft, type ScanParts, type ScanRoots, scanOf } from "../../ir/scan.ts";
import { stack } from "../../ops/arrays.ts";
import { ByElements, elementOf, isShort, positions } from "./apart.ts";

/**
 * The call with carries of a few elements as one carry an element, where steps read and make them element by element, as
 * `c = [c[0] - flow, c[1] + flow]` does: derivatives then have no arrays of which all but one element is 0.
 */
export function withoutShortCarries({ operation: scan, operands }: Call<Scan>): readonly Expr[] | undefined {
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
    if (refused.size === 0) return withElements(draft, partsOf(scan, operands), elements, axisOf);
    for (const carry of refused) choose(carry, axisOf.get(carry)!);
  }
  return undefined;
}

/** The carries that nothing puts together of elements, and those that are needed as one array. */
function unfit(
  roots: ScanRoots<Expr>,
  carries: readonly Expr[],
  elements: ByElements,
  axisOf: ReadonlyMap<Expr, number>,
): Set<Expr> {
  const found = new Set<Expr>();
  const refuse = (node: Expr) => {
    for (const variable of elements.partsOf(node)?.variables ?? []) found.add(variable);
  };
  for (const [k, next] of roots.carries.entries()) {
    if (axisOf.get(carries[k]!) !== elements.partsOf(next)?.axis) refuse(next);
  }
  for (const root of [...roots.stacks, ...roots.sums]) if (root.dtype !== "real") refuse(root);
  const put = putTogether(roots.carries, carries, elements, axisOf);
  for (const carry of axisOf.keys()) if (!put.has(carry)) found.add(carry);
  return found;
}

/** The carries that are put together of elements, in some step. */
function putTogether(
  next: readonly Expr[],
  carries: readonly Expr[],
  elements: ByElements,
  axisOf: ReadonlyMap<Expr, number>,
): Set<Expr> {
  const put = new Set<Expr>();
  for (let known = -1; known < put.size; ) {
    known = put.size;
    for (const [k, carry] of carries.entries()) {
      const axis = axisOf.get(carry);
      if (axis === undefined) continue;
      const reads = [...(elements.partsOf(next[k]!)?.variables ?? [])];
      if (elements.isPut(next[k]!, axis) || reads.some((other) => put.has(other))) put.add(carry);
    }
  }
  return put;
}

/** The results of the loop over elements, put together again. */
function withElements(
  draft: ScanDraft,
  given: ScanParts<Expr>,
  elements: ByElements,
  axisOf: ReadonlyMap<Expr, number>,
): Expr[] {
  const { parameters, roots } = draft;
  const inParts = (list: readonly Expr[], axis: (k: number) => number | undefined, part: ElementOf) =>
    list.map((node, k) => {
      const at = axis(k);
      return at === undefined ? [elements.formOf(node)] : positions(node, at).map((p) => part(node, at, p));
    });
  const ofCarry = (k: number) => axisOf.get(parameters.carries[k]!);
  const ofRoot = (list: readonly Expr[]) => (k: number) => elements.partsOf(list[k]!)?.axis;
  const inside: ElementOf = (node, axis, k) => elements.elementOf(node, axis, k);
  const parts = {
    carries: inParts(roots.carries, ofCarry, inside),
    stacks: inParts(roots.stacks, ofRoot(roots.stacks), inside),
    sums: inParts(roots.sums, ofRoot(roots.sums), inside),
  };
  const scan = scanOf({
    ...draft,
    parameters: { ...parameters, carries: inParts(parameters.carries, ofCarry, inside).flat() },
    roots: { carries: parts.carries.flat(), stacks: parts.stacks.flat(), sums: parts.sums.flat() },
  });
  const firsts = given.carries.map((first, k) => {
    const axis = ofCarry(k);
    return axis === undefined ? [first] : positions(first, axis).map((p) => elementOf(first, axis, p));
  });
  const operands = [...firsts.flat(), ...given.inputs, ...given.constants];
  const results = operands[0]!.graph.operation(scan, operands).values();
  const whole = (groups: readonly (readonly Expr[])[], axis: (k: number) => number | undefined, before: number) =>
    groups.map((group, k) => {
      const found = group.map(() => results.next().value!);
      return axis(k) === undefined ? found[0]! : stack(found, axis(k)! + before);
    });
  return [
    ...whole(parts.carries, ofCarry, 0),
    ...whole(parts.stacks, ofRoot(roots.stacks), 1),
    ...whole(parts.sums, ofRoot(roots.sums), 0),
  ];
}

type ElementOf = (node: Expr, axis: number, k: number) => Expr;
