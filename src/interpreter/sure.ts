import type { Field } from "../ir/field.ts";
import type { Expr } from "../ir/graph.ts";
import type { Primitive } from "../ir/primitive.ts";
import { reachableIds } from "../ir/walks/traverse.ts";
import { ballArithmetic } from "../numeric/balls/arithmetic.ts";
import {
  type Ball,
  ballOf,
  beyond,
  blurredBy,
  certain,
  isExactZero,
  isOpen,
  lost,
  magnitude,
  none,
  numberOf,
} from "../numeric/balls/balls.ts";
import * as algebra from "../ops/elementary/algebra.ts";
import * as cast from "../ops/elementary/cast.ts";
import * as powers from "../ops/elementary/powers.ts";
import * as rounding from "../ops/elementary/rounding.ts";
import { compileProgram, programOver } from "../ops/program.ts";
import { type BallFunction, byNumbers, functionsOver, specialFunctions } from "./ball-functions.ts";
import { type Bindings, interpret } from "./interpret.ts";
import { isKnown, isOpenEnded, meantBy, type Reading } from "./known-constants.ts";

/** What a choice depends on is not known. */
class Undecided extends Error {}

/** Digits that a special function by polynomials has, at least. */
const digitsOfPrograms = 46;

/** True of a number that others are compared with, before they overflow or vanish. */
const isBound = (value: number) => !(Math.abs(value) > 1e-200 && Math.abs(value) < 1e200);

/** Numbers with bounds on their errors, of which p bits are computed. */
class BallField implements Field<Ball> {
  readonly name = "balls";
  readonly add: (a: Ball, b: Ball) => Ball;
  readonly mul: (a: Ball, b: Ball) => Ball;
  readonly of: (value: number) => Ball;
  private readonly functions: Map<Primitive, BallFunction>;

  constructor(p: number, reading: Reading) {
    const arithmetic = ballArithmetic(p);
    this.add = arithmetic.add;
    this.mul = arithmetic.mul;
    this.of = (value) => meantBy(value, arithmetic, reading);
    this.functions = functionsOver(arithmetic);
    for (const [{ primitive }, f] of specialFunctions(arithmetic, p)) {
      const program = this.programOf(primitive)!;
      this.functions.set(primitive, (x) => {
        const made = f(x!);
        return isOpen(made) ? program(x!) : made;
      });
    }
  }

  /** Throws where it is open, for choices depend on it. */
  real(x: Ball): number {
    if (isOpen(x)) throw new Undecided();
    return numberOf(x);
  }

  apply(primitive: Primitive, operands: readonly Ball[]): Ball {
    return this.functionOf(primitive)(...operands);
  }

  private functionOf(primitive: Primitive): BallFunction {
    const known = this.functions.get(primitive);
    if (known) return known;
    const made = this.programOf(primitive) ?? byNumbers(primitive);
    this.functions.set(primitive, made);
    return made;
  }

  private programOf(primitive: Primitive): BallFunction | undefined {
    const { program, name } = primitive;
    if (!program) return undefined;
    let isFormula: boolean | undefined;
    const run = programOver(
      program,
      (value) => this.of(value),
      (x) => this.real(x),
      (part) => this.functionOf(part),
    );
    return (...operands) => {
      isFormula ??= compileProgram(program, operands.length).constants.every(
        ({ value }) => isKnown(value) || isBound(value),
      );
      try {
        const result = run(...operands);
        if (isFormula || result.special !== undefined) return result;
        const made = blurredBy(result, digitsOfPrograms);
        // near their roots these have digits of 1
        return /gamma/i.test(name) ? { ...made, r: larger(made.r, BigInt(-digitsOfPrograms)) } : made;
      } catch (error) {
        if (error instanceof Undecided) return lost;
        throw error;
      }
    };
  }
}

const larger = (a: bigint | undefined, b: bigint) => (a === undefined || b > a ? b : a);

/** Bits that are computed, until enough of them are sure: of special functions by polynomials no width gives many. */
const widths = [192, 640, 2560, 8192];
const digits = (width: number) => (width === widths[0] ? 45 : 40);

/**
 * The values of graphs of numbers at some point, as written and in real numbers: each is computed with more and more digits until
 * a bound on its error leaves enough of them. Where there is no value at the point, it is the one that all points around lead to.
 * NaN where none of that ends. Digits of pi that are not written are open, and may be any where they change nothing.
 */
export function sureValues(roots: readonly Expr[], bindings: Bindings<number>): number[] {
  const found = valuesBy("open", roots, bindings);
  const left = [...roots.keys()].filter((k) => Number.isNaN(found[k]) && holdsOpenEnds(roots[k]!));
  if (left.length === 0) return found;
  const [written, further] = (["written", "further"] as const).map((reading) =>
    valuesBy(
      reading,
      left.map((k) => roots[k]!),
      bindings,
    ),
  );
  for (const [at, k] of left.entries()) {
    const value = written![at]!;
    if (Math.abs(further![at]! - value) <= mostOfDigits * Math.abs(value)) found[k] = value;
  }
  return found;
}

/** By what part a value may change with digits that are not written: rounding pi changes it as much. */
const mostOfDigits = 2 ** -20;

const holdsOpenEnds = ({ graph, id }: Expr): boolean =>
  reachableIds(graph, [id]).some((each) => graph.kindOf(each) === "constant" && isOpenEnded(graph.constantOf(each)));

function valuesBy(reading: Reading, roots: readonly Expr[], { sizes, values }: Bindings<number>): number[] {
  const found = roots.map(() => Number.NaN);
  const valuesAt = (wanted: readonly number[], p: number, move = (x: Ball, _: number) => x): readonly Ball[] => {
    const given = new Map(
      [...values].map(([leaf, all], k) => [leaf, all.map((x, at) => move(ballOf(x), k + at))] as const),
    );
    const bindings = { sizes, values: given };
    try {
      return interpret(
        wanted.map((k) => roots[k]!),
        bindings,
        new BallField(p, reading),
      ).map(([value]) => value!);
    } catch (error) {
      if (error instanceof Undecided) return wanted.map(() => lost);
      throw error;
    }
  };
  const last = roots.map(() => lost);
  let open = [...roots.keys()];
  for (const p of widths) {
    const results = valuesAt(open, p);
    for (const [at, k] of open.entries()) found[k] = certain(results[at]!, digits(p));
    open = open.filter((k, at) => {
      const [before, result] = [last[k]!, results[at]!];
      last[k] = result;
      const hasEnded = isSettled(result) || (sureBits(result) > 1 && sureBits(result) <= sureBits(before) + 1);
      return Number.isNaN(found[k]) && !hasEnded;
    });
    if (open.length === 0) break;
  }
  const { add, mul } = ballArithmetic(limitBits);
  const valuesBeside = (wanted: readonly number[], step: readonly number[], p: number) =>
    valuesAt(wanted, p, (x, k) => {
      const part = ballOf(step[k % step.length]!);
      return add(x, isExactZero(x) ? part : mul(part, x));
    });
  const hasNoValue = (k: number) => Number.isNaN(found[k]) && last[k]!.special !== undefined;
  let left = [...roots.keys()].filter((k) => hasNoValue(k) && mayHaveLimit(roots[k]!));
  // few digits tell that there is no value around either
  const probes = valuesBeside(left, steps[0]!, widths[0]!);
  left = left.filter((_, at) => !isSettled(probes[at]!));
  const around = new Map(left.map((k) => [k, [] as number[]]));
  for (const step of steps) {
    if (left.length === 0) break;
    const results = valuesBeside(left, step, limitBits);
    for (const [at, k] of left.entries()) around.get(k)!.push(certain(results[at]!, 60));
    left = left.filter((k) => Number.isFinite(around.get(k)!.at(-1)));
  }
  for (const k of left) found[k] = limitOf(around.get(k)!);
  return found;
}

/** True of what is the same with more digits. */
const isSettled = (x: Ball) => x === none || x === beyond;

/** How many bits are sure; NaN where nothing is known. What is made of a function that has few does not come to more of them. */
const sureBits = (x: Ball): number =>
  x.special !== undefined ? Number.NaN : x.r === undefined ? Number.POSITIVE_INFINITY : Number(magnitude(x) - x.r);

/** Where limits are looked for: on both sides, near and nearer, in two directions in which nothing stays the same. */
const steps = [
  ...[2 ** -160, -(2 ** -160)].map((size) => [size, -0.7310585786300049 * size, 0.4112344751829375 * size]),
  ...[2 ** -220, -(2 ** -220)].map((size) => [0.6180339887498949 * size, size, -0.8346268416740732 * size]),
];
/** Bits for third derivatives there. */
const limitBits = 2560;

/** The number that all of these are nearly; NaN where they tend to none. */
function limitOf(values: readonly number[]): number {
  const last = values.at(-1)!;
  const scale = Math.abs(last);
  if (values.every((value) => Math.abs(value) < 2 ** -120)) return 0;
  return values.every((value) => Math.abs(value - last) <= 2 ** -50 * scale) ? last : Number.NaN;
}

/**
 * False of quotients of sums, or of powers: `x/x` has no value at 0 as it is written, and nothing else is meant. Roots beside sums are more.
 * False of remainders and what else is rounded to whole numbers: nothing is left of dividing by 0, though less and less is around it.
 */
function mayHaveLimit({ graph, id }: Expr): boolean {
  const kinds = reachableIds(graph, [id])
    .filter((each) => graph.kindOf(each) === "map")
    .map((each) => kindOf(graph.expr(each)));
  if (kinds.includes("steps")) return false;
  return kinds.includes("function") || (kinds.includes("sum") && kinds.includes("root"));
}

function kindOf({ graph, id, operands }: Expr): "function" | "sum" | "root" | "rational" | "steps" {
  const primitive = graph.primitiveOf(id);
  if (primitive === powers.pow.primitive) {
    const exponent = operands[1]!.constant;
    if (exponent === undefined) return "function";
    return Number.isInteger(exponent) ? "rational" : "root";
  }
  // what takes one step is arithmetic, a comparison or a choice
  return kinds.get(primitive) ?? (primitive.cost > 1 ? "function" : "rational");
}

const kinds = new Map(
  (
    [
      ["sum", [algebra.add, algebra.sub]],
      ["root", [powers.sqrt, powers.rsqrt, powers.cbrt]],
      ["steps", [rounding.floor, rounding.ceil, rounding.trunc, rounding.round, cast.toInt]],
      ["steps", [rounding.mod, rounding.fmod, rounding.floorDiv]],
    ] as const
  ).flatMap(([kind, operations]) => operations.map(({ primitive }) => [primitive, kind] as const)),
);
