import { type Rules, structural } from "../rule.ts";

/** Constants are computed when the model is compiled. */
export const constantRules: Rules = {
  exact: [
    structural(
      "constant operands",
      ["map"],
      (node, { graph }) => {
        if (node.operands.some(({ kind }) => kind !== "constant")) return undefined;
        const values = node.operands.map((operand) => graph.constantOf(operand.id));
        return graph.constantLike(Number(graph.primitiveOf(node.id).real(...values)), node, node.dtype);
      },
      ["constants"],
    ),
  ],
};
