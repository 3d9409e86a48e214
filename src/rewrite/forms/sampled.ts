import type { Expr } from "../../ir/graph.ts";
import { primitivesOfUsers } from "../../ops/own-primitives.ts";

/** So many parts are looked at; further ones are numbers of their own. */
const mostParts = 80;

/** What an expression is at one point where x is c: what is no function of numbers is a number of its own there, of one sign. */
export function sampled(node: Expr, x: Expr, c: Expr | number, sign = 1): number {
  const values = new Map<Expr, number>();
  let left = mostParts;
  const valueAt = (part: Expr): number => {
    const known = values.get(part);
    if (known !== undefined) return known;
    const value =
      part === x
        ? typeof c === "number"
          ? c
          : valueAt(c)
        : (computed(part) ?? sign * (0.5 + ((part.id * golden) % 1)));
    values.set(part, value);
    return value;
  };
  const computed = ({ graph, id, kind, operands }: Expr): number | undefined => {
    if (kind === "constant") return graph.constantOf(id);
    // code of users is not run to look for series
    if (kind !== "map" || left-- <= 0 || primitivesOfUsers.has(graph.primitiveOf(id))) return undefined;
    return Number(graph.primitiveOf(id).real(...operands.map(valueAt)));
  };
  return valueAt(node);
}

const golden = (Math.sqrt(5) - 1) / 2;
