import { type Array1D, allocate } from "../../emit/javascript.ts";
import { realField } from "../../interpreter/field.ts";
import { elementCount, interpret } from "../../interpreter/interpret.ts";
import { described } from "../../ir/arguments/arguments.ts";
import { DataError, LimitError } from "../../ir/errors.ts";
import type { Expr } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import type { Variable } from "../derive.ts";
import type { FunctionTable, Shared } from "../functions.ts";
import { Prepared } from "../prepared/in-binding.ts";
import type { InputDeclaration } from "./inputs.ts";
import { Result } from "./packing.ts";
import { checkAxes, type ShapeClaim } from "./sizes.ts";
import { copyInto, type Tensor } from "./tensors.ts";
import type { Requirement } from "./verify.ts";

export const noSizes: ReadonlyMap<string, number> = new Map();
/** An array of numbers that nothing else holds. */
export const vectorBuffer = { role: "output", dtype: "real" } as const;

/** The output that says how many indices leave their tensors: no model can name it. */
export const outside = "requirements broken";

/** What a bound model is made from. */
export interface BindingContext {
  readonly functions: FunctionTable;
  readonly variables: readonly Variable[];
  readonly variableNames: ReadonlySet<string>;
  readonly packedLength: Integer;
  readonly data: readonly InputDeclaration[];
  /** The expression of every leaf. */
  readonly declared: ReadonlyMap<string, Expr>;
  readonly outputNames: ReadonlySet<string>;
  /** The values of data that callers may leave out: expressions of sizes and constants. */
  readonly fallbacks: ReadonlyMap<string, Expr>;
  /** Where fitting begins, in the parameter's shape: expressions of sizes and constants. */
  readonly starts: ReadonlyMap<string, Expr>;
  /** Between what scalars parameters may lie: expressions of sizes and constants. */
  readonly bounds: ReadonlyMap<string, { readonly low: Expr; readonly high: Expr }>;
  /** After a call at the point of a binding whose result is NaN, throws an error that names where it began, by default in the loss. */
  readonly debug?: ((b: Binding, outputs?: readonly string[]) => never) | undefined;
  /** Indices that depend on parameters. */
  readonly pointRequirements: readonly PointRequirement[];
  /** Those of them that no point can break, as data tell. */
  readonly heldAnyway: (
    sizes: ReadonlyMap<string, number>,
    data: ReadonlyMap<string, ArrayLike<number>>,
  ) => ReadonlySet<Requirement>;
  /** Checks of values that only data can settle: indices in range, sizes that must agree. */
  readonly verify: (sizes: ReadonlyMap<string, number>, data: ReadonlyMap<string, ArrayLike<number>>) => void;
}

/** A requirement with the names of its index, and of its guard, as outputs. */
export interface PointRequirement {
  readonly requirement: Requirement;
  readonly outputs: readonly string[];
}

/** Everything fixed by one set of sizes: data checked and copied, the packed layout, and vectors to work with. */
export class Binding {
  readonly sizes: ReadonlyMap<string, number>;
  readonly data: ReadonlyMap<string, Array1D>;
  /** The length of each parameter, and where it begins in a packed vector. */
  readonly lengths: readonly number[];
  readonly starts: readonly number[];
  /** The number of entries of a packed vector. */
  readonly length: number;
  readonly point: Float64Array;
  readonly direction: Float64Array;
  readonly gradient: Result;
  readonly product: Result;
  /** What is checked at every call. */
  pointRequirements: readonly PointRequirement[];
  readonly shared: Shared = new Map();
  readonly prepared = new Prepared();

  /** Copies the data and checks it. Throws DataError, and LimitError where there is no memory for the vectors. */
  constructor(context: BindingContext, tensors: ReadonlyMap<string, Tensor>, sizes: ReadonlyMap<string, number>) {
    this.sizes = sizes;
    for (const [name, { shape }] of context.declared) checkAxes(name, shape, (size) => sizes.get(size));
    const data = new Map<string, Array1D>();
    for (const { name, expr } of context.data) {
      const tensor = tensors.get(name);
      if (tensor) data.set(name, copyInto(name, tensor, this.shapeOf(expr), expr.dtype));
    }
    for (const [name, fallback] of context.fallbacks) {
      if (data.has(name)) continue;
      const [values] = this.constantsOf([fallback]);
      const tensor: Tensor = { values: values!, shape: undefined };
      data.set(name, copyInto(name, tensor, this.shapeOf(fallback), fallback.dtype));
    }
    context.verify(sizes, data);
    this.data = data;
    this.pointRequirements = openIn(context, sizes, data);
    this.lengths = context.variables.map(({ expr }) => this.lengthOf(expr.shape));
    const starts: number[] = [];
    let length = 0;
    for (const part of this.lengths) {
      starts.push(length);
      length += part;
    }
    this.starts = starts;
    this.length = length;
    const vector = () => allocated(vectorBuffer, length) as Float64Array;
    [this.point, this.direction] = [vector(), vector()];
    this.gradient = new Result("gradient", vector(), this);
    this.product = new Result("hvp", vector(), this);
  }

  /** Tells engines that keep copies that an array holds other values. */
  tell(array: Array1D): void {
    for (const part of this.shared.values()) part.refilled(array);
  }

  shapeOf(expr: Expr): number[] {
    return expr.shape.map((size) => this.sizeOf(size));
  }

  /** NaN for a size that nothing gives. `own`: sizes that a function has besides. */
  sizeOf(size: Integer, own = noSizes): number {
    return size.evaluate((atom) =>
      atom.kind === "name" ? (own.get(atom.name) ?? this.sizes.get(atom.name) ?? Number.NaN) : Number.NaN,
    );
  }

  lengthOf(shape: readonly Integer[], own = noSizes): number {
    return elementCount(shape.map((size) => this.sizeOf(size, own)));
  }

  /** The values of expressions of sizes and constants. */
  constantsOf(expressions: readonly Expr[]): (readonly number[])[] {
    return interpret(expressions, { sizes: this.sizes, values: new Map() }, realField);
  }
}

/** The requirements that points can break, with some data. */
export function openIn(
  { pointRequirements, heldAnyway }: BindingContext,
  sizes: ReadonlyMap<string, number>,
  data: ReadonlyMap<string, ArrayLike<number>>,
): readonly PointRequirement[] {
  if (pointRequirements.length === 0) return pointRequirements;
  const held = heldAnyway(sizes, data);
  return pointRequirements.filter(({ requirement }) => !held.has(requirement));
}

/** The shapes that given tensors claim for what is declared. */
export function claimsOf(
  declarations: readonly InputDeclaration[],
  tensors: ReadonlyMap<string, Tensor>,
): ShapeClaim[] {
  return declarations.flatMap(({ name, expr }) => {
    const tensor = tensors.get(name);
    return tensor ? [{ name, shape: expr.shape, tensor }] : [];
  });
}

/** An array of zeros. Throws LimitError where there is no memory for it, DataError for a negative length. */
export function allocated(buffer: Parameters<typeof allocate>[0], length: number): Array1D {
  if (length < 0) throw new DataError(`these sizes make an array of ${length} elements: a size is 0 or more.`);
  try {
    return allocate(buffer, length);
  } catch {
    throw new LimitError(`with these sizes an array needs ${length} elements, which is more than there is memory for.`);
  }
}

/** Sizes by name as a caller gives them. Throws DataError. */
export function checkedSizes(sizes: Readonly<Record<string, number>>): Map<string, number> {
  const entries = Object.entries(sizes);
  for (const [name, value] of entries) {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new DataError(`the size "${name}" needs a whole number, got ${described(value)}.`);
  }
  return new Map(entries);
}
