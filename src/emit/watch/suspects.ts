import type { Apply, Statement, Value } from "../../lower/program/loops.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../ops/elementary/algebra.ts";
import { and, less, select } from "../../ops/elementary/comparison.ts";
import { log, log2, log10 } from "../../ops/elementary/exponential.ts";
import { acosh, atanh, atanhSlope } from "../../ops/elementary/hyperbolic.ts";
import { inversePowerImaginary, inversePowerReal, logPolarRadius } from "../../ops/elementary/plane.ts";
import { isPowerSeries } from "../../ops/elementary/power-series.ts";
import { pow, powLog, powSlope, powSlopeLog } from "../../ops/elementary/powers.ts";
import { abs } from "../../ops/elementary/rounding.ts";
import { acos, asin, asinSlope, cos, sin, sinc, tan } from "../../ops/elementary/trigonometric.ts";
import { byPrimitive, primitivesOf } from "../../ops/maps.ts";
import { atanhGap, cosGap, sinGap } from "../../ops/ratios/angle-gaps.ts";
import { contrast } from "../../ops/ratios/contrasts.ts";
import { logGap } from "../../ops/ratios/gaps.ts";
import { squareContrast } from "../../ops/ratios/power-sums.ts";
import { logit } from "../../ops/special/activation.ts";
import { erfcinv } from "../../ops/special/erf.ts";
import { digamma, lgamma } from "../../ops/special/gamma.ts";
import { gammaStep, logBeta } from "../../ops/special/gamma-steps.ts";
import { logaddexp, xlogy } from "../../ops/special/special.ts";
import { type Factors, factorsIn, sumOf } from "./factors.ts";

/** Powers with smaller exponents lose few digits. */
const mostPower = 1000;
/** Where the result z of an inexact a, and of b, has few digits left of those of its operands, as a test that is written. */
export const testOf = byPrimitive<string>([
  ...[add, sub, xlogy, sinGap, cosGap, atanhGap].map((f) => [f, "Math.abs(z) < 0.001 * Math.abs(a)"] as const),
  ...[log, log2, log10, logPolarRadius, logaddexp, logGap, contrast, squareContrast].map(
    (f) => [f, "Math.abs(z) < 0.001"] as const,
  ),
  ...[lgamma, digamma, logBeta, gammaStep(1), gammaStep(2), erfcinv, sinc].map(
    (f) => [f, "Math.abs(z) < 0.001"] as const,
  ),
  ...[2, 3, 4].flatMap((n) =>
    [inversePowerReal, inversePowerImaginary].map(
      (f) => [f(n), `Math.abs(z) < 0.001 * Math.max(Math.abs(a), Math.abs(b)) ** -${n}`] as const,
    ),
  ),
  ...[pow, powSlope(1), powSlope(2), powSlope(3)].map((f) => [f, `Math.abs(b) > ${mostPower}`] as const),
  // these hold the logarithm of a
  ...[powLog(1), powLog(2), powSlopeLog(1), powSlopeLog(2)].map(
    (f) => [f, `Math.abs(b) > ${mostPower} || Math.abs(a - 1) < 0.001`] as const,
  ),
  ...[sin, cos].map((f) => [f, "Math.abs(a) > 1 && Math.abs(z) < 0.001 * Math.abs(a)"] as const),
  [tan, "Math.abs(a) > 1000"],
  ...[acos, asin, atanh, logit, asinSlope, atanhSlope].map((f) => [f, "Math.abs(a) > 0.999"] as const),
  [acosh, "a < 1.001"],
  // what vanishes here may meet what is as large
  [mul, "Math.abs(z) < 1e-300 && a !== 0 && b !== 0"],
  [div, "Math.abs(z) < 1e-300 && a !== 0 && b - b === 0"],
  [square, "z < 1e-300 && a !== 0"],
]);

/** Where a value is needed. */
interface Context {
  /** Near this number, where a series in it stands. */
  readonly near: Value | undefined;
  /** Where none of these conditions holds. */
  readonly guards: readonly Value[];
  /** In what is large where the value is tiny, not only in sums with what is not. */
  readonly isRaised: boolean;
}

const anywhere: Context = { near: undefined, guards: [], isRaised: false };

/** Values to be watched, and the conditions where they are not. */
export function suspects(statements: readonly Statement[], isWhole: boolean): Map<Value, readonly Value[]> {
  const search = new Search(statements, isWhole);
  search.visitAll(statements);
  return search.found;
}

class Search {
  readonly found = new Map<Value, readonly Value[]>();
  private readonly needed = new Map<number, Context>();
  private readonly series: Series;
  private readonly factorsOf: (value: Value) => Factors;
  private readonly topLevel: ReadonlySet<number>;
  private readonly isWhole: boolean;

  constructor(statements: readonly Statement[], isWhole: boolean) {
    const { factorsOf, definitions } = factorsIn(statements);
    this.factorsOf = factorsOf;
    this.series = new Series(definitions);
    this.topLevel = new Set(statements.flatMap((each) => (each.kind === "let" ? [each.temporary.id] : [])));
    this.isWhole = isWhole;
  }

  /** Backwards, for what is needed is known before it is defined. */
  visitAll(list: readonly Statement[]): void {
    for (const statement of [...list].reverse()) {
      if (statement.kind === "store" || statement.kind === "accumulate") this.visit(statement.value, anywhere);
      else if ("temporary" in statement) {
        const context = this.needed.get(statement.temporary.id);
        if (context) this.visit(statement.value, context);
      } else if (statement.kind === "if") {
        if (!this.series.baseOf(statement.condition)) this.visitAll(statement.otherwise);
        this.visitAll(statement.body);
      }
    }
  }

  private visit(value: Value, context: Context): void {
    if (value.kind === "temporary") {
      const known = this.needed.get(value.id);
      this.needed.set(value.id, known ? joined(known, context) : context);
    }
    if (value.kind === "guarded") this.visit(value.value, context);
    if (value.kind !== "apply" || value.dtype === "bool") return;
    const { primitive, operands } = value;
    const { near, guards } = context;
    const isTested = testOf.has(primitive) && isSuspect(value, operands.map(this.factorsOf), context.isRaised);
    if (isTested && !(near && this.series.isIn(near, value))) this.found.set(value, guards);
    if (primitive === select.primitive) this.visitChoice(value, context);
    else {
      for (const [k, operand] of operands.entries()) {
        this.visit(operand, { ...context, isRaised: context.isRaised || isRaised(value, k) });
      }
    }
  }

  private visitChoice({ operands }: Apply, context: Context): void {
    const [condition, yes, no] = operands as [Value, Value, Value];
    const { near, guards, isRaised } = context;
    const base = this.series.baseOf(condition);
    this.visit(yes, base ? { near: base, guards, isRaised } : context);
    // what cancels where a series stands in is computed there too
    if (!base) this.visit(no, context);
    else if (this.isWhole && this.canBeAsked(condition))
      this.visit(no, { near, guards: [...guards, condition], isRaised });
  }

  /** True where the condition can be asked at the end. */
  private canBeAsked(value: Value): boolean {
    if (value.kind === "temporary") return this.topLevel.has(value.id);
    if (value.kind === "apply") return value.operands.every((operand) => this.canBeAsked(operand));
    return value.kind === "constant" || value.kind === "load";
  }
}

/** Where series stand in for what cancels. */
class Series {
  private readonly definitions: ReadonlyMap<number, Value>;
  private readonly known = new Map<Value, Map<Value, boolean>>();

  constructor(definitions: ReadonlyMap<number, Value>) {
    this.definitions = definitions;
  }

  /** What is nearly 0, or far out, where the condition holds, and a series may stand in. */
  baseOf(condition: Value): Value | undefined {
    const value = this.meant(condition);
    if (value.kind !== "apply") return undefined;
    const [a, b] = value.operands.map((operand) => this.meant(operand)) as [Value, Value];
    if (value.primitive === and.primitive) return this.baseOf(a) ?? this.baseOf(b);
    if (value.primitive !== less.primitive) return undefined;
    if (a.kind === "constant") return b;
    const isSize = b.kind === "constant" && a.kind === "apply" && a.primitive === abs.primitive;
    return isSize ? this.meant(a.operands[0]!) : undefined;
  }

  /** True of what polynomials in a number are made of, and in its reciprocal. */
  isIn(t: Value, value: Value): boolean {
    const inner = this.meant(value);
    if (inner === t || isSameRead(inner, t) || inner.kind === "constant") return true;
    if (inner.kind !== "apply" || !(ring.has(inner.primitive) || isPowerSeries(inner.primitive))) return false;
    const known = this.known.get(t) ?? new Map<Value, boolean>();
    this.known.set(t, known);
    const is = known.get(inner) ?? inner.operands.every((operand) => this.isIn(t, operand));
    known.set(inner, is);
    return is;
  }

  private meant(value: Value): Value {
    return (value.kind === "temporary" ? this.definitions.get(value.id) : undefined) ?? value;
  }
}

/** Where either holds. */
function joined(a: Context, b: Context): Context {
  const at = a.guards.findIndex((guard, k) => guard !== b.guards[k]);
  return {
    near: a.near === b.near ? a.near : undefined,
    guards: at < 0 ? a.guards : a.guards.slice(0, at),
    isRaised: a.isRaised || b.isRaised,
  };
}

const products = primitivesOf(mul, div, square);

/** What is as tiny as its operands. */
const plain = primitivesOf(add, sub, neg);

/** True of an operand that may be tiny where the value is not: beside a number that may be large, or under a logarithm or a root. */
const isRaised = ({ primitive, operands }: Apply, k: number): boolean =>
  !plain.has(primitive) && (primitive !== mul.primitive || operands[1 - k]!.kind !== "constant");

/** What series are made by, once they are polynomials. */
const ring = primitivesOf(add, sub, mul, neg, square, reciprocal);

const isSameRead = (a: Value, b: Value) =>
  a.kind === "load" && b.kind === "load" && a.buffer === b.buffer && a.address.key === b.address.key;

/**
 * False of sums of terms of one sign, and of those of which the terms differ by a power of a number given: what cancels there is what
 * that number leaves open. False of products that cannot be tiny where no factor is, or of which it does not matter.
 */
function isSuspect({ primitive, operands: values }: Apply, operands: readonly Factors[], isRaised: boolean): boolean {
  if (products.has(primitive)) {
    const isVaried = values.every(({ kind }) => kind !== "constant");
    return isRaised && isVaried && operands.some(({ isSteep }) => isSteep);
  }
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
