import type { Expr } from "../../ir/graph.ts";
import { type Operand, type Operation, unary } from "../define.ts";
import { select } from "./comparison.ts";

const intToReal = unary("toReal", {
  operands: ["int"],
  real: (x) => x,
  partial: "zero",
  print: (x) => x,
  cost: 0,
  units: "a -> a",
  range: (x) => x,
});

/** An int as a real number, true and false as 1 and 0; a real stays as it is. Whole literals are literals of reals. */
export const toReal: Operation<[x: Operand]> = Object.assign(
  (...[x]: Operand[]): Expr => {
    if (typeof x !== "number" && x?.dtype === "bool") return select(x, 1, 0);
    if (typeof x !== "number" && x?.kind === "constant") return x.graph.constantLike(x.constant!, x);
    return typeof x !== "number" && x?.dtype === "real" ? x : intToReal(x!);
  },
  { primitive: intToReal.primitive },
);

/** Ints where a real is needed are converted; other types are left for the graph to judge. */
export function promoteToReal(x: Expr): Expr {
  return x.dtype === "int" ? intToReal(x) : x;
}

export const toInt = unary("toInt", {
  result: "int",
  real: Math.trunc,
  partial: "zero",
  cost: 1,
  range: ([low, high]) => [Math.trunc(low), Math.trunc(high)],
});
