import { areAxes, type Guard, isGather, mayHoldLookup } from "../../ir/contraction.ts";
import { type Expr, type Graph, sameShape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { idsUnder } from "../../ir/walks/traverse.ts";
import { add, div, neg, reciprocal, sub } from "../../ops/elementary/algebra.ts";
import { cheap, expensive, isMetAgain, type SizeHints, sizeHints } from "../../rewrite/cost.ts";
import type { LowerOptions } from "../lower.ts";
import { rangeGuards } from "./guards.ts";
import { addressOf } from "./indices.ts";
import { ReadKeys } from "./read-keys.ts";
import { type Recurrence, recurrenceOf } from "./recurrence.ts";

/** A term of a sum, added or taken away. */
export interface SignedTerm {
  readonly term: Expr;
  readonly isTaken: boolean;
}

/** One axis of the box in which a guarded view is present. */
export interface RegionAxis {
  readonly from: Integer;
  readonly extent: Integer;
}

/** A sum of up to this many scattered terms may be recomputed where it is read. */
const fewTerms = 4;
const largestCost = 1000;
const deepestGuards = 8;

/** Nodes that are written out where they are read, and never have an array. */
const valuesAlone: ReadonlySet<Expr["kind"]> = new Set(["constant", "size", "iota"]);

/**
 * Which nodes get loops (and perhaps a buffer) of their own, and which are recomputed where they are read.
 * Reductions are stored; views never are; a map is when it is read repeatedly and costs more than a load.
 */
export class Plan {
  readonly graph: Graph;
  /** The nodes that the roots need, operands first. */
  readonly ids: readonly number[];
  /** Sums keep the order of their terms. */
  readonly ordered: boolean;
  /** Loops are for a printer that takes several iterations at a time. */
  readonly forVectors: boolean;
  /** What sizes are taken to be where orders of loops are compared. */
  readonly hints: SizeHints;
  /** Of reads of the graph. */
  readonly keys = new ReadKeys();
  private readonly needed: Uint8Array;
  private readonly stored: Uint8Array;
  private readonly finishers = new Map<Expr, Expr>();
  private readonly aliases = new Map<number, number>();
  private readonly aliased = new Set<number>();
  private readonly uses: Int32Array;
  private readonly costs: Float64Array;
  /** Sums whose arrays collect terms, the additions within them, and the terms that fall where lookups say. */
  private readonly collectors = new Set<number>();
  private readonly absorbed = new Set<number>();
  private readonly collected = new Set<number>();
  /** Sums that are recurrences, and the products that only they are made of. */
  private readonly recurrences = new Map<number, Recurrence>();
  private readonly passedBy = new Set<number>();
  /** What tables of positions are below. */
  private readonly ranges = new Map<number, Integer | undefined>();

  constructor(
    roots: readonly Expr[],
    options: Pick<LowerOptions, "forVectors" | "hints"> & { readonly ordered: boolean },
    /** True for a leaf that has no array: it stands for a value which is computed where it is read. */
    isElsewhere: (leaf: Expr) => boolean = () => false,
  ) {
    const { ordered, forVectors, hints = sizeHints(roots) } = options;
    this.ordered = ordered;
    this.forVectors = forVectors !== undefined;
    this.graph = roots[0]!.graph;
    this.hints = hints;
    this.ids = idsUnder(roots);
    const { graph, ids } = this;
    this.needed = new Uint8Array(graph.length);
    this.stored = new Uint8Array(graph.length);
    this.uses = new Int32Array(graph.length);
    this.costs = new Float64Array(graph.length);
    // lists of all nodes are walked by position: an iterator is an object a step until the loop has been optimised
    for (let at = 0; at < ids.length; at++) this.survey(ids[at]!, isElsewhere);
    this.findRecurrences(roots);
    this.decide(roots);
  }

  /** How a sum is taken as a recurrence, where it can be. */
  recurrenceOf({ id }: Expr): Recurrence | undefined {
    return this.recurrences.get(id);
  }

  isStored(id: number): boolean {
    return this.stored[id] === 1;
  }

  /** Keeps a node in memory in place of a product that it alone reads. */
  finish(product: Expr, by: Expr): void {
    this.finishers.set(product, by);
    this.stored[product.id] = 0;
    this.stored[by.id] = 1;
  }

  /** What is kept in memory in place of a product that something finishes; anything else is itself. */
  keptFor(node: Expr): Expr {
    return this.finishers.get(node) ?? node;
  }

  /** True for a node that is another one's array under a new shape, and for that other one. */
  isAlias(id: number): boolean {
    return this.aliased.has(id);
  }

  /** True when some root needs the node. */
  needs(node: Expr): boolean {
    return this.needed[node.id] === 1;
  }

  /** The node whose buffer this one re-reads under another shape. */
  aliasOf(node: Expr): Expr | undefined {
    const base = this.aliases.get(node.id);
    return base === undefined ? undefined : this.graph.expr(base);
  }

  /** The smallest size that all elements of a table of positions are below; undefined where some are negative. */
  below({ kind, id, dtype }: Expr): Integer | undefined {
    if (kind !== "tensor" || dtype !== "int") return undefined;
    if (!this.ranges.has(id)) {
      let [least, most] = [0, 0];
      for (const value of this.graph.tensorOf(id)) [least, most] = [Math.min(least, value), Math.max(most, value)];
      this.ranges.set(id, least < 0 ? undefined : Integer.constant(most + 1));
    }
    return this.ranges.get(id);
  }

  /** Operations for one element when everything down to reductions and leaves is recomputed. */
  costOf(node: Expr): number {
    return this.costs[node.id]!;
  }

  usesOf(node: Expr): number {
    return this.uses[node.id]!;
  }

  /**
   * The terms of a stored sum, when at least one of them is present only in a part of the result, or falls where a lookup says.
   */
  scatteredTerms(node: Expr): SignedTerm[] | undefined {
    if (this.ordered) return undefined;
    const isCollector = this.collectors.has(node.id);
    const isSum = node.kind === "map" && (isCollector || this.graph.primitiveOf(node.id) === add.primitive);
    if (!isSum) return this.regionOf(node) ? [{ term: node, isTaken: false }] : undefined;
    const isOpen = (id: number) => (isCollector ? this.absorbed.has(id) : this.uses[id] === 1 && !this.isStored(id));
    const signed = this.termsOf(node.id, isCollector, isOpen);
    const terms = signed.map(({ id, isTaken }) => ({ term: this.graph.expr(id), isTaken }));
    return isCollector || terms.some(({ term }) => this.regionOf(term)) ? terms : undefined;
  }

  /** True for a sum over lookups that is added to the array of the sum around it, and has none of its own. */
  isCollected(id: number): boolean {
    return this.collected.has(id);
  }

  /** The terms below an addition, through additions that are open; `all`: and through differences. */
  private termsOf(root: number, all: boolean, isOpen: (id: number) => boolean) {
    const { graph } = this;
    const terms: { readonly id: number; readonly isTaken: boolean }[] = [];
    const pending = [{ id: root, isTaken: false }];
    for (let next = pending.pop(); next; next = pending.pop()) {
      const { id, isTaken } = next;
      const primitive = graph.kindOf(id) === "map" ? graph.primitiveOf(id) : undefined;
      const isDifference = all && (primitive === sub.primitive || primitive === neg.primitive);
      const isAddition = primitive === add.primitive || isDifference;
      if (!isAddition || !(id === root || isOpen(id))) terms.push(next);
      else {
        for (let k = graph.operandCount(id) - 1; k >= 0; k--) {
          const isSecond = isDifference && (k === 1 || primitive === neg.primitive);
          pending.push({ id: graph.operandAt(id, k), isTaken: isTaken !== isSecond });
        }
      }
    }
    return terms;
  }

  /** Makes a sum or difference the array that its terms are added to, where some of them fall where lookups say. */
  private collect(id: number, mustStore: Uint8Array): boolean {
    const { graph } = this;
    if (this.ordered) return false;
    const primitive = graph.primitiveOf(id);
    if (primitive !== add.primitive && primitive !== sub.primitive && primitive !== neg.primitive) return false;
    const isOpen = (inner: number) => this.uses[inner] === 1 && mustStore[inner] === 0 && !this.aliased.has(inner);
    const isScatter = (term: number) =>
      graph.kindOf(term) === "contraction" && isOpen(term) && !isGather(graph.contractionOf(term));
    const within: number[] = [];
    const terms = this.termsOf(id, true, (inner) => isOpen(inner) && within.push(inner) > 0);
    const scatters = terms.filter((term) => isScatter(term.id));
    if (scatters.length === 0) return false;
    this.collectors.add(id);
    for (const inner of within) this.absorbed.add(inner);
    for (const term of scatters) this.collected.add(term.id);
    return true;
  }

  /** The box outside of which a view that is recomputed in place is 0; undefined when that is no smaller box. */
  regionOf(node: Expr): RegionAxis[] | undefined {
    if (this.isStored(node.id) && node.kind !== "contraction") return undefined;
    if (!this.graph.isView(node.id)) return undefined;
    const structure = this.graph.contractionOf(node.id);
    const operand = this.graph.expr(this.graph.operandAt(node.id, structure.factors[0]!.operand));
    const guards: Guard[] = [
      ...structure.guards,
      ...structure.factors[0]!.index.map((index, axis) => ({ index, extent: operand.shape[axis]! })),
    ];
    let isSmaller = false;
    const region = node.shape.map((size, axis): RegionAxis => {
      for (const guard of guards) {
        const unit = guard.index.unitIterator();
        if (!unit || unit.iterator !== axis || unit.sign !== 1 || !guard.extent) continue;
        if (unit.offset.value === 0 && guard.extent.equals(size)) continue;
        // 0 <= i + offset < extent inside 0 <= i < size: only when the box is known to lie inside
        const from = unit.offset.scaled(-1);
        const slack = size.minus(from).minus(guard.extent);
        if (!from.isProvablyNonNegative([]) || !slack.isProvablyNonNegative([])) continue;
        isSmaller = true;
        return { from, extent: guard.extent };
      }
      return { from: Integer.zero, extent: size };
    });
    return isSmaller ? region : undefined;
  }

  /** Counts a node, its uses of others and its cost; those before it have been counted. */
  private survey(id: number, isElsewhere: (leaf: Expr) => boolean): void {
    const { graph, costs } = this;
    this.needed[id] = 1;
    const kind = graph.kindOf(id);
    let cost = kind === "map" ? graph.primitiveOf(id).cost : 0;
    for (let k = graph.operandCount(id) - 1; k >= 0; k--) {
      const operand = graph.operandAt(id, k);
      this.uses[operand]!++;
      cost += costs[operand]!;
    }
    if (kind === "map") costs[id] = Math.min(largestCost, cost);
    if (kind !== "contraction") return;
    if (graph.isView(id)) costs[id] = costs[graph.operandAt(id, graph.contractionOf(id).factors[0]!.operand)]!;
    this.findAlias(id, isElsewhere);
  }

  private findAlias(id: number, isElsewhere: (leaf: Expr) => boolean): void {
    const structure = this.graph.contractionOf(id);
    const factor = structure.factors[0]!;
    if (structure.factors.length !== 1 || structure.guards.length > 0 || isGather(structure)) return;
    const base = this.graph.expr(this.graph.operandAt(id, factor.operand));
    const readsAll = areAxes(factor.index) && sameShape(structure.extents, base.shape);
    const from = addressOf(factor.index, base.shape);
    const to = addressOf(structure.output, structure.shape);
    const sameLength = Integer.product(base.shape).equals(Integer.product(structure.shape));
    const hasArray = !valuesAlone.has(base.kind) && !isElsewhere(base);
    if (!readsAll || !from.equals(to) || !sameLength || !hasArray) return;
    this.aliases.set(id, base.id);
    this.aliased.add(id).add(base.id);
  }

  private findRecurrences(roots: readonly Expr[]): void {
    if (this.ordered) return;
    const left = new Map<number, number>();
    for (const id of this.ids) {
      const recurrence = this.graph.kindOf(id) === "contraction" && recurrenceOf(this.graph.expr(id));
      if (!recurrence) continue;
      const { product } = recurrence;
      this.recurrences.set(id, recurrence);
      left.set(product.id, (left.get(product.id) ?? this.uses[product.id]!) - 1);
    }
    for (const [id, uses] of left) if (uses === 0 && roots.every((root) => root.id !== id)) this.passedBy.add(id);
  }

  private decide(roots: readonly Expr[]): void {
    const { graph, stored } = this;
    const { costs: cost } = this;
    const guardDepth = new Uint8Array(graph.length);
    const readRepeatedly = new Uint8Array(graph.length);
    const mustStore = new Uint8Array(graph.length);
    for (const root of roots) {
      if (!(root.kind === "leaf" || this.aliases.has(root.id))) mustStore[root.id] = 1;
    }
    for (const base of this.aliases.values()) mustStore[base] = 1;
    // users first: whether a node is read repeatedly depends on what its users became
    for (let k = this.ids.length - 1; k >= 0; k--) {
      const id = this.ids[k]!;
      const kind = graph.kindOf(id);
      const isCombination = (kind === "contraction" && !graph.isView(id)) || kind === "reduce";
      const isAlias = this.aliases.has(id);
      if (this.collected.has(id) || this.absorbed.has(id) || this.passedBy.has(id)) stored[id] = 0;
      else if ((isCombination && !isAlias) || kind === "operation") stored[id] = 1;
      else if (kind === "leaf" || kind === "tensor" || isAlias) stored[id] = 0;
      else if (kind === "map" && graph.shapeOf(id).length > 0 && this.collect(id, mustStore)) stored[id] = 1;
      else if (mustStore[id] === 1) stored[id] = 1;
      else if (kind === "map") {
        const primitive = graph.primitiveOf(id);
        const isDivision = primitive === div.primitive || primitive === reciprocal.primitive;
        // numbers leave the loops that read them anyway
        const isQuotient = isDivision && graph.shapeOf(id).length > 0;
        const isLong = cost[id]! > cheap || isQuotient || (!this.forVectors && this.standsForSum(id, true));
        const repeated = readRepeatedly[id] === 1 && isLong;
        const isDear =
          cost[id]! >= expensive ||
          (readRepeatedly[id] === 1 && this.isOfTwo(id)) ||
          this.standsForSum(id) ||
          (isQuotient && this.standsForSum(id, true));
        const shared = this.uses[id]! > 1 && (graph.shapeOf(id).length === 0 || isDear);
        if (repeated || shared || guardDepth[id]! > deepestGuards || this.isLongScatter(id)) stored[id] = 1;
      }
      this.passDown(id, readRepeatedly, guardDepth);
    }
  }

  /** True for what is made of two arrays' elements, one of them as large: one load takes the place of two and an operation. */
  private isOfTwo(id: number): boolean {
    const { graph } = this;
    const arrays = graph.operandIds(id).filter((operand) => !valuesAlone.has(graph.kindOf(operand)));
    return !this.forVectors && arrays.length > 1 && arrays.some((operand) => !graph.isView(operand));
  }

  /**
   * True for what is made of a sum that nothing else reads: it is kept in place of that. `later`: at the end of further steps,
   * which products that read it would take again and again.
   */
  private standsForSum(id: number, later = false): boolean {
    const { graph } = this;
    const isOnlyHere = (operand: number) => {
      const kind = this.uses[operand] === 1 && graph.kindOf(operand);
      if (later) return kind === "map" && (this.standsForSum(operand) || this.standsForSum(operand, later));
      return kind === "contraction" && !graph.isView(operand);
    };
    return graph.dtypeOf(id) === "real" && graph.operandIds(id).some(isOnlyHere);
  }

  /** A sum of many parts that are present here and there: each element would try them all. */
  private isLongScatter(id: number): boolean {
    const { graph } = this;
    if (graph.operandCount(id) <= fewTerms || graph.shapeOf(id).length === 0 || graph.primitiveOf(id) !== add.primitive)
      return false;
    return graph.operandIds(id).some((operand) => this.regionOf(graph.expr(operand)));
  }

  /** Tells the operands of a node how its loops will read them. */
  private passDown(id: number, readRepeatedly: Uint8Array, guardDepth: Uint8Array): void {
    const { graph } = this;
    const kind = graph.kindOf(id);
    if (kind === "map") {
      const inherits = this.stored[id] === 0;
      for (let k = graph.operandCount(id) - 1; k >= 0; k--) {
        const operand = graph.operandAt(id, k);
        if (inherits && readRepeatedly[id] === 1) readRepeatedly[operand] = 1;
        if (inherits) guardDepth[operand] = Math.max(guardDepth[operand]!, guardDepth[id]!);
      }
      return;
    }
    if (kind === "operation") {
      for (let k = graph.operandCount(id) - 1; k >= 0; k--) readRepeatedly[graph.operandAt(id, k)] = 1;
      return;
    }
    if (kind !== "contraction" && kind !== "reduce") return;
    const structure = graph.contractionOf(id);
    const inherits = this.stored[id] === 0;
    for (const factor of structure.factors) {
      const operand = graph.operandAt(id, factor.operand);
      const read = new Set(factor.index.flatMap((index) => index.iterators()));
      const repeats =
        structure.extents.some((extent, iterator) => extent.value !== 1 && !read.has(iterator)) ||
        (factor.index.some(mayHoldLookup) &&
          isMetAgain(graph.expr(operand), Integer.product(structure.extents), this.hints));
      if (repeats || (inherits && readRepeatedly[id] === 1)) readRepeatedly[operand] = 1;
      if (inherits) {
        const isGuarded =
          structure.guards.length > 0 ||
          (graph.isView(id) && rangeGuards(factor.index, graph.shapeOf(operand), structure.extents, graph).length > 0);
        guardDepth[operand] = Math.max(guardDepth[operand]!, guardDepth[id]! + (isGuarded ? 1 : 0));
      }
    }
  }
}
