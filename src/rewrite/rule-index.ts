import type { Graph } from "../ir/graph.ts";
import type { Ingredient, Root, Rule } from "./rule.ts";

/** A rule with the operands it needs, as a set of bits. */
interface Candidate {
  readonly rule: Rule;
  readonly needed: number;
}

/** Rules that start from one kind of node, and the bits of the operands that any of them needs. */
export interface Candidates {
  readonly list: readonly Candidate[];
  readonly bits: ReadonlyMap<Ingredient, number>;
}

/** Rules by the node they start from, and by the operands they need. */
export class RuleIndex {
  readonly rules: ReadonlySet<Rule>;
  private readonly byRoot = new Map<Root, Rule[]>();
  private readonly candidates = new Map<Root, Candidates>();
  private readonly differences = new WeakMap<RuleIndex, RuleIndex>();

  constructor(rules: Iterable<Rule>) {
    this.rules = new Set(rules);
    for (const rule of this.rules) {
      for (const root of rule.roots) {
        const known = this.byRoot.get(root);
        if (known) known.push(rule);
        else this.byRoot.set(root, [rule]);
      }
    }
  }

  /** Its rules that another does not have; made once, for all models. */
  without(other: RuleIndex): RuleIndex {
    const known = this.differences.get(other);
    if (known) return known;
    const left = [...this.rules].filter((rule) => !other.rules.has(rule));
    const difference = left.length === this.rules.size ? this : new RuleIndex(left);
    this.differences.set(other, difference);
    return difference;
  }

  /** Rules that start from such a node. */
  of(graph: Graph, id: number): Candidates {
    const kind = graph.kindOf(id);
    if (kind === "map") return this.ofRoot(graph.primitiveOf(id));
    return kind === "contraction" || kind === "reduce" || kind === "operation" ? this.ofRoot(kind) : none;
  }

  private ofRoot(root: Root): Candidates {
    const known = this.candidates.get(root);
    if (known) return known;
    const generic = typeof root === "string" ? [] : (this.byRoot.get("map") ?? []);
    const made = withBits([...(this.byRoot.get(root) ?? []), ...generic]);
    this.candidates.set(root, made);
    return made;
  }
}

const none: Candidates = { list: [], bits: new Map() };

/** Ingredients share 31 bits: two of one bit cost a look, no more. */
function withBits(rules: readonly Rule[]): Candidates {
  const bits = new Map<Ingredient, number>();
  const bitOf = (ingredient: Ingredient) => {
    const bit = bits.get(ingredient) ?? 1 << (bits.size % 31);
    bits.set(ingredient, bit);
    return bit;
  };
  const list = rules.map((rule) => ({
    rule,
    needed: (rule.operands ?? []).reduce<number>((needed, ingredient) => needed | bitOf(ingredient), 0),
  }));
  return { list, bits };
}

/** The bits of a node's operands. */
export function presentAt(graph: Graph, id: number, bits: Candidates["bits"]): number {
  let present = 0;
  if (bits.size === 0) return present;
  for (let k = graph.operandCount(id) - 1; k >= 0; k--) {
    const operand = graph.operandAt(id, k);
    const kind = graph.kindOf(operand);
    if (kind === "map") present |= bits.get(graph.primitiveOf(operand)) ?? 0;
    else if (kind === "constant") present |= (bits.get("constant") ?? 0) | (bits.get(graph.constantOf(operand)) ?? 0);
  }
  return present;
}
