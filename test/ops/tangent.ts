import type { Expr } from "../../src/ir/graph.ts";
import type { Partial, Primitive } from "../../src/ir/primitive.ts";
import type { Operation } from "../../src/ops/define.ts";
import { add, mul } from "../../src/ops/elementary/algebra.ts";
import { select } from "../../src/ops/elementary/comparison.ts";
import { operationNamed } from "../../src/ops/registry.ts";

export const operationOf = (primitive: Primitive): Operation => operationNamed(primitive.name)!;

export function partialOf(primitive: Primitive, position: number): Partial {
  return primitive.partials[Math.min(position, primitive.partials.length - 1)]!;
}

/** The derivative of `output` along `variable`, by the partials alone; undefined is the structural zero. */
export function derivative(output: Expr, variable: Expr): Expr | undefined {
  const { graph } = output;
  const tangentOf = new Map<Expr, Expr>([[variable, graph.constantLike(1, variable)]]);
  for (let id = 0; id <= output.id; id++) {
    const node = graph.expr(id);
    if (node.kind !== "map" || tangentOf.has(node)) continue;
    const primitive = graph.primitiveOf(id);
    const { operands } = node;
    const terms = operands.flatMap((operand, position) => {
      const tangent = tangentOf.get(operand);
      const partial = partialOf(primitive, position);
      if (!tangent || partial === "zero") return [];
      if (typeof partial !== "function") throw new Error(partial.none);
      return product(tangent, partial(operands, node, position)) ?? [];
    });
    if (terms.length > 0) tangentOf.set(node, terms.length === 1 ? terms[0]! : add(...terms));
  }
  return tangentOf.get(output);
}

/** tangent * factor, without structural zeros and without 0 * NaN from the side of a select that was not taken. */
function product(tangent: Expr, factor: Expr): Expr | undefined {
  const { graph } = factor;
  if (factor.kind === "constant" && graph.constantOf(factor.id) === 0) return undefined;
  if (factor.kind === "constant" && graph.constantOf(factor.id) === 1) return tangent;
  if (tangent.kind === "constant" && graph.constantOf(tangent.id) === 1) return factor;
  if (factor.kind === "map" && graph.primitiveOf(factor.id) === select.primitive) {
    const [condition, yes, no] = factor.operands;
    const zero = graph.constantLike(0, tangent);
    return select(condition!, product(tangent, yes!) ?? zero, product(tangent, no!) ?? zero);
  }
  return mul(tangent, factor);
}
