import type { Graph } from "../ir/graph.ts";
import type { Ingredient, Root, Rule } from "./rule.ts";

/** A rule with the operands it needs, as a set of bits. */
interface Candidate {
  readonly rule: Rule;
  readonly needed: number;
}

/** Rules that start from one kind of node. */
export class Candidates {
  private readonly list: readonly Candidate[];
  private readonly byPresent = new Map<number, readonly Rule[]>();

  constructor(list: readonly Candidate[]) {
    this.list = list;
  }

  /** Those that find what they need among operands with these bits. */
  among(present: number): readonly Rule[] {
    const known = this.byPresent.get(present);
    if (known) return known;
    const rules = this.list.filter(({ needed }) => (needed & present) === needed).map(({ rule }) => rule);
    this.byPresent.set(present, rules);
    return rules;
  }
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
        for (const ingredient of rule.operands ?? []) ingredientBits.number(root, ingredient);
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
  of(root: Root): Candidates {
    const known = this.candidates.get(root);
    if (known) return known;
    const generic = typeof root === "string" ? [] : (this.byRoot.get("map") ?? []);
    const made = new Candidates(
      [...(this.byRoot.get(root) ?? []), ...generic].map((rule) => ({
        rule,
        needed: (rule.operands ?? []).reduce<number>((needed, each) => needed | ingredientBits.of(root, each), 0),
      })),
    );
    this.candidates.set(root, made);
    return made;
  }
}

/** Where rules may start from a node; undefined for leaves and constants. */
export function rootOf(graph: Graph, id: number): Root | undefined {
  const kind = graph.kindOf(id);
  if (kind === "map") return graph.primitiveOf(id);
  return kind === "contraction" || kind === "reduce" || kind === "operation" ? kind : undefined;
}

/** So many bits tell ingredients of one root apart: two of one bit cost a look, no more. */
const bitCount = 30;

/**
 * The operands that rules of one root need, as bits. All rule sets have them in common, so that what a node has of them
 * is found once; `count` grows where a rule needs something new.
 */
class IngredientBits {
  count = 0;
  private readonly byRoot = new Map<Root, Map<Ingredient, number>>();

  number(root: Root, ingredient: Ingredient): void {
    let bits = this.byRoot.get(root);
    if (!bits) {
      bits = new Map();
      this.byRoot.set(root, bits);
    }
    if (bits.has(ingredient)) return;
    bits.set(ingredient, 1 << ((root === "map" ? bitCount - 1 - bits.size : bits.size) % bitCount));
    this.count++;
  }

  /** The bit of an ingredient; 0 where no rule asks for it. */
  of(root: Root, ingredient: Ingredient): number {
    const own = this.byRoot.get(root)?.get(ingredient) ?? 0;
    return typeof root === "string" ? own : own | (this.byRoot.get("map")?.get(ingredient) ?? 0);
  }
}

export const ingredientBits = new IngredientBits();
