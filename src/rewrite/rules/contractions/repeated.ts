import { isTotal } from "../../facts/facts.ts";
import { isNarrow } from "../../forms/contractions/splat.ts";
import { insideRepeated, isOfLeaves, viewed } from "../../forms/contractions/views.ts";
import { type Rules, structural } from "../../rule.ts";

/** A repeated function of numbers that are given, as the function of these repeated: what stands beside it may be of the same. */
export const repeatedRules: Rules = {
  stable: [
    structural("function of what is repeated", { roots: ["contraction"], phase: "early" }, (node) => {
      if (!isNarrow(node)) return undefined;
      const read = viewed(node);
      return read?.of.kind === "map" && isTotal(node.graph, node.id) && isOfLeaves(read.of)
        ? insideRepeated(read, node.shape)
        : undefined;
    }),
  ],
};
