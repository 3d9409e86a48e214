import { gradient } from "../autodiff/derivatives.ts";
import { counted } from "../ir/counted.ts";
import { DataError, UsageError } from "../ir/errors.ts";
import type { Expr } from "../ir/graph.ts";
import { simplify, spelledOut } from "../rewrite/rewrite.ts";
import { type Colouring, colourColumns, colourStars } from "../sparse/colouring.ts";
import { DependenceAnalysis } from "../sparse/dependence.ts";
import { requireRoom } from "../sparse/number-list.ts";
import { type Pattern, patternOfRows, rowSizes, symmetricPattern, transposedPattern } from "../sparse/pattern.ts";
import { hvps, hvpsPay } from "./batch.ts";
import type { BoundModel } from "./bound/model.ts";
import { checkOutput, requireBound } from "./inputs/inputs.ts";
import { jacobianProduct, transposedJacobianProduct, type VectorProduct } from "./products.ts";

/** A matrix by rows (CSR): the entries of row i are those from rows[i] to rows[i + 1]. */
export interface SparseMatrix extends Pattern {
  readonly values: Float64Array;
}

/** Colours whose products are made at once: more of them need more memory and save little. */
const mostTogether = 8;
/** Numbers that the products of several colours may have together. */
const mostNumbers = 2 ** 21;

const oneByOne = (product: VectorProduct) => ({ together: 1, productOf: () => product });

/** For each entry the colour whose product shows it, and the position there. */
interface Places {
  readonly colour: Int32Array;
  readonly position: Int32Array;
}

interface Compression {
  readonly pattern: Pattern;
  readonly colouring: Colouring;
  readonly places: Places;
  /** Takes the sum of the unit vectors of one colour; of several colours, as rows, where it is one for so many. */
  readonly productOf: (colours: number) => VectorProduct;
  /** Colours whose products are made at once. */
  readonly together: number;
  readonly resultLength: number;
  /** Whether values of data decide the pattern. */
  readonly readsData: boolean;
}

/**
 * A sparse derivative of a bound model with its pattern, computed by few products with vectors: columns of one colour share
 * a product, since no entry that is read there meets another one.
 */
export class SparseDerivative {
  readonly pattern: Pattern;
  /** Products with vectors that one evaluation takes. */
  readonly products: number;
  private readonly model: BoundModel;
  /** Products of so many colours at once, and of those that are left over. */
  private readonly runs: readonly { readonly first: number; readonly count: number; readonly run: VectorProduct }[];
  private readonly colours: Int32Array;
  private readonly seeds: Float64Array;
  private readonly resultLength: number;
  private readonly compressed: Float64Array;
  /** By colour: entries, and where the product with the colour's vector shows them. */
  private readonly starts: Int32Array;
  private rest: readonly [Float64Array, Float64Array] | undefined;
  private readonly entries: Int32Array;
  private readonly positions: Int32Array;
  /** Undefined where the pattern is the same for all data. */
  private readonly refills: number | undefined;

  constructor(
    model: BoundModel,
    { pattern, colouring, places, productOf, together, resultLength, readsData }: Compression,
  ) {
    const { colours, count } = colouring;
    const { colour, position } = places;
    this.model = model;
    this.pattern = pattern;
    this.products = count;
    this.colours = colours;
    const rest = count % together;
    const [whole, last] = [together, rest].map((size) => (size > 0 ? productOf(size) : undefined));
    this.runs = Array.from({ length: Math.ceil(count / together) }, (_, k) => {
      const size = Math.min(together, count - k * together);
      return { first: k * together, count: size, run: (size === together ? whole : last)! };
    });
    const rows = Math.min(together, count);
    this.seeds = new Float64Array(rows * colours.length);
    this.compressed = new Float64Array(rows * resultLength);
    this.resultLength = resultLength;
    this.refills = readsData ? model.refills : undefined;
    this.starts = new Int32Array(count + 1);
    for (const c of colour) this.starts[c + 1]!++;
    for (let c = 0; c < count; c++) this.starts[c + 1]! += this.starts[c]!;
    const next = this.starts.slice(0, count);
    this.entries = new Int32Array(colour.length);
    this.positions = new Int32Array(colour.length);
    for (let entry = 0; entry < colour.length; entry++) {
      const at = next[colour[entry]!]!++;
      this.entries[at] = entry;
      this.positions[at] = position[entry]!;
    }
  }

  /** Writes the entries at a packed point, in the order of the pattern. Nothing is allocated. Throws DataError, UsageError. */
  evaluate(x: Float64Array, values: Float64Array): void {
    checkOutput("the array of values", values, this.pattern.columns.length, ArrayBuffer.isView(x) ? [x] : []);
    if (this.refills !== undefined && this.refills !== this.model.refills) {
      throw new UsageError(
        "data were filled in again, and the places of this matrix follow from them: ask for the sparse derivative again.",
      );
    }
    for (const { first, count, run } of this.runs) {
      const [seeds, products] = this.rowsOf(count);
      this.colourRows(seeds, first);
      run(x, seeds, products);
      for (let row = 0; row < count; row++) this.readColour(first + row, products, row * this.resultLength, values);
    }
  }

  /** Seeds and products for so many colours: whole arrays, or the parts for those that are left over. */
  private rowsOf(count: number): readonly [Float64Array, Float64Array] {
    const { seeds, compressed, colours, resultLength } = this;
    if (seeds.length === count * colours.length) return [seeds, compressed];
    this.rest ??= [seeds.subarray(0, count * colours.length), compressed.subarray(0, count * resultLength)];
    return this.rest;
  }

  /** Writes the sums of the unit vectors of colours from `first` on. */
  private colourRows(seeds: Float64Array, first: number): void {
    const { colours } = this;
    const width = colours.length;
    seeds.fill(0);
    const count = seeds.length / Math.max(1, width);
    for (let k = 0; k < width; k++) {
      const row = colours[k]! - first;
      if (row >= 0 && row < count) seeds[row * width + k] = 1;
    }
  }

  private readColour(colour: number, products: Float64Array, from: number, values: Float64Array): void {
    const { starts, entries, positions } = this;
    for (let k = starts[colour]!; k < starts[colour + 1]!; k++) values[entries[k]!] = products[from + positions[k]!]!;
  }

  /** The matrix at a packed point, in arrays of its own. */
  matrix(x: Float64Array): SparseMatrix {
    const { shape, rows, columns } = this.pattern;
    const values = new Float64Array(columns.length);
    this.evaluate(x, values);
    return { shape, rows: rows.slice(), columns: columns.slice(), values };
  }
}

/**
 * The Hessian of the loss in the packed parameters. Its pattern follows from the graph of the gradient, symmetric, all entries
 * stored; star colouring lets an entry be read from its own column or from that of its mirror image.
 * Throws LimitError where the pattern is too large to be stored.
 */
export function sparseHessian(model: BoundModel): SparseDerivative {
  requireBound("sparseHessian", model);
  const { functions, variables, length } = model.parts();
  // calls hide what depends on what
  const { level } = functions;
  // what conditions on positions leave out is absent from the loss before it is differentiated
  const [loss] = simplify(spelledOut([functions.loss]), { level });
  const slopes = simplify(gradient(loss!, variables), { level, last: true });
  const { pattern: oneSided, readsData } = patternOf(model, slopes);
  const pattern = symmetricPattern(oneSided);
  const colouring = colourStars(pattern);
  const single: VectorProduct = (x, v, h) => {
    if (!(x instanceof Float64Array) || x.length !== length) {
      throw new DataError(`the point needs a Float64Array of ${counted(length, "element")}.`);
    }
    model.flat.hvp(x, v, h);
  };
  const together = Math.max(1, Math.min(mostTogether, colouring.count, Math.floor(mostNumbers / Math.max(1, length))));
  const isWorth = together > 1 && hvpsPay(model, together);
  const products = isWorth ? { together, productOf: (count: number) => hvps(model, count) } : oneByOne(single);
  const places = starPlaces(pattern, colouring.colours);
  return new SparseDerivative(model, { pattern, colouring, places, ...products, resultLength: length, readsData });
}

/**
 * The Jacobian of an output, row-major, in the packed parameters: by products from the right over coloured columns or from the
 * left over coloured rows, whichever are fewer. Throws UsageError for a name of no output, LimitError.
 */
export function sparseJacobian(model: BoundModel, output: string): SparseDerivative {
  requireBound("sparseJacobian", model);
  model.requireOutput(output);
  const { functions, length } = model.parts();
  const found = patternOf(model, spelledOut([functions.output(output)]));
  const { pattern } = found;
  const transposed = transposedPattern(pattern);
  const byColumns = colourColumns(pattern);
  // no fewer colours than entries in a row: where columns did well, rows need not be tried
  const widest = rowSizes(transposed).reduce((a, b) => Math.max(a, b), 0);
  const rows = widest < byColumns.count ? colourColumns(transposed) : byColumns;
  const { readsData } = found;
  if (rows.count < byColumns.count) {
    const places = rowPlaces(pattern, rows.colours);
    const products = oneByOne(transposedJacobianProduct(model, output));
    return new SparseDerivative(model, {
      pattern,
      colouring: rows,
      places,
      ...products,
      resultLength: length,
      readsData,
    });
  }
  const places = columnPlaces(pattern, byColumns.colours);
  const products = oneByOne(jacobianProduct(model, output));
  const resultLength = pattern.shape[0];
  return new SparseDerivative(model, { pattern, colouring: byColumns, places, ...products, resultLength, readsData });
}

function patternOf(model: BoundModel, rows: readonly Expr[]): { pattern: Pattern; readsData: boolean } {
  const { variables, sizes, data, length } = model.parts();
  const analysis = new DependenceAnalysis(rows[0]!.graph, { variables, sizes, data });
  const parts = analysis.of(rows);
  const sets = new Int32Array(parts.reduce((total, part) => total + part.length, 0));
  let start = 0;
  for (const part of parts) {
    sets.set(part, start);
    start += part.length;
  }
  requireRoom(sets.reduce((entries, set) => entries + analysis.sets.size(set), 0));
  const pattern = patternOfRows([sets.length, length], (row, columns) => analysis.sets.append(sets[row]!, columns));
  return { pattern, readsData: analysis.readsData };
}

/** Entry (i, j) stands in the product of column j's colour, at i. */
function columnPlaces({ shape, rows, columns }: Pattern, colours: Int32Array): Places {
  const position = new Int32Array(columns.length);
  for (let i = 0; i < shape[0]; i++) position.fill(i, rows[i]!, rows[i + 1]!);
  return { colour: columns.map((column) => colours[column]!), position };
}

/** Entry (i, j) stands in the product of row i's colour, at j. */
function rowPlaces({ shape, rows, columns }: Pattern, colours: Int32Array): Places {
  const colour = new Int32Array(columns.length);
  for (let i = 0; i < shape[0]; i++) colour.fill(colours[i]!, rows[i]!, rows[i + 1]!);
  return { colour, position: columns.slice() };
}

/** Entry (i, j) stands at i where row i has one entry of j's colour; else (j, i) does at j, which is the same. */
function starPlaces({ shape, rows, columns }: Pattern, colours: Int32Array): Places {
  const colour = new Int32Array(columns.length);
  const position = new Int32Array(columns.length);
  const inRow = new Int32Array(shape[0]);
  for (let i = 0; i < shape[0]; i++) {
    for (let k = rows[i]!; k < rows[i + 1]!; k++) inRow[colours[columns[k]!]!]!++;
    for (let k = rows[i]!; k < rows[i + 1]!; k++) {
      const j = columns[k]!;
      const isAlone = inRow[colours[j]!] === 1;
      colour[k] = colours[isAlone ? j : i]!;
      position[k] = isAlone ? i : j;
    }
    for (let k = rows[i]!; k < rows[i + 1]!; k++) inRow[colours[columns[k]!]!] = 0;
  }
  return { colour, position };
}
