import { describe, expect, it } from "vitest";
import { jvp } from "../../src/autodiff/derivatives.ts";
import { taylor } from "../../src/check.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { type Series, SeriesField } from "../../src/interpreter/series.ts";
import { Graph } from "../../src/ir/graph.ts";
import { compileText, loadModel } from "../../src/language/all.ts";
import { operations } from "../../src/ops/registry.ts";

const factorial = [1, 1, 2, 6, 24];

/** Operands inside most domains, where no function has a kink. */
const operandValues = [0.37, 0.83, 0.61];

describe("SeriesField", () => {
  const real = [...operations].filter(([, { primitive }]) => {
    const { operands, result, partials, arity } = primitive;
    const isReal =
      (operands ?? ["real"]).every((type) => type === "real") && (result ?? "real") !== "bool" && result !== "int";
    return (
      isReal && !primitive.isOpaque && arity !== "variadic" && partials.every((partial) => typeof partial !== "object")
    );
  });

  it.each(real)("has the first four derivatives of %s", (_, { primitive }) => {
    const count = primitive.arity as number;
    const low = primitive.domain?.map(([lowest]) => lowest) ?? [];
    const high = primitive.domain?.map(([, highest]) => highest) ?? [];
    const at = operandValues.slice(0, count).map((value, k) => {
      const [from, to] = [
        low[Math.min(k, low.length - 1)] ?? -Infinity,
        high[Math.min(k, high.length - 1)] ?? Infinity,
      ];
      return value < from ? from + value : value > to ? to - value : value;
    });
    const slopes = at.map((_, k) => 1 - 0.4 * k);
    const graph = new Graph();
    const x = at.map((_, k) => graph.param(`x${k}`));
    let z = graph.map(primitive, x);
    const series = new SeriesField(4).apply(
      primitive,
      at.map((value, k) => [value, slopes[k]!]),
    );
    const values = new Map(x.map((leaf, k) => [leaf, [at[k]!]] as const));
    for (let order = 0; order <= 4; order++) {
      const expected = interpret([z], { sizes: new Map(), values }, realField)[0]![0]!;
      const actual = (series[order] ?? 0) * factorial[order]!;
      // fourth derivatives as graphs lose some digits to cancellation themselves
      if (Number.isFinite(expected)) expect(Math.abs(actual - expected)).toBeLessThan(1e-9 * (1 + Math.abs(expected)));
      const next = jvp(z, new Map(x.map((leaf, k) => [leaf, graph.constant(slopes[k]!)])));
      z = next ?? graph.constant(0);
    }
  });

  it("has e^t, 1/(1-t) and log(1+t) to high order", () => {
    const field = new SeriesField(8);
    const of = (name: string, ...operands: Series[]) => field.apply(operations.get(name)!.primitive, operands);
    of("exp", [0, 1]).forEach((c, k) => {
      expect(c * [1, 1, 2, 6, 24, 120, 720, 5040, 40320][k]!).toBeCloseTo(1, 14);
    });
    expect(of("reciprocal", [1, -1]).map((c) => Math.round(c * 1e12) / 1e12)).toEqual(new Array(9).fill(1));
    of("log1p", [0, 1])
      .slice(1)
      .forEach((c, k) => {
        expect(c * (k + 1)).toBeCloseTo(k % 2 === 0 ? 1 : -1, 14);
      });
  });
});

describe("taylor", () => {
  const model = loadModel({
    name: "m",
    text: "param w: [d], b\ndata X: [n, d]\nlet z = tanh(X @ w + b)\noutput z2 = z^2\nloss = logsumexp(z) + prod(w) + max(w) * exp(b)",
  });
  const inputs = {
    w: [0.3, -0.7],
    b: 0.2,
    X: [
      [1, 2],
      [0.5, -1],
      [2, 0.1],
    ],
  };
  const direction = { w: [1, -0.5], b: 0.25 };

  it("has value, slope and curvature of the compiled functions", () => {
    const [c] = taylor(model, inputs, direction, 5);
    const bound = compileText(
      "param w: [d], b\ndata X: [n, d]\nlet z = tanh(X @ w + b)\nloss = logsumexp(z) + prod(w) + max(w) * exp(b)",
    ).bind({ X: inputs.X });
    const { loss, gradient, hvp } = bound.lossGradientHvp({ w: inputs.w, b: inputs.b }, direction);
    const v = [1, -0.5, 0.25];
    const along = (parts: Record<string, Float64Array>) =>
      [...parts.w!, ...parts.b!].reduce((total, part, k) => total + part * v[k]!, 0);
    expect(c![0]).toBeCloseTo(loss, 13);
    expect(c![1]).toBeCloseTo(along(gradient), 13);
    expect(2 * c![2]!).toBeCloseTo(along(hvp), 12);
  });

  it("predicts the loss along the line to its order", () => {
    const [c] = taylor(model, inputs, direction, 10);
    const t = 2 ** -5;
    const moved = { ...inputs, w: [0.3 + t, -0.7 - 0.5 * t], b: 0.2 + 0.25 * t };
    const sum = c!.reduceRight((total, coefficient) => total * t + coefficient, 0);
    expect(sum).toBeCloseTo(taylor(model, moved, {}, 0)[0]![0]!, 13);
  });

  it("expands outputs, and refuses what cannot vary", () => {
    expect(taylor(model, inputs, direction, 2, { output: "z2" }).map(({ length }) => length)).toEqual([3, 3, 3]);
    expect(() => taylor(model, inputs, direction, -1)).toThrow("whole number from 0 to 30");
    expect(() => taylor(model, inputs, { q: 1 }, 1)).toThrow('no input "q"');
    expect(() => taylor(model, inputs, direction, 1, { output: "y" })).toThrow('no output "y"');
    expect(() => taylor(model, { b: 0, X: inputs.X }, direction, 1)).toThrow("no value");
  });
});
