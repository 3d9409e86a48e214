import { type Needs, requireOptions, requireThat } from "../../ir/arguments/arguments.ts";
import { counted } from "../../ir/counted.ts";
import type { DType } from "../../ir/primitive.ts";
import { integerOf, type SizeLike } from "./tensor.ts";

type Role = "param" | "data" | "leaf";

/** How a leaf of a model is declared. A leaf of no role is data, unless `wrt` names it. */
export interface Declaration<Element extends DType = DType, Of extends Role = Role> {
  readonly role: Of;
  readonly dtype: Element;
  readonly shape: readonly SizeLike[];
  /** The values that int data may have, low..high without high; bounds of a real. */
  readonly within?: readonly [SizeLike, SizeLike] | undefined;
  /** A parameter's start, or the value of data that is not given: in every element, or a list of them, row by row. */
  readonly start?: number | readonly number[] | undefined;
}

export interface LeafOptions {
  readonly within?: readonly [SizeLike, SizeLike];
  readonly start?: number | readonly number[];
}

const leafNeeds: Needs<LeafOptions> = {
  within: {
    what: "a pair of ends [low, high], low at most high",
    accepts: (value) => Array.isArray(value) && value.length === 2 && !(value[0] > value[1]),
  },
  start: {
    what: "a number, or a list of them",
    accepts: (value) => [value].flat().every((each) => typeof each === "number"),
  },
};

function declare<Element extends DType, Of extends Role>(
  role: Of,
  dtype: Element,
  shape: readonly SizeLike[],
  options: LeafOptions = {},
): Declaration<Element, Of> {
  requireThat(Array.isArray(shape), "a shape", 'a list of sizes, such as ["n", 2]', shape);
  for (const size of shape) {
    const { value = 0 } = integerOf(size);
    requireThat(value >= 0, "a size of a shape", "a whole number of at least 0", value);
  }
  requireOptions("a declaration", options, leafNeeds);
  const { start } = options;
  if (Array.isArray(start)) {
    const count = shape.reduce<number>((product, size) => product * (integerOf(size).value ?? Number.NaN), 1);
    requireThat(start.length === count, "start", startsOf(shape, count), start);
  }
  return { role, dtype, shape, ...options };
}

/** What a list of starts has to be. */
const startsOf = (shape: readonly SizeLike[], count: number) =>
  Number.isNaN(count)
    ? `one number, or a list where the sizes are numbers: [${shape.join(", ")}] are not`
    : `a list of ${counted(count, "number")} for the shape [${shape.join(", ")}]`;

/** A parameter: what derivatives are taken in unless `wrt` says otherwise. */
export const param = (shape: readonly SizeLike[] = [], options?: LeafOptions) =>
  declare("param", "real", shape, options);

/** Real data. */
export const data = (shape: readonly SizeLike[] = [], options?: LeafOptions) => declare("data", "real", shape, options);

/** A scalar, of no role. */
export const scalar = (options?: LeafOptions) => declare("leaf", "real", [], options);

/** A vector, of no role. */
export const vec = (length: SizeLike, options?: LeafOptions) => declare("leaf", "real", [length], options);

/** A matrix, of no role. */
export const mat = (rows: SizeLike, columns: SizeLike, options?: LeafOptions) =>
  declare("leaf", "real", [rows, columns], options);

/** A tensor of any rank, of no role. */
export const tensor = (shape: readonly SizeLike[], options?: LeafOptions) => declare("leaf", "real", shape, options);

/** Whole numbers, such as labels; `within: [0, "k"]` is checked when data are bound. */
export const int = (shape: readonly SizeLike[] = [], options?: LeafOptions) => declare("data", "int", shape, options);

/** Conditions as data. */
export const bool = (shape: readonly SizeLike[] = [], options?: LeafOptions) => declare("data", "bool", shape, options);
