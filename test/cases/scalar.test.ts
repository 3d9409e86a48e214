import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import { loadModel } from "../../src/model/load.ts";
import { textOf, type Tree } from "./text.ts";

interface Point {
  readonly at: Readonly<Record<string, string>>;
  readonly f: string;
  readonly d1?: string;
  readonly d2?: string;
  readonly grad?: readonly string[];
  readonly hess?: readonly (readonly string[])[];
  readonly rtol: { readonly f: number; readonly d1: number | readonly number[]; readonly d2: number | readonly (readonly number[])[] };
  readonly level: "basic" | "hard";
}
interface Case {
  readonly id: string;
  readonly expr: string;
  readonly ast: Tree;
  readonly vars: readonly string[];
  readonly points: readonly Point[];
}
type Outcome =
  | { readonly value: string }
  | { readonly interval: readonly [string, string] }
  | { readonly nan: true }
  | { readonly inf: "any" }
  | { readonly error: true };
interface Kink {
  readonly id: string;
  readonly expr: string;
  readonly ast: Tree;
  readonly vars: readonly string[];
  readonly at: Readonly<Record<string, string>>;
  readonly f: readonly Outcome[];
  readonly d1: Readonly<Record<string, readonly Outcome[]>> | null;
  readonly d2: Readonly<Record<string, readonly Outcome[]>> | null;
  readonly grad_sum?: string;
}

const folder = new URL("./scalar/", import.meta.url);
const read = (file: string) => JSON.parse(readFileSync(new URL(file, folder), "utf8")) as { readonly cases: readonly unknown[] };
const files = readdirSync(folder).filter((file) => file.endsWith(".json") && file !== "kinks.json");

/** Value, gradient and Hessian of an expression at a point. */
function evaluate(ast: Tree, vars: readonly string[], at: Readonly<Record<string, string>>) {
  const text = `param ${vars.join(", ")}\nloss = ${textOf(ast)}\n`;
  const bound = compileModel(loadModel({ name: "case.nabla", text })).bind();
  const x = Float64Array.from(vars, (name) => Number(at[name]));
  const g = new Float64Array(vars.length);
  const H = new Float64Array(vars.length ** 2);
  const f = bound.flat.lossAndGradient(x, g);
  bound.flat.hessian(x, H);
  return { f, g, H };
}

/** Relative agreement; a reference of exactly zero allows `absolute`, one that underflows must be as small. */
function agrees(got: number, reference: string, relative: number, absolute = 1e-12): boolean {
  const wanted = Number(reference);
  if (Number.isNaN(wanted)) return Number.isNaN(got);
  if (!Number.isFinite(wanted)) return got === wanted;
  if (wanted === 0) return Math.abs(got) <= (/^-?0(\.0*)?$/.test(reference) ? absolute : 1e-300);
  return Math.abs(got - wanted) <= relative * Math.abs(wanted) + 2 ** -1070;
}

/** What is wrong at a point, if anything. */
function faults(one: Case, point: Point): string[] {
  const { f, g, H } = evaluate(one.ast, one.vars, point.at);
  const n = one.vars.length;
  const found: string[] = [];
  const check = (what: string, got: number, wanted: string | undefined, tolerance: number | undefined, absolute?: number) => {
    if (wanted !== undefined && !agrees(got, wanted, tolerance!, absolute)) found.push(`${what}: ${got}, not ${wanted}`);
  };
  check("f", f, point.f, point.rtol.f);
  if (point.d1 !== undefined) check("d1", g[0]!, point.d1, point.rtol.d1 as number);
  if (point.d2 !== undefined) check("d2", H[0]!, point.d2, point.rtol.d2 as number, 1e-11);
  for (let i = 0; i < n; i++) {
    check(`d/d${one.vars[i]}`, g[i]!, point.grad?.[i], (point.rtol.d1 as readonly number[])[i]);
    for (let j = 0; j < n; j++) {
      const tolerance = (point.rtol.d2 as readonly (readonly number[])[])[i]?.[j];
      check(`d2/d${one.vars[i]}d${one.vars[j]}`, H[i * n + j]!, point.hess?.[i]?.[j], tolerance, 1e-11);
    }
  }
  const isFinite = [point.f, point.d1, point.d2, ...(point.grad ?? []), ...(point.hess ?? []).flat()];
  const gotNaN = [f, ...g, ...H].some(Number.isNaN) && isFinite.every((value) => value === undefined || Number.isFinite(Number(value)));
  if (gotNaN) found.push("NaN where the truth is finite");
  return found.map((text) => `${one.expr} at ${JSON.stringify(point.at)} ${text}`);
}

const points = files.flatMap((file) =>
  (read(file).cases as readonly Case[]).flatMap((one) => one.points.map((point) => ({ one, point }))),
);

describe("scalar expressions", () => {
  it("have the right value, gradient and Hessian at every basic point", () => {
    const basic = points.filter(({ point }) => point.level === "basic");
    expect(basic.length).toBeGreaterThan(100);
    expect(basic.flatMap(({ one, point }) => faults(one, point))).toEqual([]);
  });

  it("are right at four of five hard points, and never NaN where the truth is finite", () => {
    const hard = points.filter(({ point }) => point.level === "hard");
    const failed = hard.map(({ one, point }) => faults(one, point)).filter((list) => list.length > 0);
    expect(failed.flat().filter((text) => text.includes("NaN where"))).toEqual([]);
    expect(1 - failed.length / hard.length, failed.flat().join("\n")).toBeGreaterThanOrEqual(0.8);
  });
});

function accepts(got: number, outcomes: readonly Outcome[]): boolean {
  return outcomes.some((outcome) => {
    if ("value" in outcome) return agrees(got, outcome.value, 1e-12);
    if ("interval" in outcome) return got >= Number(outcome.interval[0]) - 1e-12 && got <= Number(outcome.interval[1]) + 1e-12;
    if ("nan" in outcome) return Number.isNaN(got);
    return "inf" in outcome && Math.abs(got) === Number.POSITIVE_INFINITY;
  });
}

describe("kinks, ties and ends of domains", () => {
  it("follow an accepted convention in value, gradient and Hessian", () => {
    const wrong: string[] = [];
    for (const one of read("kinks.json").cases as readonly Kink[]) {
      const { f, g, H } = evaluate(one.ast, one.vars, one.at);
      const n = one.vars.length;
      const note = (what: string, got: number) => wrong.push(`${one.id} ${one.expr} at ${JSON.stringify(one.at)} ${what}: ${got}`);
      if (!accepts(f, one.f)) note("f", f);
      for (const [i, name] of one.vars.entries()) {
        const first = one.d1?.[name];
        if (first && !accepts(g[i]!, first)) note(`d${name}`, g[i]!);
        for (const [j, other] of one.vars.entries()) {
          const second = one.d2?.[name + other];
          if (second && !accepts(H[i * n + j]!, second)) note(`d${name}${other}`, H[i * n + j]!);
        }
      }
      const sum = g.reduce((total, slope) => total + slope, 0);
      if (one.grad_sum && !agrees(sum, one.grad_sum, 1e-12)) note("sum of slopes", sum);
    }
    expect(wrong).toEqual([]);
  });
});
