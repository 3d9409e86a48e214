import { listOf } from "../../build/functions/arrangements.ts";
import { Call } from "../../build/functions/calls.ts";
import { withAxes } from "../../build/functions/new-axes.ts";
import type { Vocabulary } from "../../build/functions/vocabulary.ts";
import { asCondition, wholeOf } from "../../build/terms/conversions.ts";
import { integerTerm, type Term, termOf } from "../../build/terms/term.ts";
import { UsageError } from "../../ir/errors.ts";
import { Integer } from "../../ir/integer.ts";
import { normOfOrder } from "../../ops/arrays/composites.ts";

// Calls as people are used to write them, where they can mean one thing only: sum(x, 0), dim = 1, keepdims = true,
// concatenate([x, y]), reshape(x, 2, -1). What a call can mean in two ways is refused where the function is made.

/** Names that options have elsewhere, by ours. */
const optionNames: Readonly<Record<string, readonly string[]>> = {
  axis: ["dim", "dims", "axes"],
  correction: ["ddof"],
  diagonal: ["k", "offset"],
  epsilon: ["eps"],
  stride: ["strides"],
  window: ["kernel_size", "pool_size"],
};

const ourOption: ReadonlyMap<string, string> = new Map(
  Object.entries(optionNames).flatMap(([ours, others]) => others.map((other): [string, string] => [other, ours])),
);

/** Names of operands, for calls that name them. */
const operandNames: ReadonlyMap<string, readonly (readonly string[])[]> = new Map([
  ["clamp", [["x"], ["low", "min", "a_min"], ["high", "max", "a_max"]]],
  ["huber", [["x"], ["delta", "d"]]],
  ["leakyRelu", [["x"], ["negative_slope", "slope", "alpha"]]],
]);

/** The last operands, where everybody leaves out the same. */
const defaults: ReadonlyMap<string, number> = new Map([["huber", 1]]);

/** Functions whose operand behind these others is something else elsewhere: the order of a norm or of differences. */
const takesNoFurther: ReadonlySet<string> = new Set(["norm", "diff"]);

/** Functions that take a list of arrays, or of sizes, for several operands. */
const takesList: ReadonlySet<string> = new Set(["concat", "stack", "zeros", "ones"]);

/** Which operand holds positions: whole numbers, also where they are stored as reals. */
const positionOperand: ReadonlyMap<string, number> = new Map([
  ["oneHot", 0],
  ["scatterAdd", 1],
  ["take", 1],
  ["takeAlongAxis", 1],
]);

const keeping: ReadonlySet<string> = new Set(["keepdims", "keepdim"]);

/** Calls a function by a request as it was written. Throws as Vocabulary.call does. */
export function callAsWritten(vocabulary: Vocabulary, written: Call): Term {
  const name = vocabulary.canonicalName(written.name);
  const keep = [...keeping].find((option) => written.options.has(option));
  const isKept = keep !== undefined && written.flag(keep, false);
  const call = withOperands(
    vocabulary,
    named(vocabulary, new Call(written.builder, name, written.operands, written.options, written.words)),
  );
  const order = ["ord", "p"].flatMap((option) => (name === "norm" ? (call.options.get(option) ?? []) : []))[0];
  const result = order ? normOf(order, call, vocabulary) : vocabulary.call(call);
  return isKept ? withAxes(result, removedAxes(call, result)) : result;
}

/** The norm of an order: 1 for the sum of sizes, inf for the largest. Of matrices it is another thing elsewhere. */
function normOf(order: Term, { builder, first: x, options }: Call, vocabulary: Vocabulary): Term {
  const axis = options.get("axis");
  if (x.rank !== 1 && !axis) {
    throw new UsageError("norms of an order are those of vectors, along an axis.", {
      notes: ['Write "norm(A)" for the root of all squares, "sum(abs(A))" and so on for others.'],
    });
  }
  const along = new Map(axis && [["axis", axis]]);
  const apply = (name: string, ...operands: Term[]) => vocabulary.call(new Call(builder, name, operands));
  const over = (name: string, of: Term) => vocabulary.call(new Call(builder, name, [of], along));
  if (order.constant === 2) return over("norm", x);
  const sizes = apply("abs", x);
  if (order.constant === 1) return over("sum", sizes);
  if (order.constant === Number.POSITIVE_INFINITY) return over("max", sizes);
  if (order.constant === Number.NEGATIVE_INFINITY) return over("min", sizes);
  const power = order.constant ?? 0;
  if (power <= 0) return apply("pow", over("sum", apply("pow", sizes, order)), apply("reciprocal", order));
  const shift = x.iterators.length;
  const axes = new Call(builder, "norm", [x], along).axes().map((each) => each + shift);
  return termOf(builder, normOfOrder(x.expr, axes, power), x.iterators);
}

/** The call with our names of its options, and with operands that it names in their places. */
function named(vocabulary: Vocabulary, { builder, name, operands, options, words }: Call): Call {
  const own = vocabulary.functions.get(name)?.options ?? [];
  const names = operandNames.get(name) ?? [];
  const places = [...operands];
  const kept = new Map<string, Term>();
  for (const [option, value] of options) {
    if (keeping.has(option) && own.includes("axis")) continue;
    const place = names.findIndex((each) => each.includes(option));
    if (place >= 0 && places[place]) throw new UsageError(`"${option}" is given twice.`);
    if (place >= 0) places[place] = value;
    else kept.set(own.includes(option) ? option : (ourOption.get(option) ?? option), value);
  }
  const otherwise = defaults.get(name);
  if (otherwise !== undefined && places.length === names.length - 1) {
    places.push(integerTerm(builder, Integer.constant(otherwise)));
  }
  const missing = names.findIndex((_, k) => k < places.length && !places[k]);
  if (missing >= 0) throw new UsageError(`${name} needs "${names[missing]![0]}" too.`);
  return new Call(builder, name, places, kept, words);
}

/** Operands that functions have elsewhere: what they take here, and what to write. */
const otherCounts: Readonly<Record<string, readonly [string, string]>> = {
  "log 2": ["1 operand", 'Write "log(x) / log(base)" for another base.'],
  "round 2": ["1 operand", 'Write "round(100 * x) / 100" for two decimals.'],
  "atan 2": ["1 operand", 'Write "atan2(y, x)" for the angle of a point.'],
  "sqrt 2": ["1 operand", 'Write "x^(1 / n)" for another root.'],
  "clamp 2": ["3 operands", 'Write "max(x, low)" or "min(x, high)" for one bound.'],
};

/** The call with its operands as the function takes them: lists, and options behind the operands. */
function withOperands(vocabulary: Vocabulary, call: Call): Call {
  const { builder, name, operands, options, words } = call;
  const [first, ...rest] = operands;
  if (!first) return call;
  if (name === "select") return withThese(call, [asCondition(first), ...rest]);
  const place = positionOperand.get(name);
  if (place !== undefined && operands[place]?.dtype === "real") {
    return withThese(
      call,
      operands.map((each, k) => (k === place ? wholeOf(each, `the positions of ${name}`) : each)),
    );
  }
  if (takesList.has(name) && rest.length === 0 && first.elements) return withThese(call, first.elements);
  if (name === "reshape" && rest.length > 0) {
    const sizes = rest.length > 1 ? rest : (rest[0]!.elements ?? rest);
    return withThese(call, [first, listOf(completed(first, sizes))]);
  }
  const habit = otherCounts[`${name} ${operands.length}`];
  if (habit) throw new UsageError(`${name} takes ${habit[0]}, got ${operands.length}.`, { notes: [habit[1]] });
  if (name === "dot" && rest.length === 1 && rest[0]!.rank !== first.rank) {
    throw new UsageError("dot is the sum of the products of matching elements.", {
      notes: ['Write "A @ B" for a product of matrices, or of a matrix and a vector.'],
    });
  }
  const found = vocabulary.functions.get(name);
  if (!found) return call;
  const { options: own = [], repeats } = found;
  const extra = operands.slice(found.operands.length);
  if (extra.length === 0 || repeats) return call;
  // numbers have no axes, so that several of them are meant to be taken together
  if (own.includes("axis") && operands.every(({ rank }) => rank === 0)) return withThese(call, [listOf(operands)]);
  if (name === "norm" && extra.length === 1) {
    throw new UsageError("norm takes 1 operand, got 2.", {
      notes: ['Write "norm(x, axis = ...)", or "norm(x, ord = ...)" for an order.'],
    });
  }
  if (takesNoFurther.has(name)) return call;
  const further = new Map(options);
  for (const [k, value] of extra.entries()) {
    const option = own[k];
    if (option === undefined) return call;
    if (further.has(option)) throw new UsageError(`"${option}" is given twice.`);
    further.set(option, value);
  }
  return new Call(builder, name, operands.slice(0, found.operands.length), further, words);
}

function withThese({ builder, name, options, words }: Call, operands: readonly Term[]): Call {
  return new Call(builder, name, operands, options, words);
}

/** The sizes of a reshape with -1 replaced by what is left. */
function completed({ builder, shape }: Term, sizes: readonly Term[]): readonly Term[] {
  const at = sizes.findIndex(({ constant }) => constant === -1);
  if (at < 0) return sizes;
  const others = sizes.flatMap(({ integer }, k) => (integer && k !== at ? [integer] : []));
  const left = [...shape];
  // names go out one by one: a quotient of sizes that may be 0 is none
  const divisors = others.filter((size) => {
    const same = left.findIndex((other) => other.equals(size));
    if (same >= 0) left.splice(same, 1);
    return same < 0;
  });
  const size = Integer.product(left);
  const rest = divisors.length > 0 ? size.floorDiv(Integer.product(divisors)) : size;
  return sizes.map((each, k) => (k === at ? integerTerm(builder, rest) : each));
}

/** The axes that a function of axes took away. */
function removedAxes(call: Call, result: Term): number[] {
  const { rank } = call.first;
  const isLast = !call.options.has("axis") && result.rank === rank - 1;
  const axes = call.axes(isLast ? "last" : "all");
  if (result.rank + axes.length === rank) return axes;
  throw new UsageError(`${call.name} takes no axes away, so there are none to keep.`);
}
