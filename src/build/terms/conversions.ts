import { TypeMismatchError } from "../../ir/errors.ts";
import { Integer } from "../../ir/integer.ts";
import { toInt, toReal } from "../../ops/cast.ts";
import { equal, notEqual, select } from "../../ops/comparison.ts";
import { underPath } from "../binders/under-path.ts";
import { apply } from "./elementwise.ts";
import { integerTerm, type Term } from "./term.ts";

/** A condition as it is; a number holds where it is not 0. */
export function asCondition(x: Term): Term {
  return x.dtype === "bool" ? x : apply(notEqual, [x, integerTerm(x.builder, Integer.zero)]);
}

/** Whole numbers that a real term holds, as ints; that they are whole is required of what is bound. */
export function wholeOf(at: Term, what: string): Term {
  const { builder, constant } = at;
  if (constant !== undefined && Number.isSafeInteger(constant)) return integerTerm(builder, Integer.constant(constant));
  if (constant !== undefined) throw new TypeMismatchError(`${what} must be a whole number, got ${constant}.`);
  const whole = apply(toInt, [at]);
  if (builder.isSearching) return whole;
  const isWhole = equal(at.expr, toReal(whole.expr));
  const { graph } = builder;
  const test = select(isWhole, graph.constantLike(0, at.expr, "int"), graph.constantLike(-1, at.expr, "int"));
  const { expr: index, guard } = underPath(builder, test, at.iterators);
  const [leaf] = at.expr.kind === "leaf" ? [at.expr] : [];
  builder.require({
    index,
    extent: undefined,
    guard,
    tested: guard ? undefined : leaf,
    summary: `${what} must hold whole numbers`,
  });
  return whole;
}
