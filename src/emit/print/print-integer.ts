import type { Atom, Integer } from "../../ir/integer.ts";
import { parenthesised } from "./precedence.ts";

/** The terms as they read best: products before plain variables, subtracted terms last, for n - 1 - i reads better than -i + n - 1. */
export function inReadingOrder({ terms }: Integer): Integer["terms"] {
  return [...terms].sort(
    (a, b) => Number(a.coefficient < 0) - Number(b.coefficient < 0) || b.atoms.length - a.atoms.length,
  );
}

/** A symbolic integer as a JavaScript expression of safe integers; `nameOf` gives the texts of sizes and variables. */
export function printInteger(
  integer: Integer,
  nameOf: (atom: Extract<Atom, { kind: "name" | "iterator" }>) => string,
): string {
  const { value } = integer;
  if (value !== undefined) return String(value);
  const part = (inner: Integer) => parenthesised(printInteger(inner, nameOf));
  return inReadingOrder(integer)
    .map(({ coefficient, atoms }, position) => {
      const size = Math.abs(coefficient);
      const factors = atoms.map((atom) => {
        if (atom.kind === "floorDiv") return `Math.floor(${part(atom.numerator)} / ${part(atom.denominator)})`;
        if (atom.kind === "lookup") throw new Error("internal: a lookup was not resolved");
        return nameOf(atom);
      });
      const text = (size === 1 && factors.length > 0 ? factors : [String(size), ...factors]).join(" * ");
      const sign = coefficient < 0 ? "-" : "+";
      return position === 0 ? (coefficient < 0 ? `-${text}` : text) : ` ${sign} ${text}`;
    })
    .join("");
}
