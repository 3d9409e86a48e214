import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { pathSums, roundingSums } from "../../src/check/absolute.ts";
import { compareAll, deviationOf } from "../../src/check/laws.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { cumsum } from "../../src/ops/arrays/composites.ts";
import { broadcast, dot, maximum, sum } from "../../src/ops/arrays/contractions.ts";
import { add, div, mul, square, sub } from "../../src/ops/elementary/algebra.ts";
import { max, min } from "../../src/ops/elementary/comparison.ts";
import { hypot } from "../../src/ops/elementary/lengths.ts";
import { sqrt } from "../../src/ops/elementary/powers.ts";
import { abs } from "../../src/ops/elementary/rounding.ts";
import { relu } from "../../src/ops/special/activation.ts";
import { seed } from "./subject.ts";

// Property 4, Euler: f(t x) = t^k f(x) for every t > 0 implies <grad f, x> = k f.

/** A vector whose elements are homogeneous of this degree in the parameters. */
interface Homogeneous {
  readonly node: Expr;
  readonly degree: number;
}

const shape = [Integer.constant(4)];
const largestDegree = 4;

/** From x and a value y of the same degree to a value of that degree. */
const alike: readonly ((x: Expr, y: Expr) => Expr)[] = [
  add,
  (x, y) => sub(x, mul(3, y)),
  max,
  min,
  hypot,
  (x) => abs(x),
  (x) => add(relu(x), mul(0.25, x)),
  (x) => cumsum(x, 0),
  (x) => broadcast(maximum(x), shape),
  (x, y) => div(mul(x, y), add(abs(x), abs(y))),
];

/** From any two values to one of another degree. */
const changing: readonly ((x: Homogeneous, y: Homogeneous) => Homogeneous)[] = [
  (x, y) => ({ node: mul(x.node, y.node), degree: x.degree + y.degree }),
  (x) => ({ node: sqrt(abs(x.node)), degree: x.degree / 2 }),
  (x, y) => ({
    node: div(x.node, add(abs(y.node), broadcast(sqrt(dot(y.node, y.node)), shape))),
    degree: x.degree - y.degree,
  }),
  (x) => ({ node: square(x.node), degree: 2 * x.degree }),
];

const whole = fc.nat({ max: 9999 });
const recipes = fc.array(fc.tuple(whole, whole, whole), { minLength: 1, maxLength: 8, size: "max" });

function homogeneous(recipe: readonly (readonly [number, number, number])[]) {
  const graph = new Graph();
  const parameters = [graph.param("x", shape), graph.param("y", shape)];
  const values: Homogeneous[] = parameters.map((node) => ({ node, degree: 1 }));
  for (const [operation, a, b] of recipe) {
    const x = values[a % values.length]!;
    const any = values[b % values.length]!;
    const changed = changing[operation % changing.length]!(x, any);
    const same = values.filter(({ degree }) => degree === x.degree);
    if (operation % 3 === 0 && Math.abs(changed.degree) <= largestDegree) values.push(changed);
    else {
      const node = alike[operation % alike.length]!(x.node, same[b % same.length]!.node);
      values.push({ node, degree: x.degree });
    }
  }
  const { node, degree } = values[values.length - 1]!;
  return { parameters, output: sum(node), degree };
}

describe("Euler's identity", () => {
  it("holds for homogeneous functions of known degree", () => {
    const degrees = new Set<number>();
    fc.assert(
      fc.property(recipes, (recipe) => {
        const { parameters, output, degree } = homogeneous(recipe);
        degrees.add(degree);
        const slope = add(...gradient(output, parameters).map((g, k) => dot(g, parameters[k]!)));
        const changes = new Map(parameters.map((x) => [x, abs(x)]));
        const scale = add(pathSums([output], changes)[0]!, mul(roundingSums([output])[0]!, Math.abs(degree)));
        const values = new Map(
          parameters.map((x, p) => [
            x,
            shape.flatMap(() => [0.7, -1.3, 1.9, -0.4].map((each, k) => each + (p + k) / 37)),
          ]),
        );
        const [f, got, scales] = interpret([output, slope, scale], { sizes: new Map(), values }, realField);
        const compared = compareAll(["x . gradient"], [got!], [[degree * f![0]!]], [scales!]);
        for (const comparison of compared) expect(deviationOf(comparison)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300, seed },
    );
    expect(degrees.size).toBeGreaterThan(8);
  });
});
