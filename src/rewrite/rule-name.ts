import type { Expr } from "../ir/graph.ts";
import { c, d, p, q, u, w, x, y } from "./pattern.ts";
import type { Rule } from "./rule.ts";

const letters: ReadonlyMap<Expr, string> = new Map(
  Object.entries({ x, y, w, u, p, q, c, d }).map(([name, of]) => [of, name]),
);

/** What people call a rule: its name, or the left side of its pair, as in `log(add(x, 1))`. */
export function nameOf({ name, pair }: Rule): string {
  return name ?? (pair ? written(pair.left) : "");
}

/** A pattern as a text; where operands commute, numbers come last. */
function written(pattern: Expr): string {
  const letter = letters.get(pattern);
  if (letter !== undefined) return letter;
  const { graph, id } = pattern;
  if (pattern.kind === "constant") {
    const value = graph.constantOf(id);
    return Object.is(value, -0) ? "-0" : String(value);
  }
  const { name, isCommutative } = graph.primitiveOf(id);
  const operands = pattern.operands.map(written);
  if (isCommutative) operands.sort((a, b) => Number(isNumber.test(a)) - Number(isNumber.test(b)) || (a < b ? -1 : 1));
  return `${name}(${operands.join(", ")})`;
}

const isNumber = /^-?[0-9]/;
