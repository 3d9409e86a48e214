import { requireThat } from "../ir/arguments/arguments.ts";
import { ColoursAround, none, several } from "./colours-around.ts";
import { type Pattern, rowSizes, transposedPattern } from "./pattern.ts";

/** A colour for each vertex, from 0 on. */
export interface Colouring {
  readonly colours: Int32Array;
  readonly count: number;
}

/** Vertices in the order given, and with the most neighbours first. */
function orderings(degrees: Int32Array): Int32Array[] {
  const natural = degrees.map((_, vertex) => vertex);
  const byDegree = mostFirst(degrees);
  return byDegree.every((vertex, k) => vertex === k) ? [natural] : [natural, byDegree];
}

/** The places of numbers, the largest first, equal ones in their order. */
function mostFirst(numbers: Int32Array): Int32Array {
  const most = numbers.reduce((a, b) => Math.max(a, b), 0);
  const next = new Int32Array(most + 2);
  for (const number of numbers) next[most - number + 1]!++;
  for (let k = 0; k <= most; k++) next[k + 1]! += next[k]!;
  const order = new Int32Array(numbers.length);
  for (const [k, number] of numbers.entries()) order[next[most - number]!++] = k;
  return order;
}

function fewest(colourings: readonly Colouring[]): Colouring {
  return colourings.reduce((best, next) => (next.count < best.count ? next : best));
}

/**
 * Colours of columns such that no row has two entries of one colour: the product with the sum of a colour's unit vectors shows
 * each of its entries alone. Greedy, in time of entries times colours at most.
 */
export function colourColumns(pattern: Pattern): Colouring {
  requirePattern("colourColumns", pattern);
  const byColumn = transposedPattern(pattern);
  return fewest(orderings(rowSizes(byColumn)).map((order) => columnsInOrder(pattern, byColumn, order)));
}

function columnsInOrder({ shape, rows, columns }: Pattern, byColumn: Pattern, order: Int32Array): Colouring {
  // the colours that a row has so far stand where its entries do
  const used = new Int32Array(columns.length);
  const counts = new Int32Array(shape[0]);
  return greedily(order, {
    forbid(column, forbidden) {
      for (let k = byColumn.rows[column]!; k < byColumn.rows[column + 1]!; k++) {
        const row = byColumn.columns[k]!;
        const end = rows[row]! + counts[row]!;
        for (let at = rows[row]!; at < end; at++) forbidden[used[at]!] = column;
      }
    },
    colour(column, colour) {
      for (let k = byColumn.rows[column]!; k < byColumn.rows[column + 1]!; k++) {
        const row = byColumn.columns[k]!;
        used[rows[row]! + counts[row]!++] = colour;
      }
    },
  });
}

/** Throws UsageError for what is no pattern: no rows of columns that are there. */
function requirePattern(what: string, pattern: unknown): void {
  const { shape, rows, columns } = (pattern ?? {}) as Partial<Pattern>;
  const isPattern =
    shape?.length === 2 &&
    rows instanceof Int32Array &&
    columns instanceof Int32Array &&
    rows.length === shape[0] + 1 &&
    rows.every((start, row) => start <= (rows[row + 1] ?? columns.length)) &&
    columns.every((column) => column >= 0 && column < shape[1]);
  requireThat(isPattern, what, "a pattern { shape, rows, columns }, as a sparse derivative has it", pattern);
}

function isSymmetric(pattern: Pattern): boolean {
  const transposed = transposedPattern(pattern);
  // once more brings every row into order
  const ordered = transposedPattern(transposed);
  return (
    pattern.shape[0] === pattern.shape[1] &&
    transposed.rows.every((start, row) => start === ordered.rows[row]) &&
    transposed.columns.every((column, k) => column === ordered.columns[k])
  );
}

/** What a colouring forbids a vertex, marked by it at the colours, and what follows from the colour that it gets. */
interface Neighbourhood {
  forbid(vertex: number, forbidden: Int32Array): void;
  colour(vertex: number, colour: number): void;
}

/** Gives each vertex the least colour that is not forbidden. */
function greedily(order: Int32Array, neighbourhood: Neighbourhood): Colouring {
  const colours = new Int32Array(order.length).fill(-1);
  const forbidden = new Int32Array(order.length + 1).fill(-1);
  let count = 0;
  for (const vertex of order) {
    neighbourhood.forbid(vertex, forbidden);
    let colour = 0;
    while (forbidden[colour] === vertex) colour++;
    colours[vertex] = colour;
    count = Math.max(count, colour + 1);
    neighbourhood.colour(vertex, colour);
  }
  return { colours, count };
}

/**
 * A star colouring of a symmetric pattern: neighbours differ, and every path of four vertices has three colours, so that of each
 * entry and its mirror image one at least stands alone in a compressed product. Greedy over two-coloured stars
 * (Gebremedhin, Tarafdar, Manne, Pothen 2007), in time of entries times colours at most; columns that never share a row are tried too.
 */
export function colourStars(pattern: Pattern): Colouring {
  requirePattern("colourStars", pattern);
  requireThat(isSymmetric(pattern), "colourStars", "a symmetric pattern, with both of two mirrored entries", pattern);
  const degrees = rowSizes(pattern);
  const work = degrees.reduce((total, degree) => total + degree * degree, 0);
  const stars = orderings(degrees).map((order) => starsInOrder(pattern, order));
  return fewest(work <= 100 * pattern.columns.length ? [...stars, colourColumns(pattern)] : stars);
}

function starsInOrder(pattern: Pattern, order: Int32Array): Colouring {
  const { shape, rows, columns } = pattern;
  const colourOf = new Int32Array(shape[0]).fill(-1);
  const around = new ColoursAround(pattern);
  return greedily(order, {
    forbid(v, forbidden) {
      for (let k = rows[v]!; k < rows[v + 1]!; k++) {
        const w = columns[k]!;
        const own = colourOf[w]!;
        if (w === v || own < 0) continue;
        forbidden[own] = v;
        // v - w - hub - another leaf
        around.mark(w, "hubs", forbidden, v);
        // another neighbour of a leaf - leaf - v - leaf
        if (around.neighbour(v, own) === several) around.mark(w, "all", forbidden, v);
      }
    },
    colour(v, colour) {
      colourOf[v] = colour;
      for (let k = rows[v]!; k < rows[v + 1]!; k++) {
        const w = columns[k]!;
        const own = colourOf[w]!;
        if (w === v) continue;
        const first = around.add(w, colour, v);
        // one that has no colour yet is looked at when it gets one
        if (own < 0) continue;
        if (around.neighbour(v, own) === several) around.markHub(w, colour);
        if (first === none) continue;
        around.markHub(v, own);
        if (first !== several) around.markHub(first, own);
      }
    },
  });
}
