import { type Rules, structural } from "../rule.ts";

/** Constants are computed when the model is compiled. */
export const constantRules: Rules = {
  exact: [
    structural(
      "constant operands",
      ["map"],
      (node, { graph }) => {
        for (let k = graph.operandCount(node.id) - 1; k >= 0; k--) {
          if (graph.kindOf(graph.operandAt(node.id, k)) !== "constant") return undefined;
        }
        const values = node.operands.map((operand) => graph.constantOf(operand.id));
        return graph.constantLike(Number(graph.primitiveOf(node.id).real(...values)), node, node.dtype);
      },
      ["constant"],
    ),
  ],
};
