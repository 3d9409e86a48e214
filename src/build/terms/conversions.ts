import { TypeMismatchError } from "../../ir/errors.ts";
import type { Expr } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { add, mul, neg, square, sub } from "../../ops/elementary/algebra.ts";
import { toInt, toReal } from "../../ops/elementary/cast.ts";
import { equal, max, min, notEqual, select } from "../../ops/elementary/comparison.ts";
import { abs, mod } from "../../ops/elementary/rounding.ts";
import { primitivesOf } from "../../ops/maps.ts";
import { underPath } from "../binders/under-path.ts";
import { apply } from "./elementwise.ts";
import { integerTerm, type Term } from "./term.ts";

/** A condition as it is; a number holds where it is not 0. */
export function asCondition(x: Term): Term {
  return x.dtype === "bool" ? x : apply(notEqual, [x, integerTerm(x.builder, Integer.zero)]);
}

/** Functions that make whole numbers of whole numbers. */
const keepsWhole = primitivesOf(abs, add, max, min, mod, mul, neg, select, square, sub);

/** An int in the place of reals that can be nothing but whole: choices among whole numbers, and what is counted from such. */
export function asInt(term: Term): Term {
  return term.dtype === "real" && term.constant === undefined && isWhole(term.expr) ? apply(toInt, [term]) : term;
}

function isWhole({ graph, id: root }: Expr): boolean {
  const seen = new Set<number>();
  const pending = [root];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (seen.has(id) || graph.dtypeOf(id) !== "real") continue;
    seen.add(id);
    const kind = graph.kindOf(id);
    if (kind === "constant" ? Number.isSafeInteger(graph.constantOf(id)) : kind === "size") continue;
    if (kind !== "map" && !graph.isView(id)) return false;
    if (kind === "map" && graph.primitiveOf(id) === toReal.primitive) continue;
    if (kind === "map" && !keepsWhole.has(graph.primitiveOf(id))) return false;
    pending.push(...graph.operandIds(id));
  }
  return true;
}

/**
 * Whole numbers that a real term holds, as ints; that they are whole is required of what is bound. Throws TypeMismatchError for
 * another number.
 */
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
