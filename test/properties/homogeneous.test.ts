import fc from "fast-check";
import { describe, it } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { pathSums } from "../../src/check/absolute.ts";
import { compareAll, deviationOf } from "../../src/check/laws.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { relu } from "../../src/ops/activation.ts";
import { add, div, mul, neg, sub } from "../../src/ops/algebra.ts";
import { max, min } from "../../src/ops/comparison.ts";
import { cumsum } from "../../src/ops/composites.ts";
import { dot, maximum, product, sum } from "../../src/ops/contractions.ts";
import { cbrt, hypot, sqrt } from "../../src/ops/powers.ts";
import { abs } from "../../src/ops/rounding.ts";
import { seed } from "./subject.ts";

// Property 4, Euler: f(t x) = t^k f(x) for t > 0 implies <grad f, x> = k f.

/** A vector of n whose elements are homogeneous functions of the parameters, of this degree. */
interface Homogeneous {
  readonly node: Expr;
  readonly degree: number;
}

const n = Integer.constant(4);

type Step = (x: Homogeneous, y: Homogeneous) => Homogeneous;

/** Two vectors of one degree; y is brought to the degree of x by a power of a norm. */
const alike =
  (operation: (x: Expr, y: Expr) => Expr): Step =>
  (x, y) => ({ node: operation(x.node, raised(y, x.degree)), degree: x.degree });

/** y times |y|^(k - degree of y), for degrees that differ by a multiple of a half. */
function raised({ node, degree }: Homogeneous, wanted: number): Expr {
  if (degree === wanted) return node;
  const size = add(abs(node), mul(0, node));
  return degree === 0 ? raised({ node: mul(node, size), degree: 0 }, wanted) : node;
}

const steps: readonly Step[] = [];

describe("homogeneous functions", () => {
  it.todo("obey Euler's identity");
});

void [fc, gradient, pathSums, compareAll, deviationOf, realField, interpret, Graph, relu, div, neg, sub, max, min, cumsum];
void [dot, maximum, product, sum, cbrt, hypot, sqrt, seed, steps, alike];
