import { requireThat } from "../ir/arguments.ts";

/** Nonzero places of a matrix by rows: those of row i are columns[rows[i]] ... columns[rows[i + 1] - 1], increasing. */
export interface Pattern {
  /** Rows and columns. */
  readonly shape: readonly [number, number];
  /** Where each row starts in `columns`; one more entry says where the last one ends. */
  readonly rows: Int32Array;
  readonly columns: Int32Array;
}

/** A colour for each vertex, from 0 on. */
export interface Colouring {
  readonly colours: Int32Array;
  readonly count: number;
}

export function patternOfRows(shape: readonly [number, number], members: (row: number) => Int32Array): Pattern {
  const rows = new Int32Array(shape[0] + 1);
  for (let row = 0; row < shape[0]; row++) rows[row + 1] = rows[row]! + members(row).length;
  const columns = new Int32Array(rows[shape[0]]!);
  for (let row = 0; row < shape[0]; row++) columns.set(members(row), rows[row]!);
  return { shape, rows, columns };
}

export function transposedPattern({ shape, rows, columns }: Pattern): Pattern {
  const [m, n] = shape;
  const starts = new Int32Array(n + 1);
  for (const column of columns) starts[column + 1]!++;
  for (let column = 0; column < n; column++) starts[column + 1]! += starts[column]!;
  const places = starts.slice(0, n);
  const transposed = new Int32Array(columns.length);
  for (let row = 0; row < m; row++) {
    for (let k = rows[row]!; k < rows[row + 1]!; k++) transposed[places[columns[k]!]!++] = row;
  }
  return { shape: [n, m], rows: starts, columns: transposed };
}

/** The places of a square pattern and of its transpose. */
export function symmetricPattern(pattern: Pattern): Pattern {
  const other = transposedPattern(pattern);
  const part = ({ rows, columns }: Pattern, row: number) => columns.subarray(rows[row]!, rows[row + 1]!);
  return patternOfRows(pattern.shape, (row) => merged(part(pattern, row), part(other, row)));
}

function merged(a: Int32Array, b: Int32Array): Int32Array {
  const both = new Int32Array(a.length + b.length);
  let count = 0;
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const next = Math.min(a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY);
    if (a[i] === next) i++;
    if (b[j] === next) j++;
    both[count++] = next;
  }
  return both.subarray(0, count);
}

/** The most entries in a row. */
export function widestRow({ shape, rows }: Pattern): number {
  let most = 0;
  for (let row = 0; row < shape[0]; row++) most = Math.max(most, rows[row + 1]! - rows[row]!);
  return most;
}

/** Vertices in the order given, and with the most neighbours first. */
function orderings(degrees: Int32Array): Int32Array[] {
  const natural = degrees.map((_, vertex) => vertex);
  const byDegree = natural.slice().sort((a, b) => degrees[b]! - degrees[a]! || a - b);
  return byDegree.every((vertex, k) => vertex === k) ? [natural] : [natural, byDegree];
}

function fewest(colourings: readonly Colouring[]): Colouring {
  return colourings.reduce((best, next) => (next.count < best.count ? next : best));
}

const degreesOf = ({ shape, rows }: Pattern) =>
  Int32Array.from({ length: shape[0] }, (_, row) => rows[row + 1]! - rows[row]!);

/**
 * Colours of columns such that no row has two entries of one colour: the product with the sum of a colour's unit vectors shows
 * each of its entries alone. Greedy, in time of entries times colours at most.
 */
export function colourColumns(pattern: Pattern): Colouring {
  requirePattern("colourColumns", pattern);
  const byColumn = transposedPattern(pattern);
  return fewest(
    orderings(degreesOf(byColumn)).map((order) => {
      const used = Array.from({ length: pattern.shape[0] }, (): number[] => []);
      return greedily(order, (column, forbid) => {
        for (let k = byColumn.rows[column]!; k < byColumn.rows[column + 1]!; k++) {
          for (const colour of used[byColumn.columns[k]!]!) forbid(colour);
        }
        return (colour) => {
          for (let k = byColumn.rows[column]!; k < byColumn.rows[column + 1]!; k++) {
            used[byColumn.columns[k]!]!.push(colour);
          }
        };
      });
    }),
  );
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

/** Gives each vertex the least colour that is not forbidden; what `visit` returns is told which one. */
function greedily(
  order: Int32Array,
  visit: (vertex: number, forbid: (colour: number) => void) => (colour: number) => void,
): Colouring {
  const colours = new Int32Array(order.length).fill(-1);
  const forbiddenFor = new Int32Array(order.length + 1).fill(-1);
  let count = 0;
  for (const vertex of order) {
    const chosen = visit(vertex, (colour) => {
      forbiddenFor[colour] = vertex;
    });
    let colour = 0;
    while (forbiddenFor[colour] === vertex) colour++;
    colours[vertex] = colour;
    count = Math.max(count, colour + 1);
    chosen(colour);
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
  const degrees = degreesOf(pattern);
  const work = degrees.reduce((total, degree) => total + degree * degree, 0);
  const stars = orderings(degrees).map((order) => starsInOrder(pattern, order));
  return fewest(work <= 100 * pattern.columns.length ? [...stars, colourColumns(pattern)] : stars);
}

/** A vertex has two or more neighbours of a colour. */
const several = -1;

function starsInOrder({ shape, rows, columns }: Pattern, order: Int32Array): Colouring {
  const [n] = shape;
  const colourOf = new Int32Array(n).fill(-1);
  // by vertex: the colours of its neighbours with the one that has it, and the colours of hubs whose leaf it is
  const around = Array.from({ length: n }, () => new Map<number, number>());
  const hubs = Array.from({ length: n }, () => new Set<number>());
  const isLeafOf = (leaf: number, hubColour: number) => hubs[leaf]!.add(hubColour);
  return greedily(order, (v, forbid) => {
    const neighbours: number[] = [];
    for (let k = rows[v]!; k < rows[v + 1]!; k++) {
      const w = columns[k]!;
      if (w !== v && colourOf[w]! >= 0) neighbours.push(w);
    }
    const own = around[v]!;
    for (const w of neighbours) {
      forbid(colourOf[w]!);
      // v - w - hub - another leaf
      for (const colour of hubs[w]!) forbid(colour);
      // another neighbour of a leaf - leaf - v - leaf
      if (own.get(colourOf[w]!) === several) for (const colour of around[w]!.keys()) forbid(colour);
    }
    return (colour) => {
      colourOf[v] = colour;
      for (const w of neighbours) if (own.get(colourOf[w]!) === several) isLeafOf(w, colour);
      for (let k = rows[v]!; k < rows[v + 1]!; k++) {
        const w = columns[k]!;
        if (w === v) continue;
        const first = around[w]!.get(colour);
        around[w]!.set(colour, first === undefined ? v : several);
        // w is a hub once it has a colour; one that has none yet is looked at when it gets one
        if (first === undefined || colourOf[w]! < 0) continue;
        isLeafOf(v, colourOf[w]!);
        if (first !== several) isLeafOf(first, colourOf[w]!);
      }
    };
  });
}
