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

/** Where the result z of an inexact a, and of b, has few digits left of those of its operands, as a test that is written. */
const tests: readonly (readonly [operation: Pick<Operation, "primitive">, test: string])[] = [
  [add, "Math.abs(z) < 0.001 * Math.abs(a)"],
  [sub, "Math.abs(z) < 0.001 * Math.abs(a)"],
  [log, "Math.abs(z) < 0.001"],
  ...[pow, ...[1, 2].flatMap((n) => [powSlope(n), powLog(n)]), powSlopeLog(1)].map(
    (f) => [f, "Math.abs(b) > 1000"] as const,
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
 * by is not given, and functions that are steep beside their values. Sides of choices that series stand in for are left out.
 */
export function watchOf(program: Program): Watch | undefined {
  const statements = program.parts.flat();
  const watched = new Set<Value>(statements.length > mostStatements ? [] : suspects(statements));
  if (watched.size === 0) return undefined;
  const doubt = "$doubt";
  let conditions: string[] = [];
  let count = 0;
  /** A function whose numbers get names that its test can call; no other name begins with $. */
  const watchedText = (
    operands: readonly string[],
    apply: (texts: readonly string[]) => string,
    test: string,
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
    conditions.push(test.replace(/\b[abz]\b/g, (letter) => names.get(letter)!));
    return operands.length > 2 ? watchedText([value, ...operands.slice(2)], apply, test) : value;
  };
  return {
    doubt,
    text: (value, operands, kernelName) => {
      if (value.kind !== "apply" || !watched.has(value)) return undefined;
      const { primitive } = value;
      return watchedText(operands, (texts) => printApply(primitive, texts, kernelName), testOf.get(primitive)!);
    },
    tests: () => {
      const found = conditions;
      conditions = [];
      return found.length > 0 ? [`if (${found.join(" || ")}) ${doubt} = true;`] : [];
    },
    variables: () => {
      const names = Array.from({ length: count }, (_, k) => `$${k + 1} = NaN`);
      count = 0;
      return names.length > 0 ? [`  let ${names.join(", ")};`] : [];
    },
  };
}

function suspects(statements: readonly Statement[]): Apply[] {
  const { factorsOf, definitions } = factorsIn(statements);
  const meant = (value: Value): Value =>
    value.kind === "temporary" && definitions.has(value.id) ? definitions.get(value.id)! : value;
  /** What is nearly 0 or within a bound where the condition holds, and a series may stand in for what cancels. */
  const nearnessOf = (condition: Value): Value | undefined => {
    const value = meant(condition);
    if (value.kind !== "apply") return undefined;
    const [a, b] = value.operands.map(meant);
    if (value.primitive === and.primitive) return nearnessOf(a!) ?? nearnessOf(b!);
    const isBound = value.primitive === less.primitive && b?.kind === "constant" && a?.kind === "apply";
    return isBound && a.primitive === abs.primitive ? meant(a.operands[0]!) : undefined;
  };
  const polynomials = new Map<Value, Map<Value, boolean>>();
  const isPolynomialIn = (t: Value, value: Value, known = polynomials.get(t) ?? new Map<Value, boolean>()): boolean => {
    const inner = meant(value);
    if (inner === t || isSameRead(inner, t) || inner.kind === "constant") return true;
    if (inner.kind !== "apply" || !ring.has(inner.primitive)) return false;
    polynomials.set(t, known);
    const is = known.get(inner) ?? inner.operands.every((operand) => isPolynomialIn(t, operand, known));
    known.set(inner, is);
    return is;
  };
  const found: Apply[] = [];
  /** Where numbers are needed: near what; null: anywhere. */
  const needed = new Map<number, Value | null>();
  const visit = (value: Value, near: Value | null): void => {
    if (value.kind === "temporary") {
      const known = needed.get(value.id);
      needed.set(value.id, known === undefined || known === near ? near : null);
    }
    if (value.kind === "guarded") visit(value.value, near);
    if (value.kind !== "apply" || value.dtype === "bool") return;
    const { primitive, operands } = value;
    if (testOf.has(primitive) && isSuspect(value, operands.map(factorsOf)) && !(near && isPolynomialIn(near, value)))
      found.push(value);
    if (primitive === select.primitive) {
      const [condition, yes, no] = operands as [Value, Value, Value];
      const base = nearnessOf(condition);
      visit(yes, base ?? near);
      if (!base) visit(no, near);
    } else for (const operand of operands) visit(operand, near);
  };
  // backwards, for what is needed is known before it is defined
  const visitAll = (list: readonly Statement[]): void => {
    for (const statement of [...list].reverse()) {
      if (statement.kind === "store" || statement.kind === "accumulate") visit(statement.value, null);
      else if (statement.kind === "let" || statement.kind === "start" || statement.kind === "assign") {
        const near = needed.get(statement.temporary.id);
        if (near !== undefined) visit(statement.value, near);
      } else if (statement.kind === "if") {
        if (!nearnessOf(statement.condition)) visitAll(statement.otherwise);
        visitAll(statement.body);
      }
    }
  };
  visitAll(statements);
  return found;
}

/** What polynomials are made by. */
const ring = new Set([add, sub, mul, neg, square].map(({ primitive }) => primitive));

const isSameRead = (a: Value, b: Value) =>
  a.kind === "load" && b.kind === "load" && a.buffer === b.buffer && a.address.key === b.address.key;

/**
 * False of sums of terms of one sign, and of those of which the terms differ by a power of a number given: what cancels there is what
 * that number leaves open.
 */
function isSuspect({ primitive }: Apply, operands: readonly Factors[]): boolean {
  if (operands[0]!.isExact && (operands.length < 3 || primitive !== add.primitive) && operands.at(-1)!.isExact)
    return false;
  if (primitive !== add.primitive && primitive !== sub.primitive) return true;
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
