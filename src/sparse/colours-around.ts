import type { Pattern } from "./pattern.ts";

/** A vertex has two or more neighbours of a colour. */
export const several = -1;

/** No neighbour has a colour. */
export const none = -2;

/**
 * The colours that the neighbours of each vertex of a graph have so far, each with the neighbour that has it, and which of
 * them are colours of hubs: those that have the vertex as one of several leaves.
 */
export class ColoursAround {
  private readonly rows: Int32Array;
  /** How many colours stand at each vertex, from where its row begins. */
  private readonly counts: Int32Array;
  private readonly colours: Int32Array;
  private readonly neighbours: Int32Array;
  private readonly isHub: Uint8Array;
  /** By vertex, two places for each entry of its row: 1 + the place of a colour in the row, at the first free place from its own on. */
  private readonly table: Int32Array;

  constructor({ rows, columns }: Pattern) {
    this.rows = rows;
    this.counts = new Int32Array(rows.length - 1);
    this.colours = new Int32Array(columns.length);
    this.neighbours = new Int32Array(columns.length);
    this.isHub = new Uint8Array(columns.length);
    this.table = new Int32Array(2 * columns.length);
  }

  /** The neighbour of a colour, `several` or `none`. */
  neighbour(vertex: number, colour: number): number {
    const entry = this.table[this.placeOf(vertex, colour)]!;
    return entry === 0 ? none : this.neighbours[this.rows[vertex]! + entry - 1]!;
  }

  /** Takes down a neighbour's colour. Gives what `neighbour` gave before. */
  add(vertex: number, colour: number, neighbour: number): number {
    const place = this.placeOf(vertex, colour);
    const entry = this.table[place]!;
    const first = this.rows[vertex]!;
    if (entry > 0) {
      const before = this.neighbours[first + entry - 1]!;
      this.neighbours[first + entry - 1] = several;
      return before;
    }
    const count = this.counts[vertex]!++;
    this.table[place] = count + 1;
    this.colours[first + count] = colour;
    this.neighbours[first + count] = neighbour;
    return none;
  }

  /** A neighbour of that colour, which was added before, is a hub. */
  markHub(vertex: number, colour: number): void {
    this.isHub[this.rows[vertex]! + this.table[this.placeOf(vertex, colour)]! - 1] = 1;
  }

  /** Marks the colours around a vertex by a stamp, all or those of hubs. */
  mark(vertex: number, which: "all" | "hubs", marks: Int32Array, stamp: number): void {
    const first = this.rows[vertex]!;
    const end = first + this.counts[vertex]!;
    for (let k = first; k < end; k++) if (which === "all" || this.isHub[k] === 1) marks[this.colours[k]!] = stamp;
  }

  private placeOf(vertex: number, colour: number): number {
    const first = this.rows[vertex]!;
    const size = 2 * (this.rows[vertex + 1]! - first);
    let k = colour % size;
    for (;;) {
      const entry = this.table[2 * first + k]!;
      if (entry === 0 || this.colours[first + entry - 1] === colour) return 2 * first + k;
      k = k + 1 === size ? 0 : k + 1;
    }
  }
}
