import { describe, expect, it } from "vitest";
import { closureEngine, javaScriptEngine } from "../../src/compile/functions.ts";
import { webAssembly } from "../../src/compile/web-assembly.ts";
import { compileText } from "../../src/language/all.ts";

/** Losses in which functions with infinite slopes are taken where nothing is, or a constant, and what they are without. */
const cases: readonly (readonly [name: string, loss: string, plain: string])[] = [
  ["a root beside a constant", "sum(sqrt(concat([0], r)))^2", "sum(sqrt(r))^2"],
  [
    "between constants",
    "(sum(sqrt(concat(r, [0, 0], q))) * exp(sum(q)))^2",
    "((sum(sqrt(r)) + sum(sqrt(q))) * exp(sum(q)))^2",
  ],
  ["padded", "sum(sqrt(pad(r, 1)))^2", "sum(sqrt(r))^2"],
  ["a padded matrix", "sum(sqrt(pad(outer(r, q), 1)))^2", "sum(sqrt(outer(r, q)))^2"],
  ["a power", "sum(pad(r, 1)^0.3)^2", "sum(r^0.3)^2"],
  ["a power with a parameter", "sum(pad(r, 1)^q[0])^2", "sum(r^q[0])^2"],
  ["a cubic root", "sum(cbrt(concat([0], r)))^2", "sum(cbrt(r))^2"],
  ["a root of a power", "sum(concat([0], sqrt(r))^0.7)^2", "sum(r^0.35)^2"],
  ["sizes", "sum(sqrt(abs(concat([0], r))))^2", "sum(sqrt(r))^2"],
  ["an inverse function at its end", "sum(asin(concat([1], r / 4)))^2", "(sum(asin(r / 4)) + pi / 2)^2"],
  ["an area function at its end", "prod(1 + acosh(concat([1], r + 1)))^2", "prod(1 + acosh(r + 1))^2"],
  ["entropy", "sum(xlogy(pad(r, 1), pad(r, 1)))^2", "sum(r * log(r))^2"],
  ["logarithms", "logsumexp(log(concat([0], r)))^2", "logsumexp(log(r))^2"],
  ["rows stacked", "sum(sqrt(stack(r, [0, 0, 0])))^2", "sum(sqrt(r))^2"],
  ["numbers in a list", "sum(sqrt([r[0], 0, r[1], 0, r[2]]))^2", "sum(sqrt(r))^2"],
  ["a part of the roots", "sum(sqrt(concat([0], r))[1:])^2", "sum(sqrt(r))^2"],
  ["running sums", "sum(sqrt(cumsum(concat([0], r))))^2", "sum(sqrt(cumsum(r)))^2"],
  [
    "windows",
    "sum(i in 0..4: sqrt(pad(r, 1)[i] + 2 * pad(r, 1)[i + 1]))^2",
    "(sqrt(2 * r[0]) + sqrt(r[0] + 2 * r[1]) + sqrt(r[1] + 2 * r[2]) + sqrt(r[2]))^2",
  ],
  [
    "neighbours",
    "sum(i in 0..3: (sqrt(pad(r, 1)[i + 1]) - sqrt(pad(r, 1)[i]))^2)",
    "r[0] + sum(i in 0..2: (sqrt(r[i + 1]) - sqrt(r[i]))^2)",
  ],
  ["products of roots", "dot(sqrt(pad(r, 1)), sqrt(pad(r + q, 1)))^2", "dot(sqrt(r), sqrt(r + q))^2"],
  ["roots of products", "sum(i in 0..5, j in 0..5: sqrt(pad(r, 1)[i] * pad(r, 1)[j]))^2", "sum(sqrt(r))^4"],
  ["lookups", "sum(i in 0..4: sqrt(concat([0], r)[at[i]]))^2", "(2 * sqrt(r[2]) + sqrt(r[1]))^2"],
  ["lookups of roots", "sum(i in 0..4: sqrt(concat([0], r))[at[i]])^2", "(2 * sqrt(r[2]) + sqrt(r[1]))^2"],
  ["sums before each place", "sum(i in 0..3: sqrt(sum(j in 0..i: r[j])))^2", "(sqrt(r[0]) + sqrt(r[0] + r[1]))^2"],
  ["sums without terms", "sqrt(sum(i in 0..0: r[i])) * sum(r)^2 + sum(r)^3", "sum(r)^3"],
  ["running sums of those", "sum(sqrt(cumsum(cumsum(concat([0], r)))))^2", "sum(sqrt(cumsum(cumsum(r))))^2"],
  ["lengths", "sum(hypot(concat([0], r), concat([0], q)))^2", "sum(hypot(r, q))^2"],
  ["norms of what is before", "sum(i in 0..3: norm(r[0..i]))^2", "(r[0] + hypot(r[0], r[1]))^2"],
  ["angles", "sum(atan2(concat([0], r), concat([0], q)))^2", "sum(atan2(r, q))^2"],
  ["a product with a vector", "sum(sqrt(outer(concat([0], r), q) @ q))^2", "sum(sqrt(outer(r, q) @ q))^2"],
  ["sums of exponentials", "exp(0.5 * logsumexp(log(concat([0], r)))) * sum(r)", "sqrt(sum(r)) * sum(r)"],
  ["distances of shares", "norm(sqrt(concat([0], r) / sum(r)) - 0.5)", "sqrt(0.25 + sum((sqrt(r / sum(r)) - 0.5)^2))"],
  ["choices", "sum(i in 0..4: sqrt(if i > 0 then r[i - 1] else 0))^2", "sum(sqrt(r))^2"],
  ["a largest one", "max(sqrt(concat([0], r)))^2 * sum(sqrt(concat([0], r)))", "max(sqrt(r))^2 * sum(sqrt(r))"],
];

const point = { r: [1.5, 1.25, 2.5], q: [0.75, 1.75, 0.5] };
const along = { r: [1, -1, 0.5], q: [0.5, 2, -1] };
const engines = { js: javaScriptEngine, closures: closureEngine, wasm: webAssembly({ use: "always" }) };

/** The value and slopes to the third order. */
function numbers(loss: string, options: Parameters<typeof compileText>[1]): number[] {
  const text = `param r: [3], q: [3]\ndata at: int[4] within 0..4\nloss = ${loss} + 0 * sum(q)\nlet h = hvp(loss, r, [1, -1, 0.5])\noutput third = grad(dot(h, [2, 1, 3]), r)\noutput second = hessian(loss, r)`;
  const bound = compileText(text, options).bind({ at: [0, 3, 2, 3] });
  const { gradient } = bound.lossAndGradient(point);
  const product = bound.hvp(point, along);
  const { third, second } = bound.outputs(point);
  return [gradient.r!, gradient.q!, product.r!, product.q!, third!, second!].flatMap((each) => [...each]);
}

describe("slopes where nothing is", () => {
  for (const rewrites of ["all", "none"] as const)
    it.each(cases)(`are left out, to the third order: %s, ${rewrites}`, (_, loss, plain) => {
      const wanted = numbers(plain, { rewrites });
      for (const [k, value] of numbers(loss, { rewrites }).entries())
        expect(Math.abs(value - wanted[k]!)).toBeLessThan(1e-11 * (1 + Math.abs(wanted[k]!)));
    });

  it.each(Object.entries(engines))("are left out by every engine: %s", (_, engine) => {
    for (const [, loss, plain] of cases.slice(0, 3)) {
      const wanted = numbers(plain, { engine });
      for (const [k, value] of numbers(loss, { engine }).entries()) expect(value).toBeCloseTo(wanted[k]!, 9);
    }
  });
});
