import type { Primitive } from "../../ir/primitive.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../ops/elementary/algebra.ts";
import { toInt, toReal } from "../../ops/elementary/cast.ts";
import {
  and,
  clamp,
  equal,
  greater,
  greaterEqual,
  isFiniteReal,
  isNaNReal,
  less,
  lessEqual,
  max,
  min,
  not,
  notEqual,
  or,
  select,
} from "../../ops/elementary/comparison.ts";
import { exp, expm1, log, log1p } from "../../ops/elementary/exponential.ts";
import { cosh, sech2, sinh, tanh } from "../../ops/elementary/hyperbolic.ts";
import {
  direction,
  directionSine,
  hypot,
  polarRadius,
  spaceDirections,
  sphericalRadius,
} from "../../ops/elementary/lengths.ts";
import { nowhere } from "../../ops/elementary/nowhere.ts";
import { anyUnit, stopGradient } from "../../ops/elementary/opaque.ts";

import { pow, rsqrt, sqrt } from "../../ops/elementary/powers.ts";
import { abs, ceil, floor, floorDiv, sign, step, trunc } from "../../ops/elementary/rounding.ts";
import { cos, sin } from "../../ops/elementary/trigonometric.ts";
import { byPrimitive } from "../../ops/maps.ts";
import { relu, sigmoid, sigmoidSlope, softplus } from "../../ops/special/activation.ts";
import type { Arithmetic, Term } from "./arithmetic.ts";
import * as kernels from "./kernels.ts";

/** A primitive as instructions; operands that it uses more than once it names. */
type Emit = (a: Arithmetic, ...operands: Term[]) => Term;

const identity: Emit = (_a, x) => x!;
const shared =
  (operation: Parameters<Arithmetic["of"]>[0]): Emit =>
  (a, ...operands) =>
    a.of(operation, ...operands);
const folded =
  (combine: (a: Arithmetic, x: Term, y: Term) => Term): Emit =>
  (a, ...operands) =>
    operands.reduce((x, y) => combine(a, x, y));
const larger = (a: Arithmetic, x: Term, y: Term) => a.of("max", x, y);
const smaller = (a: Arithmetic, x: Term, y: Term) => a.of("min", x, y);

/** Primitives that are a few instructions, on one number or two; each gives the bits of the record's own value. */
export const operations = byPrimitive<Emit>([
  [add, (a, ...terms) => a.add(...terms)],
  [sub, shared("sub")],
  [mul, shared("mul")],
  [div, shared("div")],
  [neg, shared("neg")],
  [reciprocal, (a, x) => a.div(a.constant(1), x!)],
  [
    square,
    (a, x) => {
      const named = a.name(x!);
      return a.mul(named, named);
    },
  ],
  [sqrt, shared("sqrt")],
  [rsqrt, (a, x) => a.div(a.constant(1), a.of("sqrt", x!))],
  [abs, shared("abs")],
  [floor, shared("floor")],
  [ceil, shared("ceil")],
  [trunc, shared("trunc")],
  [toInt, shared("trunc")],
  [
    sign,
    (a, x) => {
      const named = a.name(x!);
      const below = a.choose(a.of("lt", named, a.constant(0)), a.constant(-1), named);
      return a.choose(a.of("gt", named, a.constant(0)), a.constant(1), below);
    },
  ],
  [
    step,
    (a, x) => {
      const named = a.name(x!);
      const isAbove = a.of("gt", named, a.constant(0));
      // a mask of ones is a NaN
      if (a.isWide) return a.or(a.and(isAbove, a.constant(1)), a.of("ne", named, named));
      const rest = a.choose(a.of("le", named, a.constant(0)), a.constant(0), a.constant(Number.NaN));
      return a.choose(isAbove, a.constant(1), rest);
    },
  ],
  [floorDiv, (a, x, y) => a.of("floor", a.div(x!, y!))],
  [max, folded(larger)],
  [min, folded(smaller)],
  [
    relu,
    (a, x) =>
      // one instruction that keeps NaN, and -0 too: the sum makes it 0
      a.isWide ? a.add(a.vector("f64x2.pmax", x!, a.constant(0)), a.constant(0)) : larger(a, x!, a.constant(0)),
  ],
  [clamp, (a, x, low, high) => smaller(a, larger(a, x!, low!), high!)],
  [less, shared("lt")],
  [lessEqual, shared("le")],
  [greater, shared("gt")],
  [greaterEqual, shared("ge")],
  [equal, shared("eq")],
  [notEqual, shared("ne")],
  [and, folded((a, x, y) => a.and(x, y))],
  [or, folded((a, x, y) => a.or(x, y))],
  [not, (a, x) => a.not(x!)],
  [isFiniteReal, (a, x) => a.of("lt", a.of("abs", x!), a.constant(Number.POSITIVE_INFINITY))],
  [
    isNaNReal,
    (a, x) => {
      const named = a.name(x!);
      return a.of("ne", named, named);
    },
  ],
  [select, (a, condition, x, y) => a.choose(condition!, x!, y!)],
  [toReal, identity],
  [stopGradient, identity],
  [anyUnit, identity],
  [nowhere, (a) => a.constant(Number.NaN)],
]);

/** A function by polynomials on two numbers at a time; without a reach it is right everywhere. */
export type VectorKernel = (a: Arithmetic, ...operands: Term[]) => { readonly value: Term; readonly isReached?: Term };

const everywhere =
  (kernel: kernels.Kernel): VectorKernel =>
  (a, x) => ({ value: kernel(a, x!) });

interface VectorFunction {
  readonly kernel: VectorKernel;
  /** True where the host's function answers beyond the reach of the kernel. */
  readonly needsHost: boolean;
}

const elementary = [
  [exp, kernels.exp],
  [expm1, kernels.expm1],
  [log, kernels.log],
  [log1p, kernels.log1p],
  [sinh, kernels.sinh],
  [cosh, kernels.cosh],
  [tanh, kernels.tanh],
  [sech2, kernels.sech2],
  [sigmoid, kernels.sigmoid],
  [sigmoidSlope, kernels.sigmoidSlope],
  [softplus, kernels.softplus],
] as const;

const ofLengths: VectorFunction = {
  kernel: (a, ...x) => kernels.hypot(a, ...x),
  needsHost: true,
};

const ofDirections = (axis: number): VectorFunction => ({
  kernel: (a, ...x) => kernels.direction(a, axis, x),
  needsHost: true,
});

/** Functions by polynomials. */
export const vectorKernels = byPrimitive<VectorFunction>([
  ...elementary.map(([operation, kernel]) => [operation, { kernel: everywhere(kernel), needsHost: false }] as const),
  [sin, { kernel: (a, x) => kernels.sin(a, x!), needsHost: true }],
  [cos, { kernel: (a, x) => kernels.cos(a, x!), needsHost: true }],
  [hypot, ofLengths],
  [polarRadius, ofLengths],
  [sphericalRadius, ofLengths],
  [direction, ofDirections(0)],
  [directionSine, ofDirections(1)],
  ...spaceDirections.map((operation, axis) => [operation, ofDirections(axis)] as const),
  [pow, { kernel: (a, x, y) => kernels.pow(a, x!, y!), needsHost: true }],
]);

/** Primitives whose result is a condition. */
export const conditions: ReadonlySet<Primitive> = new Set(
  [less, lessEqual, greater, greaterEqual, equal, notEqual, and, or, not, isFiniteReal, isNaNReal].map(
    ({ primitive }) => primitive,
  ),
);

/** The host's function; V8 calls Math's own without boxing numbers. */
export const hostFunction = (primitive: Primitive): ((...operands: number[]) => number) =>
  primitive === pow.primitive ? (Math.pow as (...operands: number[]) => number) : primitive.real;
