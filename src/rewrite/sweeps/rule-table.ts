import type { Graph } from "../../ir/graph.ts";
import { type Combination, type Ingredient, kindOf, type OperandKind, type Root, type Rule } from "../rule.ts";

/** What rules see of a node at first: the root that they start from, and which of the operands they ask for it has. */
interface Profile {
  readonly root: Root | undefined;
  readonly present: number;
}

const profiles: Profile[] = [];
const profileNumbers = new Map<Root | undefined, Map<number, number>>();

/** The number of a profile: by it a table finds what may change a node. From 1 on. */
export function profileNumber(root: Root | undefined, present: number): number {
  let numbers = profileNumbers.get(root);
  if (!numbers) {
    numbers = new Map();
    profileNumbers.set(root, numbers);
  }
  const known = numbers.get(present) ?? profiles.push({ root, present });
  numbers.set(present, known);
  return known;
}

/** The rules for nodes that no rule starts from, whatever their operands are. */
export const rootless: readonly Rule[] = [];

/** A rule, and the bits of the sets that have it: a pass in a phase is a set. */
export type Member = readonly [rule: Rule, sets: number];

/** The rules of all passes, in the order in which they are tried, by the node they start from and by the operands they need. */
export class RuleTable {
  readonly members: readonly Member[];
  /** Places of members, by the nodes that they start from. */
  private readonly byRoot = new Map<Root, number[]>();
  private readonly byProfile: (readonly Member[])[] = [];
  /** Rules of the same sets are of one kind: their bits. */
  private readonly kinds: ReadonlySet<number>;
  private readonly untried = new Map<number, Map<number, Untried | undefined>>();

  constructor(members: readonly Member[]) {
    this.members = members;
    this.kinds = new Set(members.map(([, sets]) => sets));
    for (const [place, [{ roots, operands = [] }]] of members.entries()) {
      for (const root of roots) {
        const known = this.byRoot.get(root);
        if (known) known.push(place);
        else this.byRoot.set(root, [place]);
        for (const ingredient of operands) ingredientBits.number(root, ingredient);
      }
    }
  }

  /** What a set has beside the rules of tried ones, as bits; undefined where that is nothing. */
  rest(set: number, tried: number): Untried | undefined {
    const ofSet = this.untried.get(set) ?? new Map<number, Untried | undefined>();
    this.untried.set(set, ofSet);
    if (!ofSet.has(tried)) {
      const isUntried = (sets: number) => (sets & set) !== 0 && (sets & tried) === 0;
      ofSet.set(tried, [...this.kinds].some(isUntried) ? new Untried(this, isUntried) : undefined);
    }
    return ofSet.get(tried);
  }

  /** Rules that start from a node with a profile and find what they need among its operands. */
  among(profile: number): readonly Member[] {
    const known = this.byProfile[profile] ?? this.find(profiles[profile - 1]!);
    this.byProfile[profile] = known;
    return known;
  }

  private find({ root, present }: Profile): readonly Member[] {
    if (root === undefined) return [];
    const own = this.byRoot.get(root) ?? [];
    const generic = typeof root === "string" ? [] : (this.byRoot.get("map") ?? []);
    return [...own, ...generic]
      .sort((a, b) => a - b)
      .map((place) => this.members[place]!)
      .filter(([{ operands = [] }]) =>
        operands.every((each) => {
          const needed = ingredientBits.of(root, each);
          return (needed & present) === needed;
        }),
      );
  }
}

/** Rules that may still change a node. */
export class Untried {
  private readonly table: RuleTable;
  private readonly isUntried: (sets: number) => boolean;
  private readonly byProfile: (readonly Rule[])[] = [];

  constructor(table: RuleTable, isUntried: (sets: number) => boolean) {
    this.table = table;
    this.isUntried = isUntried;
  }

  /** Those for nodes with a profile, in the order of the passes; `rootless` where no rule starts from such a node. */
  among(profile: number): readonly Rule[] {
    const known = this.byProfile[profile] ?? this.find(profile);
    this.byProfile[profile] = known;
    return known;
  }

  private find(profile: number): readonly Rule[] {
    if (profiles[profile - 1]!.root === undefined) return rootless;
    return this.table.among(profile).flatMap(([rule, sets]) => (this.isUntried(sets) ? [rule] : []));
  }
}

/** Where rules may start from a node; undefined for leaves and constants. */
export function rootOf(graph: Graph, id: number): Root | undefined {
  const kind = kindOf(graph, id);
  return typeof kind !== "string" || starts.has(kind) ? (kind as Root) : undefined;
}

const starts: ReadonlySet<OperandKind> = new Set<Combination | "operation">(["view", "sum", "reduce", "operation"]);

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
    const bit = 1 << ((root === "map" ? bitCount - 1 - bits.size : bits.size) % bitCount);
    bits.set(ingredient, bit);
    this.count++;
    if (!Array.isArray(ingredient)) return;
    for (const kind of ingredient as readonly OperandKind[]) {
      this.number(root, kind);
      bits.set(kind, bits.get(kind)! | bit);
    }
  }

  /** The bits of an ingredient, with those of the choices it is one of; 0 where no rule asks for it. */
  of(root: Root, ingredient: Ingredient): number {
    const own = this.byRoot.get(root)?.get(ingredient) ?? 0;
    return typeof root === "string" ? own : own | (this.byRoot.get("map")?.get(ingredient) ?? 0);
  }
}

export const ingredientBits = new IngredientBits();
