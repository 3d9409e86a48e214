import type { RandomProgram } from "../../src/check/programs/programs.ts";
import { allExtensions } from "../../src/extensions/all.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import type { Primitive } from "../../src/ir/primitive.ts";
import { topologicalOrder } from "../../src/ir/walks/traverse.ts";

/** The program in a graph of its own, with one primitive replaced by another record. */
export function withPrimitive(program: RandomProgram, replaced: Primitive, by: Primitive): RandomProgram {
  const graph = new Graph(allExtensions);
  const copies = new Map<Expr, Expr>();
  const { output, parts, parameters, data } = program;
  for (const node of topologicalOrder([...parameters, ...data, ...parts, output])) {
    copies.set(
      node,
      copyOf(graph, node, (operand) => copies.get(operand)!, replaced, by),
    );
  }
  const copied = (list: readonly Expr[]) => list.map((node) => copies.get(node)!);
  return {
    ...program,
    graph,
    output: copies.get(output)!,
    parts: copied(parts),
    parameters: copied(parameters),
    data: copied(data),
    values: new Map([...program.values].map(([leaf, list]) => [copies.get(leaf)!, list])),
  };
}

function copyOf(graph: Graph, node: Expr, copied: (x: Expr) => Expr, replaced: Primitive, by: Primitive): Expr {
  const { id, shape, dtype, graph: from } = node;
  const operands = node.operands.map(copied);
  switch (node.kind) {
    case "leaf": {
      const { role, name } = from.leafOf(id);
      return role === "param" ? graph.param(name, shape) : graph.data(name, shape, dtype);
    }
    case "constant":
      return graph.constant(from.constantOf(id), shape, dtype);
    case "tensor":
      return graph.tensor(
        from.tensorOf(id),
        shape.map((size) => size.value!),
        dtype,
      );
    case "iota":
      return graph.iota(shape, from.iotaAxisOf(id));
    case "size":
      return graph.size(from.sizeOf(id), shape);
    case "map": {
      const primitive = from.primitiveOf(id);
      return graph.map(primitive === replaced ? by : primitive, operands);
    }
    case "operation":
      return graph.operation(from.operationOf(id), operands)[from.resultOf(id)]!;
    case "contraction":
    case "reduce":
      return graph.combination(from.combineOf(id), from.contractionOf(id), operands);
  }
}
