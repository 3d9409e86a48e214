import { describe, expect, it } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { compileModel } from "../../src/compile/compile.ts";
import { complexField } from "../../src/interpreter/complex.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { loadModel } from "../../src/model/load.ts";
import type { Complex } from "../../src/numeric/complex/complex.ts";
import { type Program, programs } from "./programs.ts";

/** Numbers that look random and are the same each time, none near a tie. */
function numbers(seed: number, count: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return (state / 2147483647 - 0.5) * 3 + 0.0123;
  });
}

const nested = (values: readonly number[], shape: readonly number[]): unknown => {
  if (shape.length === 0) return values[0];
  const step = values.length / shape[0]!;
  return Array.from({ length: shape[0]! }, (_, i) => nested(values.slice(i * step, (i + 1) * step), shape.slice(1)));
};
const flatten = (value: unknown): number[] => (Array.isArray(value) ? value.flatMap(flatten) : [Number(value)]);
const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** Loss, gradient and Hessian-vector product by complex steps on the graph as written, and by plain loops. */
function check(program: Program, seed: number) {
  const model = loadModel({ name: "program.nabla", text: program.text });
  const shapes = Object.entries(program.params);
  const x = Float64Array.from(shapes.flatMap(([, shape], k) => numbers(seed + k * 7, count(shape))));
  const v = Float64Array.from(numbers(seed + 999, x.length));
  const bound = compileModel(model).bind(program.data as never, program.sizes);
  const [g, h, h2, g2] = Array.from({ length: 4 }, () => new Float64Array(x.length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  // neither what the arrays held before nor an earlier call at another point may show
  const elsewhere = x.map((value, k) => 0.7 * value - 0.1 * Math.cos(k));
  for (const results of [g, g2, h, h2]) results.fill(Number.NaN);
  bound.flat.lossAndGradient(elsewhere, g);
  bound.flat.hvp(elsewhere, v, h);
  bound.flat.lossGradientHvp(elsewhere, v, g2, h2);
  const loss = bound.flat.lossAndGradient(x, g);
  bound.flat.hvp(x, v, h);
  const lossAgain = bound.flat.lossGradientHvp(x, v, g2, h2);

  const sizes = new Map(Object.entries(bound.sizes));
  const at = (point: readonly Complex[]) => {
    const values = new Map<never, readonly Complex[]>();
    let start = 0;
    for (const [name, shape] of shapes) {
      const { expr } = model.parameters.find((parameter) => parameter.name === name)!;
      values.set(expr as never, point.slice(start, start + count(shape)));
      start += count(shape);
    }
    for (const { name, expr } of model.data)
      values.set(
        expr as never,
        flatten(program.data![name]).map((re) => ({ re, im: 0 })),
      );
    return { sizes, values };
  };
  const step = 1e-150;
  const plain = Array.from(x, (re) => ({ re, im: 0 }));
  const along = (direction: (k: number) => number) => plain.map(({ re }, k) => ({ re, im: step * direction(k) }));
  const raw = model.loss!;
  const wantedLoss = interpret([raw], at(plain) as never, complexField)[0]![0]!.re;
  const wantedGradient = Array.from(
    x,
    (_, k) => interpret([raw], at(along((j) => (j === k ? 1 : 0))) as never, complexField)[0]![0]!.im / step,
  );
  const slopes = gradient(
    raw,
    shapes.map(([name]) => model.parameters.find((parameter) => parameter.name === name)!.expr),
  );
  const wantedProduct = interpret(slopes, at(along((k) => v[k]!)) as never, complexField)
    .flat()
    .map(({ im }) => im / step);
  const deviation = (got: ArrayLike<number>, wanted: readonly number[]) =>
    Math.max(...wanted.map((value, k) => Math.abs(got[k]! - value))) / Math.max(1, ...wanted.map(Math.abs));
  expect(Math.abs(loss - wantedLoss) / Math.max(1, Math.abs(wantedLoss)), "loss").toBeLessThan(1e-13);
  expect(lossAgain, "loss of the joint function").toBeCloseTo(loss, 12);
  expect(deviation(g, wantedGradient), "gradient").toBeLessThan(1e-12);
  expect(deviation(g2, wantedGradient), "gradient of the joint function").toBeLessThan(1e-12);
  expect(deviation(h, wantedProduct), "HVP").toBeLessThan(1e-11);
  expect(deviation(h2, wantedProduct), "HVP of the joint function").toBeLessThan(1e-11);
  const hessian = new Float64Array(x.length ** 2);
  bound.flat.hessian(x, hessian);
  const byMatrix = x.map((_, i) => v.reduce((sum, direction, j) => sum + hessian[i * x.length + j]! * direction, 0));
  expect(deviation(byMatrix, wantedProduct), "Hessian times direction").toBeLessThan(1e-11);
  // the graph of the gradient is itself checked against differences of complex steps
  const near = (sign: number) => {
    const moved = plain.map(({ re }, k) => ({ re: re + sign * 1e-5 * v[k]!, im: 0 }));
    return Array.from(
      x,
      (_, k) =>
        interpret([raw], at(moved.map(({ re }, j) => ({ re, im: j === k ? step : 0 }))) as never, complexField)[0]![0]!
          .im / step,
    );
  };
  const [after, before] = [near(1), near(-1)];
  expect(
    deviation(
      h,
      after.map((value, k) => (value - before[k]!) / 2e-5),
    ),
    "HVP by differences",
  ).toBeLessThan(2e-6);
  if (!program.loss) return;
  let start = 0;
  const inputs: Record<string, unknown> = { ...program.data };
  for (const [name, shape] of shapes) {
    inputs[name] = nested(Array.from(x.slice(start, start + count(shape))), shape);
    start += count(shape);
  }
  const byLoops = program.loss(inputs);
  expect(Math.abs(loss - byLoops) / Math.max(1, Math.abs(byLoops)), "loss by loops").toBeLessThan(1e-12);
}

const functions = ["loss", "gradient", "lossAndGradient", "hvp", "lossGradientHvp", "hessian"] as const;

describe("programs in the language", () => {
  it.each(["none", "exact"] as const)("lower with the rewrites %s", (rewrites) => {
    for (const { text } of programs) {
      const compiled = compileModel(loadModel({ name: "program.nabla", text }), { rewrites });
      for (const name of functions) expect(compiled.source(name)).not.toBe("");
    }
  });

  it.each(programs.map((program) => [program.name, program] as const))("%s", (_, program) => {
    check(program, 11);
    check(program, 4242);
  });
});
