import type { Interval } from "../ir/primitive.ts";
import type { Program, Statement, Value } from "../lower/program/loops.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../ops/algebra.ts";
import { and, less, select } from "../ops/comparison.ts";
import type { Operation } from "../ops/define.ts";
import { log } from "../ops/exponential.ts";
import { acosh, atanh, atanhSlope } from "../ops/hyperbolic.ts";
import { pow, powLog, powSlope, powSlopeLog, sqrt } from "../ops/powers.ts";
import { abs } from "../ops/rounding.ts";
import { acos, asin, asinSlope, cos, sin, tan } from "../ops/trigonometric.ts";
import { printApply, type Watch } from "./print/kernel.ts";

type Apply = Extract<Value, { readonly kind: "apply" }>;

/** Powers with smaller exponents lose few digits. */
const mostPower = 1000;
/** Where the result z of an inexact a, and of b, has few digits left of those of its operands, as a test that is written. */
const tests: readonly (readonly [operation: Pick<Operation, "primitive">, test: string])[] = [
  [add, "Math.abs(z) < 0.001 * Math.abs(a)"],
  [sub, "Math.abs(z) < 0.001 * Math.abs(a)"],
  [log, "Math.abs(z) < 0.001"],
  ...[pow, ...[1, 2].flatMap((n) => [powSlope(n), powLog(n)]), powSlopeLog(1)].map(
    (f) => [f, `Math.abs(b) > ${mostPower}`] as const,
  ),
  ...[sin, cos].map((f) => [f, "Math.abs(a) > 1 && Math.abs(z) < 0.001 * Math.abs(a)"] as const),
  [tan, "Math.abs(a) > 1000"],
  ...[acos, asin, atanh, asinSlope, atanhSlope].map((f) => [f, "Math.abs(a) > 0.999"] as const),
  [acosh, "a < 1.001"],
];
const testOf = new Map(tests.map(([{ primitive }, test]) => [primitive, test]));

/** Longer functions are not computed again, and need no watch. */
const mostStatements = 2000;

/** What a value is as a product: numbers given to powers, and those that it depends on in another way. */
interface Factors {
  readonly powers: ReadonlyMap<string, number>;
  readonly others: ReadonlySet<string>;
  /** True where nothing of it is rounded. */
  readonly isExact: boolean;
  readonly interval: Interval;
}
const unbounded: Interval = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
const noFactors: Factors = { powers: new Map(), others: new Set(), isExact: true, interval: unbounded };
/** Of what is not looked into: it may be anything. */
const unknown: Factors = { ...noFactors, isExact: false };

/**
 * Watches the results of a function of numbers that may have lost digits: sums of terms that nearly cancel, where what they differ
 * by is not given, and functions that are steep beside their values. What a series stands in for is tested where it does not.
 */
export function watchOf(program: Program): Watch | undefined {
  const statements = program.parts.flat();
  const watched = statements.length > mostStatements ? new Map() : suspects(statements, program.parts.length === 1);
  if (watched.size === 0) return undefined;
  const doubt = "$doubt";
  let tests: string[] = [];
  let guarded: (readonly [guards: readonly Value[], test: string])[] = [];
  let count = 0;
  /** A function whose numbers get names that its test can call; no other name begins with $. */
  const watchedText = (
    operands: readonly string[],
    apply: (texts: readonly string[]) => string,
    test: string,
    guards: readonly Value[],
  ): string => {
    const names = new Map<string, string>();
    const named = (letter: string, text: string) => {
      const name = /^\w+$/.test(text) ? text : `$${++count}`;
      names.set(letter, name);
      return name === text ? text : `(${name} = ${text})`;
    };
    const isCalled = (letter: string) => new RegExp(`\\b${letter}\\b`).test(test);
    const texts = operands.slice(0, 2).map((text, k) => (isCalled("ab"[k]!) ? named("ab"[k]!, text) : text));
    const value = named("z", apply(texts));
    const made = test.replace(/\b[abz]\b/g, (letter) => names.get(letter)!);
    if (guards.length > 0) guarded.push([guards, made]);
    else tests.push(made);
    return operands.length > 2 ? watchedText([value, ...operands.slice(2)], apply, test, guards) : value;
  };
  const lineOf = (guards: readonly string[], all: readonly string[]) => {
    const test = [...new Set(all)].join(" || ");
    return `if (${guards.length > 0 ? `${guards.map((each) => `!(${each})`).join(" && ")} && (${test})` : test}) ${doubt} = true;`;
  };
  return {
    doubt,
    text: (value, operands, kernelName) => {
      const guards = watched.get(value);
      if (value.kind !== "apply" || !guards) return undefined;
      const { primitive } = value;
      return watchedText(operands, (texts) => printApply(primitive, texts, kernelName), testOf.get(primitive)!, guards);
    },
    tests: () => {
      const found = tests;
      tests = [];
      return found.length > 0 ? [lineOf([], found)] : [];
    },
    ends: (print) => {
      const names = Array.from({ length: count }, (_, k) => `$${k + 1} = NaN`);
      const testsOf = new Map<string, [string[], string[]]>();
      for (const [guards, test] of guarded) {
        const texts = guards.map(print);
        const [, found] = testsOf.get(texts.join()) ?? [texts, []];
        testsOf.set(texts.join(), [texts, [...found, test]]);
      }
      count = 0;
      guarded = [];
      return {
        before: names.length > 0 ? [`  let ${names.join(", ")};`] : [],
        behind: [...testsOf.values()].map(([guards, all]) => `  ${lineOf(guards, all)}`),
      };
    },
  };
}

/** Where a value is needed. */
interface Context {
  /** Near this number, where a series in it stands. */
  readonly near: Value | undefined;
  /** Where none of these conditions holds. */
  readonly guards: readonly Value[];
}

/** Values to be watched, and the conditions where they are not. */
function suspects(statements: readonly Statement[], isWhole: boolean): Map<Value, readonly Value[]> {
  const { factorsOf, definitions } = factorsIn(statements);
  const meant = (value: Value): Value =>
    value.kind === "temporary" && definitions.has(value.id) ? definitions.get(value.id)! : value;
  /** What is nearly 0, or far out, where the condition holds, and a series may stand in for what cancels. */
  const baseOf = (condition: Value): Value | undefined => {
    const value = meant(condition);
    if (value.kind !== "apply") return undefined;
    const [a, b] = value.operands.map(meant) as [Value, Value];
    if (value.primitive === and.primitive) return baseOf(a) ?? baseOf(b);
    if (value.primitive !== less.primitive) return undefined;
    if (a.kind === "constant") return b;
    return b.kind === "constant" && a.kind === "apply" && a.primitive === abs.primitive
      ? meant(a.operands[0]!)
      : undefined;
  };
  const series = new Map<Value, Map<Value, boolean>>();
  /** True of what polynomials in a number are made of, and in its reciprocal. */
  const isSeriesIn = (t: Value, value: Value, known = series.get(t) ?? new Map<Value, boolean>()): boolean => {
    const inner = meant(value);
    if (inner === t || isSameRead(inner, t) || inner.kind === "constant") return true;
    if (inner.kind !== "apply" || !ring.has(inner.primitive)) return false;
    series.set(t, known);
    const is = known.get(inner) ?? inner.operands.every((operand) => isSeriesIn(t, operand, known));
    known.set(inner, is);
    return is;
  };
  const topLevel = new Set(statements.flatMap((each) => (each.kind === "let" ? [each.temporary.id] : [])));
  /** True where the condition can be asked at the end. */
  const canBeAsked = (value: Value): boolean =>
    value.kind === "temporary"
      ? topLevel.has(value.id)
      : value.kind === "apply"
        ? value.operands.every(canBeAsked)
        : value.kind === "constant" || value.kind === "load";
  const found = new Map<Value, readonly Value[]>();
  const needed = new Map<number, Context>();
  const visit = (value: Value, context: Context): void => {
    if (value.kind === "temporary") {
      const known = needed.get(value.id);
      needed.set(value.id, known ? joined(known, context) : context);
    }
    if (value.kind === "guarded") visit(value.value, context);
    if (value.kind !== "apply" || value.dtype === "bool") return;
    const { primitive, operands } = value;
    const { near, guards } = context;
    if (testOf.has(primitive) && isSuspect(value, operands.map(factorsOf)) && !(near && isSeriesIn(near, value)))
      found.set(value, guards);
    if (primitive !== select.primitive) {
      for (const operand of operands) visit(operand, context);
      return;
    }
    const [condition, yes, no] = operands as [Value, Value, Value];
    const base = baseOf(condition);
    visit(yes, base ? { near: base, guards } : context);
    // what cancels where a series stands in is computed there too
    if (!base) visit(no, context);
    else if (isWhole && canBeAsked(condition)) visit(no, { near, guards: [...guards, condition] });
  };
  const anywhere: Context = { near: undefined, guards: [] };
  // backwards, for what is needed is known before it is defined
  const visitAll = (list: readonly Statement[]): void => {
    for (const statement of [...list].reverse()) {
      if (statement.kind === "store" || statement.kind === "accumulate") visit(statement.value, anywhere);
      else if (statement.kind === "let" || statement.kind === "start" || statement.kind === "assign") {
        const context = needed.get(statement.temporary.id);
        if (context) visit(statement.value, context);
      } else if (statement.kind === "if") {
        if (!baseOf(statement.condition)) visitAll(statement.otherwise);
        visitAll(statement.body);
      }
    }
  };
  visitAll(statements);
  return found;
}

/** Where either holds. */
function joined(a: Context, b: Context): Context {
  const at = a.guards.findIndex((guard, k) => guard !== b.guards[k]);
  return { near: a.near === b.near ? a.near : undefined, guards: at < 0 ? a.guards : a.guards.slice(0, at) };
}

/** What series are made by, once they are polynomials. */
const ring = new Set([add, sub, mul, neg, square, reciprocal].map(({ primitive }) => primitive));

const isSameRead = (a: Value, b: Value) =>
  a.kind === "load" && b.kind === "load" && a.buffer === b.buffer && a.address.key === b.address.key;

/**
 * False of sums of terms of one sign, and of those of which the terms differ by a power of a number given: what cancels there is what
 * that number leaves open.
 */
function isSuspect({ primitive }: Apply, operands: readonly Factors[]): boolean {
  if (operands[0]!.isExact && (operands.length < 3 || primitive !== add.primitive) && operands.at(-1)!.isExact)
    return false;
  if (primitive !== add.primitive && primitive !== sub.primitive) {
    const [low, high] = operands.at(-1)!.interval;
    return primitive !== pow.primitive || Math.max(-low, high) > mostPower;
  }
  const sides = operands.map(({ interval: [low, high] }, k) => {
    const sign = low >= 0 ? 1 : high <= 0 ? -1 : Number.NaN;
    return primitive === sub.primitive && k > 0 ? -sign : sign;
  });
  if (sides.every((sign) => sign === sides[0])) return false;
  let sum = operands[0]!;
  return operands.slice(1).some((next) => {
    const names = new Set([...sum.powers.keys(), ...next.powers.keys()]);
    const isGiven = [...names].some(
      (name) =>
        !sum.others.has(name) && !next.others.has(name) && (sum.powers.get(name) ?? 0) !== (next.powers.get(name) ?? 0),
    );
    sum = sumOf([sum, next]);
    return !isGiven;
  });
}

/** What values are products of, of statements in order. */
function factorsIn(statements: readonly Statement[]) {
  const known = new Map<number, Factors>();
  const definitions = new Map<number, Value>();
  const factorsOf = (value: Value): Factors => {
    switch (value.kind) {
      case "constant":
        return { ...noFactors, interval: [value.value, value.value] };
      case "integer":
        return noFactors;
      case "temporary":
        return known.get(value.id) ?? unknown;
      case "guarded":
        return mixedOf([factorsOf(value.value)]);
      case "load":
        return value.buffer.role === "input"
          ? { ...noFactors, powers: new Map([[`${value.buffer.id} ${value.address.key}`, 1]]) }
          : unknown;
      case "apply": {
        const operands = value.operands.map(factorsOf);
        const interval = value.primitive.range?.(...operands.map((each) => each.interval)) ?? unbounded;
        return { ...factorsOfApply(value, operands), interval };
      }
    }
  };
  const read = (list: readonly Statement[]): void => {
    for (const statement of list) {
      if (statement.kind === "let") {
        known.set(statement.temporary.id, factorsOf(statement.value));
        definitions.set(statement.temporary.id, statement.value);
      } else if (statement.kind === "if") {
        read(statement.body);
        read(statement.otherwise);
      }
    }
  };
  read(statements);
  return { factorsOf, definitions };
}

function factorsOfApply({ primitive, operands: values }: Apply, operands: readonly Factors[]): Factors {
  const [a, b] = operands as [Factors, Factors];
  switch (primitive) {
    case neg.primitive:
    case abs.primitive:
      return a;
    case mul.primitive:
      return productOf(a, b, 1);
    case div.primitive:
      return productOf(a, b, -1);
    case reciprocal.primitive:
      return productOf(noFactors, a, -1);
    case square.primitive:
      return productOf(a, a, 1);
    case sqrt.primitive:
      return productOf(noFactors, a, 0.5);
    case pow.primitive:
      return values[1]!.kind === "constant" ? productOf(noFactors, a, values[1]!.value) : mixedOf(operands);
    case add.primitive:
    case sub.primitive:
      return sumOf(operands);
    default:
      return mixedOf(operands);
  }
}

function productOf(a: Factors, b: Factors, exponent: number): Factors {
  const powers = new Map(a.powers);
  for (const [name, power] of b.powers) powers.set(name, (powers.get(name) ?? 0) + exponent * power);
  return { powers, others: new Set([...a.others, ...b.others]), isExact: false, interval: unbounded };
}

/** The powers that all terms have in common; what else they are made of is mixed. */
function sumOf(terms: readonly Factors[]): Factors {
  const [first, ...rest] = terms as [Factors, ...Factors[]];
  const powers = new Map(
    [...first.powers].filter(([name, power]) => rest.every((each) => each.powers.get(name) === power)),
  );
  const others = new Set(
    terms.flatMap((each) => [...each.others, ...[...each.powers.keys()].filter((name) => !powers.has(name))]),
  );
  return { powers, others, isExact: false, interval: unbounded };
}

const mixedOf = (operands: readonly Factors[]): Factors => ({
  powers: new Map(),
  others: new Set(operands.flatMap(({ powers, others }) => [...powers.keys(), ...others])),
  isExact: false,
  interval: unbounded,
});
