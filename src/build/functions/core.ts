import { TypeMismatchError, UsageError } from "../../ir/errors.ts";
import type { Expr } from "../../ir/graph.ts";
import * as composites from "../../ops/arrays/composites.ts";
import { maximum, minimum, product, sum as sumOver } from "../../ops/arrays/contractions.ts";
import { coreOperations } from "../../ops/core.ts";
import { toReal } from "../../ops/elementary/cast.ts";
import { equal, greater, not } from "../../ops/elementary/comparison.ts";
import { requirePositive } from "../binders/gather.ts";
import type { Builder } from "../terms/builder.ts";
import { directionalDerivative, grad, hessian, hessianVector, jacobian } from "../terms/derive.ts";
import { apply, article } from "../terms/elementwise.ts";
import { dot, einsumTerms, matmul, outer } from "../terms/products.ts";
import { type Term, termOf } from "../terms/term.ts";
import { arrangements } from "./arrangements.ts";
import { type Part, type TermFunction, Vocabulary } from "./vocabulary.ts";

/** A composite that takes some axes of x away. */
const reduction = (composite: (x: Expr, axes: readonly number[]) => Expr, needsSome = false): TermFunction => ({
  operands: ["x"],
  options: ["axis"],
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
const spreadAround = (composite: (x: Expr, axes: readonly number[], correction: number) => Expr): TermFunction => ({
  operands: ["x"],
  options: ["axis", "correction"],
  build: (call) => {
    const correction = call.number("correction", 0);
    return reduction((x, axes) => composite(x, axes, correction)).build(call);
  },
});

/** A composite along axes that stay, by default the last. */
const along = (composite: (x: Expr, axes: readonly number[]) => Expr): TermFunction => ({
  operands: ["x"],
  options: ["axis"],
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
const whether = (composite: (x: Expr, axes: readonly number[]) => Expr): TermFunction => ({
  operands: ["x"],
  options: ["axis"],
  build: (call) => {
    const { dtype } = call.first;
    if (dtype !== "bool") throw new TypeMismatchError(`${call.name} needs conditions, got ${article(dtype)}.`);
    return reduction(composite).build(call);
  },
});

/** A composite along one axis. */
export const alongOne = (
  composite: (x: Expr, axis: number, builder: Builder) => Expr,
  needsSome = false,
): TermFunction => ({
  operands: ["x"],
  options: ["axis"],
  build: (call) => {
    const axis = call.axis("last");
    if (needsSome) requirePositive(call.builder, call.first.shape[axis]!, `axis ${axis} of the array`);
    return onExpr(call.first, (expr, shift) => composite(expr, axis + shift, call.builder));
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
  const whole = reduction(composite, true);
  return {
    operands: ["x"],
    repeats: true,
    options: ["axis"],
    build: (call) => {
      if (call.operands.length === 1) return whole.build(call);
      if (call.options.size > 0) {
        throw new UsageError(`${name} of several operands works element by element and takes no axis.`);
      }
      return apply(coreOperations.operations.get(name)!, call.operands);
    },
  };
};

/** What every model can call by name and is no primitive. */
const functions: Readonly<Record<string, TermFunction>> = {
  sum,
  prod: reduction((x, axes) => product(toReal(x), axes)),
  mean: reduction(composites.mean),
  variance: spreadAround(composites.variance),
  standardDeviation: spreadAround(composites.standardDeviation),
  norm: reduction(composites.norm),
  logsumexp: reduction(composites.logsumexp),
  max: extremum("max", maximum),
  min: extremum("min", minimum),
  argmax: alongOne(composites.argmax, true),
  argmin: alongOne(composites.argmin, true),
  softmax: along(composites.softmax),
  logSoftmax: along(composites.logSoftmax),
  layerNorm: {
    operands: ["x"],
    options: ["axis", "epsilon"],
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
  cumsum: alongOne(composites.cumsum),
  any: whether((x, axes) => greater(sumOver(toReal(x), axes), 0)),
  all: whether((x, axes) => equal(sumOver(toReal(not(x)), axes), 0)),
  dot: {
    operands: ["x", "y"],
    build: ({ operands: [x, y] }) => dot(x!, y!),
  },
  matmul: { operands: ["x", "y"], build: ({ operands: [x, y] }) => matmul(x!, y!) },
  outer: { operands: ["x", "y"], build: ({ operands: [x, y] }) => outer(x!, y!) },
  trace: {
    operands: ["x"],
    build: ({ first }) => einsumTerms([{ of: first, axes: squareLetters(first) }], squareLetters(first).slice(0, -2)),
  },
  diagonal: {
    operands: ["x"],
    build: ({ first }) => einsumTerms([{ of: first, axes: squareLetters(first) }], squareLetters(first).slice(0, -1)),
  },
  ...arrangements,
  grad: {
    operands: ["f", "w"],
    build: ({ operands: [f, w] }) => grad(f!, w!),
  },
  hvp: {
    operands: ["f", "w", "v"],
    build: ({ operands: [f, w, v] }) => hessianVector(f!, w!, v!),
  },
  jvp: {
    operands: ["f", "w", "v"],
    build: ({ operands: [f, w, v] }) => directionalDerivative(f!, w!, v!),
  },
  jacobian: {
    operands: ["f", "w"],
    build: ({ operands: [f, w] }) => jacobian(f!, w!),
  },
  hessian: {
    operands: ["f", "w"],
    build: ({ operands: [f, w] }) => hessian(f!, w!),
  },
};

/** The functions of every model: elementary ones, those of arrays, and derivatives. */
export const core: Part = { functions, operations: coreOperations };

export const coreVocabulary = new Vocabulary([core], () => ({
  elsewhere: 'Special functions, matrices, windows and more are imported: import { erf } from "nabla/special".',
}));
