import { type Body, bodyOf } from "../../ir/bodies/body.ts";
import { type Choice, choiceOf } from "../../ir/bodies/choice.ts";
import { type Definition, definitionOf } from "../../ir/bodies/definition.ts";
import { implicitOf } from "../../ir/bodies/implicit.ts";
import { type Scan, scanWith } from "../../ir/bodies/scan.ts";
import { type While, whileWith } from "../../ir/bodies/while.ts";
import type { Expr } from "../../ir/graph.ts";
import type { Call, Operation } from "../../ir/operation.ts";
import type { BodyPasses, Reform } from "../rewrite.ts";
import { putAtPlaces } from "./at-places.ts";
import { prunedChoice } from "./choices.ts";
import { inlinedDefinitions, prunedDefinition } from "./definitions.ts";
import { hoisted, sunk } from "./fission.ts";
import { lastSlices } from "./last.ts";
import { mergeScans } from "./merge.ts";
import { copiedStacks, prunedScan, prunedWhile, withoutSteps } from "./prune.ts";
import { hasCalls, type NoteReplacement, type ReplaceCall, replaceCalls } from "./replace.ts";
import { restoringLoops } from "./restore.ts";
import { sharedSteps } from "./share-steps.ts";
import { withoutShortCarries } from "./short-carries.ts";

/** A rewrite of one call, with the reason for its place among the others. */
interface Step {
  readonly name: string;
  readonly reason: string;
  readonly apply: (roots: readonly Expr[], passes: BodyPasses, note?: NoteReplacement) => Expr[];
}

const prune: Step["apply"] = (roots, _, note) => replaceCalls(roots, pruned, note);

const pruned: ReplaceCall = (call, needed) => {
  switch (call.operation.kind) {
    case "scan":
      return prunedScan(call as Call<Scan>, needed);
    case "while":
      return prunedWhile(call as Call<While>, needed);
    case "choice":
      return prunedChoice(call as Call<Choice>, needed);
    case "definition":
      return prunedDefinition(call as Call<Definition>, needed);
    default:
      return undefined;
  }
};

const ofScans =
  (rewrite: (call: Call<Scan>) => readonly (Expr | undefined)[] | undefined): Step["apply"] =>
  (roots, _, note) =>
    replaceCalls(roots, (call) => (call.operation.kind === "scan" ? rewrite(call as Call<Scan>) : undefined), note);

/** The rewrite until nothing changes. */
const repeated =
  (apply: Step["apply"]): Step["apply"] =>
  (roots, passes, note) => {
    let current: Expr[] = [...roots];
    for (;;) {
      const next = apply(current, passes, note);
      if (next.every((root, k) => root === current[k])) return next;
      current = next;
    }
  };

/** Of a loop over blocks nothing moves out: whole products of all steps would be stored. */
const outsideBlocks =
  (rewrite: (call: Call<Scan>) => readonly (Expr | undefined)[] | undefined) =>
  (call: Call<Scan>): readonly (Expr | undefined)[] | undefined =>
    call.operation.isBlocks ? undefined : rewrite(call);

/** The body by the passes; equal bodies are simplified once. */
function simplified(body: Body, { phase, simplify, known }: BodyPasses): Body {
  const key = `${phase} ${body.key}`;
  const before = known.get(key);
  if (before) return before;
  const roots = simplify(body.roots);
  const simpler = roots.every((root, k) => root === body.roots[k]) ? body : bodyOf(body.parameters, roots);
  known.set(key, simpler);
  return simpler;
}

const bodies: Step["apply"] = (roots, passes, note) =>
  replaceCalls(
    roots,
    ({ operation, operands, results }) => {
      const simpler = withBodies(operation, (body) => simplified(body, passes));
      return simpler.key === operation.key ? undefined : results[0]!.graph.operation(simpler, operands);
    },
    note,
  );

/** The operation with each of its bodies replaced. */
export function withBodies(operation: Operation, map: (body: Body) => Body): Operation {
  switch (operation.kind) {
    case "scan":
      return scanWith(map(operation.body), operation);
    case "while":
      return whileWith(map(operation.body), operation);
    case "implicit":
      return implicitOf({ ...operation, solver: map(operation.solver), residual: map(operation.residual) });
    case "choice":
      return choiceOf({ ...operation, yes: map(operation.yes), no: map(operation.no) });
    case "definition":
      return definitionOf({ ...operation, body: map(operation.body) });
    default:
      return operation;
  }
}

/** What is done to loops before the nodes around them are simplified. */
const steps: readonly Step[] = [
  {
    name: "definition in its place",
    reason: "first of all: what is not kept as calls is like any other part of the model",
    apply: (roots, _, note) => inlinedDefinitions(roots, note),
  },
  {
    name: "loop of no steps",
    reason: "before others look at it: what is left over of a loop in blocks often has none",
    apply: ofScans(withoutSteps),
  },
  {
    name: "stack of an input as the input",
    reason: "before stacks are counted: then these are no longer needed",
    apply: ofScans(copiedStacks),
  },
  {
    name: "last slice of a stack as a carry",
    reason: "before stacks are counted that something reads",
    apply: (roots, _, note) => lastSlices(roots, note),
  },
  {
    name: "loop without what nothing reads",
    reason: "early: the less there is, the less the others look at",
    apply: prune,
  },
  {
    name: "loops of one carry as one",
    reason: "while bodies are as derivatives made them: equal steps have one form",
    apply: (roots, _, note) => mergeScans(roots, note),
  },
  {
    name: "short carries as numbers",
    reason: "before bodies are simplified, which is once; loops of equal carries are one by then",
    apply: repeated(ofScans(withoutShortCarries)),
  },
  {
    name: "what is put at a place for that place",
    reason: "before bodies are simplified, where an element of what was an array takes its own form",
    apply: ofScans(putAtPlaces),
  },
  { name: "body of a loop", reason: "before products leave the loop: they are then in one piece", apply: bodies },
  {
    name: "what an earlier loop has computed",
    reason: "once bodies are simple, for slices hide what they hold; before products leave the loops",
    apply: (roots, { phase }, note) => (phase === "last" ? sharedSteps(roots, note) : [...roots]),
  },
  {
    name: "an array as it was, restored",
    reason:
      "once loops have what earlier ones computed, which stacks may show; before what these need no more is left out",
    apply: (roots, { phase }, note) => (phase === "last" ? restoringLoops(roots, note) : [...roots]),
  },
  {
    name: "what needs no carry before the loop",
    reason: "what needs no carry comes before the loop",
    apply: (roots, passes, note) => {
      // early, products of functions have not got the forms yet that stay right where these overflow
      const withGiven = passes.phase === "last";
      return ofScans(outsideBlocks((call) => hoisted(call, { withGiven })))(roots, passes, note);
    },
  },
  {
    name: "stack of an input as the input",
    reason: "what came before the loop may have been stacked for a later one",
    apply: ofScans(copiedStacks),
  },
  {
    name: "products behind the loop",
    reason: "what no carry needs comes behind it",
    apply: ofScans(outsideBlocks(sunk)),
  },
  {
    name: "loop without what nothing reads",
    reason: "what moved leaves carries, slices and constants that nothing reads",
    apply: prune,
  },
];

/** The roots with smaller loops: fewer of them, without what nothing reads, and with what needs no loop outside. */
export const reformLoops: Reform = (roots, passes, note) => {
  let current = [...roots];
  if (!hasCalls(current)) return current;
  for (const { name, apply } of steps) {
    current = apply(current, passes, note && ((result, replacement) => note(name, result, replacement)));
  }
  return current;
};
