import { describe, expect, it } from "vitest";
import type { Expr } from "../../src/ir/graph.ts";
import { loadModel } from "../../src/model/load.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { computedByAll } from "../rewrite/engines.ts";
import { readCases } from "./cases.ts";

type Row<Point> = readonly [at: Point, values: readonly (string | null)[]];

const { functions, voigt } = readCases<{
  readonly functions: Readonly<Record<string, readonly Row<string>[]>>;
  readonly voigt: readonly Row<readonly [string, string, string]>[];
}>("transcendental.json");

/** Relative errors allowed in values, and in derivatives of the first to third order, whose terms may cancel by a digit or two. */
const allowed = [2e-14, 1e-13, 5e-13, 2e-12];

/** What each engine computes of the outputs of a model of arrays. */
function computed(text: string, arrays: Readonly<Record<string, readonly number[]>>): (readonly number[])[][] {
  const { parameters, outputs } = loadModel({ name: "transcendental.nabla", text });
  const values = new Map<Expr, readonly number[]>(parameters.map(({ name, expr }) => [expr, arrays[name]!]));
  const bindings = { sizes: new Map([["n", Object.values(arrays)[0]!.length]]), values };
  return computedByAll(simplify([...outputs.values()], { last: true }), bindings);
}

/** Beside what is as small as that a rounding of a subnormal number counts. */
const subnormal = 2 ** -1022;

function wrong(got: number, reference: string | null | undefined, tolerance: number): boolean {
  if (reference === null || reference === undefined) return false;
  const truth = Number(reference);
  if (!Number.isFinite(truth) || Math.abs(truth) < subnormal)
    return !(got === truth || Math.abs(got - truth) < subnormal);
  return !(Math.abs(got - truth) <= tolerance * Math.abs(truth));
}

describe("a transcendental function", () => {
  it.each(Object.keys(functions))("has its digits, and those of its derivatives, in every engine: %s", (f) => {
    const rows = functions[f]!;
    const text = `param x: [n]
let first = grad(sum(${f}), x)
let second = grad(sum(first), x)
loss = sum(${f})
output f = ${f}
output d1 = first
output d2 = second
output d3 = grad(sum(second), x)`;
    const faults = computed(text, { x: rows.map(([at]) => Number(at)) }).flatMap((results, engine) =>
      rows.flatMap(([at, values], row) =>
        values.flatMap((reference, order) => {
          const got = results[order]![row]!;
          return wrong(got, reference, allowed[order]!)
            ? [`engine ${engine}, order ${order} at ${at}: ${got} for ${reference}`]
            : [];
        }),
      ),
    );
    expect(faults).toEqual([]);
  });
});

describe("the Voigt profile", () => {
  it("has its digits, and those of its derivatives, in every engine", () => {
    const text = `param x: [n], sigma: [n], gamma: [n]
let f = sum(voigt(x, sigma, gamma))
let a = grad(f, x)
let b = grad(f, sigma)
loss = f
output f0 = voigt(x, sigma, gamma)
output f1 = a
output f2 = b
output f3 = grad(f, gamma)
output f4 = grad(sum(a), x)
output f5 = grad(sum(b), sigma)
output f6 = grad(sum(a), sigma)`;
    const [x, sigma, gamma] = [0, 1, 2].map((k) => voigt.map(([at]) => Number(at[k])));
    const faults = computed(text, { x: x!, sigma: sigma!, gamma: gamma! }).flatMap((results, engine) =>
      voigt.flatMap(([at, values], row) =>
        values.flatMap((reference, k) => {
          const got = results[k]![row]!;
          // the square of what the operand is rounded to counts in e^(-x^2/2)
          return wrong(got, reference, k === 0 ? 1e-13 : 1e-12)
            ? [`engine ${engine}, value ${k} at ${at}: ${got} for ${reference}`]
            : [];
        }),
      ),
    );
    expect(faults).toEqual([]);
  });

  it("is defined for widths that are not negative", () => {
    const [first] = computed("param x: [n], s: [n], g: [n]\nloss = sum(voigt(x, s, g))\noutput f = voigt(x, s, g)", {
      x: [0, 0, Number.POSITIVE_INFINITY, Number.NaN],
      s: [-1, 1, 1, 1],
      g: [1, -1, 1, 1],
    });
    expect(first).toEqual([[Number.NaN, Number.NaN, 0, Number.NaN]]);
  });
});
