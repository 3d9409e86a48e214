import type { Graph } from "../../../ir/graph.ts";
import { add, neg, sub } from "../../../ops/elementary/algebra.ts";
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
  survey: Survey,
  ids: readonly number[],
  left: ReadonlySet<number>,
  structures: Structures,
): Division | undefined {
  const first = new DivisionWalk(graph, survey, structures, () => true).run(ids, left);
  if (first.sums.length === 0) return undefined;
  const isTorn = tearing(first, survey, ids, structures);
  if (!ids.some((id) => first.isPart(id) && isTorn(id))) return first;
  return new DivisionWalk(graph, survey, structures, (id) => !isTorn(id)).run(ids, left);
}

/** What is asked of nodes again and again, by id. */
interface Survey {
  readonly uses: Int32Array;
  /** For what one node alone needs: that node. */
  readonly user: Int32Array;
  readonly isRoot: Uint8Array;
  /** Of a node with the maps below it. */
  readonly costs: Float64Array;
  /** In all sums together. */
  readonly additions: number;
}

export function surveyed(graph: Graph, roots: readonly number[], ids: readonly number[]): Survey {
  const uses = new Int32Array(graph.length);
  const user = new Int32Array(graph.length);
  const isRoot = new Uint8Array(graph.length);
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
  for (const root of roots) isRoot[root] = 1;
  return { uses, user, isRoot, costs, additions };
}

/** True where terms are enough for a long sum: most models have fewer. */
export const mayHoldLongSum = ({ additions }: Survey): boolean => additions >= fewestTerms - 1;

/** True for what some members of a family share and most do not: as a part it would tear the family apart. */
function tearing(
  { sums, isPart }: Division,
  { uses, costs }: Survey,
  ids: readonly number[],
  structures: Structures,
): (id: number) => boolean {
  const isTerm = new Set(sums.flatMap(({ root, terms }) => [root, ...terms]));
  const balance = new Map<number, number>();
  for (const id of ids) {
    const change = isPart(id) && !isTerm.has(id) ? 1 : -1;
    const hash = structures.hash(id);
    balance.set(hash, (balance.get(hash) ?? 0) + change);
  }
  return (id) =>
    uses[id]! <= few && costs[id]! <= affordable && !isTerm.has(id) && balance.get(structures.hash(id))! < 0;
}

/** In place of the part that needs a node: a root, or several parts. */
const rest = -1;
const several = -2;

/** One walk from the roots down, in which every node learns which part it belongs to. */
class DivisionWalk {
  private readonly graph: Graph;
  private readonly survey: Survey;
  private readonly structures: Structures;
  private readonly canShare: (id: number) => boolean;
  private readonly sums: LongSum[] = [];
  private readonly isPart: Uint8Array;
  /** The additions between the terms of a sum that was found. */
  private readonly isChain: Uint8Array;
  /** The part that needs a node, one more than its id; or what stands in its place; 0: nothing so far. */
  private readonly owners: Int32Array;

  constructor(graph: Graph, survey: Survey, structures: Structures, canShare: (id: number) => boolean) {
    this.graph = graph;
    this.survey = survey;
    this.structures = structures;
    this.canShare = canShare;
    this.isPart = new Uint8Array(graph.length);
    this.isChain = new Uint8Array(graph.length);
    this.owners = new Int32Array(graph.length);
  }

  run(ids: readonly number[], left: ReadonlySet<number>): Division {
    const { sums, isPart, owners } = this;
    for (let at = ids.length - 1; at >= 0; at--) {
      const id = ids[at]!;
      if (this.isChain[id]) continue;
      if (this.survey.isRoot[id]) owners[id] = owners[id] === 0 ? rest : several;
      if (left.has(id) || !this.takeSum(id)) this.own(id);
    }
    return { sums, isPart: (id) => isPart[id] === 1, isShared: (id) => owners[id] !== 0 };
  }

  /** Takes a node as a long sum, if it is one that no part holds. */
  private takeSum(id: number): boolean {
    const { graph, owners, isPart } = this;
    if (owners[id]! >= 0 || !isAdditive(graph, id) || this.isWithin(id)) return false;
    const sum = longSum(graph, id, (inner) => this.isWithin(inner));
    const isLong = sum.terms.length >= (owners[id] === rest ? fewestTerms : longest);
    if (!isLong || frequent(sum.terms, this.structures).length === 0) return false;
    this.sums.push(sum);
    isPart[id] = 1;
    for (const inner of sum.chain) this.isChain[inner] = 1;
    for (const term of sum.terms) {
      if (this.canBePart(term)) isPart[term] = 1;
      else owners[term] = several;
    }
    return true;
  }

  /** Tells a node's operands the part that needs them. */
  private own(id: number): void {
    const { graph, owners, isPart } = this;
    const owner = graph.kindOf(id) === "operation" ? rest : isPart[id] ? id + 1 : owners[id]!;
    for (let k = graph.operandCount(id) - 1; k >= 0; k--) {
      const operand = graph.operandAt(id, k);
      const known = owners[operand]!;
      if (known === 0) owners[operand] = owner;
      else if (known !== owner) {
        owners[operand] = several;
        if (this.canBePart(operand) && this.canShare(operand)) isPart[operand] = 1;
      }
    }
  }

  private canBePart(id: number): boolean {
    return this.survey.costs[id]! > cheap && isComputed(this.graph, id);
  }

  /** True for an addition that another one alone takes in. */
  private isWithin(id: number): boolean {
    const { uses, user, isRoot } = this.survey;
    return uses[id] === 1 && isRoot[id] === 0 && isAdditive(this.graph, id) && isAdditive(this.graph, user[id]!);
  }
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
