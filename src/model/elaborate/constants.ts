import { Term, termOf } from "../../build/terms/term.ts";
import { realField } from "../../interpreter/field.ts";
import { interpret } from "../../interpreter/interpret.ts";
import { UsageError } from "../../ir/errors.ts";
import { reachableIds } from "../../ir/walks/traverse.ts";
import type { Context } from "./context.ts";
import type { Value } from "./values.ts";

/** The value of a `const`, computed now as far as it needs no sizes. Throws UsageError when it needs data or parameters. */
export function foldConstant(context: Context, value: Value): Value {
  if (!(value instanceof Term) || value.integer) return value;
  const { graph } = context.builder;
  const [expr] = context.standIns.expand([value.expr]);
  const ids = reachableIds(graph, [expr!.id]);
  const leaf = ids.find((id) => graph.kindOf(id) === "leaf");
  if (leaf !== undefined) {
    throw new UsageError(`a const cannot depend on "${graph.leafOf(leaf).name}": its value is fixed.`, {
      notes: ['Write "let" for a value that depends on parameters or data.'],
    });
  }
  const isFixed = ids.every(
    (id) => graph.shapeOf(id).every((size) => size.value !== undefined) && graph.kindOf(id) !== "size",
  );
  // a variable that derivatives vary stays a variable
  if (!isFixed || expr !== value.expr) return value;
  const [values] = interpret([value.expr], { sizes: new Map(), values: new Map() }, realField);
  const shape = value.expr.shape.map((size) => size.value!);
  const folded =
    shape.length === 0 ? graph.constant(values![0]!, [], value.dtype) : graph.tensor(values!, shape, value.dtype);
  const term = termOf(context.builder, folded);
  return value.elements ? term.withElements(value.elements) : term;
}
