import { Integer } from "../../ir/integer.ts";
import { add } from "../../ops/elementary/algebra.ts";
import type { Loop, Statement, Temporary, Value } from "../program/loops.ts";
import { mapBodies, valueMapping } from "../program/rewrite-statements.ts";
import { type Place, readProduct, sumIn } from "./read-product.ts";
import { writeProduct } from "./write-product.ts";

/** A product in the form below; where more is made of its elements, also as it stood without that, and a loop that does it. */
export interface ProductNest {
  readonly form: Loop;
  readonly plain: Loop;
  readonly finish: Loop | undefined;
}

/**
 * A product of matrices in register tiles, rows by columns with one summed axis, in the one form that all of them have: every
 * stride by name, and the loop for columns that are left over also where there are none. Undefined for other loops. It
 * computes what the loop does, bit by bit. `sizes`: what variables around stand for that only sizes make.
 */
export function asProduct(loop: Loop, sizes: ReadonlyMap<number, Integer>): ProductNest | undefined {
  const product = readProduct(loop, sizes);
  const form = product && writeProduct(product);
  if (!product || !form) return undefined;
  const { finish, row, column, rows, columns, target } = product;
  if (!finish) return { form, plain: loop, finish };
  const sum: Value = { kind: "load", ...target };
  const value = valueMapping(
    (temporary) => (temporary === product.sum ? sum : undefined),
    (integer) => integer,
  )(finish);
  const { making } = loop;
  const over = (variable: number, to: Integer, body: Statement[]): Loop => ({
    kind: "for",
    variable,
    from: [Integer.zero],
    to: [to],
    step: 1,
    making,
    body,
  });
  const inRow = over(column, columns, [written(target, value)]);
  return { form, plain: withoutFinish(loop), finish: over(row, rows, [inRow]) };
}

/** The value in its place; what is there and something else, as that added to it. */
function written(target: Place, value: Value): Statement {
  const [there, more] = value.kind === "apply" && value.primitive === add.primitive ? value.operands : [];
  const isAdded = there?.kind === "load" && there.buffer === target.buffer && more && value.kind === "apply";
  if (!isAdded || value.operands.length > 2) return { kind: "store", ...target, value };
  return { kind: "accumulate", ...target, combine: "sum", value: more };
}

/** The tiles of a product with their sums stored as they are. */
function withoutFinish(loop: Loop): Loop {
  const sums = new Set<Temporary>();
  return mapBodies(loop, (body) =>
    body.map((statement) => {
      if (statement.kind === "for") return withoutFinish(statement);
      if (statement.kind === "start") sums.add(statement.temporary);
      return statement.kind === "store"
        ? { ...statement, value: sumIn(statement.value, (each) => sums.has(each))! }
        : statement;
    }),
  );
}
