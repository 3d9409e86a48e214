import { applied } from "../../ir/body.ts";
import { type Expr, Graph } from "../../ir/graph.ts";
import { type Call, typeKey } from "../../ir/operation.ts";
import { partsOf, rootsOf, type Scan, scanOf } from "../../ir/scan.ts";
import { idsUnder, substitute } from "../../ir/traverse.ts";
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
  const [givenA, givenB] = [partsOf(one, a.operands), partsOf(two, b.operands)];
  // carries that begin alike are taken to be one, until a step tells them apart
  const taken = new Set<number>();
  const partner = givenB.carries.map((first) => {
    const found = givenA.carries.findIndex((other, k) => other === first && !taken.has(k));
    taken.add(found);
    return found;
  });
  if (partner.every((k) => k < 0)) return undefined;
  for (;;) {
    const graph = new Graph();
    const variables = one.body.parameters.map(({ shape, dtype }) => graph.variable(shape, dtype));
    const parametersA = partsOf(one, variables);
    const known = new Map<Expr, Expr>();
    for (const [k, input] of givenA.inputs.entries()) known.set(input, parametersA.inputs[k]!);
    const constants = new Map<Expr, Expr>();
    for (const [k, constant] of givenA.constants.entries()) constants.set(constant, parametersA.constants[k]!);
    const parts = partsOf(two, two.body.parameters);
    const like = ({ shape, dtype }: Expr) => graph.variable(shape, dtype);
    const carriesB = parts.carries.map((carry, k) => parametersA.carries[partner[k]!] ?? like(carry));
    const inputsB = parts.inputs.map((slice, k) => known.get(givenB.inputs[k]!) ?? like(slice));
    const constantsB = parts.constants.map((constant, k) => constants.get(givenB.constants[k]!) ?? like(constant));
    const step = variables.at(-1)!;
    const rootsA = rootsOf(one, applied(one.body, graph, variables));
    const rootsB = rootsOf(two, applied(two.body, graph, [...carriesB, ...inputsB, ...constantsB, step]));
    let settled = true;
    for (const [k, other] of partner.entries()) {
      if (other < 0) continue;
      const isSame =
        rootsB.carries[k] === rootsA.carries[other] && typeKey(carriesB[k]!) === typeKey(parts.carries[k]!);
      if (isSame) continue;
      partner[k] = -1;
      settled = false;
    }
    if (partner.every((k) => k < 0)) return undefined;
    if (!settled) continue;
    const own = <T>(list: readonly T[], isOwn: (k: number) => boolean) => list.filter((_, k) => isOwn(k));
    const ownCarry = (k: number) => partner[k]! < 0;
    const ownInput = (k: number) => !known.has(givenB.inputs[k]!);
    const ownConstant = (k: number) => !constants.has(givenB.constants[k]!);
    const scan = scanOf({
      extension: one.extension,
      length: one.length,
      isReversed: one.isReversed,
      isBlocks: one.isBlocks,
      step,
      parameters: {
        carries: [...parametersA.carries, ...own(carriesB, ownCarry)],
        inputs: [...parametersA.inputs, ...own(inputsB, ownInput)],
        constants: [...parametersA.constants, ...own(constantsB, ownConstant)],
      },
      roots: {
        carries: [...rootsA.carries, ...own(rootsB.carries, ownCarry)],
        stacks: [...rootsA.stacks, ...rootsB.stacks],
        sums: [...rootsA.sums, ...rootsB.sums],
      },
    });
    const found = rootsOf(
      scan,
      a.results[0]!.graph.operation(scan, [
        ...givenA.carries,
        ...own(givenB.carries, ownCarry),
        ...givenA.inputs,
        ...own(givenB.inputs, ownInput),
        ...givenA.constants,
        ...own(givenB.constants, ownConstant),
      ]),
    );
    const bindings = new Map<Expr, Expr>();
    const [resultsA, resultsB] = [rootsOf(one, a.results), rootsOf(two, b.results)];
    let next = one.carries;
    for (const [k, result] of resultsA.carries.entries()) bindings.set(result, found.carries[k]!);
    for (const [k, result] of resultsB.carries.entries()) {
      bindings.set(result, found.carries[ownCarry(k) ? next++ : partner[k]!]!);
    }
    for (const [k, result] of [...resultsA.stacks, ...resultsB.stacks].entries())
      bindings.set(result, found.stacks[k]!);
    for (const [k, result] of [...resultsA.sums, ...resultsB.sums].entries()) bindings.set(result, found.sums[k]!);
    return bindings;
  }
}
