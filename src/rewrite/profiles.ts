import type { Graph } from "../ir/graph.ts";
import { NodeNumbers } from "./node-numbers.ts";
import type { Root, Rule } from "./rule.ts";
import { ingredientBits, type RuleIndex, rootOf } from "./rule-index.ts";

/** Stands for nodes that no rule starts from. */
const rootless = 1;

/**
 * What rules see of a node at first: the root that they start from, and what they ask for among its operands. Nodes of one
 * graph that agree in both have one number, by which a set's rules for them are found. A node never changes: its profile
 * is found once.
 */
export class Profiles {
  private readonly graph: Graph;
  private readonly found = new NodeNumbers();
  /** The roots and bits of profiles, by their numbers. */
  private list: { readonly root: Root; readonly bits: number }[] = [];
  private numbers = new Map<Root, Map<number, number>>();
  /** Of each set the rules for a profile, by its number. */
  private rules = new Map<RuleIndex, (readonly Rule[])[]>();
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
    this.list = [];
    this.numbers = new Map();
    this.rules = new Map();
    this.rows = [];
  }

  /** The profile of a node; 0 where no rule starts from it. */
  of(id: number): number {
    const known = this.found.at(id);
    return known > 0 ? known - rootless : this.find(id);
  }

  /** Where a set's rules stand by the numbers of profiles, as far as they are known; `rulesFor` finds further ones. */
  tableOf(set: RuleIndex): readonly (readonly Rule[])[] {
    const known = this.rules.get(set);
    if (known) return known;
    const table: (readonly Rule[])[] = [];
    this.rules.set(set, table);
    return table;
  }

  /** The rules of a set that may change a node with the profile, which is not 0. */
  rulesFor(set: RuleIndex, profile: number): readonly Rule[] {
    const table = this.tableOf(set) as (readonly Rule[])[];
    const { root, bits } = this.list[profile - 1]!;
    table[profile] = set.of(root).among(bits);
    return table[profile]!;
  }

  private find(id: number): number {
    const root = rootOf(this.graph, id);
    const profile = root === undefined ? 0 : this.numberOf(root, this.bitsOf(id, root));
    this.found.set(id, profile + rootless);
    return profile;
  }

  private numberOf(root: Root, bits: number): number {
    let byBits = this.numbers.get(root);
    if (!byBits) {
      byBits = new Map();
      this.numbers.set(root, byBits);
    }
    const known = byBits.get(bits);
    if (known !== undefined) return known;
    const number = this.list.push({ root, bits });
    byBits.set(bits, number);
    return number;
  }

  private bitsOf(id: number, root: Root): number {
    let bits = this.graph.shapeOf(id).length > 0 ? ingredientBits.of(root, "array") : 0;
    if (this.hasRepeats(id)) bits |= ingredientBits.of(root, "repeated");
    let constants = 0;
    const count = this.graph.operandCount(id);
    for (let k = count - 1; k >= 0; k--) {
      const operand = this.graph.operandAt(id, k);
      if (this.graph.kindOf(operand) === "constant") constants++;
      bits |= this.bitsOfOperand(id, root, operand);
    }
    return constants === count ? bits | ingredientBits.of(root, "constants") : bits;
  }

  private hasRepeats(id: number): boolean {
    const { graph } = this;
    const count = graph.operandCount(id);
    if (count <= 2) return count === 2 && graph.operandAt(id, 0) === graph.operandAt(id, 1);
    return new Set(graph.operandIds(id)).size < count;
  }

  private bitsOfOperand(id: number, root: Root, operand: number): number {
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
