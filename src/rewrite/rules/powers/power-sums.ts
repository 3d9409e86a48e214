import type { Expr } from "../../../ir/graph.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../../ops/elementary/algebra.ts";
import { exp } from "../../../ops/elementary/exponential.ts";
import { direction, hypot, polarRadius } from "../../../ops/elementary/lengths.ts";

import { cbrt, pow, rsqrt, sqrt } from "../../../ops/elementary/powers.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { isMap } from "../../../ops/maps.ts";
import { type Exponents, exponentsOfName, hasNumber, powerSumOf } from "../../../ops/ratios/power-sums.ts";
import { proportion } from "../../../ops/ratios/ratios.ts";
import { constantLike } from "../../forms/conditions.ts";
import { isConstant } from "../../forms/contractions/splat.ts";
import { type Context, type Rules, structural } from "../../rule.ts";

/**
 * Products of powers of x, of y and of a sum of equal powers of both: in parts they overflow, vanish and cancel, and as one
 * function they do not. Of numbers alone: in arrays the plain forms are several times as fast.
 */
export const powerSumRules: Rules = {
  stable: [
    structural(
      "product of powers and a power of their sum",
      {
        roots: [mul, div, reciprocal, square, sqrt, rsqrt, pow, cbrt],
        phase: "early",
      },
      (node, context) => (context.facts.isNumber(node) && !isBesideOne(node, context) ? asOne(node) : undefined),
    ),
  ],
};

/** Whether a node is (1 + x)^c in a sum: less 1 it is known by x, where rules see it. */
const isBesideOne = (node: Expr, { isTakenBy }: Pick<Context, "isTakenBy">): boolean =>
  isMap(node, pow) &&
  [add, sub].some(({ primitive }) => isTakenBy(node.id, primitive)) &&
  isMap(node.operands[0]!, add) &&
  node.operands[0]!.operands.some((term) => isConstant(term, 1));

/** So many factors are looked at. */
const mostFactors = 12;

/** base^exponent, where a node is one: the base of a root, a power or a reciprocal. */
function powerOf(node: Expr): readonly [base: Expr, exponent: number] | undefined {
  const [base, exponent] = node.operands;
  const known = plainPowers.find(([f]) => isMap(node, f));
  if (known) return [base!, known[1]];
  return isMap(node, pow) && exponent!.kind === "constant" ? [base!, exponent!.constant!] : undefined;
}
const plainPowers = [
  [square, 2],
  [reciprocal, -1],
  [sqrt, 1 / 2],
  [rsqrt, -1 / 2],
] as const;

/** x^c + y^c, c > 0, and what has been taken out of the sum: powers of x and y. */
interface Sum {
  readonly x: Expr;
  readonly y: Expr;
  readonly c: number;
  readonly out: readonly (readonly [base: Expr, exponent: number])[];
}

/** A sum of two powers; `isWhole`: its own exponent is a whole number, so that powers may leave the sum. */
function sumOf(node: Expr, isWhole: boolean): Sum | undefined {
  if (!isMap(node, add) || node.operands.length !== 2) return undefined;
  const [first, second] = node.operands.map((term) => ({ term, power: powerOf(term) ?? ([term, 1] as const) }));
  const [one, two] = first!.term.kind === "constant" ? [second!, first!] : [first!, second!];
  const [x, p] = one.power;
  if (two.term.kind === "constant") {
    const value = two.term.constant!;
    if (!(value > 0 && value < Number.POSITIVE_INFINITY)) return undefined;
    const y = constantLike(value ** (1 / p), two.term);
    // x^-c + y^-c = (x^c + y^c) / (x y)^c
    if (p < 0) return isWhole ? { x, y, c: -p, out: [x, y].map((base) => [base, p] as const) } : undefined;
    return { x, y, c: p, out: [] };
  }
  const [y, q] = two.power;
  if (x === y) {
    const [low, high] = p < q ? [p, q] : [q, p];
    const isEven = low % 2 === 0 && high % 2 === 0;
    const base = isWhole ? x : abs(x);
    if (low === high || !(isWhole || isEven)) return undefined;
    return { x: base, y: constantLike(1, x), c: high - low, out: [[base, low]] };
  }
  if (p !== q) return undefined;
  if (p > 0) return { x, y, c: p, out: [] };
  return isWhole ? { x, y, c: -p, out: [x, y].map((base) => [base, p] as const) } : undefined;
}

/** The node as one function of the two that it is made of. */
function asOne(root: Expr): Expr | undefined {
  const product = new Product();
  if (!product.take(root)) return undefined;
  const { powers, coefficient, sum, d } = product;
  if (!sum || d === 0 || !Number.isFinite(coefficient) || coefficient === 0) return undefined;
  const { x, y, c } = sum;
  const exponents = { a: powers.get(x) ?? 0, b: powers.get(y) ?? 0, c, d };
  const isClosed = [...powers.keys()].every((base) => base === x || base === y);
  if (!isClosed || [x, y].some((base) => isMap(base, exp))) return undefined;
  if (!(product.isSplit ? d < 1 : isWorthIt(exponents)) || !hasNumber(exponents)) return undefined;
  const whole = powerSumOf(exponents)(x, y);
  return coefficient === 1 ? whole : mul(coefficient, whole);
}

/** A product of powers: the coefficient, those of each base, and (x^c + y^c)^d. */
class Product {
  coefficient = 1;
  readonly powers = new Map<Expr, number>();
  sum: Omit<Sum, "out"> | undefined;
  d = 0;
  /** True once powers have been taken out of the sum. */
  isSplit = false;
  private readonly pending: (readonly [node: Expr, exponent: number])[] = [];

  /** Takes a node apart; false where it has too many factors, or powers of different sums. */
  take(root: Expr): boolean {
    const { pending } = this;
    pending.push([root, 1]);
    let count = 0;
    for (let next = pending.pop(); next; next = pending.pop()) {
      if (++count > mostFactors || !this.takeFactor(...next)) return false;
    }
    return true;
  }

  private takeFactor(node: Expr, n: number): boolean {
    return Number.isInteger(n) ? this.takeWhole(node, n) : this.takeSum(node, n);
  }

  /** node^n for a whole n, which goes to the factors of a product. */
  private takeWhole(node: Expr, n: number): boolean {
    const { pending } = this;
    const [a, b] = node.operands as [Expr, Expr];
    const power = powerOf(node);
    if (node.kind === "constant") this.coefficient *= node.constant! ** n;
    else if (power) pending.push([power[0], power[1] * n]);
    else if (isMap(node, cbrt) && ofCube(a)) pending.push([a, n / 3]);
    else if (isMap(node, neg)) {
      this.coefficient *= (-1) ** n;
      pending.push([a, n]);
    } else if (isMap(node, mul)) pending.push([a, n], [b, n]);
    else if (isMap(node, div)) pending.push([a, n], [b, -n]);
    else if (isMap(node, direction)) {
      pending.push([a, n]);
      return this.times(a, b, 2, -n / 2);
    } else if (isMap(node, proportion)) {
      pending.push([a, n]);
      return this.times(a, b, 1, -n);
    } else return this.takeSum(node, n);
    return true;
  }

  /** node^n for what is a sum of powers, or a function of one; anything else is a base. */
  private takeSum(node: Expr, n: number): boolean {
    const isWhole = Number.isInteger(n);
    const [a, b] = node.operands as [Expr, Expr];
    const sum = sumOf(node, isWhole);
    if (sum) {
      this.isSplit ||= sum.out.length > 0;
      this.pending.push(...sum.out.map(([base, exponent]) => [base, exponent * n] as const));
      return this.times(sum.x, sum.y, sum.c, n);
    }
    if (isMap(node, polarRadius) || (isMap(node, hypot) && node.operands.length === 2))
      return this.times(a, b, 2, n / 2);
    const known = exponentsOfName(node);
    if (!known || !(isWhole || (known.a === 0 && known.b === 0))) {
      this.raise(node, n);
      return true;
    }
    this.raise(a, known.a * n);
    this.raise(b, known.b * n);
    return this.times(a, b, known.c, known.d * n);
  }

  private raise(base: Expr, exponent: number): void {
    this.powers.set(base, (this.powers.get(base) ?? 0) + exponent);
  }

  /** Times (x^c + y^c)^exponent; false for another sum than before. */
  private times(x: Expr, y: Expr, c: number, exponent: number): boolean {
    const { sum } = this;
    if (sum && !(sum.x === x && sum.y === y && sum.c === c)) return false;
    this.sum = { x, y, c };
    this.d += exponent;
    return true;
  }
}

/** Cube roots of negative sums have a value, which a power of 1/3 has not. */
const ofCube = (node: Expr) => sumOf(node, false) !== undefined;

/** Shares, lengths and what rules of the plane take have functions of their own, which cost less. */
function isWorthIt({ a, b, c, d }: Exponents): boolean {
  if (Number.isInteger(d) && d > 0) return false;
  if (Math.abs(a) + Math.abs(b) >= 2 || (c !== 1 && c !== 2)) return true;
  return c === 2 && d !== -1 && !(d < 1 && Number.isInteger(2 * d) && !Number.isInteger(d));
}
