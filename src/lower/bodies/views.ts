import { Integer } from "../../ir/integer.ts";
import type { LoopBuilder } from "../builder/builder.ts";
import type { Buffer, Half, Statement, Value } from "../program/loops.ts";
import { isNest, mapBodies, mapStatementValues } from "../program/rewrite-statements.ts";

/** Where a place lies: in which array, and from where on. */
export interface View {
  readonly base: Buffer;
  readonly offset: Integer;
  /** Where the array has two halves, which of them the place is in. */
  readonly half?: Half;
  /** True where what is stored adds to what is there. */
  readonly adds?: boolean;
}

/** The statements with every place that `views` names replaced by the part of an array that it is. */
export function resolveViews(
  statements: readonly Statement[],
  views: ReadonlyMap<Buffer, View>,
  builder: LoopBuilder,
): Statement[] {
  const resolve = (statement: Statement): Statement[] => {
    const values = isNest(statement)
      ? withCondition(statement)
      : mapStatementValues(statement, (value) => resolveValue(value, views));
    if (isNest(values)) return [mapBodies(values, (body) => body.flatMap(resolve))];
    if (!("buffer" in values)) return [values];
    const view = views.get(values.buffer);
    if (!view) return [values];
    const { base, offset, half, adds } = view;
    if (values.kind === "fill") return adds ? [] : [fillOf(values.buffer, values.value, view, builder)];
    const address = values.address.plus(offset);
    if (values.kind === "store" && adds) {
      return [{ kind: "accumulate", buffer: base, address, half, combine: "sum", value: values.value }];
    }
    return [{ ...values, buffer: base, address, half }];
  };
  const withCondition = (statement: Statement): Statement =>
    "condition" in statement ? { ...statement, condition: resolveValue(statement.condition, views) } : statement;
  return statements.flatMap(resolve);
}

function fillOf(place: Buffer, value: number, { base, offset }: View, builder: LoopBuilder): Statement {
  const variable = builder.loopVariable();
  const constant: Value = { kind: "constant", value, dtype: place.dtype };
  const address = offset.plus(Integer.iterator(variable));
  return {
    kind: "for",
    variable,
    from: [Integer.zero],
    to: [Integer.product(place.shape)],
    step: 1,
    body: [{ kind: "store", buffer: base, address, value: constant }],
  };
}

function resolveValue(value: Value, views: ReadonlyMap<Buffer, View>): Value {
  switch (value.kind) {
    case "load": {
      const view = views.get(value.buffer);
      if (!view) return value;
      return { ...value, buffer: view.base, address: value.address.plus(view.offset), half: view.half };
    }
    case "apply":
      return { ...value, operands: value.operands.map((operand) => resolveValue(operand, views)) };
    case "guarded":
      return { ...value, value: resolveValue(value.value, views) };
    default:
      return value;
  }
}
