import { describe, expect, it } from "vitest";
import { gradient, slopesAlong } from "../../src/autodiff/derivatives.ts";
import { special } from "../../src/extensions/special.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../src/ops/elementary/algebra.ts";
import { less, max, select } from "../../src/ops/elementary/comparison.ts";
import { exp, expm1, log, log1p } from "../../src/ops/elementary/exponential.ts";
import { tanh } from "../../src/ops/elementary/hyperbolic.ts";
import { hypot } from "../../src/ops/elementary/lengths.ts";
import { pow, sqrt } from "../../src/ops/elementary/powers.ts";
import { atan, cos, sin } from "../../src/ops/elementary/trigonometric.ts";
import { logSigmoid } from "../../src/ops/special/activation.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";

type Step = (t: Expr, x: Expr, y: Expr, k: number) => Expr;

/** What is done again and again, so that each rule meets what it looks for at the end of a long chain, and all along it. */
const chains: Readonly<Record<string, Step>> = {
  "products and quotients": (t, x, y, k) => div(mul(t, k % 2 ? x : y), k % 3 ? y : x),
  products: (t, x, y, k) => mul(t, k % 2 ? x : sin(y)),
  "quotients of sines over a factor": (t, x) => div(sin(mul(t, x)), x),
  "squares of multiples": (t, _x, _y, k) => square(mul(t, 1 + (k % 7) / 8)),
  roots: (t) => sqrt(add(t, 1)),
  "roots of squares": (t, x) => sqrt(add(square(t), square(x))),
  lengths: (t, x) => hypot(t, x),
  "squares of lengths": (t, x, y) => mul(square(hypot(t, x)), y),
  "sums with numbers": (t, _x, _y, k) => add(mul(t, k + 1), k),
  "sums with terms": (t, x, y, k) => (k % 2 ? add(t, sin(x)) : sub(t, mul(x, y))),
  "logarithms of exponentials": (t) => log(add(1, exp(t))),
  "logarithms less logarithms": (t, x) => sub(log(t), log(x)),
  "exponentials less one over what they are of": (t) => div(expm1(t), t),
  "logarithms of quotients": (t, x) => log(div(add(t, x), x)),
  "reciprocals of sums": (t, x) => reciprocal(add(t, reciprocal(x))),
  powers: (t, x) => pow(add(t, 1), x),
  "powers less one over the exponent": (t, x) => div(sub(pow(t, x), 1), x),
  choices: (t, x, y) => select(less(t, 1), mul(t, x), add(t, y)),
  "largest of products": (t, x, y) => max(mul(t, x), y),
  "inverse functions": (t, x) => atan(div(t, x)),
  differences: (t, x, y) => sub(square(t), mul(x, y)),
  complements: (t, x) => sub(1, mul(t, sqrt(sub(1, square(x))))),
  "complements of complements": (t) => sub(1, tanh(t)),
  "signs and cosines": (t) => cos(neg(t)),
  "logarithms of one more": (t, x) => div(log1p(mul(t, x)), x),
};

function root(step: Step, length: number): readonly [t: Expr, x: Expr] {
  const graph = new Graph([special]);
  const [x, y] = [graph.param("x"), graph.param("y")];
  let t = sin(x);
  for (let k = 0; k < length; k++) t = step(t, x, y, k);
  return [t, x];
}

describe("rewriting a long chain", () => {
  it.each(Object.entries(chains))(
    "does not take twice the time for a link more: %s",
    { timeout: 60_000 },
    (_name, step) => {
      const start = process.cpuUsage();
      const [t, x] = root(step, 300);
      const [whole] = simplify([square(t)]);
      simplify(gradient(whole!, [x]));
      expect(process.cpuUsage(start).user / 1e6).toBeLessThan(20);
    },
  );

  it.each(["products and quotients", "products", "squares of lengths"])("needs no stack for its length: %s", (name) => {
    const [t] = root(chains[name]!, 20_000);
    expect(() => simplify([square(t)])).not.toThrow();
  });
});

describe("rewriting slopes of functions within functions", () => {
  it.each<[name: string, step: (t: Expr) => Expr, length: number]>([
    ["roots and squares", (t) => add(sqrt(t), square(t)), 2],
    // the choices between near and far of one are conditions in those of the next
    ["complements of roots", (t) => sub(1, sqrt(t)), 26],
    // what a slope is divided by is looked for in both sides of choices
    ["logarithms of sigmoids over what they are of", (t) => div(logSigmoid(t), t), 22],
  ])("takes time for what is new: %s", { timeout: 60_000 }, (_name, step, length) => {
    const x = new Graph([special]).param("x");
    let t = x;
    for (let k = 0; k < length; k++) t = step(t);
    const start = process.cpuUsage();
    const [whole] = simplify([t]);
    const slopes = gradient(whole!, [x]);
    simplify([...slopes, ...slopesAlong(slopes, [x], [x])]);
    expect(process.cpuUsage(start).user / 1e6).toBeLessThan(6);
  });
});

describe("rewriting quotients of what is 0", () => {
  it("takes the slope of a product with 0 to be 0", () => {
    const x = new Graph().param("x");
    let t = x;
    for (let k = 0; k < 32; k++) t = div(log(add(mul(x, 0), 1)), t);
    expect(() => simplify([t])).not.toThrow();
  });
});
