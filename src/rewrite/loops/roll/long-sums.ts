import type { Graph } from "../../../ir/graph.ts";
import { add, neg, sub } from "../../../ops/algebra.ts";
import type { Structures } from "./structure.ts";

/** Sums of fewer terms stay as they are. */
export const fewestTerms = 8;
/** A sum of so many terms is looked at by itself, even where several others use it. */
const longest = 64;
/** An expression of this cost is computed by each that needs it. */
const cheap = 3;
/** One of this cost, needed by so few, is where that lets more be alike. */
const affordable = 40;
const few = 3;

/** A sum as it was written, term by term. */
export interface LongSum {
  readonly root: number;
  readonly terms: readonly number[];
  /** Of each term: it is taken away. */
  readonly isNegative: readonly boolean[];
}

/**
 * The long sums that no other one holds, with terms enough that may be alike, and what their terms have to themselves: a term,
 * or what several terms share, is a part, and what is below it belongs to it as far as no other part needs it too.
 */
export interface Division {
  readonly sums: readonly LongSum[];
  /** The sums, their terms and what these share, by id; what is cheap is no part. */
  readonly isPart: (id: number) => boolean;
  /** True for a part that something else than a sum needs. */
  readonly isShared: (id: number) => boolean;
}

/**
 * `ids`: what the roots need, operands first. `left`: sums that stay as they are, so that those within them are seen.
 * undefined where there is no long sum.
 */
export function divide(
  graph: Graph,
  roots: readonly number[],
  ids: readonly number[],
  left: ReadonlySet<number>,
  structures: Structures,
): Division | undefined {
  const uses = new Int32Array(graph.length);
  /** For what one node alone needs: that node. */
  const user = new Int32Array(graph.length);
  const costs = new Float64Array(graph.length);
  let additions = 0;
  for (const id of ids) {
    let cost = costOf(graph, id);
    const isMap = graph.kindOf(id) === "map";
    const count = graph.operandCount(id);
    for (let k = 0; k < count; k++) {
      const operand = graph.operandAt(id, k);
      uses[operand]!++;
      user[operand] = id;
      if (isMap) cost += costs[operand]!;
    }
    costs[id] = cost;
    if (isAdditive(graph, id)) additions += count - 1;
  }
  if (additions < fewestTerms - 1) return undefined;
  const isRoot = new Uint8Array(graph.length);
  for (const root of roots) isRoot[root] = 1;
  const isWithin = (id: number) =>
    uses[id] === 1 && isRoot[id] === 0 && isAdditive(graph, id) && isAdditive(graph, user[id]!);

  const open = (canShare: (id: number) => boolean) => {
    const sums: LongSum[] = [];
    const isPart = new Uint8Array(graph.length);
    const isChain = new Uint8Array(graph.length);
    /** The part that needs a node, one more than its id; or one of these. */
    const owners = new Int32Array(graph.length);
    const [rest, several] = [-1, -2];
    for (let at = ids.length - 1; at >= 0; at--) {
      const id = ids[at]!;
      if (isChain[id]) continue;
      if (isRoot[id]) owners[id] = owners[id] === 0 ? rest : several;
      if (owners[id]! < 0 && isAdditive(graph, id) && !left.has(id) && !isWithin(id)) {
        const sum = longSum(graph, id, isWithin);
        const isLong = sum.terms.length >= (owners[id] === rest ? fewestTerms : longest);
        if (isLong && frequent(sum.terms, structures).length > 0) {
          sums.push(sum);
          isPart[id] = 1;
          for (const inner of sum.chain) isChain[inner] = 1;
          for (const term of sum.terms) {
            if (costs[term]! > cheap && isComputed(graph, term)) isPart[term] = 1;
            else owners[term] = several;
          }
          continue;
        }
      }
      const owner = graph.kindOf(id) === "operation" ? rest : isPart[id] ? id + 1 : owners[id]!;
      for (let k = graph.operandCount(id) - 1; k >= 0; k--) {
        const operand = graph.operandAt(id, k);
        const known = owners[operand]!;
        if (known === 0) owners[operand] = owner;
        else if (known !== owner) {
          owners[operand] = several;
          if (costs[operand]! > cheap && isComputed(graph, operand) && canShare(operand)) isPart[operand] = 1;
        }
      }
    }
    return { sums, isPart: (id: number) => isPart[id] === 1, isShared: (id: number) => owners[id] !== 0 };
  };
  const first = open(() => true);
  if (first.sums.length === 0) return undefined;
  // what some members of a family share and most do not would tear it apart
  const isTerm = new Set(first.sums.flatMap(({ root, terms }) => [root, ...terms]));
  const balance = new Map<number, number>();
  for (const id of ids) {
    const change = first.isPart(id) && !isTerm.has(id) ? 1 : -1;
    const hash = structures.hash(id);
    balance.set(hash, (balance.get(hash) ?? 0) + change);
  }
  const isTorn = (id: number) =>
    uses[id]! <= few && costs[id]! <= affordable && !isTerm.has(id) && balance.get(structures.hash(id))! < 0;
  return ids.some((id) => first.isPart(id) && isTorn(id)) ? open((id) => !isTorn(id)) : first;
}

/** Those of which so many may be alike that they are a family, with their positions: members of one family have one hash. */
export function frequent(ids: readonly number[], structures: Structures): (readonly [position: number, id: number])[] {
  const counts = new Map<number, number>();
  for (const id of ids) counts.set(structures.hash(id), (counts.get(structures.hash(id)) ?? 0) + 1);
  return [...ids.entries()].filter(([, id]) => counts.get(structures.hash(id))! >= fewestTerms);
}

function costOf(graph: Graph, id: number): number {
  const kind = graph.kindOf(id);
  if (kind === "map") return graph.primitiveOf(id).cost * (graph.shapeOf(id).length > 0 ? cheap + 1 : 1);
  if (kind === "contraction") return graph.isView(id) ? 0 : affordable + 1;
  return kind === "reduce" || kind === "operation" ? affordable + 1 : 0;
}

/** True for what members of a family compute, each its own. */
function isComputed(graph: Graph, id: number): boolean {
  const kind = graph.kindOf(id);
  return kind === "map" || kind === "contraction" || kind === "reduce";
}

function isAdditive(graph: Graph, id: number): boolean {
  if (graph.kindOf(id) !== "map") return false;
  const primitive = graph.primitiveOf(id);
  return primitive === add.primitive || primitive === sub.primitive || primitive === neg.primitive;
}

/** The terms below an addition, in order, and the additions between. */
function longSum(
  graph: Graph,
  root: number,
  isWithin: (id: number) => boolean,
): LongSum & { readonly chain: readonly number[] } {
  const terms: number[] = [];
  const isNegative: boolean[] = [];
  const chain: number[] = [];
  const pending = [root];
  const signs = [false];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const sign = signs.pop()!;
    if (id !== root && !isWithin(id)) {
      terms.push(id);
      isNegative.push(sign);
      continue;
    }
    chain.push(id);
    const primitive = graph.primitiveOf(id);
    for (let k = graph.operandCount(id) - 1; k >= 0; k--) {
      pending.push(graph.operandAt(id, k));
      const isTaken = primitive === neg.primitive || (primitive === sub.primitive && k === 1);
      signs.push(isTaken ? !sign : sign);
    }
  }
  return { root, terms, isNegative, chain };
}
