import type { Expr } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { Call } from "../../ir/operation.ts";
import { type While, whileDraftOf } from "../../ir/while.ts";
import { add } from "../../ops/algebra.ts";
import { and, less } from "../../ops/comparison.ts";
import type { Lowering } from "../lower.ts";
import type { Value } from "../program/loops.ts";
import { BodyLoop } from "./body-loop.ts";
import type { Binding } from "./frames.ts";
import { resolveViews } from "./views.ts";

/**
 * A while as one loop around the loops of its body. A step is computed together with the condition, and taken where that
 * holds.
 */
export function emitWhile(call: Call<While>, lowering: Lowering): void {
  new WhileLoop(lowering).emit(call);
}

class WhileLoop extends BodyLoop {
  emit({ operation, operands, results }: Call<While>): void {
    const { builder } = this.lowering;
    const { carries: parameters, constants, next, condition } = whileDraftOf(operation);
    const firsts = operands.slice(0, operation.carries);
    const carries = firsts.map((first) => (first.isScalar ? this.start(first) : this.firstOf(first)));
    const steps = builder.temporary("int");
    builder.emit({ kind: "start", temporary: steps, value: whole(Integer.zero) });
    const goes = builder.temporary("bool");
    const limit = whole(operation.limit);
    builder.emit({ kind: "start", temporary: goes, value: isLess(steps, limit) });

    const variable = builder.openLoop(undefined);
    builder.emit({ kind: "index", variable, value: steps });
    const bindings = new Map<Expr, Binding>();
    for (const [k, constant] of constants.entries()) {
      bindings.set(constant, { kind: "read", node: operands[operation.carries + k]!, at: [] });
    }
    const targets = this.bindCarries(carries, parameters, next, Integer.iterator(variable), bindings);
    this.emitBody([...next, condition], targets, bindings);
    const values = carries.map((carry, k) => (carry.kind === "number" ? this.lastValue(next[k]!) : undefined));
    const holds = this.lastValue(condition);
    builder.openCondition();
    for (const [k, value] of values.entries()) {
      const carry = carries[k]!;
      if (carry.kind === "number") builder.emit({ kind: "assign", temporary: carry.temporary, value: value! });
    }
    builder.emit({ kind: "assign", temporary: steps, value: sum(steps, whole(Integer.one)) });
    builder.emit({ kind: "if", condition: holds, body: builder.close(), otherwise: [] });
    builder.emit({ kind: "assign", temporary: goes, value: both(holds, isLess(steps, limit)) });
    const body = resolveViews(builder.close(), this.views, builder);
    builder.emit({ kind: "while", condition: goes, body });

    const count = builder.index(steps);
    for (const [k, carry] of carries.entries()) {
      if (carry.kind === "number") this.provide(results[k]!, carry.temporary);
      else this.copyLast(results[k]!, carry.buffer, count);
    }
    this.provide(results.at(-1)!, steps);
    this.markWritten(results);
  }
}

const whole = (integer: Integer): Value => ({ kind: "integer", integer });
const isLess = (x: Value, y: Value): Value => apply(less.primitive, "bool", x, y);
const both = (x: Value, y: Value): Value => apply(and.primitive, "bool", x, y);
const sum = (x: Value, y: Value): Value => apply(add.primitive, "int", x, y);

function apply(primitive: typeof add.primitive, dtype: "int" | "bool", ...operands: Value[]): Value {
  return { kind: "apply", primitive, operands, dtype };
}
