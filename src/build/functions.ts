import { NameError, nearestName, TypeMismatchError, UsageError } from "../ir/errors.ts";
import type { Expr } from "../ir/graph.ts";
import { toReal } from "../ops/cast.ts";
import { equal, greater, not } from "../ops/comparison.ts";
import * as composites from "../ops/composites.ts";
import { maximum, minimum, product, sum as sumOver } from "../ops/contractions.ts";
import { operationFamilies, operationNamed, operations } from "../ops/registry.ts";
import { arrangements } from "./arrangements.ts";
import { Call } from "./calls.ts";
import { directionalDerivative, grad, hessian, hessianVector, jacobian } from "./derive.ts";
import { apply, article } from "./elementwise.ts";
import { requirePositive } from "./gather.ts";
import { factorisations, linearAlgebra } from "./linear-algebra.ts";
import { lookups } from "./lookups.ts";
import { advice, ourName, spellingsOf } from "./other-names.ts";
import { cross, dot, einsumTerms, kron, matmul, outer } from "./products.ts";
import { randomFunctions } from "./random.ts";
import { type Term, termOf } from "./term.ts";
import { windowFunctions } from "./windows.ts";

/** A function of terms that is no primitive. */
export interface TermFunction {
  /** Names of the operands; the last may repeat when `repeats`. */
  readonly operands: readonly string[];
  /** How many of the last operands may be left out. */
  readonly optional?: number;
  readonly repeats?: boolean;
  readonly options?: readonly string[];
  /** Words that options take in place of a value. */
  readonly words?: Readonly<Record<string, readonly string[]>>;
  readonly build: (call: Call) => Term;
  /** One line for documentation. */
  readonly summary: string;
}

/** A composite that takes some axes of x away. */
const reduction = (
  summary: string,
  composite: (x: Expr, axes: readonly number[]) => Expr,
  needsSome = false,
): TermFunction => ({
  operands: ["x"],
  options: ["axis"],
  summary,
  build: (call) => {
    const x = call.first;
    const axes = call.axes();
    if (needsSome) for (const axis of axes) requirePositive(call.builder, x.shape[axis]!, `axis ${axis} of the array`);
    return onExpr(x, (expr, shift) =>
      composite(
        expr,
        axes.map((axis) => axis + shift),
      ),
    );
  },
});

/** A spread around the mean: over n elements, or n less a correction. */
const spreadAround = (
  summary: string,
  composite: (x: Expr, axes: readonly number[], correction: number) => Expr,
): TermFunction => ({
  operands: ["x"],
  options: ["axis", "correction"],
  summary,
  build: (call) => {
    const correction = call.number("correction", 0);
    return reduction(summary, (x, axes) => composite(x, axes, correction)).build(call);
  },
});

/** A composite along axes that stay, by default the last. */
const along = (summary: string, composite: (x: Expr, axes: readonly number[]) => Expr): TermFunction => ({
  operands: ["x"],
  options: ["axis"],
  summary,
  build: (call) => {
    const axes = call.axes("last");
    return onExpr(call.first, (expr, shift) =>
      composite(
        expr,
        axes.map((axis) => axis + shift),
      ),
    );
  },
});

/** A condition over some axes of conditions. */
const whether = (summary: string, composite: (x: Expr, axes: readonly number[]) => Expr): TermFunction => ({
  operands: ["x"],
  options: ["axis"],
  summary,
  build: (call) => {
    const { dtype } = call.first;
    if (dtype !== "bool") throw new TypeMismatchError(`${call.name} needs conditions, got ${article(dtype)}.`);
    return reduction(summary, composite).build(call);
  },
});

/** A composite along one axis. */
const alongOne = (summary: string, composite: (x: Expr, axis: number) => Expr, needsSome = false): TermFunction => ({
  operands: ["x"],
  options: ["axis"],
  summary,
  build: (call) => {
    const axis = call.axis("last");
    if (needsSome) requirePositive(call.builder, call.first.shape[axis]!, `axis ${axis} of the array`);
    return onExpr(call.first, (expr, shift) => composite(expr, axis + shift));
  },
});

/** Works on the term's expression; its own axes come `shift` places later there. */
function onExpr(x: Term, build: (expr: Expr, shift: number) => Expr): Term {
  return termOf(x.builder, build(x.expr, x.iterators.length), x.iterators);
}

const letters = (x: Term) => x.shape.map((_, axis) => `a${axis}`);

function squareLetters(x: Term): string[] {
  const names = letters(x);
  return names.length < 2 ? names : [...names.slice(0, -2), "i", "i"];
}

const sum: TermFunction = {
  operands: ["x"],
  options: ["axis"],
  summary: "sum over the axes, by default all",
  build: (call) => {
    const axes = call.axes();
    const names = letters(call.first);
    return einsumTerms(
      [{ of: call.first, axes: names }],
      names.filter((_, axis) => !axes.includes(axis)),
    );
  },
};

/** One operand: the largest element; several: element by element. */
const extremum = (name: "max" | "min", composite: (x: Expr, axes: readonly number[]) => Expr): TermFunction => {
  const whole = reduction("", composite, true);
  return {
    operands: ["x"],
    repeats: true,
    options: ["axis"],
    summary: `the ${name === "max" ? "largest" : "smallest"} element over the axes, by default all; of several operands, element by element`,
    build: (call) => {
      if (call.operands.length === 1) return whole.build(call);
      if (call.options.size > 0) {
        throw new UsageError(`${name} of several operands works element by element and takes no axis.`);
      }
      return apply(operations.get(name)!, call.operands);
    },
  };
};

/** Everything that is called by name and is no primitive. */
export const functions: Readonly<Record<string, TermFunction>> = {
  sum,
  prod: reduction("product over the axes", (x, axes) => product(toReal(x), axes)),
  mean: reduction("mean over the axes", composites.mean),
  variance: spreadAround(
    "variance over the axes: of a population, with correction = 1 of a sample",
    composites.variance,
  ),
  standardDeviation: spreadAround(
    "standard deviation over the axes: of a population, with correction = 1 of a sample",
    composites.standardDeviation,
  ),
  norm: reduction("Euclidean length over the axes, slope 0 at the origin", composites.norm),
  logsumexp: reduction("log sum e^x over the axes, without overflow", composites.logsumexp),
  max: extremum("max", maximum),
  min: extremum("min", minimum),
  argmax: alongOne("position of the first largest element, by default along the last axis", composites.argmax, true),
  argmin: alongOne("position of the first smallest element, by default along the last axis", composites.argmin, true),
  softmax: along("e^x / sum e^x, by default along the last axis", composites.softmax),
  logSoftmax: along("x - log sum e^x, by default along the last axis", composites.logSoftmax),
  layerNorm: {
    operands: ["x"],
    options: ["axis", "epsilon"],
    summary: "(x - mean) / sqrt(variance + epsilon), by default along the last axis with epsilon 1e-5",
    build: (call) => {
      const axes = call.axes("last");
      const epsilon = call.number("epsilon", 1e-5);
      return onExpr(call.first, (x, shift) =>
        composites.layerNorm(
          x,
          axes.map((axis) => axis + shift),
          epsilon,
        ),
      );
    },
  },
  cumsum: alongOne("running sum, by default along the last axis", composites.cumsum),
  cumprod: alongOne("running product, by default along the last axis", (x, axis) =>
    composites.cumprod(toReal(x), axis),
  ),
  cummax: alongOne("running maximum, by default along the last axis", composites.cummax),
  cummin: alongOne("running minimum, by default along the last axis", composites.cummin),
  any: whether("whether some condition holds over the axes, by default all", (x, axes) =>
    greater(sumOver(toReal(x), axes), 0),
  ),
  all: whether("whether all conditions hold over the axes, by default all", (x, axes) =>
    equal(sumOver(toReal(not(x)), axes), 0),
  ),
  dot: {
    operands: ["x", "y"],
    summary: "sum of the products of matching elements",
    build: ({ operands: [x, y] }) => dot(x!, y!),
  },
  matmul: { operands: ["x", "y"], summary: "matrix product x @ y", build: ({ operands: [x, y] }) => matmul(x!, y!) },
  outer: { operands: ["x", "y"], summary: "x[i] y[j]", build: ({ operands: [x, y] }) => outer(x!, y!) },
  cross: {
    operands: ["x", "y"],
    summary: "vector product of the last axes, of size 3",
    build: ({ operands: [x, y] }) => cross(x!, y!),
  },
  kron: {
    operands: ["x", "y"],
    summary: "Kronecker product of two matrices",
    build: ({ operands: [x, y] }) => kron(x!, y!),
  },
  trace: {
    operands: ["x"],
    summary: "sum of the diagonal of the last two axes",
    build: ({ first }) => einsumTerms([{ of: first, axes: squareLetters(first) }], squareLetters(first).slice(0, -2)),
  },
  diagonal: {
    operands: ["x"],
    summary: "the diagonal of the last two axes",
    build: ({ first }) => einsumTerms([{ of: first, axes: squareLetters(first) }], squareLetters(first).slice(0, -1)),
  },
  ...arrangements,
  ...lookups,
  ...linearAlgebra,
  ...windowFunctions,
  ...randomFunctions,
  grad: {
    operands: ["f", "w"],
    summary: "gradient of the scalar f in w",
    build: ({ operands: [f, w] }) => grad(f!, w!),
  },
  hvp: {
    operands: ["f", "w", "v"],
    summary: "second derivative of the scalar f in w times v",
    build: ({ operands: [f, w, v] }) => hessianVector(f!, w!, v!),
  },
  jvp: {
    operands: ["f", "w", "v"],
    summary: "change of f for the change v of w",
    build: ({ operands: [f, w, v] }) => directionalDerivative(f!, w!, v!),
  },
  jacobian: {
    operands: ["f", "w"],
    summary: "d f[a..] / d w[b..], of shape [a.., b..]",
    build: ({ operands: [f, w] }) => jacobian(f!, w!),
  },
  hessian: {
    operands: ["f", "w"],
    summary: "second derivative of the scalar f in w, of shape [w.., w..]",
    build: ({ operands: [f, w] }) => hessian(f!, w!),
  },
};

const variationNames: ReadonlySet<string> = new Set(["grad", "hvp", "jvp", "jacobian", "hessian"]);

/** Whether a function varies its second operand. */
export function isDerivative(name: string): boolean {
  return variationNames.has(canonicalName(name));
}

/** Whether a function gives a record. */
export function givesRecord(name: string): boolean {
  return Object.hasOwn(factorisations, canonicalName(name));
}

/** Every name that can be called. */
export function* callableNames(): Iterable<string> {
  yield* Object.keys(functions);
  yield* Object.keys(factorisations);
  yield* operations.keys();
  yield* operationFamilies.keys();
}

/** Names in other styles, log_softmax and logsoftmax, with ours. */
const spellings: ReadonlyMap<string, string> = new Map(
  [...callableNames()].flatMap((name) => spellingsOf(name).map((spelling): [string, string] => [spelling, name])),
);

/** The function's own name: the one given, or ours for a name from elsewhere or in another style. */
export function canonicalName(name: string): string {
  return isOwnName(name) ? name : (ourName(name) ?? spellings.get(name) ?? name);
}

/** Whether a function has this very name. */
export function isOwnName(name: string): boolean {
  if (Object.hasOwn(factorisations, name)) return true;
  return Object.hasOwn(functions, name) || operationNamed(name) !== undefined || operationFamilies.has(name);
}

/** The words that an option of a function takes, by any of the function's names; none for most. */
export function wordsOf(name: string, option: string): readonly string[] {
  const canonical = canonicalName(name);
  const words = Object.hasOwn(functions, canonical) ? functions[canonical]!.words : undefined;
  return words && Object.hasOwn(words, option) ? words[option]! : [];
}

/** Whether a function has this name, or is called so elsewhere. */
export function isCallable(name: string): boolean {
  return isOwnName(canonicalName(name));
}

/** What to write for a name that no function has, where that is known. */
export function adviceOn(name: string): string | undefined {
  return Object.hasOwn(advice, name) ? advice[name] : undefined;
}

/** Calls a function that gives a record, by its name. Throws UsageError and what the function throws. */
export function callForRecord(given: Call): ReadonlyMap<string, Term> {
  const name = canonicalName(given.name);
  const request = new Call(given.builder, name, given.operands, given.options, given.words);
  const found = factorisations[name]!;
  checkCall(found, request);
  return found.build(request);
}

/** Calls a function or primitive by its name. Throws NameError, UsageError and what the function throws. */
export function call(given: Call): Term {
  const name = canonicalName(given.name);
  const request =
    name === given.name ? given : new Call(given.builder, name, given.operands, given.options, given.words);
  const { operands, options } = request;
  if (Object.hasOwn(functions, name)) {
    const found = functions[name]!;
    checkCall(found, request);
    return found.build(request);
  }
  if (Object.hasOwn(factorisations, name)) {
    const fields = factorisations[name]!.fields.map((field) => `"${name}(A).${field}"`);
    throw new UsageError(`${name} gives a record.`, { notes: [`Write ${fields.join(" or ")}.`] });
  }
  for (const option of options.keys()) throw new UsageError(`${name} has no option "${option}".`);
  const operation = operationNamed(name);
  if (operation) {
    requireOperands(name, operands);
    return apply(operation, operands);
  }
  const family = operationFamilies.get(name);
  if (!family) {
    const wayOut = adviceOn(name);
    throw new NameError(`unknown function "${name}".`, { notes: wayOut ? [wayOut] : suggestionFor(name) });
  }
  const order = operands[0]?.constant;
  if (order === undefined) throw new UsageError(`${name} needs a whole number as its first operand.`);
  return apply(family(order), operands.slice(1));
}

function suggestionFor(name: string): string[] {
  const nearest = nearestName(name, callableNames());
  return nearest ? [`Did you mean "${nearest}"?`] : [];
}

function requireOperands(name: string, operands: readonly Term[]): void {
  if (operands.length === 0) throw new UsageError(`${name} needs an operand.`);
}

function checkCall(
  { operands, optional = 0, repeats, options = [] }: Omit<TermFunction, "build">,
  request: Call,
): void {
  const { name, operands: given } = request;
  const fits = given.length >= operands.length - optional && (repeats || given.length <= operands.length);
  if (!fits) {
    throw new UsageError(
      `${name} takes ${operands.length} operand${operands.length === 1 ? "" : "s"}, got ${given.length}.`,
      {
        notes: [`Write ${name}(${[...operands, ...options.map((option) => `${option} = ...`)].join(", ")}).`],
      },
    );
  }
  for (const option of [...request.options.keys(), ...request.words.keys()]) {
    if (options.includes(option)) continue;
    const known = options.length > 0 ? ` It has: ${options.join(", ")}.` : "";
    throw new UsageError(`${name} has no option "${option}".${known}`);
  }
}
