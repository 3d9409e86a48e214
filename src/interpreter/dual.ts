import { DifferentiationError } from "../ir/errors.ts";
import type { Field } from "../ir/field.ts";
import { type Expr, operandType } from "../ir/graph.ts";
import type { Primitive } from "../ir/primitive.ts";
import { mul, neg } from "../ops/elementary/algebra.ts";
import { toInt } from "../ops/elementary/cast.ts";
import { notEqual, select } from "../ops/elementary/comparison.ts";
import { vanishingEnds } from "../ops/ends.ts";
import { isMap } from "../ops/maps.ts";
import { realOf } from "../ops/program.ts";
import { faded } from "../ops/ratios/faded.ts";

/** A dual number value + tangent eps, with eps^2 = 0: a value and its change along one direction. */
export interface Dual {
  readonly value: number;
  readonly tangent: number;
}

/**
 * The change of z = primitive(operands) for a change dx of one operand, partial * dx as a graph; undefined for the
 * structural zero. Choices stay choices: the side that is not taken cannot make NaN of a zero.
 */
function tangentTerm(
  primitive: Primitive,
  position: number,
  operands: readonly Expr[],
  z: Expr,
  dx: Expr,
): Expr | undefined {
  const partial = primitive.partials[Math.min(position, primitive.partials.length - 1)]!;
  if (partial === "zero") return undefined;
  if (typeof partial === "object") {
    throw new DifferentiationError(`${primitive.name} has no derivative: ${partial.none}.`, {
      primitive: primitive.name,
      path: [primitive.name],
    });
  }
  return times(dx, partial(operands, z, position), endsFlat(primitive) ? vanishing : mul);
}

/** A product with a slope that vanishes faster than the change of an infinite operand grows. */
const vanishing = (dx: Expr, slope: Expr): Expr => faded(slope, dx);

const knownEnds = new WeakMap<Primitive, boolean>();

/** Whether a function has a limit at an end, where its slope vanishes faster than powers of what is infinite there grow. */
function endsFlat(primitive: Primitive): boolean {
  const [partial] = primitive.partials;
  if (primitive.arity !== 1 || typeof partial !== "function") return false;
  const slope = realOf((x) => partial([x], x.graph.map(primitive, [x]), 0));
  const found = knownEnds.get(primitive) ?? vanishingEnds(slope, 3).some((x) => Number.isFinite(primitive.real(x)));
  knownEnds.set(primitive, found);
  return found;
}

function times(dx: Expr, factor: Expr, product: (dx: Expr, slope: Expr) => Expr): Expr | undefined {
  const { constant } = factor;
  if (constant === 0) return undefined;
  if (constant === 1) return dx;
  if (constant === -1) return neg(dx);
  if (isMap(factor, select)) {
    const [condition, yes, no] = factor.operands as [Expr, Expr, Expr];
    const zero = dx.graph.constantLike(0, dx);
    return select(condition, times(dx, yes, product) ?? zero, times(dx, no, product) ?? zero);
  }
  return product(dx, factor);
}

/**
 * The change for one operand as a function of numbers: the operands, then z, then dx. `constants` holds what is known
 * of the operands beforehand. undefined: no change.
 */
export function tangentDefinition(
  primitive: Primitive,
  position: number,
  constants: readonly (number | undefined)[],
): ((...numbers: Expr[]) => Expr) | undefined {
  const partial = primitive.partials[Math.min(position, primitive.partials.length - 1)]!;
  if (partial === "zero") return undefined;
  return (...numbers) => {
    const dx = numbers[constants.length + 1]!;
    const operands = constants.map((constant, k) => {
      const type = operandType(primitive, k);
      if (constant !== undefined && type !== "bool") return dx.graph.constantLike(constant, dx, type);
      const number = numbers[k]!;
      return type === "bool" ? notEqual(number, 0) : type === "int" ? toInt(number) : number;
    });
    return tangentTerm(primitive, position, operands, numbers[constants.length]!, dx) ?? dx.graph.constantLike(0, dx);
  };
}

type Change = ((...numbers: number[]) => number) | undefined;

/** Values by the primitives' kernels, tangents by their partials; both sides of a kink follow the stated convention. */
class DualField implements Field<Dual> {
  readonly name = "dual";
  /** The changes of a primitive by number of operands and position, made at their first use. */
  private readonly changes = new Map<Primitive, Map<number, readonly Change[]>>();

  of(value: number): Dual {
    return { value, tangent: 0 };
  }

  real(x: Dual): number {
    return x.value;
  }

  apply(primitive: Primitive, operands: readonly Dual[]): Dual {
    const values = operands.map((operand) => operand.value);
    const value = Number(primitive.real(...values));
    // only the side that is taken exists
    if (primitive === select.primitive) return { value, tangent: operands[values[0] !== 0 ? 1 : 2]!.tangent };
    let tangent = 0;
    for (const [position, { tangent: dx }] of operands.entries()) {
      // a constant does not vary, even where the slope is infinite
      if (dx === 0) continue;
      const change = this.changesOf(primitive, operands.length)[position];
      if (change) tangent += change(...values, value, dx);
    }
    return { value, tangent };
  }

  add(x: Dual, y: Dual): Dual {
    return { value: x.value + y.value, tangent: x.tangent + y.tangent };
  }

  mul(x: Dual, y: Dual): Dual {
    return this.apply(mul.primitive, [x, y]);
  }

  private changesOf(primitive: Primitive, count: number): readonly Change[] {
    const byCount = this.changes.get(primitive) ?? new Map<number, readonly Change[]>();
    this.changes.set(primitive, byCount);
    const known = byCount.get(count);
    if (known) return known;
    const unknown = new Array<undefined>(count).fill(undefined);
    const made = unknown.map((_, position) => {
      const definition = tangentDefinition(primitive, position, unknown);
      return definition && realOf(definition);
    });
    byCount.set(count, made);
    return made;
  }
}

/** Dual numbers: forward mode, one direction at a time. */
export const dualField: Field<Dual> = new DualField();
