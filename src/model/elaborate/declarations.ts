import { requireWithin } from "../../build/leaves.ts";
import type { Bounds, Declared } from "../../build/model.ts";
import { aligned, type Term, termOf } from "../../build/terms/term.ts";
import { TypeMismatchError, UsageError } from "../../ir/errors.ts";
import type { Expr, Shape } from "../../ir/graph.ts";
import type { DType } from "../../ir/primitive.ts";
import { reachableIds } from "../../ir/walks/traverse.ts";
import { toReal } from "../../ops/elementary/cast.ts";
import { and, lessEqual, select } from "../../ops/elementary/comparison.ts";
import type { Declaration, Declarations, Expression } from "../syntax/syntax.ts";
import { written } from "../syntax/written.ts";
import type { Context } from "./context.ts";
import { declareName, elementOf, filling, shapeOf } from "./definitions.ts";
import type { Draft } from "./elaborate.ts";
import { endOf, evaluate, evaluateTerm } from "./expression.ts";
import { isPoison, Poisoned, poison, type RangeValue } from "./values.ts";

/** `param w: [d] = 0 within -1..1` or `data label: int[n] within 0..k` */
export function declareLeaves(draft: Draft, { keyword, declarations }: Declarations): void {
  const { context } = draft;
  for (const declaration of declarations) {
    const { name } = declaration;
    const term = context.global.own(name.name)
      ? poison
      : context.at(declaration.span, () => leafOf(draft, keyword, declaration));
    declareName(context, context.global, name, keyword, term);
  }
}

function leafOf(draft: Draft, keyword: "param" | "data", declaration: Declaration): Term {
  const { context } = draft;
  const { builder } = context;
  const { name, type, unit, within, value, span } = declaration;
  const dtype = elementOf(type);
  if (keyword === "param" && dtype !== "real") {
    throw new TypeMismatchError(`a parameter is real, got ${dtype}: derivatives vary it.`, {
      span: type!.span,
      notes: [`Write "data ${name.name}" for ${dtype === "int" ? "whole numbers" : "conditions"} that are given.`],
    });
  }
  const shape = shapeOf(context, type, context.global);
  const { graph } = builder;
  const expr = keyword === "param" ? graph.param(name.name, shape) : graph.data(name.name, shape, dtype);
  const stated = unit && context.units.resolve(unit);
  if (stated) context.units.stateLeaf(name.name, expr, stated, span);
  const declared: Declared = { name: name.name, expr, unit: stated, span };
  const fill = value && fixedValue(context, value, expr, `the value of "${name.name}"`);
  const range = within && rangeAt(context, within);
  if (range) requireValues(name.name, range, dtype, within);
  if (keyword === "param") {
    draft.parameters.push({ ...declared, start: fill, within: range && boundsOf(range) });
  } else {
    if (range && dtype === "real") requireBetween(context, within!, name.name, expr, boundsOf(range));
    const values = range && dtype === "int" ? { low: endOf(range.low), high: endOf(range.high) } : undefined;
    if (range && dtype === "bool")
      throw new UsageError("a condition is true or false and takes no range.", { span: within!.span });
    if (values) withSpan(context, within!, () => requireWithin(builder, name.name, expr, values));
    draft.data.push({ ...declared, fallback: fill, within: values });
  }
  return termOf(builder, expr);
}

function withSpan(context: Context, { span }: Expression, run: () => void): void {
  const result = context.at(span, run);
  if (result && isPoison(result)) throw new Poisoned();
}

/** A start or a default: in the shape of the leaf, made of numbers and sizes. */
function fixedValue(context: Context, value: Expression, leaf: Expr, what: string): Expr {
  const made = context.at(value.span, () => {
    const term = filling(evaluateTerm(context, value, context.global), leaf.shape, leaf.dtype, what);
    const expr = aligned(term, [], leaf.shape);
    const [expanded] = context.standIns.expand([expr]);
    const { graph } = context.builder;
    const read = reachableIds(graph, [expanded!.id]).find((id) => graph.kindOf(id) === "leaf");
    if (read !== undefined) {
      throw new UsageError(`${what} cannot depend on "${graph.leafOf(read).name}": it is made of numbers and sizes.`);
    }
    return expanded!;
  });
  if ("kind" in made && made.kind === "poison") throw new Poisoned();
  return made as Expr;
}

function rangeAt(context: Context, within: Expression): RangeValue {
  const value = evaluate(context, within, context.global);
  if (isPoison(value)) throw new Poisoned();
  if ("kind" in value && value.kind === "range") return value;
  throw new TypeMismatchError(`"within" needs a range, got "${written(within.span)}".`, {
    span: within.span,
    notes: ['Write "within low..high".'],
  });
}

/** A range of numbers has some value in it; that of whole numbers ends before its end. */
function requireValues(name: string, { low, high }: RangeValue, dtype: DType, { span }: Expression): void {
  const [least, most] = [low.constant ?? Number.NEGATIVE_INFINITY, high.constant ?? Number.POSITIVE_INFINITY];
  if (dtype === "int" ? least < most : least <= most) return;
  throw new UsageError(`no value of "${name}" lies in ${written(span)}.`, {
    span,
    notes: ["Write the lesser end first; of whole numbers the last is left out."],
  });
}

const scalarShape: Shape = [];

function boundsOf({ low, high }: RangeValue): Bounds {
  const end = (term: Term) => toReal(aligned(term, [], scalarShape));
  return { low: end(low), high: end(high) };
}

/** Real data with a range, both ends included, is checked when it is bound. */
function requireBetween(context: Context, within: Expression, name: string, leaf: Expr, { low, high }: Bounds): void {
  const { builder } = context;
  const spread = (bound: Expr) => aligned(termOf(builder, bound), [], leaf.shape);
  const isInside = and(lessEqual(spread(low), leaf), lessEqual(leaf, spread(high)));
  const { graph } = builder;
  const index = select(isInside, graph.constantLike(0, leaf, "int"), graph.constantLike(-1, leaf, "int"));
  builder.require({
    index,
    extent: undefined,
    guard: undefined,
    tested: leaf,
    summary: `"${name}" must lie in ${written(within.span)}`,
    span: within.span,
  });
}
