import { iterators } from "../ir/contraction.ts";
import type { Expr, Graph, Shape } from "../ir/graph.ts";
import { type Atom, Integer } from "../ir/integer.ts";
import { idsAbove } from "../ir/walks/traverse.ts";
import { axes, contract, type Read, reduce, termsOf, view } from "../ops/arrays/contractions.ts";

/** A value for every element of a batch at once, the batch along its first axis, or one that is the same for all. */
export interface Batched {
  readonly expr: Expr;
  readonly varies: boolean;
}

/** The results of an operation for every element of the batch; undefined where there is no such form. */
export type BatchedCall = (node: Expr, operands: readonly Batched[], length: Integer, to: Graph) => Batched | undefined;

/**
 * Expressions for a whole batch at once, as nodes of `to`: their own graph, or another one when they come from a body.
 * `leaves` says what leaves are there. undefined where a node has no such form, as operations have none without `callOf`.
 */
export function batched(
  roots: readonly Expr[],
  leaves: ReadonlyMap<Expr, Batched>,
  length: Integer,
  to: Graph,
  callOf?: BatchedCall,
): Batched[] | undefined {
  const { graph } = roots[0]!;
  const forms = new Map<number, Batched>();
  const known = (node: Expr): Batched => leaves.get(node) ?? forms.get(node.id)!;
  for (const id of idsAbove(roots, leaves)) {
    const node = graph.expr(id);
    const isFixed = to === graph && node.operands.every((operand) => !known(operand).varies);
    const form = isFixed ? { expr: node, varies: false } : formOf(node, known, length, to, callOf);
    if (!form) return undefined;
    forms.set(id, form);
  }
  return roots.map(known);
}

function formOf(
  node: Expr,
  of: (operand: Expr) => Batched,
  length: Integer,
  to: Graph,
  callOf: BatchedCall | undefined,
): Batched | undefined {
  const { graph, id, shape, dtype } = node;
  const fixed = (expr: Expr): Batched => ({ expr, varies: false });
  switch (node.kind) {
    case "constant":
      return fixed(to.constant(graph.constantOf(id), shape, dtype));
    case "tensor":
      return fixed(
        to.tensor(
          graph.tensorOf(id),
          shape.map((size) => size.value!),
          dtype,
        ),
      );
    case "iota":
      return fixed(to.iota(shape, graph.iotaAxisOf(id)));
    case "size":
      return fixed(to.size(graph.sizeOf(id), shape));
    case "map": {
      const operands = node.operands.map(of);
      const varies = operands.some((operand) => operand.varies);
      const all = operands.map((operand) => (varies ? repeated(operand, length) : operand.expr));
      return { expr: to.map(graph.primitiveOf(id), all), varies };
    }
    case "contraction":
    case "reduce":
      return termsForm(node, of, length);
    case "operation":
      return callOf?.(node, node.operands.map(of), length, to);
    default:
      return undefined;
  }
}

/** A sum or an extreme whose domain has the batch as its first iterator; the others follow. */
function termsForm(node: Expr, of: (operand: Expr) => Batched, length: Integer): Batched {
  const operands = node.operands.map(of);
  const terms = termsOf(node);
  const byOperand = new Map(node.operands.map((operand, k) => [operand, operands[k]!]));
  const varies = operands.some((operand) => operand.varies);
  const how = node.graph.combineOf(node.id);
  const shift = varies ? 1 : 0;
  const moved = terms.extents.map((_, k) => iterators(k + shift));
  const lookups = node.operands.map((operand) => byOperand.get(operand)!);
  const withBatch = (atom: Atom): Integer | undefined => {
    if (atom.kind !== "lookup") return undefined;
    const at = atom.index.map((inner) => inner.substitute(withBatch));
    return Integer.lookup(atom.operand, lookups[atom.operand]!.varies ? [iterators(0), ...at] : at);
  };
  const place = (index: Integer): Integer => index.withIterators(moved).substitute(withBatch);
  const factors = terms.factors.map(({ of: factor, index }): Read => {
    const form = byOperand.get(factor)!;
    return { of: form.expr, index: [...(form.varies ? [iterators(0)] : []), ...index.map(place)] };
  });
  const all = {
    extents: varies ? [length, ...terms.extents] : terms.extents,
    output: [...(varies ? [iterators(0)] : []), ...terms.output.map(place)],
    shape: varies ? [length, ...terms.shape] : terms.shape,
    factors,
    guards: (terms.guards ?? []).map(({ index, extent }) => ({ index: place(index), extent })),
    lookups: lookups.map(({ expr }) => expr),
  };
  return { expr: how === "sum" ? contract(all) : reduce(how, all), varies };
}

/** A value for every element of the batch. */
export function repeated({ expr, varies }: Batched, length: Integer): Expr {
  if (varies) return expr;
  const shape: Shape = [length, ...expr.shape];
  return view(
    expr,
    shape,
    axes(expr.shape.length).map((_, axis) => iterators(axis + 1)),
  );
}
