import { readFileSync } from "node:fs";
import type { Expr } from "../../src/ir/graph.ts";
import { add, div, square, sub } from "../../src/ops/elementary/algebra.ts";
import { max } from "../../src/ops/elementary/comparison.ts";
import { exp } from "../../src/ops/elementary/exponential.ts";
import { hypot } from "../../src/ops/elementary/lengths.ts";

import { realOf } from "../../src/ops/program.ts";
import { operationNamed } from "../../src/ops/registry.ts";
import { logaddexp } from "../../src/ops/special/special.ts";
import { derivative } from "./tangent.ts";

/** JSON prefix form: a number, the name of a variable, or [operation, ...operands]. */
export type Ast = number | string | readonly [string, ...Ast[]];

export function readCases<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(`../cases/${path}`, import.meta.url), "utf8")) as T;
}

/** The names in the files that differ from ours. */
const ours: Readonly<Record<string, string>> = {
  recip: "reciprocal",
  lt: "less",
  le: "lessEqual",
  gt: "greater",
  ge: "greaterEqual",
  eq: "equal",
  ne: "notEqual",
  logsigmoid: "logSigmoid",
  leaky_relu: "leakyRelu",
};

const mean = (...terms: Expr[]) => div(add(...terms), terms.length);

const composites: Readonly<Record<string, (...operands: Expr[]) => Expr>> = {
  sum: add,
  mean,
  maxn: max,
  norm: hypot,
  logsumexp: logaddexp,
  softmax0: (...x) => exp(sub(x[0]!, logaddexp(...x))),
  logsoftmax0: (...x) => sub(x[0]!, logaddexp(...x)),
  var: (...x) => mean(...x.map((each) => square(sub(each, mean(...x))))),
};

/** The expression of a case over the given variables. */
export function build(ast: Ast, variables: Readonly<Record<string, Expr>>): Expr {
  const like = Object.values(variables)[0]!;
  if (typeof ast === "number") return like.graph.constantLike(ast, like);
  if (typeof ast === "string") return variables[ast]!;
  const [name, ...operands] = ast;
  const construct = composites[name] ?? operationNamed(ours[name] ?? name);
  if (!construct) throw new Error(`no operation ${name}`);
  return construct(...operands.map((operand) => build(operand, variables)));
}

/** The functions f, df/dx_i and d2f/dx_i dx_j of a case, evaluated as they stand. */
export function derivatives({ ast, vars }: { ast: Ast; vars: string[] }) {
  const f = (...x: Expr[]) => build(ast, Object.fromEntries(vars.map((name, k) => [name, x[k]!])));
  const along =
    (g: (...x: Expr[]) => Expr, k: number) =>
    (...x: Expr[]) => {
      const output = g(...x);
      return derivative(output, x[k]!) ?? output.graph.constantLike(0, output);
    };
  return {
    value: realOf(f),
    first: vars.map((_, i) => realOf(along(f, i))),
    second: vars.map((_, i) => vars.map((_, j) => realOf(along(along(f, i), j)))),
  };
}

/** Equal within `tolerance`, relative; a reference of exact 0 allows `nearZero`, and infinities must agree. */
export function isClose(got: number, reference: string | number, tolerance: number, nearZero = 1e-12): boolean {
  const expected = Number(reference);
  if (Number.isNaN(expected) || Number.isNaN(got)) return Number.isNaN(expected) && Number.isNaN(got);
  if (!Number.isFinite(expected)) return got === expected;
  if (expected === 0) return Math.abs(got) <= (/^-?0(\.0*)?$/.test(`${reference}`) ? nearZero : 1e-300);
  return Math.abs(got - expected) <= tolerance * Math.abs(expected) + 2 ** -1070;
}
