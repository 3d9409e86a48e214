import type { Graph } from "../../ir/graph.ts";
import { kindOf, type Root } from "../rule.ts";
import { NodeNumbers } from "./node-numbers.ts";
import { ingredientBits, profileNumber, rootOf } from "./rule-table.ts";

/** So many operands are compared in pairs. */
const fewOperands = 16;

/** What rules see of each node at first, as the number of a profile. A node never changes: it is found once. */
export class Profiles {
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

  of(id: number): number {
    const known = this.found.at(id);
    if (known > 0) return known;
    const root = rootOf(this.graph, id);
    const profile = profileNumber(root, root === undefined ? 0 : this.bitsOf(id, root));
    this.found.set(id, profile);
    return profile;
  }

  private bitsOf(id: number, root: Root): number {
    const { graph } = this;
    const count = graph.operandCount(id);
    let bits = graph.shapeOf(id).length > 0 ? ingredientBits.of(root, "array") : 0;
    if (this.hasRepeats(id, count)) bits |= ingredientBits.of(root, "repeated");
    const isCombination = typeof root === "string" && root !== "operation";
    if (isCombination && graph.contractionOf(id).guards.length > 0) bits |= ingredientBits.of(root, "guard");
    let constants = 0;
    for (let k = 0; k < count; k++) {
      const operand = graph.operandAt(id, k);
      const kind = graph.kindOf(operand);
      if (kind === "constant") constants++;
      bits |=
        kind === "map" && typeof root !== "string"
          ? this.bitsOfMap(id, root, operand)
          : this.bitsOfOperand(root, operand);
    }
    return constants === count ? bits | ingredientBits.of(root, "constants") : bits;
  }

  private hasRepeats(id: number, count: number): boolean {
    const { graph } = this;
    if (count > fewOperands) return new Set(graph.operandIds(id)).size < count;
    for (let k = 1; k < count; k++) {
      for (let at = 0; at < k; at++) if (graph.operandAt(id, at) === graph.operandAt(id, k)) return true;
    }
    return false;
  }

  private bitsOfMap(id: number, root: Root, operand: number): number {
    const { graph } = this;
    const at = graph.primitiveNumberOf(id);
    const row = this.rows[at] ?? [];
    this.rows[at] = row;
    const number = graph.primitiveNumberOf(operand);
    const bits = row[number] ?? ingredientBits.of(root, graph.primitiveOf(operand));
    row[number] = bits;
    return bits;
  }

  private bitsOfOperand(root: Root, operand: number): number {
    const { graph } = this;
    const kind = kindOf(graph, operand);
    let bits = ingredientBits.of(root, kind);
    if (kind === "constant") bits |= ingredientBits.of(root, graph.constantOf(operand));
    return graph.dtypeOf(operand) === "int" ? bits | ingredientBits.of(root, "int") : bits;
  }
}
