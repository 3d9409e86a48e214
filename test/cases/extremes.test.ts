import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import { loadModel } from "../../src/model/load.ts";
import { type Tree, textOf } from "./text.ts";

interface Point {
  readonly at: readonly number[];
  readonly f: string;
  readonly gradient: readonly string[];
  readonly hessian: readonly string[];
}

interface Case {
  readonly expr: string;
  readonly vars: readonly string[];
  readonly ast: Tree;
  readonly points: readonly Point[];
}

const { cases } = JSON.parse(readFileSync(new URL("./extremes.json", import.meta.url), "utf8")) as {
  readonly cases: readonly Case[];
};

/** A dozen of roundings of well-conditioned steps lose less; formulas that cancel lose all digits. */
const tolerance = 1e-11;

/** Relative agreement where the reference is a normal number; below that, smallness. A reference of 0 may be rounded. */
function agrees(got: number, reference: string): boolean {
  const expected = Number(reference);
  if (!Number.isFinite(expected)) return got === expected;
  if (expected === 0) return Math.abs(got) <= (/[1-9]/.test(reference) ? 2 ** -1022 : tolerance);
  return Math.abs(got - expected) <= tolerance * Math.abs(expected) + 2 ** -1070;
}

describe("where a formula as it stands cancels, overflows or underflows", () => {
  it.each(cases)("value, gradient and Hessian are right: $expr", ({ vars, ast, points }) => {
    const bound = compileModel(
      loadModel({ name: "case.nabla", text: `param ${vars.join(", ")}\nloss = ${textOf(ast)}\n` }),
    ).bind();
    const wrong = points.flatMap(({ at, f, gradient, hessian }) => {
      const x = Float64Array.from(at);
      const g = new Float64Array(vars.length);
      const h = new Float64Array(vars.length ** 2);
      const got = [bound.flat.lossAndGradient(x, g), ...g, ...(bound.flat.hessian(x, h), h)];
      return [f, ...gradient, ...hessian].flatMap((reference, k) =>
        agrees(got[k]!, reference) ? [] : [`number ${k} at ${at.join(", ")}: ${got[k]}, not ${reference}`],
      );
    });
    expect(wrong).toEqual([]);
  });
});
