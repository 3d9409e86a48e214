import { NumberList } from "./number-list.ts";

/** Nonzero places of a matrix by rows: those of row i are columns[rows[i]] ... columns[rows[i + 1] - 1], increasing. */
export interface Pattern {
  /** Rows and columns. */
  readonly shape: readonly [number, number];
  /** Where each row starts in `columns`; one more entry says where the last one ends. */
  readonly rows: Int32Array;
  readonly columns: Int32Array;
}

/** The pattern whose rows are what `append` adds to a list for each of them. */
export function patternOfRows(
  shape: readonly [number, number],
  append: (row: number, columns: NumberList) => void,
): Pattern {
  const rows = new Int32Array(shape[0] + 1);
  const columns = new NumberList();
  for (let row = 0; row < shape[0]; row++) {
    append(row, columns);
    rows[row + 1] = columns.length;
  }
  return { shape, rows, columns: columns.items.slice(0, columns.length) };
}

/** The pattern with rows and columns exchanged. [m, n] -> [n, m], in time linear in its entries. */
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
  return patternOfRows(pattern.shape, (row, columns) => {
    let [i, j] = [pattern.rows[row]!, other.rows[row]!];
    const [endI, endJ] = [pattern.rows[row + 1]!, other.rows[row + 1]!];
    columns.reserve(endI - i + endJ - j);
    while (i < endI || j < endJ) {
      const x = i < endI ? pattern.columns[i]! : Number.POSITIVE_INFINITY;
      const y = j < endJ ? other.columns[j]! : Number.POSITIVE_INFINITY;
      columns.items[columns.length++] = Math.min(x, y);
      if (x <= y) i++;
      if (y <= x) j++;
    }
  });
}

/** How many entries each row has. */
export function rowSizes({ shape, rows }: Pattern): Int32Array {
  const sizes = new Int32Array(shape[0]);
  for (let row = 0; row < shape[0]; row++) sizes[row] = rows[row + 1]! - rows[row]!;
  return sizes;
}
