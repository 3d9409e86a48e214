import type { Combine, Guard } from "../../ir/contraction.ts";
import type { Expr, Graph } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { Call } from "../../ir/operation.ts";
import type { Running } from "./running.ts";

/** As many elements as may be written out in place of a loop over them. */
export const mostCopies = 16;

/** The index of a read that may be at any place. */
export const anywhere = Integer.iterator(-1);

/** A read of a node at an index over an item's own iterators $0, $1, ...; lookups name nodes by id. */
export interface NodeRead {
  readonly node: Expr;
  readonly index: readonly Integer[];
}

/** One loop of an item: an iterator of its domain, written to the result (output) or combined over (summed). */
export interface Axis {
  readonly iterator: number;
  readonly extent: Integer;
  readonly role: "output" | "summed";
}

/** A condition without which the terms of a sum are 0, known once so many of the item's loops are open. */
export interface Mask {
  readonly condition: NodeRead;
  readonly depth: number;
}

/**
 * One computation with loops of its own: target[output] receives the product of the factors over the domain.
 * Items are what the scheduler moves, fuses and prints; everything between them is recomputed in place.
 */
export interface Item {
  readonly node: Expr;
  /** define: each element is written once. fill: the target is set to a constant. Otherwise terms meet by `how`. */
  readonly how: "define" | "fill" | Combine;
  /** True when a buffer that already holds values receives the terms. */
  readonly ontoExisting: boolean;
  /** The terms are taken away. */
  readonly isTaken?: boolean | undefined;
  readonly extents: readonly Integer[];
  readonly output: readonly Integer[];
  readonly factors: readonly NodeRead[];
  readonly guards: readonly Guard[];
  /** The loops from the outermost inwards. */
  readonly axes: readonly Axis[];
  /** Reads of other items, through everything that is recomputed in place. */
  readonly reads: readonly NodeRead[];
  /** Reads of leaves and tables, likewise. */
  readonly loads: readonly NodeRead[];
  /** What the terms hang on, when it is known before the innermost loops open. */
  readonly mask?: Mask | undefined;
  /** Register-tiled matrix product: the iterators of the tile's rows and columns. */
  readonly tile?: { readonly row: number; readonly column: number } | undefined;
  /** The product of a tile, where the item's node is what finishes each of its elements. */
  readonly unfinished?: Expr | undefined;
  /** A combination over a triangle, carried along one axis. */
  readonly running?: Running | undefined;
  /** True where the elements along axes of fixed length are written out one by one. */
  readonly isSpelledOut?: boolean;
  /** The call whose results are computed together; the item's node is the first that is needed. */
  readonly call?: Call | undefined;
  /**
   * The axes of the result that need memory, set by the scheduler when some reader cannot take the value by name; those
   * of loops that all readers share do not.
   */
  storedAxes: readonly number[] | undefined;
  /** Conditions over the iterators of the result: elements where one fails are read by nobody. */
  wanted?: readonly Guard[];
  /** Its position in the list that was gone through last: all items of its graph, or those that may share a loop. */
  position: number;
}

/** The items of the nodes of a graph met so far: what a later item reads was made by one of them. */
export class ItemTable {
  private readonly graph: Graph;
  private readonly byId: (readonly Item[] | undefined)[];

  constructor(graph: Graph) {
    this.graph = graph;
    this.byId = new Array(graph.length);
  }

  get({ graph, id }: Expr): readonly Item[] | undefined {
    return graph === this.graph ? this.byId[id] : undefined;
  }

  set({ id }: Expr, items: readonly Item[]): void {
    this.byId[id] = items;
  }
}

/** The numbers of all axes of the result. */
export const allAxes = (item: Item) => item.node.shape.map((_, axis) => axis);

/** True for items whose loops are emitted together and never fused. */
export const isWhole = (item: Item) => item.tile !== undefined || item.call !== undefined;
