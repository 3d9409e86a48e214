import { UsageError } from "../../ir/errors.ts";
import { able, extension } from "../../ir/extension.ts";
import { Integer } from "../../ir/integer.ts";
import { norm, whereGuarded } from "../../ops/arrays/composites.ts";
import { div, mul, square, sub } from "../../ops/elementary/algebra.ts";
import { toReal } from "../../ops/elementary/cast.ts";
import { isFiniteReal, select } from "../../ops/elementary/comparison.ts";
import { exp, log } from "../../ops/elementary/exponential.ts";
import { stopGradient } from "../../ops/elementary/opaque.ts";
import { sqrt } from "../../ops/elementary/powers.ts";
import { Call } from "../functions/calls.ts";
import type { Range } from "../model.ts";
import type { Builder, Iterator } from "../terms/builder.ts";
import { apply } from "../terms/elementwise.ts";
import { matmul } from "../terms/products.ts";
import {
  axesFor,
  integerTerm,
  movedReads,
  oneRead,
  readsOf,
  readTerm,
  realOf,
  realTerm,
  type Term,
  termOf,
  termsOf,
  unionOf,
  viewOf,
} from "../terms/term.ts";
import { rowOver } from "./binders.ts";
import { rangeGuards } from "./bounds.ts";
import { type GathererName, gatherers, requirePositive } from "./gather.ts";
import { inPlaceOf, type RowFunctions, raggedError, rowFunctions, rowOf } from "./rows.ts";

/** What a function of an array with rows gathers over: the row alone, or with all other axes. */
interface Gathering {
  readonly body: Term;
  readonly bound: readonly Iterator[];
  readonly count: Integer;
}

function gathering({ name, first: x, options, builder }: Call): Gathering {
  const row = rowOf(x)!;
  const length = lengthOf(row);
  const axis = options.get("axis");
  if (axis && axis.constant !== 0) {
    throw new UsageError(`${name} of a slice whose ends vary works along its axis 0, or along all axes.`);
  }
  if (axis || x.rank === 0) return { body: x, bound: [row], count: length };
  const own = x.shape.map((extent, k) => builder.iterator(`axis ${k + 1}`, Integer.zero, extent));
  const reads = movedReads(
    readsOf(x),
    own.map(({ token }) => Integer.iterator(token)),
  );
  const body = readTerm(builder, reads, unionOf([x.iterators, own]), [], x.dtype);
  return { body, bound: [row, ...own], count: Integer.product([length, ...x.shape]) };
}

type RowFunction = (call: Call) => Term;

function gathered(name: GathererName): RowFunction {
  return (call) => {
    const { body, bound, count } = gathering(call);
    if ("needsSome" in gatherers[name]) requirePositive(call.builder, count, `the slice in ${name}`);
    return gatherers[name].gather(body, bound);
  };
}

/** The call with another first operand. */
const of = (x: Term, { builder, name, options }: Call) => new Call(builder, name, [x], options);

const sum = gathered("sum");
const mean = gathered("mean");

const centred = (call: Call): Call => of(apply(sub, [realOf(call.first), mean(call)]), call);

/** The number of elements less the correction. */
const degrees = (call: Call): Term =>
  apply(sub, [realOf(integerTerm(call.builder, gathering(call).count)), realNumber(call)]);

const realNumber = ({ builder, options }: Call): Term =>
  realOf(options.get("correction") ?? integerTerm(builder, Integer.zero));

/** What is less the largest element of its row, held constant, where that is finite. */
function shifted(call: Call): Term {
  const { body, bound } = gathering(call);
  const held = apply(stopGradient, [gatherers.max.gather(body, bound)]);
  const none = realTerm(call.builder, 0);
  return apply(sub, [realOf(call.first), apply(select, [apply(isFiniteReal, [held]), held, none])]);
}

function softmax(call: Call): Term {
  const weights = of(apply(exp, [shifted(call)]), call);
  return apply(div, [weights.first, sum(weights)]);
}

function logSoftmax(call: Call): Term {
  const exponents = shifted(call);
  return apply(sub, [exponents, apply(log, [sum(of(apply(exp, [exponents]), call))])]);
}

/** The Euclidean length, over the longest row with zeros behind the end of each. */
function normOf(call: Call): Term {
  const { builder } = call;
  const { body, bound } = gathering(call);
  const guards = rangeGuards(builder, [rowOf(call.first)!]);
  const outer = unionOf([body.iterators, ...guards.map(({ index }) => builder.iteratorsOf(index))]);
  const kept = outer.filter((iterator) => !bound.includes(iterator));
  const all = axesFor([...kept, ...bound], body.shape);
  const whole = toReal(viewOf(termsOf(builder, all, [], [oneRead(body)])));
  const x = whereGuarded(termsOf(builder, all, [], [], guards), whole, 0);
  return termOf(
    builder,
    norm(
      x,
      bound.map((_, k) => kept.length + k),
    ),
    kept,
  );
}

/** The row of each is the first axis: by default the last, and so the only one, of an array of numbers. */
function alongRow(along: RowFunction): RowFunction {
  return (call) => {
    if (call.first.rank === 0 || call.options.has("axis")) {
      gathering(call);
      return along(call);
    }
    const { first: x, builder, name } = call;
    throw new UsageError(`${name} of a slice of rows of ${x.rank + 1} axes whose ends vary needs "axis = 0".`, {
      notes: [raggedOf(rowOf(x)!, builder).message],
    });
  };
}

function dot(call: Call): Term {
  const product = apply(mul, call.operands);
  if (call.operands.some(({ rank }) => rank !== product.rank) || !call.operands.every(rowOf)) {
    throw raggedOf(rowOf(product)!, call.builder);
  }
  return sum(of(product, call));
}

/** [r] @ [r, ..] sums over the row; [r, ..] @ [..] has it as one more axis of the result. */
function product({ builder, operands }: Call): Term {
  const [x, y] = operands as [Term, Term];
  const [left, right] = [rowOf(x), rowOf(y)];
  if (left && !right && x.rank === 1) return matmul(x, y);
  const there = left && x.rank === 0 && y.rank < 2 ? overRow(y, left) : undefined;
  if (there) {
    const reads = [x, there].flatMap((factor) => readsOf(realOf(factor)));
    const iterators = unionOf([x.iterators, there.iterators]);
    return gatherers.sum.gather(readTerm(builder, reads, iterators, y.shape, "real"), [left!]);
  }
  throw raggedOf((left ?? right)!, builder);
}

/** Functions of arrays for slices whose ends vary. */
const functions: Readonly<Record<string, RowFunction>> = {
  sum,
  mean,
  prod: gathered("prod"),
  max: gathered("max"),
  min: gathered("min"),
  logsumexp: gathered("logsumexp"),
  variance: (call) => apply(div, [sum(of(apply(square, [centred(call).first]), call)), degrees(call)]),
  standardDeviation: (call) => apply(div, [normOf(centred(call)), apply(sqrt, [degrees(call)])]),
  norm: normOf,
  softmax: alongRow(softmax),
  logSoftmax: alongRow(logSoftmax),
  dot,
  matmul: product,
};

function call(given: Call, otherwise: () => Term): Term {
  const several = given.name === "max" || given.name === "min";
  if (several && given.operands.length > 1) return otherwise();
  const found = Object.hasOwn(functions, given.name) ? functions[given.name] : undefined;
  if (found) return found(given);
  throw raggedOf(given.operands.flatMap((operand) => rowOf(operand) ?? [])[0]!, given.builder);
}

const raggedOf = ({ row }: Iterator, builder: Builder) => raggedError(builder, row!);

/** All have the one row that one of them has, as their first axis, or one as long; what has none has no axis in its place either. */
function meet(operands: readonly Term[]): readonly Term[] {
  const sliced = operands.find(rowOf)!;
  const row = rowOf(sliced)!;
  return operands.map((term) => {
    if (term.rank <= sliced.rank && !term.iterators.some((iterator) => iterator.row)) return term;
    const there = term.rank === sliced.rank ? overRow(term, row) : undefined;
    if (!there) throw raggedOf(row, term.builder);
    return there;
  });
}

/** A term over a row in place of its own, which is as long; undefined where it has no such row. */
function overRow(term: Term, row: Iterator): Term | undefined {
  const [own, another] = term.iterators.filter((iterator) => iterator.row);
  if (!own || another || !lengthOf(own).equals(lengthOf(row))) return undefined;
  return own === row ? term : inPlaceOf(own, row, term, firstOf(own).minus(firstOf(row)));
}

const lengthOf = ({ row }: Iterator): Integer => row!.high.minus(row!.low);

/** Where a row begins to count. */
const firstOf = ({ row, start }: Iterator): Integer => row!.low.minus(start);

const note =
  "Sums and other reductions, norm, variance, softmax, dot, @ and what works element by element take rows whose ends vary.";

function row(builder: Builder, ends: Range, size: Integer): Iterator {
  // while ranges are looked for, lengths are not known
  const key = `${builder.isSearching} ${ends.low.key}..${ends.high.key}`;
  const made = builder.rows.get(key) ?? rowOver(builder, ends, size);
  builder.rows.set(key, made);
  return made;
}

/** Functions of slices whose ends vary. */
export const ragged = extension("rows", [able<RowFunctions>(rowFunctions, { row, call, meet, note })]);
