import { type While, whileDraftOf } from "../../ir/bodies/while.ts";
import type { Expr } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { Call } from "../../ir/operation.ts";
import { topologicalOrder } from "../../ir/walks/traverse.ts";
import { add } from "../../ops/elementary/algebra.ts";
import { and, less } from "../../ops/elementary/comparison.ts";
import type { Lowering } from "../lower.ts";
import type { Value } from "../program/loops.ts";
import { BodyLoop, type Place } from "./body-loop.ts";
import type { Binding } from "./frames.ts";
import { resolveViews } from "./views.ts";

/**
 * A while as one loop around the loops of its body. A condition on numbers that takes little is asked before the loop and behind each
 * step; any other is computed together with a step, which may need the same, and which is taken where it holds.
 */
export function emitWhile(call: Call<While>, lowering: Lowering): void {
  new WhileLoop(lowering).emit(call);
}

class WhileLoop extends BodyLoop {
  emit(call: Call<While>): void {
    const { operation, operands, results } = call;
    const { builder } = this.lowering;
    const { carries: parameters, next, condition, ...draft } = whileDraftOf(operation);
    const firsts = operands.slice(0, operation.carries);
    const carries = firsts.map((first) => (first.isScalar ? this.start(first) : this.firstOf(first)));
    const steps = builder.temporary("int");
    builder.emit({ kind: "start", temporary: steps, value: whole(Integer.zero) });
    const goes = builder.temporary("bool");
    const isBelow = isLess(steps, whole(operation.limit));
    const isQuick = isQuickToAsk(condition);
    const asked = () => (isQuick ? both(this.now(call, carries), isBelow) : isBelow);
    builder.emit({ kind: "start", temporary: goes, value: asked() });

    const variable = builder.openLoop(undefined);
    builder.emit({ kind: "index", variable, value: steps });
    const bindings = constantsOf(call, draft.constants);
    const targets = this.bindCarries(carries, parameters, next, Integer.iterator(variable), bindings);
    this.emitBody(isQuick ? next : [...next, condition], targets, bindings);
    const values = carries.map((carry, k) => (carry.kind === "number" ? this.lastValue(next[k]!, carries) : undefined));
    const move = () => {
      for (const [k, value] of values.entries()) {
        const carry = carries[k]!;
        if (carry.kind === "number") builder.emit({ kind: "assign", temporary: carry.temporary, value: value! });
      }
      builder.emit({ kind: "assign", temporary: steps, value: sum(steps, whole(Integer.one)) });
    };
    if (isQuick) {
      move();
      builder.emit({ kind: "assign", temporary: goes, value: asked() });
    } else {
      const holds = this.lastValue(condition, carries);
      builder.openCondition();
      move();
      builder.emit({ kind: "if", condition: holds, body: builder.close(), otherwise: [] });
      builder.emit({ kind: "assign", temporary: goes, value: both(holds, isBelow) });
    }
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

  /** A condition that is quick to ask, at what carries are now. */
  private now(call: Call<While>, carries: readonly Place[]): Value {
    const { level } = this.lowering.builder;
    const { carries: parameters, constants, condition } = whileDraftOf(call.operation);
    const bindings = constantsOf(call, constants);
    for (const [k, carry] of carries.entries()) {
      if (carry.kind === "number") bindings.set(parameters[k]!, { kind: "value", value: carry.temporary, level });
    }
    this.emitBody([condition], [], bindings);
    return this.lastValue(condition, carries);
  }
}

/** Operations of a condition that is computed apart from its step. */
const few = 8;

function isQuickToAsk(condition: Expr): boolean {
  const nodes = topologicalOrder([condition]);
  const maps = nodes.filter(({ kind }) => kind === "map");
  const cost = maps.reduce((all, { graph, id }) => all + graph.primitiveOf(id).cost, 0);
  return cost <= few && nodes.every(({ isScalar, kind }) => isScalar && kind !== "operation");
}

function constantsOf({ operation, operands }: Call<While>, constants: readonly Expr[]): Map<Expr, Binding> {
  return new Map(
    constants.map((constant, k) => [constant, { kind: "read", node: operands[operation.carries + k]!, at: [] }]),
  );
}

const whole = (integer: Integer): Value => ({ kind: "integer", integer });
const isLess = (x: Value, y: Value): Value => apply(less.primitive, "bool", x, y);
const both = (x: Value, y: Value): Value => apply(and.primitive, "bool", x, y);
const sum = (x: Value, y: Value): Value => apply(add.primitive, "int", x, y);

function apply(primitive: typeof add.primitive, dtype: "int" | "bool", ...operands: Value[]): Value {
  return { kind: "apply", primitive, operands, dtype };
}
