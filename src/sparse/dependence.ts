import { realField } from "../interpreter/field.ts";
import { evaluateShape, evaluateSize, interpret } from "../interpreter/interpret.ts";
import { partsOf } from "../ir/bodies/scan.ts";
import type { Expr, Graph, Shape } from "../ir/graph.ts";
import type { Operation } from "../ir/operation.ts";
import { idsUnder, reachableIds } from "../ir/walks/traverse.ts";
import { mul } from "../ops/elementary/algebra.ts";
import { emptySet, IndexSets } from "./index-sets.ts";
import { termsDependence } from "./terms.ts";
import { Union } from "./unions.ts";

/** What the elements of a tensor depend on, as numbers of sets: one for each element, or one for all of them. */
export type Dependence = Int32Array | number;

/** What is known when a pattern is made. */
export interface PatternContext {
  readonly sizes: ReadonlyMap<string, number>;
  /** The values of data, row-major. */
  readonly data: ReadonlyMap<Expr, ArrayLike<number>>;
  /** What derivatives are taken in, in packed order. */
  readonly variables: readonly Expr[];
}

/**
 * Which packed coordinates each element of each root can change with, to first order, whatever the values of parameters and real
 * data. Derivatives that are zero by rule (comparisons, floor, stopGradient) count as none; loops with carries and
 * functions of whole tensors as depending on all that they are given.
 */
export class DependenceAnalysis {
  readonly sets: IndexSets;
  /** True once a value of data was needed: the pattern belongs to those data. */
  readsData = false;
  private readonly context: PatternContext;
  private readonly graph: Graph;
  private readonly found = new Map<number, Dependence>();
  private readonly wholeNumbers = new Map<number, readonly number[] | undefined>();
  private readonly presence = new Map<number, Int32Array | undefined>();

  constructor(graph: Graph, context: PatternContext) {
    this.graph = graph;
    this.context = context;
    let start = 0;
    const counts = context.variables.map(({ shape }) => this.elementsOf(shape));
    this.sets = new IndexSets(counts.reduce((total, count) => total + count, 0));
    for (const [k, variable] of context.variables.entries()) {
      this.found.set(
        variable.id,
        Int32Array.from({ length: counts[k]! }, () => this.sets.single(start++)),
      );
    }
  }

  /** The numbers of the sets of a root's elements. */
  of(roots: readonly Expr[]): Int32Array[] {
    const ids = idsUnder(roots);
    const isDone = new Set<number>();
    for (const id of ids) {
      if (this.found.has(id) || isDone.has(id)) continue;
      isDone.add(id);
      // only reals vary
      if (this.graph.dtypeOf(id) !== "real") continue;
      this.presenceOf(id);
      const dependence = this.dependenceOf(id);
      if (dependence !== undefined && dependence !== emptySet) this.found.set(id, dependence);
    }
    return roots.map(({ id, shape }) => {
      const dependence = this.found.get(id) ?? emptySet;
      return typeof dependence === "number" ? new Int32Array(this.elementsOf(shape)).fill(dependence) : dependence;
    });
  }

  private dependenceOf(id: number): Dependence | undefined {
    const { graph } = this;
    switch (graph.kindOf(id)) {
      case "map":
        return this.mapDependence(id);
      case "contraction":
      case "reduce":
        return this.termsOf(id);
      case "operation":
        return this.callDependence(id);
      default:
        return undefined;
    }
  }

  private mapDependence(id: number): Dependence | undefined {
    const { graph, sets } = this;
    const { partials } = graph.primitiveOf(id);
    const varying = graph
      .operandIds(id)
      .filter((_, position) => partials[Math.min(position, partials.length - 1)] !== "zero")
      .flatMap((operand) => this.found.get(operand) ?? []);
    if (varying.length === 0) return undefined;
    const all = varying.reduce((a, b) => {
      if (typeof a === "number" && typeof b === "number") return sets.pair(a, b);
      const [list, other] = typeof a === "number" ? [b as Int32Array, a] : [a, b];
      return typeof other === "number"
        ? list.map((set) => sets.pair(set, other))
        : list.map((set, k) => sets.pair(set, other[k]!));
    });
    const presence = this.presenceOf(id);
    if (!presence) return all;
    return presence.map((set, k) => (set === emptySet ? emptySet : typeof all === "number" ? all : all[k]!));
  }

  /**
   * Where a tensor has elements at all: a set in place of each, the empty one where guards leave every term out, so that it is 0
   * whatever the point. undefined: everywhere, as far as it is seen.
   */
  private presenceOf(id: number): Int32Array | undefined {
    if (this.presence.has(id)) return this.presence.get(id);
    const found = this.findPresence(id);
    this.presence.set(id, found);
    return found;
  }

  private findPresence(id: number): Int32Array | undefined {
    const { graph, sets } = this;
    const kind = graph.kindOf(id);
    if (kind === "contraction" && graph.contractionOf(id).guards.length > 0 && sets.dimension > 0) {
      // some set for every operand: it reaches the elements that have terms
      const terms = this.termsOf(id, () => sets.single(0));
      return typeof terms === "object" ? terms : undefined;
    }
    if (kind !== "map" || graph.primitiveOf(id) !== mul.primitive) return undefined;
    // every factor was asked before: operands come first
    return graph.operandIds(id).reduce<Int32Array | undefined>((all, operand) => {
      const own = this.presence.get(operand);
      return all && own ? all.map((set, k) => (own[k] === emptySet ? emptySet : set)) : (own ?? all);
    }, undefined);
  }

  private termsOf(
    id: number,
    dependenceOf: (operand: number) => Dependence | undefined = (operand) => this.found.get(operand),
  ): Dependence | undefined {
    const { graph, sets } = this;
    const operands = graph.operandIds(id);
    const isSum = graph.kindOf(id) === "contraction";
    const shapes = operands.map((operand) => this.shapeOf(graph.shapeOf(operand)));
    return termsDependence(graph.contractionOf(id), {
      sets,
      shapes,
      shape: this.shapeOf(graph.shapeOf(id)),
      extents: this.shapeOf(graph.contractionOf(id).extents),
      dependence: operands.map(dependenceOf),
      presence: operands.map((operand) => (isSum ? this.presence.get(operand) : undefined)),
      size: (name) => this.context.sizes.get(name) ?? Number.NaN,
      wholeNumbers: (operand) => this.wholeNumbersOf(operands[operand]!),
    });
  }

  private callDependence(id: number): Dependence | undefined {
    const { operation, operands } = this.graph.call(id);
    const given = operands.map((operand) => this.found.get(operand.id));
    if (given.every((dependence) => dependence === undefined)) return undefined;
    const blocks = this.blocksOf(operation, this.graph.resultOf(id));
    if (!blocks) return this.sets.union(given.map((dependence) => this.unionOf(dependence)));
    const size = this.elementsOf(this.graph.shapeOf(id)) / Math.max(1, blocks.count);
    const parts = given.map((dependence, k) => {
      if (!blocks.isSplit(k) || typeof dependence !== "object") return this.unionOf(dependence);
      const width = dependence.length / Math.max(1, blocks.count);
      return Array.from({ length: blocks.count }, (_, block) =>
        this.unionOf(dependence.subarray(block * width, (block + 1) * width)),
      );
    });
    const result = new Int32Array(size * blocks.count);
    for (let block = 0; block < blocks.count; block++) {
      const set = this.sets.union(parts.map((part) => (typeof part === "number" ? part : part[block]!)));
      result.fill(set, block * size, (block + 1) * size);
    }
    return result;
  }

  /** Where a result falls into blocks that each depend on one block of some operands; undefined: on everything. */
  private blocksOf(
    operation: Operation,
    result: number,
  ): { readonly count: number; readonly isSplit: (operand: number) => boolean } | undefined {
    const { sizes } = this.context;
    if (operation.kind === "kernel" && operation.leading) {
      const batch = operation.results[result]!.shape.slice(0, operation.leading);
      return { count: this.elementsOf(batch), isSplit: () => true };
    }
    if (operation.kind === "scan" && operation.carries === 0 && result < operation.stacks) {
      const { inputs } = partsOf(
        operation,
        operation.operands.map((_, k) => k),
      );
      return { count: evaluateSize(operation.length, sizes), isSplit: (operand) => inputs.includes(operand) };
    }
    return undefined;
  }

  private unionOf(dependence: Dependence | undefined): number {
    if (typeof dependence !== "object") return dependence ?? emptySet;
    const union = new Union(this.sets);
    for (const set of dependence) union.add(set);
    return union.take();
  }

  /** The values of a tensor of whole numbers; undefined where they depend on the point. */
  private wholeNumbersOf(id: number): readonly number[] | undefined {
    if (this.wholeNumbers.has(id)) return this.wholeNumbers.get(id);
    const { data, sizes } = this.context;
    const values = new Map<Expr, readonly number[]>();
    let isKnown = true;
    for (const reached of reachableIds(this.graph, [id])) {
      if (this.graph.kindOf(reached) !== "leaf") continue;
      const leaf = this.graph.expr(reached);
      const given = data.get(leaf);
      if (given) {
        values.set(leaf, Array.from(given));
        this.readsData = true;
      } else isKnown = false;
    }
    const numbers = isKnown ? interpret([this.graph.expr(id)], { sizes, values }, realField)[0] : undefined;
    this.wholeNumbers.set(id, numbers);
    return numbers;
  }

  /** A range within a range that is empty may be of negative length: nothing comes to its elements. */
  private shapeOf(shape: Shape): number[] {
    return evaluateShape(shape, this.context.sizes).map((size) => Math.max(0, size));
  }

  private elementsOf(shape: Shape): number {
    return this.shapeOf(shape).reduce((count, size) => count * size, 1);
  }
}
