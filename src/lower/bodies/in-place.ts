import type { ScanDraft } from "../../ir/bodies/scan.ts";
import { areAxes } from "../../ir/contraction.ts";
import type { Expr } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import { type Dependence, dependentOn } from "../../ir/walks/dependence.ts";
import { idsUnder, leavesUnder, substitute } from "../../ir/walks/traverse.ts";
import { axes, contract, type Read, termsOf, view } from "../../ops/arrays/contractions.ts";
import { type Addition, type Change, changesOf, type Put } from "../../rewrite/forms/changes.ts";

// A carry of which a step changes a place needs no second array: what falls there is computed while the step reads what is there,
// and then written over it.

/** Terms that are added to a carry, made of variables for `values`, which are computed before anything is written. */
export interface Added {
  readonly kind: "added";
  readonly node: Expr;
  readonly values: ReadonlyMap<Expr, Expr>;
}

export type Writing = Put | Added;

/** How a carry is kept in one place. */
export interface Kept {
  readonly writings: readonly Writing[];
  /** What the step reads of the carry once it has changed, where it reads nothing of it before: changes come first then. */
  readonly after?: Expr;
}

/** A step without the carries that are kept in one place. */
export interface StepInPlace {
  readonly carries: readonly (Expr | undefined)[];
  readonly stacks: readonly Expr[];
  readonly sums: readonly Expr[];
  /** By the number of the carry. */
  readonly kept: ReadonlyMap<number, Kept>;
}

/** The step of a loop, with the carries of which it changes parts kept in one place. */
export function inPlace({ parameters: { carries }, roots }: ScanDraft): StepInPlace {
  const { stacks, sums } = roots;
  const list = [...roots.carries, ...stacks, ...sums];
  const candidates = carries.flatMap((carry, k) => (changesOf(list[k]!, carry) ? [k] : []));
  const kept = new Map<number, Kept>();
  for (const k of candidates) {
    const first = changedFirst(k, carries, list);
    if (!first) continue;
    kept.set(k, first.kept);
    for (const [at, root] of first.others.entries()) if (at !== k) list[at] = root;
  }
  const late = new Map<number, readonly Change[]>();
  for (const k of candidates) {
    const changes = kept.has(k) ? undefined : changesOf(list[k]!, carries[k]!);
    if (changes) late.set(k, changes);
  }
  const isOld = dependentOn(
    list[0]!.graph,
    idsUnder(list),
    [...late.keys()].map((k) => carries[k]!),
  );
  for (const [k, changes] of late) kept.set(k, { writings: changes.map((change) => written(change, isOld)) });
  return {
    carries: carries.map((_, k) => (kept.has(k) ? undefined : list[k]!)),
    stacks: list.slice(carries.length, carries.length + stacks.length),
    sums: list.slice(carries.length + stacks.length),
    kept,
  };
}

/** A carry that nothing reads before it has changed, in ways that are known as the step begins, and the roots that read it then. */
function changedFirst(
  k: number,
  carries: readonly Expr[],
  list: readonly Expr[],
): { readonly kept: Kept; readonly others: readonly Expr[] } | undefined {
  const next = list[k]!;
  const changes = changesOf(next, carries[k]!)!;
  const puts = changes.filter((change) => change.kind === "put");
  const read = leavesUnder(puts.flatMap(({ slice }) => slice.lookups));
  const isGiven = ({ value }: Put) => value.kind === "constant" || (value.kind === "leaf" && !carries.includes(value));
  const isKnown = puts.every(isGiven) && !carries.some((carry) => read.has(carry));
  if (!isKnown || puts.length < changes.length) return undefined;
  const after = next.graph.variable(next.shape);
  const others = substitute(list, new Map([[next, after]]));
  const isRead = leavesUnder(others.filter((_, at) => at !== k)).has(carries[k]!);
  return isRead ? undefined : { kept: { writings: puts, after }, others };
}

/** A change whose terms read nothing of what changes. */
function written(change: Change, isOld: Dependence): Writing {
  return change.kind === "put" ? change : added(change, isOld);
}

function added({ term, isTaken }: Addition, isOld: Dependence): Added {
  const values = new Map<Expr, Expr>();
  const variableFor = (value: Expr): Expr => {
    const known = values.get(value) ?? value.graph.variable(value.shape, value.dtype);
    values.set(value, known);
    return known;
  };
  // whole numbers among the operands are what lookups name
  const apart = (node: Expr) => (node.dtype === "int" && isOld.has(node.id) ? variableFor(node) : node);
  const whole = { of: term, index: axes(term.shape.length) };
  const terms =
    term.kind === "contraction"
      ? termsOf(term)
      : { extents: term.shape, output: whole.index, shape: term.shape, factors: [whole], guards: [], lookups: [] };
  const lookups = terms.lookups.map(apart);
  const factors = terms.factors.map(({ of, index }): Read => {
    const isPlain = ["leaf", "constant", "size", "iota"].includes(of.kind) && !isOld.has(of.id);
    if (isPlain) return { of, index };
    const moving = index.filter(movesWithin);
    const shape = of.shape.filter((_, axis) => movesWithin(index[axis]!));
    return { of: variableFor(sliceAt(of, index, shape, terms.lookups)), index: moving };
  });
  const ranges = terms.factors.flatMap(({ of, index }) =>
    index.flatMap((at, axis) => (movesWithin(at) ? [] : [{ index: at, extent: of.shape[axis]! }])),
  );
  // a product goes where its guards hold; a read alone would go through all elements
  const isRead = factors.length === 1 && areAxes(terms.output);
  const sign = isTaken || isRead ? [{ of: term.graph.constant(isTaken ? -1 : 1), index: [] }] : [];
  const guards = [...terms.guards, ...ranges];
  return { kind: "added", node: contract({ ...terms, lookups, guards, factors: [...factors, ...sign] }), values };
}

/** True of an index that is not the same in all terms. */
const movesWithin = (index: Integer) => index.iterators().length > 0;

/** What is read of an array where some of its indices are the same in all terms, over the axes of the others. */
function sliceAt(of: Expr, index: readonly Integer[], shape: readonly Integer[], lookups: readonly Expr[]): Expr {
  const others = axes(shape.length).values();
  const at = index.map((each) => (movesWithin(each) ? others.next().value! : each));
  return view(of, shape, at, [], lookups);
}
