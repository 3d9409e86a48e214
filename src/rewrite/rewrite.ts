import type { Expr } from "../ir/graph.ts";
import { graphCost, type SizeHints, sizeHints } from "./cost.ts";
import { Facts } from "./facts.ts";
import { passes as allPasses, type Pass, rulesOf } from "./passes.ts";
import type { Level, Phase, Rule } from "./rule.ts";
import { RuleIndex, Sweep } from "./sweep.ts";

/** Receives what passes do, one list of rewrites a pass. */
export interface Recorder {
  pass(name: string, rewrites: readonly Rewrite[], roots: readonly Expr[]): void;
}

export interface Rewrite {
  readonly node: Expr;
  readonly rule: Rule;
  readonly replacement: Expr;
}

export interface RewriteOptions {
  /** Default: all. */
  readonly rewrites?: Level;
  /** anytime before a derivative is taken, last after the last one. Default: anytime. */
  readonly phase?: Phase;
  readonly record?: Recorder | undefined;
  /** What sizes are taken to be when costs are compared. */
  readonly hints?: SizeHints | undefined;
}

/** Sweeps of one pass; a pass settles in two or three, and stops here if rules should ever chase each other. */
const mostSweeps = 8;

/** A sweep that changed less than one node in so many is the last of its pass: the next pass knows its rules too. */
const few = 32;

/** The roots after the passes, each swept until it changes nothing. */
export function rewrite(roots: readonly Expr[], passes: readonly Pass[], options: RewriteOptions = {}): Expr[] {
  const graph = roots[0]?.graph;
  const { rewrites: level = "all", phase = "anytime", record } = options;
  if (!graph || level === "none") return [...roots];
  const hints = options.hints ?? sizeHints(roots);
  const facts = new Facts(graph);
  let current = [...roots];
  for (const pass of passes) {
    const index = new RuleIndex(rulesOf(pass, level, phase));
    const rewrites: Rewrite[] = [];
    const before = current;
    const note = record && ((node: Expr, rule: Rule, replacement: Expr) => rewrites.push({ node, rule, replacement }));
    for (let round = 0, settled = false; !settled && round < mostSweeps; round++) {
      const sweep = new Sweep(facts, hints, index, note, graph);
      current = sweep.run(current);
      settled = sweep.firings === 0 || sweep.firings * few < sweep.visited;
    }
    if (pass.mayRaiseCost && graphCost(current, hints) > graphCost(before, hints)) {
      current = before;
      rewrites.length = 0;
    }
    record?.pass(pass.name, rewrites, current);
  }
  return current;
}

export interface SimplifyOptions {
  /** Default: all. */
  readonly level?: Level;
  /** True once no derivative follows. Default: false. */
  readonly last?: boolean;
  readonly record?: Recorder | undefined;
  readonly hints?: SizeHints | undefined;
}

/** The roots, simplified by every pass in order. */
export function simplify(roots: readonly Expr[], options: SimplifyOptions = {}): Expr[] {
  const { level = "all", last = false, record, hints } = options;
  return rewrite(roots, allPasses, { rewrites: level, phase: last ? "last" : "anytime", record, hints });
}
