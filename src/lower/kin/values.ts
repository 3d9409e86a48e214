import type { DType } from "../../ir/primitive.ts";
import type { Operation } from "../../ops/define.ts";
import { mul, sub } from "../../ops/elementary/algebra.ts";
import { less, select } from "../../ops/elementary/comparison.ts";
import type { Apply, Value } from "../program/loops.ts";

export const constant = (value: number): Value => ({ kind: "constant", value, dtype: "real" });

/** An operation as a function of values. */
export const by =
  ({ primitive }: Operation, dtype: DType = "real") =>
  (...operands: readonly Value[]): Apply => ({ kind: "apply", primitive, operands, dtype });

export const one = constant(1);
export const minus = by(sub);
export const choice = by(select);
export const isLess = by(less, "bool");

export const times = (first: Value, ...others: readonly Value[]): Value =>
  others.reduce((product, factor) => by(mul)(product, factor), first);
