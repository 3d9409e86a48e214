import { applied, type Body } from "../../ir/bodies/body.ts";
import { type Expr, Graph } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { Lowering } from "../lower.ts";
import type { Buffer } from "../program/loops.ts";
import { BodyLoop } from "./body-loop.ts";
import type { Binding } from "./frames.ts";
import { emitLet } from "./kernels.ts";
import { resolveViews } from "./views.ts";

/** The loops of a body, in the block at hand. */
export function emitInline(body: Body, operands: readonly Expr[], results: readonly Expr[], lowering: Lowering): void {
  new InlineBody(lowering).emit(body, operands, results);
}

/** The loops of a body between arrays that are its own. */
export function emitFunctionBody(
  body: Body,
  operands: readonly Buffer[],
  results: readonly Buffer[],
  lowering: Lowering,
): void {
  new InlineBody(lowering).emitBetween(body, operands, results);
}

class InlineBody extends BodyLoop {
  emitBetween({ parameters, roots }: Body, operands: readonly Buffer[], results: readonly Buffer[]): void {
    const { builder } = this.lowering;
    const graph = new Graph();
    const variables = parameters.map(({ shape, dtype }) => graph.variable(shape, dtype));
    const copies = applied({ parameters, roots }, graph, variables);
    const bindings = new Map<Expr, Binding>();
    for (const [k, variable] of variables.entries()) {
      const base = operands[k]!;
      if (variable.isScalar) {
        const value = emitLet(builder, { kind: "load", buffer: base, address: Integer.zero });
        bindings.set(variable, { kind: "value", value, level: 0 });
      } else this.read(variable, { base, offset: Integer.zero });
    }
    const all = copies.map((node, k) => ({ node, view: { base: results[k]!, offset: Integer.zero } }));
    this.emitBody(
      copies,
      all.filter(({ node }) => !node.isScalar),
      bindings,
    );
    for (const target of all) if (target.node.isScalar) this.copy([target]);
    const written = builder.statements.splice(0);
    builder.statements.push(...resolveViews(written, this.views, builder));
  }

  emit({ parameters, roots }: Body, operands: readonly Expr[], results: readonly Expr[]): void {
    const { builder, buffers, frames } = this.lowering;
    const graph = new Graph();
    const variables = parameters.map(({ shape, dtype }) => graph.variable(shape, dtype));
    const copies = applied({ parameters, roots }, graph, variables);
    const bindings = new Map<Expr, Binding>(
      variables.map((variable, k) => [variable, { kind: "read", node: operands[k]!, at: [] }]),
    );
    const targets = results.flatMap((result, k) => {
      if (result.isScalar) return [];
      return [{ node: copies[k]!, view: { base: buffers.workspace(result), offset: Integer.zero } }];
    });
    const before = builder.statements.length;
    this.emitBody(copies, targets, bindings);
    const written = builder.statements.splice(before);
    builder.statements.push(...resolveViews(written, this.views, builder));
    for (const [k, result] of results.entries()) {
      if (!result.isScalar || !frames.planOf(result).needs(result)) continue;
      const temporary = builder.temporaryFor(result);
      builder.emit({ kind: "let", temporary, value: builder.evaluate({ node: copies[k]!, index: [] }).value });
      this.provide(result, temporary);
    }
    this.markWritten(results);
  }
}
