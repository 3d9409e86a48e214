import { ShapeError, TypeMismatchError, UsageError } from "../../ir/errors.ts";
import { type Shape, showShape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { Operation } from "../../ops/define.ts";
import { add, div, mul, sub } from "../../ops/elementary/algebra.ts";
import { toInt } from "../../ops/elementary/cast.ts";
import { greaterEqual, less, select } from "../../ops/elementary/comparison.ts";
import { floor } from "../../ops/elementary/rounding.ts";
import { Operations } from "../../ops/operations.ts";
import * as operations from "../../ops/special/random.ts";
import { isNonNegative } from "../binders/bounds.ts";
import { requireLengths } from "../binders/gather.ts";
import { underPath } from "../binders/under-path.ts";
import type { Builder } from "../terms/builder.ts";
import { apply, article } from "../terms/elementwise.ts";
import { integerTerm, realTerm, type Term, termOf } from "../terms/term.ts";
import { type Call, sizeOf } from "./calls.ts";
import type { Part, TermFunction } from "./vocabulary.ts";

// Random numbers as values: the number at a place is a function of the key, the stream and the place.

/** The row-major positions of a shape. */
function places(builder: Builder, shape: Shape): Term {
  const { graph } = builder;
  let strides: Integer = Integer.one;
  const parts = [...shape.keys()].reverse().map((axis) => {
    const stride = strides;
    strides = strides.times(shape[axis]!);
    const iota = graph.iota(shape, axis);
    return stride.value === 1 ? iota : mul(graph.size(stride, shape), iota);
  });
  if (parts.length === 0) return integerTerm(builder, Integer.zero);
  return termOf(builder, parts.length === 1 ? parts[0]! : add(...parts));
}

function requireScalarInt(call: Call, term: Term, what: string): void {
  if (term.dtype !== "int")
    throw new TypeMismatchError(`the ${what} of ${call.name} is an int, got ${article(term.dtype)}.`);
  if (term.rank > 0) {
    throw new ShapeError(`the ${what} of ${call.name} is one number, got ${showShape(term.shape)}.`, {
      notes: [`Write an iterator to take several: "[k in 0..n: ${call.name}(keys[k], ...)]".`],
    });
  }
}

/** The numbers of a call, in a shape. */
function draw(call: Call, operation: Operation, shape: Shape): Term {
  const key = call.first;
  const stream = call.options.get("stream") ?? integerTerm(call.builder, Integer.zero);
  requireScalarInt(call, key, "key");
  requireScalarInt(call, stream, "stream");
  requireLengths(call.builder, shape, `a size of ${call.name}`);
  return apply(operation, [key, stream, places(call.builder, shape)]);
}

/** The shape given as an operand; without one a scalar. */
const shapeOf = (call: Call, position: number): Shape => (call.operands[position] ? call.sizes(position) : []);

/** A shape given, or else that of the parameter before it. */
function shapeLike(call: Call, position: number): Shape {
  return call.operands[position] ? call.sizes(position) : call.operands[position - 1]!.shape;
}

function requireRate(name: string, rate: Term): void {
  const { constant } = rate;
  if (constant !== undefined && !(constant >= 0 && constant <= 1)) {
    throw new UsageError(`${name} needs a probability from 0 to 1, got ${constant}.`);
  }
}

function bernoulli(call: Call): Term {
  const probability = call.operands[1]!;
  requireRate(call.name, probability);
  return apply(less, [draw(call, operations.randomUniform, shapeLike(call, 2)), probability]);
}

/** x / (1 - rate) where a number from 0 to 1 is at least the rate, else 0. */
function dropout(call: Call): Term {
  const [, x, rate] = call.operands as [Term, Term, Term];
  const { builder } = call;
  requireRate(call.name, rate);
  if (rate.constant === 1) throw new UsageError("dropout of everything leaves nothing: the rate is below 1.");
  const keeps = apply(greaterEqual, [draw(call, operations.randomUniform, x.shape), rate]);
  const scaled = apply(div, [x, apply(sub, [realTerm(builder, 1), rate])]);
  return apply(select, [keeps, scaled, realTerm(builder, 0)]);
}

/** low + floor(u (high - low)), as an int. */
function randomInt(call: Call): Term {
  const [low, high] = [1, 2].map((position) => sizeOf(call.operands[position]!, `an end of ${call.name}`)) as [
    Integer,
    Integer,
  ];
  const width = high.minus(low);
  if (width.value !== undefined && width.value < 1)
    throw new UsageError(`${call.name} needs numbers to choose from, got ${low}..${high}.`);
  const drawn = draw(call, operations.randomUniform, shapeOf(call, 3));
  requireChoice(call, width, drawn);
  const scaled = apply(mul, [drawn, integerTerm(call.builder, width)]);
  return apply(add, [apply(toInt, [apply(floor, [scaled])]), integerTerm(call.builder, low)]);
}

/** Requires something to choose from when sizes are bound, unless nothing is drawn. */
function requireChoice({ builder, name }: Call, width: Integer, { expr, iterators }: Term): void {
  const room = width.minus(1);
  if (builder.isSearching || isNonNegative(builder, room, builder.pathGuards)) return;
  const { expr: index, guard } = underPath(builder, builder.graph.size(room, expr.shape), iterators);
  builder.require({ index, extent: undefined, guard, least: 1, summary: `${name} needs numbers to choose from` });
}

/** Functions that draw numbers by a key. */
const randomFunctions: Readonly<Record<string, TermFunction>> = {
  uniform: {
    operands: ["key", "shape"],
    optional: 1,
    options: ["stream"],
    build: (call) => draw(call, operations.randomUniform, shapeOf(call, 1)),
  },
  normal: {
    operands: ["key", "shape"],
    optional: 1,
    options: ["stream"],
    build: (call) => draw(call, operations.randomNormal, shapeOf(call, 1)),
  },
  bernoulli: {
    operands: ["key", "probability", "shape"],
    optional: 1,
    options: ["stream"],
    build: bernoulli,
  },
  randomInt: {
    operands: ["key", "low", "high", "shape"],
    optional: 1,
    options: ["stream"],
    build: randomInt,
  },
  dropout: {
    operands: ["key", "x", "rate"],
    options: ["stream"],
    build: dropout,
  },
};

export const random: Part = { functions: randomFunctions, operations: new Operations(Object.values(operations)) };
