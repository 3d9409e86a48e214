import { counted } from "../../ir/counted.ts";
import { DataError } from "../../ir/errors.ts";
import { type Shape, showShape } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import type { Tensor } from "./tensors.ts";

/** A tensor whose dimensions should tell the sizes of the model. */
export interface ShapeClaim {
  readonly name: string;
  readonly shape: Shape;
  readonly tensor: Tensor;
}

interface Equation {
  readonly left: Integer;
  readonly right: number;
  readonly name: string;
  readonly axis: number | undefined;
}

/**
 * Solves the sizes from all arguments together: a dimension n = 3 gives n, 2*n + 1 = 7 gives n once the rest is known.
 * What nothing determines stays out. Throws DataError for sizes that contradict (naming both arguments). `from` says in
 * messages where the given sizes come from.
 */
export function solveSizes(
  claims: readonly ShapeClaim[],
  given: ReadonlyMap<string, number>,
  from = "the given sizes",
): Map<string, number> {
  const sizes = new Map(given);
  const source = new Map<string, string>([...given.keys()].map((name) => [name, from]));
  const known = (name: string) => sizes.get(name);
  let open: Equation[] = claims.flatMap(equationsOf);
  for (let progress = true; progress; ) {
    progress = false;
    const left: Equation[] = [];
    for (const equation of open) {
      const unknown = equation.left.names().filter((name) => !sizes.has(name));
      if (unknown.length === 0) {
        check(equation, known, source);
        progress = true;
        continue;
      }
      const solution = unknown.length === 1 ? solveFor(unknown[0]!, equation, sizes) : undefined;
      if (solution === undefined) {
        left.push(equation);
        continue;
      }
      sizes.set(unknown[0]!, solution);
      source.set(unknown[0]!, `"${equation.name}"`);
      check(equation, known, source);
      progress = true;
    }
    open = left;
  }
  for (const { name, shape } of claims) checkAxes(name, shape, known);
  return sizes;
}

/** Throws DataError where an axis would have less than no elements, as far as the sizes are known. */
export function checkAxes(name: string, shape: Shape, known: (size: string) => number | undefined): void {
  for (const [axis, size] of shape.entries()) {
    const value = size.evaluate((atom) => (atom.kind === "name" ? (known(atom.name) ?? Number.NaN) : Number.NaN));
    if (value < 0) throw new DataError(`axis ${axis} of "${name}", ${size}, is ${value}: a size is 0 or more.`);
  }
}

/** Throws DataError for sizes that nothing determines; `givenIn` says where a caller gives them by name. */
export function requireSizes(
  sizes: ReadonlyMap<string, number>,
  needed: Iterable<string>,
  givenIn = "pass it in sizes",
): void {
  const missing = [...new Set(needed)].filter((name) => !sizes.has(name));
  if (missing.length === 0) return;
  const list = missing.map((name) => `"${name}"`).join(", ");
  throw new DataError(`the size ${list} follows from no argument: ${givenIn}, or give arrays with a shape.`);
}

function equationsOf(claim: ShapeClaim): Equation[] {
  const { name, shape, tensor } = claim;
  if (!tensor.shape) {
    const product = shape.reduce((all: Integer | undefined, size) => (all ? all.times(size) : size), undefined);
    if (!product) {
      if (tensor.values.length === 1) return [];
      throw new DataError(`"${name}" is a scalar and needs one number, got ${tensor.values.length}.`);
    }
    return [{ left: product, right: tensor.values.length, name, axis: undefined }];
  }
  const { length } = tensor.shape;
  // nested arrays do not say how long the axes behind an empty one are
  const isEmpty = length > 0 && length < shape.length && tensor.shape[length - 1] === 0;
  if (length !== shape.length && !isEmpty) {
    const got = `[${tensor.shape.join(", ")}]`;
    throw new DataError(
      `"${name}" needs ${shape.length === 0 ? "a number" : `the shape ${showShape(shape)}`}, got ${tensor.shape.length === 0 ? "a number" : `the shape ${got}`}.`,
    );
  }
  return tensor.shape.map((right, axis) => ({ left: shape[axis]!, right, name, axis }));
}

function check(
  equation: Equation,
  known: (name: string) => number | undefined,
  source: ReadonlyMap<string, string>,
): void {
  const { left, right, name, axis } = equation;
  const value = left.evaluate((atom) => (atom.kind === "name" ? known(atom.name)! : Number.NaN));
  if (value === right) return;
  const where =
    axis === undefined ? `"${name}" needs ${counted(value, "value")}` : `"${name}" needs ${value} along axis ${axis}`;
  const names = left.names();
  const from = [...new Set(names.map((size) => `${size} = ${known(size)} from ${source.get(size)}`))].join(", ");
  throw new DataError(`${where}${from ? ` (${left}; ${from})` : ""}, got ${right}.`);
}

/** The whole number that makes the equation true when it is linear in `name`; undefined when it cannot be told. */
function solveFor(name: string, equation: Equation, sizes: ReadonlyMap<string, number>): number | undefined {
  const at = (value: number) =>
    equation.left.evaluate((atom) =>
      atom.kind === "name" ? (atom.name === name ? value : sizes.get(atom.name)!) : Number.NaN,
    );
  const [zero, one, two] = [at(0), at(1), at(2)];
  const slope = one - zero;
  const isLinear = two - one === slope && slope !== 0;
  if (isLinear) {
    const value = (equation.right - zero) / slope;
    if (Number.isInteger(value) && value >= 0) return value;
    throw new DataError(
      `"${equation.name}" has ${equation.axis === undefined ? counted(equation.right, "value") : `${equation.right} along axis ${equation.axis}`}, ` +
        `which no whole ${name} makes equal to ${equation.left}.`,
    );
  }
  // powers and quotients: the only size that fits, if there is exactly one
  for (let value = 0; value <= equation.right; value++) {
    if (at(value) > equation.right) return undefined;
    if (at(value) === equation.right) return at(value + 1) === equation.right ? undefined : value;
  }
  return undefined;
}
