import type { Body } from "../ir/bodies/body.ts";
import { Ability, type Extension, howTo } from "../ir/extension.ts";
import type { Expr } from "../ir/graph.ts";
import { computedInTables, type Lookups } from "./closing/in-tables.ts";
import { withReciprocals } from "./closing/reciprocals.ts";
import { computedWhereRead } from "./closing/where-read.ts";
import { graphCost, type SizeHints, sizeHints } from "./cost.ts";
import { factsOf } from "./facts/facts.ts";
import { passes as allPasses, type Pass } from "./passes.ts";
import type { Level, Phase, Rule } from "./rule.ts";
import { setOf, tableOf } from "./rule-sets.ts";
import { Settled } from "./sweeps/settled.ts";
import { Sweep } from "./sweeps/sweep.ts";

/** How bodies are simplified: by the same passes, under the sizes of the whole. */
export interface BodyPasses {
  readonly phase: Phase;
  readonly simplify: (roots: readonly Expr[]) => readonly Expr[];
  /** Bodies that were simplified before, by the phase and their keys. */
  readonly known: Map<string, Body>;
}

/** Rewrites operations with bodies, before the nodes around them are simplified. */
export type Reform = (
  roots: readonly Expr[],
  passes: BodyPasses,
  note?: (name: string, result: Expr, replacement: Expr) => void,
) => Expr[];

export const reforming = new Ability<Reform>("rewrites of bodies");

/** Gives the roots with long sums of terms that are alike as sums over one axis. */
export const rolling = new Ability<(roots: readonly Expr[], note?: (sum: Expr, replacement: Expr) => void) => Expr[]>(
  "long sums as loops",
);

/** Gives the roots with changes that no derivative may follow. */
export const finishing = new Ability<
  (roots: readonly Expr[], note?: (node: Expr, replacement: Expr) => void) => Expr[]
>("last changes");

/** Gives the roots with changes that derivatives inherit. */
export const settling: typeof finishing = new Ability("first changes");

/** How much loops may store for derivatives: the carries of every so many steps, or about so many bytes of carries. */
export type Checkpoints = number | { readonly bytes: number };

/** Gives the roots with their long loops in blocks. */
export const checkpointing = new Ability<
  (roots: readonly Expr[], checkpoints: Checkpoints, hints: SizeHints) => Expr[]
>("checkpoints");

/** Gives the roots with definitions in the place of their calls and with both sides of choices. */
export const spelling = new Ability<(roots: readonly Expr[]) => Expr[]>("spelling out");

/** The roots with everything that calls hide in its place: for those who look into them. */
export function spelledOut(roots: readonly Expr[]): readonly Expr[] {
  const spell = roots[0]?.graph.ability(spelling);
  return spell ? spell(roots) : roots;
}

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
  /** Whose rules join the passes. Default: those that the graph knows. */
  readonly extensions?: readonly Extension[];
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
  const { extensions = graph.extensions } = options;
  const memory = options.settled ?? new Settled(graph);
  const table = tableOf(passes, level, extensions);
  const hints = memory.under(options.hints ?? sizeHints(roots), table);
  let current = [...roots];
  for (const [place, pass] of passes.entries()) {
    const set = setOf(place, phase);
    const rewrites: Rewrite[] = [];
    const before = current;
    const note = record && ((node: Expr, rule: Rule, replacement: Expr) => rewrites.push({ node, rule, replacement }));
    for (
      let round = 0, settled = !table.rest(set, 0);
      !settled && round < (pass.isSweptOnce ? 1 : mostSweeps);
      round++
    ) {
      const sweep = new Sweep(memory, hints, table, set, note);
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

/** What stands in records for a rewrite that is no rule of a pass. */
const named = (name: string): Rule => ({ name, phase: "anytime", roots: [], apply: () => undefined });

/** The roots after a change that is no sweep of rules; what took whose place, by the names of changes, is a pass of its own. */
function recorded(
  pass: string,
  record: Recorder | undefined,
  change: (note: (name: string, node: Expr, replacement: Expr) => void) => Expr[],
): Expr[] {
  const rewrites: Rewrite[] = [];
  const roots = change((name, node, replacement) => rewrites.push({ node, rule: named(name), replacement }));
  if (rewrites.length > 0) record?.pass(pass, rewrites, roots);
  return roots;
}

/** The roots with their operations with bodies reformed. */
function reformed(
  roots: readonly Expr[],
  extensions: readonly Extension[],
  bodies: BodyPasses,
  record: Recorder | undefined,
): readonly Expr[] {
  return extensions.reduce((current, extension) => {
    const reform = howTo(reforming, extension);
    return reform ? recorded(extension.name, record, (note) => reform(current, bodies, note)) : current;
  }, roots);
}

/** The roots as a whole changed by the extensions that know how. */
function changed(
  ability: typeof rolling,
  [pass, name]: readonly [pass: string, name: string],
  roots: readonly Expr[],
  extensions: readonly Extension[],
  record: Recorder | undefined,
): readonly Expr[] {
  return extensions.reduce((current, extension) => {
    const change = howTo(ability, extension);
    return change ? recorded(pass, record, (note) => change(current, (...made) => note(name, ...made))) : current;
  }, roots);
}

export interface SimplifyOptions {
  /** Default: all. */
  readonly level?: Level;
  /** True once no derivative follows. Default: false. */
  readonly last?: boolean;
  readonly record?: Recorder | undefined;
  readonly hints?: SizeHints | undefined;
  readonly settled?: Settled | undefined;
  /** What is known of lookups: without it, functions of what is looked up are computed wherever that is. */
  readonly lookups?: Lookups | undefined;
  /** Whose rules join the passes. Default: those that the graph knows. */
  readonly extensions?: readonly Extension[];
}

/** The roots, simplified by every pass in order. */
export function simplify(roots: readonly Expr[], options: SimplifyOptions = {}): Expr[] {
  const { level = "all", last = false, record, settled, lookups } = options;
  const phase = last ? "last" : "anytime";
  const hints = options.hints ?? sizeHints(roots);
  const extensions = options.extensions ?? roots[0]?.graph.extensions ?? [];
  const inBodies: BodyPasses = {
    phase,
    simplify: (inner) => simplify(inner, { level, last, hints, extensions }),
    known: settled?.bodies ?? new Map(),
  };
  const ready =
    level === "all"
      ? reformed(
          changed(rolling, ["roll", "terms that are alike"], roots, extensions, record),
          extensions,
          inBodies,
          record,
        )
      : roots;
  const simple = rewrite(ready, allPasses, { rewrites: level, phase, record, hints, settled, extensions });
  if (level !== "all" || simple.length === 0) return simple;
  if (!last) return [...changed(settling, ["near", "series near a place"], simple, extensions, record)];
  const moved = recorded("places", record, (note) => {
    const there = computedWhereRead(simple, hints, (...made) => note("computed where it is read", ...made));
    return lookups
      ? computedInTables(there, lookups, hints, (...made) => note("computed once for all lookups", ...made))
      : there;
  });
  const facts = factsOf(simple[0]!.graph);
  const scaled = changed(finishing, ["scale", "homogeneous function"], moved, extensions, record);
  return recorded("reciprocals", record, (note) =>
    withReciprocals(scaled, facts, (...made) => note("quotients by one number", ...made)),
  );
}
