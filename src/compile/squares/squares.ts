import { isGather, iterators } from "../../ir/contraction.ts";
import type { Expr } from "../../ir/graph.ts";
import { dependentOn } from "../../ir/walks/dependence.ts";
import { reachableIds } from "../../ir/walks/traverse.ts";
import { axes, contract, type Read, sum } from "../../ops/arrays/contractions.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../ops/elementary/algebra.ts";
import { toReal } from "../../ops/elementary/cast.ts";
import { select } from "../../ops/elementary/comparison.ts";
import { pow, sqrt } from "../../ops/elementary/powers.ts";
import { abs } from "../../ops/elementary/rounding.ts";
import { isMap } from "../../ops/maps.ts";
import { axesOf, restricted } from "../../rewrite/forms/contractions/splat.ts";
import { inline, rangeOf, type Terms, withFactor } from "../../rewrite/forms/contractions/terms.ts";
import { squareOf as lengthSquared } from "../../rewrite/forms/lengths.ts";

/** A loss as a sum of squares: the sum over all `squares` of scale * sum(weight * residual^2), plus the offsets. */
export interface SumOfSquares {
  readonly squares: readonly Square[];
  /** Scalars that do not depend on the variables. */
  readonly offsets: readonly Expr[];
}

export interface Square {
  /** A scalar that does not depend on the variables; absent: 1. */
  readonly scale: Expr | undefined;
  /** In the shape of the residual, and not dependent on the variables; absent: 1. */
  readonly weight: Expr | undefined;
  readonly residual: Expr;
}

/** The first part of a loss that is no square. */
export interface NoSquare {
  readonly node: Expr;
}

/** What a factor does in a summand: it is raised to a power, or the summand counts where it is true, or false. */
type Role = number | "where" | "unless";

/** A summand of the loss: the sum over a domain of the product of the factors, each in its role. */
interface Summand {
  readonly terms: Terms;
  /** One for each factor. */
  readonly roles: readonly Role[];
  readonly isNegative: boolean;
}

/** More summands than this are no loss that anyone wrote. */
const mostSummands = 1_000_000;

/**
 * Reads a scalar as a sum of squares of functions of `variables`: what is added, scaled, summed over axes or masked
 * comes apart until squares are left: r^2, r r, even powers, dot(r, r), |r|^2. A product of squares is one square.
 */
export function sumOfSquares(loss: Expr, variables: readonly Expr[]): SumOfSquares | NoSquare {
  const depends = dependence(loss, variables);
  const squares: Square[] = [];
  const offsets: Expr[] = [];
  const whole: Terms = {
    extents: [],
    output: [],
    shape: [],
    factors: [{ of: loss, index: [] }],
    guards: [],
    lookups: [],
  };
  const open: Summand[] = [{ terms: whole, roles: [1], isNegative: false }];
  for (let count = 0; open.length > 0; count++) {
    const summand = open.pop()!;
    const { terms, roles } = summand;
    const dependent = terms.factors.flatMap(({ of }, k) => (depends(of) ? [k] : []));
    if (dependent.length === 0) {
      offsets.push(offsetOf(summand));
      continue;
    }
    const parts = comeApart(summand, dependent, depends);
    if (parts && count < mostSummands) open.push(...parts.reverse());
    else if (dependent.every((k) => isEven(roles[k]!))) squares.push(squareOf(summand, depends));
    else return { node: terms.factors[dependent.find((k) => !isEven(roles[k]!))!]!.of };
  }
  return { squares, offsets };
}

/** Squares of lengths are made on the way: what is not of the loss itself is looked through when it is first asked for. */
function dependence(root: Expr, variables: readonly Expr[]): (node: Expr) => boolean {
  const { graph } = root;
  const known = new Map<number, boolean>();
  const learn = (from: number) => {
    const ids = reachableIds(graph, [from]);
    const { has } = dependentOn(graph, ids, variables);
    for (const id of ids) known.set(id, has(id));
  };
  learn(root.id);
  return ({ id }) => {
    if (!known.has(id)) learn(id);
    return known.get(id)!;
  };
}

const isEven = (role: Role) => typeof role === "number" && role % 2 === 0;

/** The same as summands that are closer to squares; undefined where the factors allow no step. */
function comeApart(summand: Summand, dependent: readonly number[], depends: (node: Expr) => boolean) {
  const { terms, roles } = summand;
  const merged = mergeEqual(summand, dependent);
  if (merged) return [merged];
  for (const k of dependent) {
    const simpler = simplerFactors(summand, k);
    if (simpler) return [simpler];
  }
  for (const k of dependent) {
    const sums = roles[k] === 1 ? termsOfSum(summand, k, terms.factors[k]!, depends) : undefined;
    if (sums) return sums;
  }
  return undefined;
}

/** Two factors that are the same read as one, to the sum of their powers. */
function mergeEqual({ terms, roles, isNegative }: Summand, dependent: readonly number[]): Summand | undefined {
  const first = new Map<string, number>();
  for (const k of dependent) {
    const { of, index } = terms.factors[k]!;
    const key = [of.id, ...index.map((i) => i.key)].join(" ");
    const known = first.get(key);
    if (known === undefined) {
      first.set(key, k);
      continue;
    }
    const keep = (_: unknown, at: number) => at !== k;
    const together = (roles[known] as number) + (roles[k] as number);
    return {
      terms: { ...terms, factors: terms.factors.filter(keep) },
      roles: roles.map((role, at) => (at === known ? together : role)).filter(keep),
      isNegative,
    };
  }
  return undefined;
}

/**
 * The summand with factor k, a product, quotient or power, replaced by what it is made of. A square stays as it is
 * written, but for that of a root or a length.
 */
function simplerFactors(summand: Summand, k: number): Summand | undefined {
  const { terms, roles, isNegative } = summand;
  const { of, index } = terms.factors[k]!;
  const power = roles[k] as number;
  if (of.kind !== "map") return undefined;
  const isRoot = isMap(of, sqrt) || isMap(of, abs);
  // of the square of a length as many residuals as it is of; what is left of a higher power has to be even
  const squared = !isRoot && (power === 2 || (power > 0 && power % 4 === 0)) ? lengthSquared(of) : undefined;
  if (power % 2 === 0 && !isRoot && !squared) return undefined;
  const [x, y] = of.operands as [Expr, Expr];
  const by = (...parts: readonly (readonly [Expr, number])[]): Summand => ({
    ...replaced(
      summand,
      k,
      parts.map(([part]) => ({ of: part, index })),
      parts.map(([, exponent]) => exponent),
    ),
    isNegative,
  });
  if (squared) return by([squared, power / 2]);
  switch (of.graph.primitiveOf(of.id)) {
    case mul.primitive:
      return by([x, power], [y, power]);
    case div.primitive:
      return by([x, power], [y, -power]);
    case reciprocal.primitive:
      return by([x, -power]);
    case square.primitive:
      return by([x, 2 * power]);
    case neg.primitive:
      return { ...by([x, power]), isNegative: !isNegative };
    case abs.primitive:
      return power % 2 === 0 ? by([x, power]) : undefined;
    case sqrt.primitive:
      return power % 2 === 0 ? by([x, power / 2]) : undefined;
    case pow.primitive: {
      const exponent = y.constant ?? Number.NaN;
      return Number.isInteger(exponent) ? by([x, power * exponent]) : undefined;
    }
    default:
      return undefined;
  }
}

function replaced(
  { terms, roles, isNegative }: Summand,
  k: number,
  reads: readonly Read[],
  made: readonly Role[],
): Summand {
  return {
    terms: withFactor(terms, k, ...reads),
    roles: roles.flatMap((role, at) => (at === k ? made : [role])),
    isNegative,
  };
}

/** The summands of factor k, which stands in its first power: a sum of whatever form, or one of two things. */
function termsOfSum(summand: Summand, k: number, { of, index }: Read, depends: (node: Expr) => boolean) {
  const at = (part: Expr, isNegative = summand.isNegative): Summand => ({
    ...replaced(summand, k, [{ of: part, index }], [1]),
    isNegative,
  });
  const { operands } = of;
  if (isMap(of, add)) return operands.map((part) => at(part));
  if (isMap(of, sub)) return [at(operands[0]!), at(operands[1]!, !summand.isNegative)];
  if (isMap(of, select) && !depends(operands[0]!)) {
    const [condition, yes, no] = operands as [Expr, Expr, Expr];
    const where = (part: Expr, role: Role) =>
      replaced(
        summand,
        k,
        [part, condition].map((x) => ({ of: x, index })),
        [1, role],
      );
    return [where(yes, "where"), where(no, "unless")];
  }
  if (of.kind !== "contraction") return undefined;
  if (!isGather(of.graph.contractionOf(of.id))) return undefined;
  const made = of.graph.contractionOf(of.id).factors.map((): Role => 1);
  const roles = summand.roles.flatMap((role, position) => (position === k ? made : [role]));
  return [{ ...summand, terms: inline(summand.terms, k), roles }];
}

function squareOf({ terms, roles, isNegative }: Summand, depends: (node: Expr) => boolean): Square {
  const parts: Read[] = [];
  const weights: Read[] = [];
  const guards = [...terms.guards];
  let scale: Expr | undefined;
  for (const [k, read] of terms.factors.entries()) {
    const role = roles[k]!;
    if (typeof role !== "number") continue;
    if (depends(read.of)) {
      parts.push({ of: power(read.of, role / 2), index: read.index });
      continue;
    }
    const scalar = uniform(read.of);
    if (scalar) {
      guards.push(...rangeOf(read));
      scale = scale ? mul(scale, power(scalar, role)) : power(scalar, role);
    } else {
      weights.push({ of: power(read.of, role), index: read.index });
    }
  }
  const residual = masked({ terms, roles }, overDomain({ ...terms, guards }, parts));
  if (weights.length > 0) {
    const weight = overDomain({ ...terms, guards: [] }, weights);
    return { scale, weight: isNegative ? neg(weight) : weight, residual };
  }
  if (isNegative) scale = scale ? neg(scale) : residual.graph.constant(-1);
  return { scale, weight: undefined, residual };
}

/** The sum of a summand that no variable changes. */
function offsetOf({ terms, roles, isNegative }: Summand): Expr {
  const factors = terms.factors.flatMap((read, k) => {
    const role = roles[k]!;
    return typeof role === "number" ? [{ of: power(read.of, role), index: read.index }] : [];
  });
  const total = sum(masked({ terms, roles }, overDomain(terms, factors)));
  return isNegative ? neg(total) : total;
}

/** The product of reads, one element for each point of the domain. */
function overDomain(terms: Terms, factors: readonly Read[]): Expr {
  const { extents } = terms;
  const product = contract({ ...terms, output: axes(extents.length), shape: extents, factors });
  const [operand] = product.operands;
  return isWhole(product) ? operand! : product;
}

/** True for a view that shows its operand as it is. */
function isWhole(node: Expr): boolean {
  if (!node.graph.isView(node.id)) return false;
  const { factors, guards, shape } = node.graph.contractionOf(node.id);
  const [from] = node.operands;
  const { index } = factors[0]!;
  return (
    guards.length === 0 &&
    index.length === shape.length &&
    index.every((i, axis) => i.key === iterators(axis).key && from!.shape[axis]!.equals(shape[axis]!))
  );
}

function masked({ terms, roles }: Pick<Summand, "terms" | "roles">, value: Expr): Expr {
  const zero = value.graph.constantLike(0, value);
  return roles.reduce<Expr>((inside, role, k) => {
    if (typeof role === "number") return inside;
    const condition = overDomain({ ...terms, guards: [] }, [terms.factors[k]!]);
    return role === "where" ? select(condition, inside, zero) : select(condition, zero, inside);
  }, value);
}

function power(x: Expr, exponent: number): Expr {
  const base = toReal(x);
  if (exponent === 1) return base;
  if (exponent === 2) return square(base);
  return exponent === -1 ? reciprocal(base) : pow(base, exponent);
}

/** The scalar that every element of a node is, where that can be told from the graph. */
function uniform(node: Expr): Expr | undefined {
  const { graph } = node;
  const known = new Map<number, Expr>();
  for (const id of reachableIds(graph, [node.id])) {
    const each = graph.expr(id);
    const operands = graph.operandIds(id).map((operand) => known.get(operand));
    if (each.isScalar) known.set(id, each);
    else if (each.kind === "map" && operands.every((operand) => operand !== undefined))
      known.set(id, graph.withOperands(id, operands));
    else if (each.kind !== "map" && axesOf(each).size === 0) known.set(id, restricted(each, []));
  }
  return known.get(node.id);
}
