import type { Expr } from "../../../ir/graph.ts";
import type { Operation } from "../../../ops/define.ts";
import { add, div, mul, sub } from "../../../ops/elementary/algebra.ts";
import { log, log2, log10 } from "../../../ops/elementary/exponential.ts";
import type { PositiveFunctions } from "../../forms/exponentials/positive-functions.ts";
import { x, y } from "../../pattern.ts";
import { type Rule, rule } from "../../rule.ts";

/** Logarithms, and what makes each of the natural one. */
export const logarithms: readonly (readonly [Operation, (natural: Expr) => Expr])[] = [
  [log, (natural) => natural],
  [log2, (natural) => mul(natural, Math.LOG2E)],
  [log10, (natural) => mul(natural, Math.LOG10E)],
];

/** Logarithms of functions, and of what is multiplied or divided by them, by the logarithms that are known. */
export const logarithmsOf = (functions: PositiveFunctions): Rule[] =>
  functions.flatMap(([g, logarithm]) =>
    logarithms.flatMap(([f, unit]) => [
      rule(f(g(x)), unit(logarithm(x))),
      rule(f(mul(g(x), y)), add(unit(logarithm(x)), f(y))),
      rule(f(div(g(x), y)), sub(unit(logarithm(x)), f(y))),
      rule(f(div(y, g(x))), sub(f(y), unit(logarithm(x)))),
    ]),
  );
