import { applied } from "../../ir/bodies/body.ts";
import {
  draftOf,
  partsOf,
  rootsOf,
  type Scan,
  type ScanDraft,
  type ScanParts,
  type ScanRoots,
  scanOf,
} from "../../ir/bodies/scan.ts";
import type { Expr } from "../../ir/graph.ts";
import { type Call, typeKey } from "../../ir/operation.ts";
import { idsUnder, substitute } from "../../ir/walks/traverse.ts";
import type { NoteReplacement } from "./replace.ts";

/** More loops than these are not compared with each other. */
const mostLoops = 30;

/**
 * The roots with scans that carry the same values as one: a loss beside the loop that stacks its carries for the gradient.
 * Two are one when they have equal steps, neither waits for the other, and some carry is the same in both.
 */
export function mergeScans(roots: readonly Expr[], note?: NoteReplacement): Expr[] {
  let current = [...roots];
  for (let merges = 0; merges < mostLoops; merges++) {
    const merged = mergeOnce(current, note);
    if (!merged) return current;
    current = merged;
  }
  return current;
}

function mergeOnce(roots: readonly Expr[], note: NoteReplacement | undefined): Expr[] | undefined {
  const { graph } = roots[0]!;
  const ids = idsUnder(roots);
  const calls = new Map<number, Call<Scan>>();
  for (const id of ids) {
    if (graph.kindOf(id) !== "operation" || graph.operationOf(id).kind !== "scan") continue;
    if (calls.size < mostLoops) calls.set(graph.callOf(id), graph.call(id) as Call<Scan>);
  }
  if (calls.size < 2) return undefined;
  const bits = new Map([...calls.keys()].map((first, k) => [first, 1 << k]));
  // which loops each node waits for
  const waits = new Map<number, number>();
  const reads = new Map<number, number>();
  for (const id of ids) {
    let below = 0;
    for (const operand of graph.operandIds(id)) below |= waits.get(operand) ?? 0;
    const first = graph.kindOf(id) === "operation" ? graph.callOf(id) : -1;
    if (bits.has(first)) reads.set(first, below);
    const own = below | (bits.get(first) ?? 0);
    if (own !== 0) waits.set(id, own);
  }
  const list = [...calls];
  for (const [k, [first, call]] of list.entries()) {
    for (const [second, other] of list.slice(k + 1)) {
      const depends = (reads.get(second)! & bits.get(first)!) !== 0 || (reads.get(first)! & bits.get(second)!) !== 0;
      const joined = depends ? undefined : join(call, other);
      if (!joined) continue;
      for (const [result, replacement] of joined) note?.(result, replacement);
      return substitute(roots, joined);
    }
  }
  return undefined;
}

/** The results of both calls as results of one; undefined where they have nothing in common. */
function join(a: Call<Scan>, b: Call<Scan>): Map<Expr, Expr> | undefined {
  const [one, two] = [a.operation, b.operation];
  if (one.isReversed !== two.isReversed || one.isBlocks !== two.isBlocks || !one.length.equals(two.length))
    return undefined;
  const partner = partnersOf(partsOf(one, a.operands).carries, partsOf(two, b.operands).carries);
  while (partner.some((k) => k >= 0)) {
    const laid = layOver(a, b, partner);
    if (laid.apart.length === 0) return asOne(a, b, partner, laid);
    for (const k of laid.apart) partner[k] = -1;
  }
  return undefined;
}

/** Carries that begin alike are taken to be one, until a step tells them apart: those of the first loop, by the second's; else -1. */
function partnersOf(first: readonly Expr[], second: readonly Expr[]): number[] {
  const taken = new Set<number>();
  return second.map((start) => {
    const found = first.findIndex((other, k) => other === start && !taken.has(k));
    taken.add(found);
    return found;
  });
}

/** Two bodies in one graph, in which what both loops carry or read is one. */
interface Laid {
  readonly first: ScanDraft;
  /** What the second loop has, in the order of its own parts. */
  readonly second: { readonly parameters: ScanParts<Expr>; readonly roots: ScanRoots<Expr> };
  /** What the second loop has that the first one has not. */
  readonly own: <T>(parts: ScanParts<T>) => ScanParts<T>;
  /** Carries of the second loop that are taken to be some of the first, and that a step tells apart. */
  readonly apart: readonly number[];
}

function layOver(a: Call<Scan>, b: Call<Scan>, partner: readonly number[]): Laid {
  const [one, two] = [a.operation, b.operation];
  const first = draftOf(one);
  const { graph } = first.step;
  const [givenA, givenB] = [partsOf(one, a.operands), partsOf(two, b.operands)];
  const inputs = new Map(givenA.inputs.map((input, k) => [input, first.parameters.inputs[k]!]));
  const constants = new Map(givenA.constants.map((constant, k) => [constant, first.parameters.constants[k]!]));
  const parts = partsOf(two, two.body.parameters);
  const like = ({ shape, dtype }: Expr) => graph.variable(shape, dtype);
  const parameters = {
    carries: parts.carries.map((carry, k) => first.parameters.carries[partner[k]!] ?? like(carry)),
    inputs: parts.inputs.map((slice, k) => inputs.get(givenB.inputs[k]!) ?? like(slice)),
    constants: parts.constants.map((constant, k) => constants.get(givenB.constants[k]!) ?? like(constant)),
  };
  const roots = rootsOf(
    two,
    applied(two.body, graph, [...parameters.carries, ...parameters.inputs, ...parameters.constants, first.step]),
  );
  return {
    first,
    second: { parameters, roots },
    own: (list) => ({
      carries: list.carries.filter((_, k) => partner[k]! < 0),
      inputs: list.inputs.filter((_, k) => !inputs.has(givenB.inputs[k]!)),
      constants: list.constants.filter((_, k) => !constants.has(givenB.constants[k]!)),
    }),
    apart: [...partner.keys()].filter(
      (k) =>
        partner[k]! >= 0 &&
        (roots.carries[k] !== first.roots.carries[partner[k]!] ||
          typeKey(parameters.carries[k]!) !== typeKey(parts.carries[k]!)),
    ),
  };
}

/** The results of both calls as those of a loop that does what both do. */
function asOne(
  a: Call<Scan>,
  b: Call<Scan>,
  partner: readonly number[],
  { first, second, own }: Laid,
): Map<Expr, Expr> {
  const [one, two] = [a.operation, b.operation];
  const scan = scanOf({
    ...first,
    parameters: joined(first.parameters, own(second.parameters)),
    roots: {
      carries: [...first.roots.carries, ...second.roots.carries.filter((_, k) => partner[k]! < 0)],
      stacks: [...first.roots.stacks, ...second.roots.stacks],
      sums: [...first.roots.sums, ...second.roots.sums],
    },
  });
  const { carries, inputs, constants } = joined(partsOf(one, a.operands), own(partsOf(two, b.operands)));
  const { graph } = a.results[0]!;
  const found = rootsOf(scan, graph.operation(scan, [...carries, ...inputs, ...constants]));
  const [resultsA, resultsB] = [rootsOf(one, a.results), rootsOf(two, b.results)];
  let next = one.carries;
  const carriesB = partner.map((k) => found.carries[k < 0 ? next++ : k]!);
  return new Map([
    ...paired([...resultsA.carries, ...resultsB.carries], [...found.carries.slice(0, one.carries), ...carriesB]),
    ...paired([...resultsA.stacks, ...resultsB.stacks], found.stacks),
    ...paired([...resultsA.sums, ...resultsB.sums], found.sums),
  ]);
}

const joined = <T>(first: ScanParts<T>, second: ScanParts<T>): ScanParts<T> => ({
  carries: [...first.carries, ...second.carries],
  inputs: [...first.inputs, ...second.inputs],
  constants: [...first.constants, ...second.constants],
});

const paired = (results: readonly Expr[], found: readonly Expr[]) =>
  results.map((result, k) => [result, found[k]!] as const);
