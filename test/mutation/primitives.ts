import { gradient } from "../../src/autodiff/derivatives.ts";
import { compareAll, deviationOf, steps } from "../../src/check/laws.ts";
import { boxOf } from "../../src/check/programs/boxes.ts";
import { allExtensions } from "../../src/extensions/all.ts";
import { complexField } from "../../src/interpreter/complex.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { type Expr, Graph, operandType } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import type { Partial, Primitive } from "../../src/ir/primitive.ts";
import { sum } from "../../src/ops/arrays/contractions.ts";
import { add, mul, neg, sub } from "../../src/ops/elementary/algebra.ts";
import { primitives } from "../ops/samples.ts";
import type { Mutant } from "./mutant.ts";

// Primitives with one partial broken, and the test that each primitive's record must pass.

/** A partial changed; undefined where this change does not apply. */
type Change = (factor: Expr) => Expr | undefined;

const isMapOf = (node: Expr, primitive: Primitive) =>
  node.kind === "map" && node.graph.primitiveOf(node.id) === primitive;

/** Leaves one term of a sum or difference out. */
const without =
  (position: number): Change =>
  (factor) => {
    const isDifference = isMapOf(factor, sub.primitive);
    if (!isDifference && !isMapOf(factor, add.primitive)) return undefined;
    const rest = factor.operands.filter((_, k) => k !== position);
    if (rest.length === factor.operands.length) return undefined;
    if (rest.length > 1) return add(...rest);
    return isDifference && position === 0 ? neg(rest[0]!) : rest[0]!;
  };

const changes: Readonly<Record<string, Change>> = {
  "perturbed factor": (factor) => mul(factor, 1 + 2 ** -30),
  "swapped sign": (factor) => neg(factor),
  "no derivative": (factor) => factor.graph.constantLike(0, factor),
  "first term dropped": without(0),
  "second term dropped": without(1),
  "third term dropped": without(2),
};

const countOf = ({ arity }: Primitive) => (arity === "variadic" ? 3 : arity);
/** Every way in which a partial is broken: changed where it is an expression, invented where it is zero. */
export function primitiveMutants(): Mutant<Primitive>[] {
  return primitives.flatMap((primitive) => {
    const isReal = primitive.result !== "bool" && primitive.result !== "int";
    return primitive.partials.flatMap((partial, position) => {
      if (!isReal || operandType(primitive, position) !== "real") return [];
      const broken = (what: string, change: Partial): Mutant<Primitive> => ({
        name: `${primitive.name}, operand ${position + 1}: ${what}`,
        row: primitive,
        broken: { ...primitive, partials: primitive.partials.map((old, k) => (k === position ? change : old)) },
      });
      if (partial === "zero") return [broken("invented slope", ([x]) => x!.graph.constantLike(1, x!))];
      if (typeof partial !== "function") return [];
      return Object.entries(changes).flatMap(([what, change]) => {
        if (!change(partialInScratch(primitive, partial, position))) return [];
        return [broken(what, (operands, z, at) => change(partial(operands, z, at))!)];
      });
    });
  });
}

/** A partial as an expression of scalars, to see its form. */
function partialInScratch(
  primitive: Primitive,
  partial: Exclude<Partial, "zero" | { readonly none: string }>,
  position: number,
): Expr {
  const graph = new Graph(allExtensions);
  const operands = Array.from({ length: countOf(primitive) }, (_, k) => graph.variable([], operandType(primitive, k)));
  return partial(operands, graph.map(primitive, operands), position);
}

/** Operands of moderate size, on both sides of kinks, no two alike. */
function pointsOf(primitive: Primitive): number[][] {
  const count = countOf(primitive);
  const shares = count === 1 ? 23 : count === 2 ? 9 : 6;
  const along = (position: number) => {
    if (operandType(primitive, position) === "bool") return [0, 1];
    const box = boxOf(primitive, position);
    const [low, high] = [Math.max(box[0], -5), Math.min(box[1], 5)];
    return Array.from({ length: shares }, (_, k) => low + ((high - low) * (k + 8 / 37 + position / 5)) / shares);
  };
  return Array.from({ length: count }, (_, position) => along(position)).reduce<number[][]>(
    (lists, values) => lists.flatMap((list) => values.map((value) => [...list, value])),
    [[]],
  );
}

/** Their slopes change sign among the points: how they err goes by the largest. */
const crossing = /^(bessel[JY]|voigt)/;

/** The row's own test: at every point, the gradient is the complex step of the kernel. The faults found, as text. */
export function primitiveFaults(primitive: Primitive): string[] {
  const points = pointsOf(primitive);
  const graph = new Graph(allExtensions);
  const shape = [Integer.constant(points.length)];
  const operands = points[0]!.map((_, k) => {
    const type = operandType(primitive, k);
    return type === "real" ? graph.param(`x${k}`, shape) : graph.data(`x${k}`, shape, type);
  });
  const z = graph.map(primitive, operands);
  const reals = operands.filter(({ dtype }) => dtype === "real");
  const values = new Map(operands.map((leaf, k) => [leaf, points.map((point) => point[k]!)]));
  const slopes = interpret(gradient(sum(z), reals), { sizes: new Map(), values }, realField);
  return reals.flatMap((moved, k) => {
    const got = slopes[k]!;
    return steps.flatMap((step) => {
      const along = new Map(
        [...values].map(([leaf, list]) => [leaf, list.map((re) => ({ re, im: leaf === moved ? step : 0 }))]),
      );
      const measured = interpret([z], { sizes: new Map(), values: along }, complexField)[0]!.map(({ im }) => im / step);
      const largest = measured.reduce((size, each) => Math.max(size, Math.abs(each)), 0);
      const sizes = measured.map((each) => (crossing.test(primitive.name) ? largest : Math.abs(each)));
      return compareAll([`operand ${k + 1}`], [got], [measured], [sizes])
        .filter((comparison) => !(deviationOf(comparison) <= 1))
        .map(({ where, got: slope, expected }) => `${where}: ${slope}, the complex step gives ${expected}`);
    });
  });
}
