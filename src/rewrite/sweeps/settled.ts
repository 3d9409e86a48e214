import type { Body } from "../../ir/bodies/body.ts";
import type { Graph } from "../../ir/graph.ts";
import type { SizeHints } from "../cost.ts";
import { type Facts, factsOf } from "../facts/facts.ts";
import { NodeNumbers } from "./node-numbers.ts";
import { Profiles } from "./profiles.ts";
import { References } from "./references.ts";
import type { RuleTable } from "./rule-table.ts";

/** Beyond the first 4096 nodes of a sweep, one in so many may have other answers than before and stay as it is. */
const few = 64;

/**
 * What sweeps over one graph learn, for later sweeps: which rule sets leave a node as it is. A node never changes, and
 * neither do its facts. What a rule asked besides, whether nodes are shared and how large sizes are taken to be, is
 * kept with the answers, and the node counts as settled only while they hold. Passes, and the functions of one model,
 * have most rules and most nodes in common. In a large graph a few other answers count for nothing: what comes of them at
 * the bottom would make everything above it anew.
 */
export class Settled {
  readonly graph: Graph;
  readonly facts: Facts;
  /** Bodies of loops, simplified: by the phase and their keys. */
  readonly bodies = new Map<string, Body>();
  /** Whose sets the bits stand for. */
  private table: RuleTable | undefined;
  /** The sets that leave a node as it is, one bit each. */
  private readonly known = new NodeNumbers();
  /** Where the answers begin on which that depends; 0: it depends on none. */
  private readonly answersAt = new NodeNumbers();
  /** Lists of answers, each after its length: twice a node's id, plus one where it is shared. */
  private answers = new Int32Array(1024);
  private answersEnd = 1;
  private isLenient = false;
  private readonly sizes = new Map<string, number>();
  readonly profiles: Profiles;
  /** What the last sweep was over, and the bits of the sets that have changed nothing there. */
  unchanged: readonly number[] = [];
  unchanging = 0;
  /** Scratch of the sweep under way. */
  readonly final = new NodeNumbers();
  readonly references: References;

  constructor(graph: Graph) {
    this.graph = graph;
    this.facts = factsOf(graph);
    this.profiles = new Profiles(graph);
    this.references = new References(graph);
  }

  /** The hints, remembered as they are asked for. What was learnt under other ones, or of other rules, is forgotten. */
  under(hints: SizeHints, table: RuleTable): SizeHints {
    const isSame = table === this.table && [...this.sizes].every(([name, value]) => hints(name) === value);
    if (!isSame) {
      this.known.clear();
      this.unchanging = 0;
      this.bodies.clear();
      this.sizes.clear();
      this.table = table;
    }
    return (name) => {
      const value = hints(name);
      this.sizes.set(name, value);
      return value;
    };
  }

  /** Looks, before a sweep over some nodes, whether enough of them have other answers than before. */
  lookOver(ids: readonly number[]): void {
    let left = ids.length / few - 64;
    for (let at = 0; at < ids.length && left > 0; at++) {
      const id = ids[at]!;
      if (this.known.at(id) && !this.holds(id)) left--;
    }
    this.isLenient = left > 0;
  }

  /** The sets that are known to leave a node as it is: 0 where what that depends on is no longer so. */
  knownOf(id: number): number {
    const known = this.known.at(id);
    if (known === 0 || this.isLenient || this.holds(id)) return known;
    this.known.set(id, 0);
    return 0;
  }

  /**
   * Notes that no rule of the set with the bit changes the node, as long as the answers to what they asked, the first `count`
   * of a list, stay the same.
   */
  note(id: number, bit: number, asked: readonly number[], count: number): void {
    const known = this.known.at(id);
    if (known === 0) this.answersAt.set(id, 0);
    if (count > 0) this.keep(id, asked, count);
    this.known.set(id, known | bit);
  }

  /** True when the node serves more than one operand or root. */
  isShared(id: number): boolean {
    return this.references.usesOf(id) > 1;
  }

  private holds(id: number): boolean {
    const start = this.answersAt.at(id);
    if (start === 0) return true;
    const { answers } = this;
    const end = start + answers[start]!;
    for (let k = start + 1; k <= end; k++) {
      const answer = answers[k]!;
      if (this.isShared(answer >> 1) !== ((answer & 1) === 1)) return false;
    }
    return true;
  }

  private keep(id: number, asked: readonly number[], count: number): void {
    const before = this.answersAt.at(id);
    const kept = before === 0 ? 0 : this.answers[before]!;
    const start = this.answersEnd;
    const end = start + 1 + kept + count;
    if (end > this.answers.length) {
      const larger = new Int32Array(2 * end);
      larger.set(this.answers);
      this.answers = larger;
    }
    const { answers } = this;
    answers[start] = kept + count;
    answers.copyWithin(start + 1, before + 1, before + 1 + kept);
    for (let k = 0; k < count; k++) answers[start + 1 + kept + k] = asked[k]!;
    this.answersEnd = end;
    this.answersAt.set(id, start);
  }
}
