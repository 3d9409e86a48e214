import type { Graph } from "../ir/graph.ts";
import { NodeNumbers } from "./node-numbers.ts";
import type { Root } from "./rule.ts";
import { ingredientBits } from "./rule-index.ts";

/** Stands beside the bits of a node that has been looked at. */
const isFound = 1 << 30;

/** What rules ask for among the operands of each node, as bits of its root. A node never changes: it is found once. */
export class IngredientsOfNodes {
  private readonly graph: Graph;
  private readonly found = new NodeNumbers();
  /** The bits of primitives, by their numbers in the graph: first the root's, then the operand's. */
  private rows: number[][] = [];
  private count = 0;

  constructor(graph: Graph) {
    this.graph = graph;
  }

  /** Forgets everything where rules have come to ask for more. */
  refresh(): void {
    if (this.count === ingredientBits.count) return;
    this.count = ingredientBits.count;
    this.found.clear();
    this.rows = [];
  }

  of(id: number, root: Root): number {
    const known = this.found.at(id);
    if (known !== 0) return known & ~isFound;
    let bits = this.graph.shapeOf(id).length > 0 ? ingredientBits.of(root, "array") : 0;
    if (this.hasRepeats(id)) bits |= ingredientBits.of(root, "repeated");
    for (let k = this.graph.operandCount(id) - 1; k >= 0; k--)
      bits |= this.bitsOf(id, root, this.graph.operandAt(id, k));
    this.found.set(id, bits | isFound);
    return bits;
  }

  private hasRepeats(id: number): boolean {
    const { graph } = this;
    const count = graph.operandCount(id);
    if (count <= 2) return count === 2 && graph.operandAt(id, 0) === graph.operandAt(id, 1);
    return new Set(graph.operandIds(id)).size < count;
  }

  private bitsOf(id: number, root: Root, operand: number): number {
    const { graph } = this;
    const kind = graph.kindOf(operand);
    if (kind === "constant") {
      return ingredientBits.of(root, "constant") | ingredientBits.of(root, graph.constantOf(operand));
    }
    if (kind !== "map") return kind === "contraction" ? ingredientBits.of(root, kind) : 0;
    if (typeof root === "string") return ingredientBits.of(root, graph.primitiveOf(operand));
    const at = graph.primitiveNumberOf(id);
    const row = this.rows[at] ?? [];
    this.rows[at] = row;
    const number = graph.primitiveNumberOf(operand);
    const bits = row[number] ?? ingredientBits.of(root, graph.primitiveOf(operand));
    row[number] = bits;
    return bits;
  }
}
