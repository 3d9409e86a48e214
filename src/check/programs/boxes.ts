import type { Expr } from "../../ir/graph.ts";
import type { Interval, Primitive } from "../../ir/primitive.ts";
import { add, mul, neg, square } from "../../ops/elementary/algebra.ts";
import { sigmoid } from "../../ops/special/activation.ts";

/** A value of a random program and an interval that holds its elements. */
export interface Bounded {
  readonly node: Expr;
  readonly interval: Interval;
}

/** Elements of random programs stay within this bound: what would leave it is scaled by a power of two. */
export const largest = 64;

const anything: Interval = [-largest, largest];
const positive: Interval = [0.25, largest];
const small: Interval = [-3, 3];
// on the left of the mean, where no derivative changes its sign
const parametersAndShare: readonly Interval[] = [
  [3, 5],
  [0.5, 1.5],
  [0.125, 0.375],
];
const incomplete: readonly Interval[] = [
  [3, 5],
  [0.5, 1.5],
];
const hypotenuseAndLeg: readonly Interval[] = [
  [1, 8],
  [-0.75, 0.75],
];

/**
 * Where programs keep the operands of a primitive, when its domain alone does not tell: off poles, off points with an
 * infinite slope, and where the result is of ordinary size. Members of numbered families share an entry.
 */
const boxes: Readonly<Record<string, readonly Interval[]>> = {
  mul: [[-8, 8]],
  square: [[-8, 8]],
  div: [anything, positive],
  reciprocal: [positive],
  cbrt: [positive],
  pow: [
    [0.25, 4],
    [-2, 2],
  ],
  powSlope: [
    [0.25, 4],
    [-2, 2],
  ],
  powSlopeLog: [
    [0.25, 4],
    [-2, 2],
  ],
  powLog: [
    [0.25, 4],
    [-2, 2],
  ],
  hypot: [anything, positive],
  direction: [anything, positive],
  directionSine: [positive, anything],
  spaceDirection1: [anything, positive, anything],
  spaceDirection2: [anything, positive, anything],
  spaceDirection3: [anything, positive, anything],
  proportion: [positive, positive],
  reciprocalGap: [positive, positive],
  logGap: [positive, positive],
  contrast: [positive, positive],
  powerSum: [positive, positive],
  polarRadius: [anything, positive],
  sphericalRadius: [anything, positive, anything],
  radiusExcess: [anything, positive],
  slopeAngle: [anything, positive],
  otherLeg: hypotenuseAndLeg,
  hypotenuseShare: hypotenuseAndLeg,
  legShare: hypotenuseAndLeg,
  hypotenuseExcess: hypotenuseAndLeg,
  logPolarRadius: [anything, positive],
  inversePowerReal: [anything, positive],
  inversePowerImaginary: [anything, positive],
  atan2: [anything, positive],
  exp: [small],
  expm1: [small],
  exp2: [small],
  sinh: [small],
  cosh: [small],
  log1mexp: [[-8, -0.25]],
  expm1Reciprocal: [[0.5, 8]],
  csch: [[0.5, 8]],
  logSinh: [[0.5, 8]],
  tan: [[-1.25, 1.25]],
  mod: [anything, [0.5, 4]],
  fmod: [anything, [0.5, 4]],
  huber: [anything, [0.25, 4]],
  xlogy: [anything, positive],
  xlog1py: [anything, [-0.75, largest]],
  gaussian: [small],
  erfc: [small],
  erfcx: [[-2, 4]],
  logErfc: [[-2, 4]],
  erfcIntegral: [[-2, 3]],
  normalCdf: [small],
  normalPdf: [small],
  logNormalCdf: [[-4, 2]],
  besselY: [[0.5, 8]],
  besselK: [[0.5, 8]],
  besselK0e: [[0.5, 8]],
  besselK1e: [[0.5, 8]],
  besselIMoment: [[0.25, 8]],
  besselKMoment: [[0.5, 8]],
  lgamma: [[0.25, 8]],
  digamma: [[0.25, 8]],
  trigamma: [[0.25, 8]],
  polygamma: [[0.5, 8]],
  lambertw: [[-0.25, largest]],
  lambertwRise: [[-0.25, largest]],
  lambertwSlope: [[-0.25, largest]],
  expRatio: [[0.25, 4]],
  expintEi: [[0.25, 4]],
  expint: [[0.25, 8]],
  expintScaled: [[0.25, 8]],
  voigt: [small, [0.25, 4], [0.25, 4]],
  voigtDispersion: [small, [0.25, 4], [0.25, 4]],
  voigtDerivative: [small, [0.25, 4], [0.25, 4]],
  voigtDispersionDerivative: [small, [0.25, 4], [0.25, 4]],
  ellipk: [[-largest, 0.75]],
  ellipe: [[-largest, 0.75]],
  ellipkDerivative: [[-8, 0.75]],
  ellipeDerivative: [[-8, 0.75]],
  betainc: parametersAndShare,
  betaincSlope: parametersAndShare,
  betaDensity: parametersAndShare,
  betaRate: parametersAndShare,
  betaRestRate: parametersAndShare,
  gammainc: incomplete,
  gammaincc: incomplete,
  logGammainc: incomplete,
  logGammaincc: incomplete,
  gammaincSlope: incomplete,
  logGammaincSlope: incomplete,
  logGammainccSlope: incomplete,
  gammaKernel: incomplete,
  gammaRate: incomplete,
};

/** How far a finite end of a domain is kept away. */
const margin = 0.125;

/** Where a primitive's operand number `position` is kept. */
export function boxOf(primitive: Primitive, position: number): Interval {
  const known = boxes[primitive.name.replace(/\d+$/, "")] ?? boxes[primitive.name];
  if (known) return known[Math.min(position, known.length - 1)]!;
  const domain = primitive.domain?.[Math.min(position, primitive.domain.length - 1)];
  if (!domain) return anything;
  return [Math.max(-largest, domain[0] + margin), Math.min(largest, domain[1] - margin)];
}

const magnitude = ([low, high]: Interval) => Math.max(Math.abs(low), Math.abs(high));

/** The value scaled by a power of two so that it stays within the bound. */
export function held({ node, interval }: Bounded, bound = largest): Bounded {
  const size = magnitude(interval);
  if (size <= bound) return { node, interval };
  const factor = 2 ** -Math.ceil(Math.log2(size / bound));
  return { node: mul(node, factor), interval: [interval[0] * factor, interval[1] * factor] };
}

/** The value brought into a box: as it is, scaled down, squared and lifted, or squashed. */
export function repaired(x: Bounded, box: Interval): Bounded {
  const [low, high] = box;
  if (x.interval[0] >= low && x.interval[1] <= high) return x;
  if (low < 0 && high > 0) return held(x, Math.min(-low, high));
  if (high <= 0) {
    const { node, interval } = repaired(x, [-high, -low]);
    return { node: neg(node), interval: [-interval[1], -interval[0]] };
  }
  if (high === largest) {
    const root = held(x, 7);
    return { node: add(square(root.node), low), interval: [low, magnitude(root.interval) ** 2 + low] };
  }
  const squashed = sigmoid(held(x, 4).node);
  return { node: add(mul(squashed, high - low), low), interval: box };
}

/** A primitive of reals over operands brought into its boxes. */
export function applied(primitive: Primitive, operands: readonly Bounded[]): Bounded {
  const inside = operands.map((operand, position) => repaired(operand, boxOf(primitive, position)));
  const intervals = inside.map(({ interval }) => interval);
  const node = inside[0]!.node.graph.map(
    primitive,
    inside.map((operand) => operand.node),
  );
  return held({ node, interval: rangeOf(primitive, intervals) });
}

function rangeOf(primitive: Primitive, intervals: readonly Interval[]): Interval {
  const stated = primitive.range?.(...intervals);
  return stated && Number.isFinite(magnitude(stated)) ? stated : sampledRange(primitive, intervals);
}

/** For primitives that state no range: the values on a grid, with room on both sides. */
function sampledRange(primitive: Primitive, intervals: readonly Interval[]): Interval {
  const shares = [0, 0.21, 0.43, 0.64, 0.85, 1];
  const points = intervals.reduce<number[][]>(
    (lists, [low, high]) => lists.flatMap((list) => shares.map((share) => [...list, low + share * (high - low)])),
    [[]],
  );
  const values = points.map((point) => primitive.real(...point)).filter(Number.isFinite);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = (high - low) / 2 + 0.5;
  return [low - room, high + room];
}
