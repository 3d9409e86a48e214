import { describe, expect, it } from "vitest";
import { closureEngine, javaScriptEngine } from "../../src/compile/functions.ts";
import { operationNamed } from "../../src/ops/registry.ts";
import { expectReference, type Reference } from "../rewrite/references.ts";
import { readCases } from "./cases.ts";

const { functions } = readCases<{ functions: Record<string, [operand: string, value: string][]> }>("bessel.json");

/** Where functions oscillate, errors are those beside their amplitude. */
const scaleOf = (name: string, x: number, value: number) =>
  /[JY]/.test(name) && x > 1 ? Math.max(Math.abs(value), Math.min(1, 1 / Math.sqrt(x))) : Math.abs(value);

describe("Bessel functions against 20 digits", () => {
  it.each(Object.keys(functions))("hold for %s", (name) => {
    const { real } = operationNamed(name)!.primitive;
    const wrong = functions[name]!.flatMap(([operand, reference]) => {
      const [x, expected] = [Number(operand), Number(reference)];
      // J_n of x < n decays: there its error is relative
      const isSmall = name.startsWith("besselJ") && Math.abs(x) < Number(name.slice("besselJ".length));
      const scale = isSmall ? Math.abs(expected) : scaleOf(name, Math.abs(x), expected);
      const error = Math.abs(Number(real(x)) - expected);
      return error <= 6e-15 * scale ? [] : [`at ${x}: ${reference}, got ${real(x)}`];
    });
    if (wrong.length > 0) expect.fail(wrong.join("\n"));
  });

  it("are infinite at their poles, nothing beyond them, and vanish far out", () => {
    const at = (name: string, x: number) => operationNamed(name)!.primitive.real(x);
    const poles = ["besselK0", "besselK1", "besselK3", "besselK0e", "besselK1e"];
    expect(poles.map((name) => at(name, 0))).toEqual(poles.map(() => Number.POSITIVE_INFINITY));
    const second = ["besselY0", "besselY1", "besselY5"];
    expect(second.map((name) => at(name, 0))).toEqual(second.map(() => Number.NEGATIVE_INFINITY));
    expect(at("besselY5", 1e-200)).toBe(Number.NEGATIVE_INFINITY);
    expect([...poles, ...second].filter((name) => !Number.isNaN(at(name, -1)))).toEqual([]);
    const vanishing = [...poles, ...second, "besselJ0", "besselJ7", "besselI0e", "besselI1e"];
    expect(vanishing.filter((name) => at(name, Number.POSITIVE_INFINITY) !== 0)).toEqual([]);
    expect(at("besselI0", 720)).toBe(Number.POSITIVE_INFINITY);
    expect(at("besselI0", 713.5)).toBeLessThan(Number.POSITIVE_INFINITY);
  });
});

/** Values, first and second derivatives from mpmath with 60 digits or from the first terms of the series at 0. */
const models: readonly (readonly [text: string, x: number, loss: number, slope: number, curvature: number])[] = [
  ["(2*besselJ(1, x)/x)^2", 0, 1, 0, -0.5],
  ["(2*besselJ(1, x)/x)^2", 1e-5, 0.999999999975, -4.99999999989583e-6, -0.49999999996875],
  ["(2*besselJ(1, x)/x)^2", 3.8, 4.55341041682168e-5, -0.00290730842714326, 0.0950185881860877],
  ["log(2*pi*besselI(0, x)) - x*cos(0.02)", 900, -2.30212588223864, -0.00035571671488713, 6.17627459031507e-7],
  ["log(besselK(1, x))", 900, -903.174989593608, -1.00055601800486, 6.18311045850186e-7],
  ["besselI(1, x)/besselI(0, x)", 1e-9, 5e-10, 0.5, -3.75e-10],
  ["exp(-x)*besselI(0, x)", 0, 1, -1, 1.5],
];

const references = models.map(
  ([text, x, loss, slope, curvature]): Reference => ({
    name: `${text} at ${x}`,
    text: `param x\nloss = ${text}`,
    at: { x },
    along: { x: 1 },
    loss,
    gradient: { x: [slope] },
    product: { x: [curvature] },
    within: 1e-11,
  }),
);

const ofLength: Reference = {
  name: "J_0 of a length at 0",
  text: "param v: [2]\nloss = besselJ(0, norm(v))",
  at: { v: [0, 0] },
  along: { v: [1, -2] },
  loss: 1,
  gradient: { v: [0, 0] },
  product: { v: [-0.5, 1] },
};

describe("models with Bessel functions", () => {
  it.each([...references, ofLength])("keep value and slopes: $name", (reference) => {
    for (const engine of [javaScriptEngine, closureEngine]) expectReference(reference, engine);
  });
});
