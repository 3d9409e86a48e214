import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Ast, derivatives, isClose, readCases } from "./cases.ts";

interface Point {
  at: Record<string, string>;
  level: "basic" | "hard";
  f: string;
  d1?: string;
  d2?: string;
  grad?: string[];
  hess?: string[][];
  rtol: { f: number; d1: number | number[]; d2: number | number[][] };
}

interface ScalarCase {
  expr: string;
  ast: Ast;
  vars: string[];
  points: Point[];
}

const files = readdirSync(new URL("../cases/scalar/", import.meta.url)).filter(
  (name) => name.endsWith(".json") && name !== "kinks.json",
);

describe.each(files)("expressions of %s", (file) => {
  const { cases } = readCases<{ cases: ScalarCase[] }>(`scalar/${file}`);
  it.each(cases)("have the reference values and derivatives: $expr", (scalarCase) => {
    const { value, first, second } = derivatives(scalarCase);
    const n = scalarCase.vars.length;
    for (const { at, level, f, d1, d2, grad, hess, rtol } of scalarCase.points) {
      if (level !== "basic") continue;
      const x = scalarCase.vars.map((name) => Number(at[name]));
      const gradient = grad ?? [d1!];
      const hessian = hess ?? [[d2!]];
      const wrong: string[] = [];
      const check = (what: string, got: number, reference: string, tolerance: number, nearZero?: number) => {
        if (!isClose(got, reference, tolerance, nearZero)) wrong.push(`${what} at ${x}: ${reference}, got ${got}`);
      };
      check("f", value(...x), f, rtol.f);
      for (let i = 0; i < n; i++) {
        check(`d${i}`, first[i]!(...x), gradient[i]!, [rtol.d1].flat()[i]!);
        for (let j = 0; j < n; j++) {
          check(`d${i}${j}`, second[i]![j]!(...x), hessian[i]![j]!, [[rtol.d2].flat()].flat(2)[i * n + j]!, 1e-11);
        }
      }
      expect(wrong).toEqual([]);
    }
  });
});

interface Outcome {
  value?: string;
  nan?: boolean;
  inf?: string;
  error?: boolean;
  interval?: [string, string];
}

interface KinkCase {
  expr: string;
  ast: Ast;
  vars: string[];
  at: Record<string, string>;
  f: Outcome[];
  d1?: Record<string, Outcome[]>;
  d2?: Record<string, Outcome[]>;
  grad_sum?: string;
  rtol?: string;
}

function isAcceptable(got: number, outcomes: readonly Outcome[], tolerance: number): boolean {
  return outcomes.some(({ value, nan, inf, error, interval }) => {
    if (error) return false;
    if (nan) return Number.isNaN(got);
    if (inf) return Math.abs(got) === Number.POSITIVE_INFINITY;
    if (interval) return got >= Number(interval[0]) - 1e-12 && got <= Number(interval[1]) + 1e-12;
    return isClose(got, value!, tolerance);
  });
}

describe("kinks, ties, poles and infinities", () => {
  const { cases } = readCases<{ cases: KinkCase[] }>("scalar/kinks.json");
  it.each(cases.map((each) => ({ ...each, where: JSON.stringify(each.at) })))(
    "give an acceptable outcome: $expr at $where",
    (kink) => {
      const { value, first, second } = derivatives(kink);
      const { vars, at, f, d1 = {}, d2 = {}, grad_sum, rtol } = kink;
      const x = vars.map((name) => Number(at[name]));
      const tolerance = rtol === undefined ? 1e-12 : Number(rtol);
      const wrong: string[] = [];
      const check = (what: string, got: number, outcomes: readonly Outcome[]) => {
        if (!isAcceptable(got, outcomes, tolerance)) wrong.push(`${what}: ${JSON.stringify(outcomes)}, got ${got}`);
      };
      check("f", value(...x), f);
      for (const [name, outcomes] of Object.entries(d1)) check(`d ${name}`, first[vars.indexOf(name)]!(...x), outcomes);
      for (const [pair, outcomes] of Object.entries(d2)) {
        check(`d2 ${pair}`, second[vars.indexOf(pair[0]!)]![vars.indexOf(pair[1]!)]!(...x), outcomes);
      }
      expect(wrong).toEqual([]);
      if (grad_sum) expect(first.reduce((sum, each) => sum + each(...x), 0)).toBeCloseTo(Number(grad_sum), 12);
    },
  );
});
