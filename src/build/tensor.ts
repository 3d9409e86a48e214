import { TypeMismatchError, UsageError } from "../ir/errors.ts";
import { Integer } from "../ir/integer.ts";
import type * as activation from "../ops/activation.ts";
import type * as algebra from "../ops/algebra.ts";
import type * as cast from "../ops/cast.ts";
import type * as comparison from "../ops/comparison.ts";
import type { Operation } from "../ops/define.ts";
import type * as erf from "../ops/erf.ts";
import type * as exponential from "../ops/exponential.ts";
import type * as gamma from "../ops/gamma.ts";
import type * as hyperbolic from "../ops/hyperbolic.ts";
import type * as opaque from "../ops/opaque.ts";
import type * as powers from "../ops/powers.ts";
import type * as ratios from "../ops/ratios.ts";
import type * as rounding from "../ops/rounding.ts";
import type * as special from "../ops/special.ts";
import type * as trigonometric from "../ops/trigonometric.ts";
import { listOf } from "./arrangements.ts";
import type { Builder } from "./builder.ts";
import { Call, sizeOf } from "./calls.ts";
import { call, callableNames, callForRecord, givesRecord, wordsOf } from "./functions.ts";
import { type Entry, indexed } from "./indexing.ts";
import type { Range } from "./model.ts";
import { type OurNames, otherNames } from "./other-names.ts";
import { boolTerm, integerTerm, realTerm, settled, type Term } from "./term.ts";

/** What can stand beside a tensor. Nested lists become constant tensors, or stacks. */
export type Operand = Tensor | Size | number | boolean | readonly Operand[];

/** A whole number known when sizes are: a number, the name of a size, or an expression of sizes. */
export type SizeLike = number | string | Size | Tensor;

/** A range low..high of whole numbers, the end excluded. */
export class Span {
  readonly low: SizeLike;
  readonly high: SizeLike;
  constructor(low: SizeLike, high: SizeLike) {
    this.low = low;
    this.high = high;
  }
}

/** The whole numbers from low to high, without high. */
export function range(low: SizeLike, high: SizeLike): Span {
  return new Span(low, high);
}

/** What stands for one axis in `at`: a position, positions, a range, or ":" for the whole axis. */
export type Index = Operand | Span | ":";

/** A symbolic size: whole numbers, named sizes and their arithmetic. `div` rounds down. */
export class Size {
  readonly integer: Integer;
  constructor(integer: Integer) {
    this.integer = integer;
  }
  add(other: SizeLike): Size {
    return new Size(this.integer.plus(integerOf(other)));
  }
  sub(other: SizeLike): Size {
    return new Size(this.integer.minus(integerOf(other)));
  }
  mul(other: SizeLike): Size {
    return new Size(this.integer.times(integerOf(other)));
  }
  div(other: SizeLike): Size {
    return new Size(this.integer.floorDiv(integerOf(other)));
  }
  toString(): string {
    return this.integer.toString();
  }
}

/** A named size. */
export function size(name: string): Size {
  return new Size(Integer.named(name));
}

export function integerOf(value: SizeLike): Integer {
  if (value instanceof Size) return value.integer;
  if (value instanceof Tensor) return value.term.integer ?? sizeOf(value.term, "a size");
  return Integer.from(value);
}

export interface AxesOption {
  /** By default all axes. */
  readonly axis?: number | readonly number[];
}

export interface AxisOption {
  /** By default the last axis. */
  readonly axis?: number;
}

type Families = typeof activation &
  typeof algebra &
  typeof cast &
  typeof comparison &
  typeof erf &
  typeof exponential &
  typeof gamma &
  typeof hyperbolic &
  typeof opaque &
  typeof powers &
  typeof ratios &
  typeof rounding &
  typeof special &
  typeof trigonometric;

type OperationNames<Exports> = {
  [Name in keyof Exports]: Exports[Name] extends Operation ? Name : never;
}[keyof Exports];

/** Names of primitives. Two are exported under longer names than their own. */
export type PrimitiveName =
  | Exclude<OperationNames<Families> & string, "isFiniteReal" | "isNaNReal">
  | "isFinite"
  | "isNaN";

type PrimitiveMethods = {
  /** The primitive of this name, element by element; see docs/ops.md. */
  readonly [Name in Exclude<PrimitiveName, "max" | "min">]: (...others: Operand[]) => Tensor;
};

interface Extremum {
  /** Over the axes, by default all. */
  (options?: AxesOption): Tensor;
  /** Element by element. */
  (...others: Operand[]): Tensor;
}

type Reduction = "sum" | "prod" | "mean" | "norm" | "logsumexp";
type SpreadAround = "variance" | "standardDeviation";
type AlongAxes = "softmax" | "logSoftmax";
type AlongAxis = "argmax" | "argmin" | "cumsum" | "cumprod" | "cummax" | "cummin" | "diff";

type CompositeMethods = { readonly [Name in Reduction]: (options?: AxesOption) => Tensor } & {
  readonly [Name in SpreadAround]: (options?: AxesOption & { readonly correction?: number }) => Tensor;
} & {
  readonly [Name in AlongAxes | "reverse" | "any" | "all"]: (options?: AxesOption) => Tensor;
} & { readonly [Name in AlongAxis]: (options?: AxisOption) => Tensor } & {
  readonly [Name in "dot" | "matmul" | "outer" | "cross" | "kron"]: (other: Operand) => Tensor;
} & { readonly [Name in "trace" | "diagonal" | "diag" | "flatten"]: () => Tensor } & {
  readonly [Name in "roll" | "tile" | "repeatElements" | "split"]: (count: SizeLike, options?: AxisOption) => Tensor;
} & { readonly [Name in "take" | "takeAlongAxis"]: (positions: Operand, options?: AxisOption) => Tensor } & {
  readonly [Name in "tril" | "triu"]: (options?: { readonly diagonal?: number }) => Tensor;
} & {
  readonly [Name in "grad" | "jacobian" | "hessian"]: (variable: Tensor) => Tensor;
} & { readonly [Name in "hvp" | "jvp"]: (variable: Tensor, direction: Operand) => Tensor };

/** What methods are called elsewhere. */
type MethodsElsewhere = {
  readonly [Name in keyof OurNames as OurNames[Name] extends keyof OwnMethods
    ? Name
    : never]: OwnMethods[OurNames[Name] & keyof OwnMethods];
};

export interface Tensor extends OwnMethods, MethodsElsewhere {}

/** A whole number for all axes that windows move along, or one for each. */
type PerAxis = SizeLike | readonly SizeLike[];

interface WindowOptions {
  /** From one window to the next. Default: 1, of pools the window. */
  readonly stride?: PerAxis;
  /** From one element of a window to the next. Default: 1. */
  readonly dilation?: PerAxis;
  /** What is added at the ends of each axis: a width, one for each axis, or a pair for each. Default: nothing. */
  readonly padding?: "same" | "valid" | SizeLike | readonly (SizeLike | readonly [SizeLike, SizeLike])[];
  /** Where the axis of channels stands; with "first", a filter is [outputs, inputs, ...window]. Default: "last". */
  readonly channels?: "first" | "last";
}

export interface ConvolutionOptions extends WindowOptions {
  /** Groups of channels that do not meet; as many as channels is a depthwise convolution. Default: 1. */
  readonly groups?: SizeLike;
}

export interface TransposedConvolutionOptions extends WindowOptions {
  /** Elements more at the end of each axis. Default: 0. */
  readonly extra?: PerAxis;
}

export interface PoolOptions extends WindowOptions {
  readonly window: PerAxis;
}

type Dimensions = "1d" | "2d" | "3d";

type WindowMethods = {
  readonly [Name in `conv${Dimensions}`]: (filter: Operand, options?: ConvolutionOptions) => Tensor;
} & {
  readonly [Name in `convTranspose${Dimensions}`]: (filter: Operand, options?: TransposedConvolutionOptions) => Tensor;
} & { readonly [Name in `${"max" | "avg"}Pool${Dimensions}`]: (options: PoolOptions) => Tensor };

interface OrderOptions extends AxisOption {
  /** Default: false. */
  readonly descending?: boolean;
}

interface Definite {
  /** True where A is symmetric and positive definite: Cholesky's factors in place of LU. Default: false. */
  readonly positiveDefinite?: boolean;
}

/** The last two axes are a matrix, axes before them a batch. */
interface MatrixMethods {
  /** L, lower triangular with a positive diagonal, with L L' = (A + A')/2. NaN where that is not positive definite. */
  cholesky(): Tensor;
  /** x with A x = b, for a vector b or the columns of a matrix. NaN where A is singular. */
  solve(b: Operand, options?: Definite): Tensor;
  /** x with T x = b, T the lower triangle of a matrix, or the upper one; with transpose, T' x = b. */
  solveTriangular(b: Operand, options?: { readonly lower?: boolean; readonly transpose?: boolean }): Tensor;
  inverse(): Tensor;
  det(): Tensor;
  /** log |det A|. */
  logdet(options?: Definite): Tensor;
  /** The eigenvalues of (A + A')/2, ascending. */
  eigenvalues(): Tensor;
  /** The eigenvalues of (A + A')/2, ascending, and unit eigenvectors as columns. */
  eigh(): { readonly values: Tensor; readonly vectors: Tensor };
  /** q with orthonormal columns and r, upper triangular with a positive diagonal, with q @ r = A. */
  qr(): { readonly q: Tensor; readonly r: Tensor };
  argsort(options?: OrderOptions): Tensor;
  sort(options?: OrderOptions): Tensor;
  /** The k largest elements, largest first. */
  topK(k: SizeLike, options?: AxisOption): Tensor;
}

interface OwnMethods extends PrimitiveMethods, CompositeMethods, WindowMethods, MatrixMethods {
  readonly max: Extremum;
  readonly min: Extremum;
  /** (x - mean) / sqrt(variance + epsilon) along the axes, by default the last. */
  layerNorm(options?: AxesOption & { readonly epsilon?: number }): Tensor;
  /** The last two axes swapped, or all axes in the order given. */
  transpose(options?: AxesOption): Tensor;
  reshape(shape: readonly SizeLike[]): Tensor;
  /** Zeros around: a width per axis, for both sides, or a pair. */
  pad(widths: SizeLike | readonly (SizeLike | readonly [SizeLike, SizeLike])[]): Tensor;
  /** z[positions[i], ..] += x[i, ..] into so many zeros. */
  scatterAdd(positions: Operand, size: SizeLike): Tensor;
  /** Of positions: 1 at each along a new last axis of this size, 0 elsewhere. */
  oneHot(size: SizeLike): Tensor;
  concat(...others: (Operand | AxisOption)[]): Tensor;
}

/**
 * A value of a model under construction. Every primitive and composite is a method; operations are element by
 * element and broadcast like NumPy, but only the literal 1 stretches.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are installed below, from the table of functions
export class Tensor {
  readonly term: Term;

  constructor(term: Term) {
    // a tensor is a node of its own, so that derivatives can be taken in it
    this.term = settled(term);
  }

  /** The sizes of the axes. */
  get shape(): readonly Size[] {
    return this.term.shape.map((integer) => new Size(integer));
  }

  /** The elements at these positions; axes that are left out stay whole. */
  at(...indices: readonly Index[]): Tensor {
    const { builder } = this.term;
    return new Tensor(
      indexed(
        this.term,
        indices.map((index) => entryOf(builder, index)),
      ),
    );
  }
}

function entryOf(builder: Builder, index: Index): Entry {
  if (index === ":") return { kind: "all" };
  if (index instanceof Span) return { kind: "range", ...rangeOf(index) };
  return { kind: "at", at: toTerm(builder, index) };
}

export function rangeOf({ low, high }: Span): Range {
  return { low: integerOf(low), high: integerOf(high) };
}

/** Any operand as a term of the model. */
export function toTerm(builder: Builder, operand: Operand): Term {
  if (operand instanceof Tensor) return operand.term;
  if (operand instanceof Size) return integerTerm(builder, operand.integer);
  if (typeof operand === "number") {
    const isInt = Number.isSafeInteger(operand) && !Object.is(operand, -0);
    return isInt ? integerTerm(builder, Integer.constant(operand)) : realTerm(builder, operand);
  }
  if (typeof operand === "boolean") return boolTerm(builder, operand);
  if (Array.isArray(operand)) return listOf(operand.map((element: Operand) => toTerm(builder, element)));
  throw new TypeMismatchError(`a tensor, a number, a boolean or a list of them is needed, got ${typeof operand}.`);
}

export type Options = Readonly<Record<string, unknown>>;

/** Calls a function or primitive by name; a record at the end holds the options. */
export function callByName(builder: Builder, name: string, given: readonly unknown[]): Tensor {
  return builder.traced(() => new Tensor(call(requestOf(builder, name, given))));
}

/** Calls a function that gives a record of tensors. */
function callForTensors(builder: Builder, name: string, given: readonly unknown[]): Record<string, Tensor> {
  const fields = builder.traced(() => [...callForRecord(requestOf(builder, name, given))]);
  return Object.fromEntries(fields.map(([field, term]) => [field, new Tensor(term)]));
}

function requestOf(builder: Builder, name: string, given: readonly unknown[]): Call {
  const last = given.at(-1);
  const options = isOptions(last) ? last : undefined;
  const operands = (options ? given.slice(0, -1) : given).map((operand) => operandTerm(builder, operand));
  const named = Object.entries(options ?? {}).filter(([, value]) => value !== undefined);
  const terms = new Map<string, Term>();
  const words = new Map<string, string>();
  for (const [option, value] of named) {
    if (typeof value === "string" && wordsOf(name, option).includes(value)) words.set(option, value);
    else terms.set(option, operandTerm(builder, value));
  }
  return new Call(builder, name, operands, terms, words);
}

/** Names of sizes are taken where a size can stand. */
function operandTerm(builder: Builder, operand: unknown): Term {
  if (typeof operand === "string") return integerTerm(builder, Integer.named(operand));
  if (Array.isArray(operand)) return listOf(operand.map((element) => operandTerm(builder, element)));
  return toTerm(builder, operand as Operand);
}

function isOptions(value: unknown): value is Options {
  if (typeof value !== "object" || value === null) return false;
  return !(value instanceof Tensor || value instanceof Size || Array.isArray(value));
}

const ownNames = new Set(["at", "shape", "term", "constructor", "stack"]);

for (const name of [...callableNames(), ...otherNames()]) {
  if (ownNames.has(name)) continue;
  Object.defineProperty(Tensor.prototype, name, {
    configurable: true,
    writable: true,
    value(this: Tensor, ...others: unknown[]): Tensor | Record<string, Tensor> {
      const calls = givesRecord(name) ? callForTensors : callByName;
      return calls(this.term.builder, name, [this, ...others]);
    },
  });
}

/** A condition as a plain tensor is never true or false while the model is built. */
Object.defineProperty(Tensor.prototype, Symbol.toPrimitive, {
  value(): never {
    throw new UsageError("a tensor has no value while the model is built: use its methods, select(...) or cond(...).");
  },
});
