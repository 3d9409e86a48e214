import { type Body, bodyOf } from "../ir/body.ts";
import type { Expr } from "../ir/graph.ts";
import { graphCost, type SizeHints, sizeHints } from "./cost.ts";
import { reformLoops, type SimplifyBody } from "./loops/reform.ts";
import { passes as allPasses, indexOf, type Pass } from "./passes.ts";
import type { Level, Phase, Rule } from "./rule.ts";
import { Settled } from "./settled.ts";
import { Sweep } from "./sweep.ts";

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
  /** What earlier calls learnt about nodes of the same graph; this call adds to it. */
  readonly settled?: Settled | undefined;
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
  const memory = options.settled ?? new Settled(graph);
  const hints = memory.under(options.hints ?? sizeHints(roots));
  let current = [...roots];
  for (const pass of passes) {
    const index = indexOf(pass, level, phase);
    const rewrites: Rewrite[] = [];
    const before = current;
    const note = record && ((node: Expr, rule: Rule, replacement: Expr) => rewrites.push({ node, rule, replacement }));
    for (let round = 0, settled = false; !settled && round < mostSweeps; round++) {
      const sweep = new Sweep(memory, hints, index, note);
      current = sweep.run(current);
      settled = sweep.firings === 0 || sweep.firings * few < sweep.visited;
    }
    const isSame = current.every((root, k) => root === before[k]);
    if (pass.mayRaiseCost && !isSame && graphCost(current, hints) > graphCost(before, hints)) {
      current = before;
      rewrites.length = 0;
    }
    record?.pass(pass.name, rewrites, current);
  }
  return current;
}

/** The roots with their loops reformed; what took whose place is a pass of its own. */
function recordedReform(roots: readonly Expr[], simplifyBody: SimplifyBody, record: Recorder | undefined): Expr[] {
  if (!record) return reformLoops(roots, simplifyBody);
  const rewrites: Rewrite[] = [];
  const reformed = reformLoops(roots, simplifyBody, (name, node, replacement) => {
    rewrites.push({ node, rule: { name, phase: "anytime", roots: [], apply: () => undefined }, replacement });
  });
  if (rewrites.length > 0) record.pass("loops", rewrites, reformed);
  return reformed;
}

export interface SimplifyOptions {
  /** Default: all. */
  readonly level?: Level;
  /** True once no derivative follows. Default: false. */
  readonly last?: boolean;
  readonly record?: Recorder | undefined;
  readonly hints?: SizeHints | undefined;
  readonly settled?: Settled | undefined;
}

/** The roots, simplified by every pass in order. */
export function simplify(roots: readonly Expr[], options: SimplifyOptions = {}): Expr[] {
  const { level = "all", last = false, record, settled } = options;
  const phase = last ? "last" : "anytime";
  const hints = options.hints ?? sizeHints(roots);
  // bodies are simplified by the same rules, under the sizes of the whole
  const inBodies = (body: Body): Body => {
    const key = `${phase} ${body.key}`;
    const known = settled?.bodies.get(key);
    if (known) return known;
    const found = simplify(body.roots, { level, last, hints });
    const simpler = found.every((root, k) => root === body.roots[k]) ? body : bodyOf(body.parameters, found);
    settled?.bodies.set(key, simpler);
    return simpler;
  };
  const reformed = level === "all" ? recordedReform(roots, inBodies, record) : [...roots];
  return rewrite(reformed, allPasses, { rewrites: level, phase, record, hints, settled });
}
