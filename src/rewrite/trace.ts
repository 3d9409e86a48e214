import { applyPatches, enablePatches, type Patch, produceWithPatches } from "immer";
import type { Expr } from "../ir/graph.ts";
import { showNode } from "../ir/show.ts";
import type { Recorder, Rewrite } from "./rewrite.ts";
import { nameOf } from "./rule-name.ts";

/** What took a node's place, and why. */
export interface Replacement {
  readonly pass: string;
  readonly rule: string;
  /** Id of the replacement. */
  readonly by: number;
  /** The node and its replacement as lines of the graph's text form. */
  readonly before: string;
  readonly after: string;
}

/** One rewrite of a compile. */
export interface Step extends Replacement {
  readonly node: number;
}

type Replacements = Readonly<Record<number, Replacement>>;

interface RecordedStep {
  readonly step: Step;
  readonly forwards: Patch;
  readonly backwards: Patch;
}

/**
 * The rewrites of a compile, to be stepped through in both directions. Each pass adds its replacements to a plain
 * record in one `produce`; the patches of that are the steps.
 */
export class Trace implements Recorder {
  private readonly recorded: RecordedStep[] = [];
  private whole: Replacements = {};
  private shown: Replacements = {};
  private position = 0;

  constructor() {
    enablePatches();
  }

  /** Called by `rewrite`. */
  pass(name: string, rewrites: readonly Rewrite[]): void {
    // passes over loops look at some that they leave as they are
    const inOrder = rewrites
      .filter(({ node, replacement }) => node !== replacement)
      .map((rewrite) => stepOf(name, rewrite));
    const [next, forwards, backwards] = produceWithPatches(this.whole, (replacements: Record<number, Replacement>) => {
      for (const { node, ...replacement } of inOrder) replacements[node] = replacement;
    });
    this.whole = next;
    const forwardsOf = byNode(forwards);
    const backwardsOf = byNode(backwards);
    for (const step of inOrder) {
      const forward = forwardsOf.get(step.node);
      const backward = backwardsOf.get(step.node);
      // a node rewritten twice in one pass leaves one patch, that of its last replacement
      if (!forward || !backward || forward.value.by !== step.by) continue;
      this.recorded.push({ step, forwards: forward, backwards: backward });
    }
  }

  get steps(): readonly Step[] {
    return this.recorded.map(({ step }) => step);
  }

  /** What has been replaced up to the current position. */
  get replacements(): Replacements {
    return this.shown;
  }

  /** The next rewrite, now done; undefined at the end. */
  forward(): Step | undefined {
    const next = this.recorded[this.position];
    if (!next) return undefined;
    this.position++;
    this.shown = applyPatches(this.shown, [next.forwards]);
    return next.step;
  }

  /** The last rewrite, now undone; undefined at the beginning. */
  backward(): Step | undefined {
    const last = this.recorded[this.position - 1];
    if (!last) return undefined;
    this.position--;
    this.shown = applyPatches(this.shown, [last.backwards]);
    return last.step;
  }
}

function stepOf(pass: string, { node, rule, replacement }: Rewrite): Step {
  const line = (shown: Expr) => showNode(shown);
  return { pass, rule: nameOf(rule), node: node.id, by: replacement.id, before: line(node), after: line(replacement) };
}

/** Patches of a record by the key that they set. */
function byNode(patches: readonly Patch[]): Map<number, Patch> {
  return new Map(patches.map((patch) => [Number(patch.path[0]), patch]));
}
