import { type Choice, choiceDraftOf } from "../../ir/bodies/choice.ts";
import type { Expr } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { Call } from "../../ir/operation.ts";
import type { Lowering } from "../lower.ts";
import type { Statement, Temporary } from "../program/loops.ts";
import { BodyLoop, type Target } from "./body-loop.ts";
import type { Binding } from "./frames.ts";
import { emitLet } from "./kernels.ts";
import { resolveViews } from "./views.ts";

/** A choice as a branch: the loops of each side stand in it, and write where the results are. */
export function emitChoice({ operation, operands, results }: Call<Choice>, lowering: Lowering): void {
  const { builder, buffers } = lowering;
  const { value: condition } = builder.evaluate({ node: operands[0]!, index: [] });
  const holds = emitLet(builder, condition);
  const numbers = results.map((result) => {
    if (!result.isScalar) return undefined;
    const temporary = builder.temporaryFor(result);
    builder.emit({ kind: "start", temporary, value: { kind: "constant", value: 0, dtype: result.dtype } });
    return temporary;
  });
  for (const result of results) if (!result.isScalar) buffers.workspace(result);
  const side = (which: "yes" | "no") => {
    const { parameters, ...sides } = choiceDraftOf(operation);
    return new Side(lowering).emit(parameters, sides[which], operands.slice(1), results, numbers);
  };
  const body = side("yes");
  builder.emit({ kind: "if", condition: holds, body, otherwise: side("no") });
  new Side(lowering).finish(results, numbers);
}

class Side extends BodyLoop {
  emit(
    parameters: readonly Expr[],
    roots: readonly Expr[],
    operands: readonly Expr[],
    results: readonly Expr[],
    numbers: readonly (Temporary | undefined)[],
  ): Statement[] {
    const { builder, buffers } = this.lowering;
    builder.openCondition();
    const bindings = new Map<Expr, Binding>(
      parameters.map((parameter, k) => [parameter, { kind: "read", node: operands[k]!, at: [] }]),
    );
    const targets = results.flatMap((result, k): Target[] => {
      if (result.isScalar) return [];
      return [{ node: roots[k]!, view: { base: buffers.workspace(result), offset: Integer.zero } }];
    });
    this.emitBody(roots, targets, bindings);
    for (const [k, temporary] of numbers.entries()) {
      if (!temporary) continue;
      const { value } = builder.evaluate({ node: roots[k]!, index: [] });
      builder.emit({ kind: "assign", temporary, value });
    }
    return resolveViews(builder.close(), this.views, builder);
  }

  finish(results: readonly Expr[], numbers: readonly (Temporary | undefined)[]): void {
    for (const [k, temporary] of numbers.entries()) if (temporary) this.provide(results[k]!, temporary);
    this.markWritten(results);
  }
}
