import { requireThat } from "../ir/arguments/arguments.ts";
import type { Primitive } from "../ir/primitive.ts";
import { Unit } from "./unit.ts";

/** What a function makes of units: those its operands need and those of its results, over variables by letter. */
export interface Scheme {
  /** One entry serves all operands when fewer are given. */
  readonly operands: readonly Unit[];
  readonly results: readonly Unit[];
}

/** The scheme as a primitive's record writes it: "a, a -> a" for a sum, "a, b -> a*b" for a product, "1 -> 1" for exp. */
export function parseScheme(text: string): Scheme {
  const [operands, results] = text.split("->").map((side) => side.split(",").map(parseUnit));
  requireThat(results, "the units of a function", 'a text such as "a, a -> a"', text);
  return { operands: operands!, results };
}

/** Of functions that have no rule and no program: pure numbers in, pure numbers out. */
const pureNumbers = "1 -> 1";

/** The scheme of a primitive as a text; undefined where its program tells the units. */
export function schemeTextOf(primitive: Primitive): string | undefined {
  return primitive.units ?? (primitive.program ? undefined : pureNumbers);
}

/** A product of names with whole exponents: `kg*m/s^2`, `1/s`, `1`. Written by nabla, not by users. */
function parseUnit(text: string): Unit {
  let unit = Unit.one;
  for (const [, operator, name, exponent] of text.replaceAll(" ", "").matchAll(/([*/]?)([^*/^]+)(?:\^(-?\d+))?/g)) {
    if (name === "1") continue;
    const power = Number(exponent ?? 1) * (operator === "/" ? -1 : 1);
    unit = unit.times(Unit.base(name!).power(power));
  }
  return unit;
}
