import type { BallArithmetic } from "../numeric/balls/arithmetic.ts";
import { type Ball, ballOf, blurredBy } from "../numeric/balls/balls.ts";

/** Numbers with no end of digits, which formulas hold where a function of a whole number has been computed, as log 2 has. */
const ofModels: readonly (readonly [value: number, make: (arithmetic: BallArithmetic) => Ball])[] = [
  [Math.LN2, ({ log }) => log(ballOf(2))],
  [Math.LN10, ({ log }) => log(ballOf(10))],
  [Math.SQRT2, ({ sqrt }) => sqrt(ballOf(2))],
  [Math.SQRT1_2, ({ sqrt }) => sqrt(ballOf(0.5))],
  [Math.E, ({ exp }) => exp(ballOf(1))],
];

/** Such numbers that derivatives and programs hold, and no model by its digits. */
const ofDerivatives: typeof ofModels = [
  [Math.LOG2E, ({ div, one, log }) => div(one, log(ballOf(2)))],
  [Math.LOG10E, ({ div, one, log }) => div(one, log(ballOf(10)))],
  [2 / Math.sqrt(Math.PI), (arithmetic) => arithmetic.div(ballOf(2), rootOfPi(arithmetic))],
  [1 / Math.sqrt(Math.PI), (arithmetic) => arithmetic.div(ballOf(1), rootOfPi(arithmetic))],
  [1 / Math.sqrt(2 * Math.PI), (arithmetic) => arithmetic.div(arithmetic.sqrt(ballOf(0.5)), rootOfPi(arithmetic))],
  [Math.exp(-64), ({ exp }) => exp(ballOf(-64))],
];

const rootOfPi = ({ sqrt, pi }: BallArithmetic): Ball => sqrt(pi());

/** What is meant by pi, or by the digits of another such number, is open where these end. */
const rounded = [Math.PI, ...[...ofModels, ...ofDerivatives].map(([value]) => value)];

const isNearly = (value: number, other: number) => Math.abs(value / other - 1) < 4 * Number.EPSILON;

/** How numbers are read of which more digits may be meant than are written: as any of them, as written, or a bit further. */
export type Reading = "open" | "written" | "further";

const isRounded = (value: number): boolean =>
  rounded.some((each) => [0.5, 1, 2].some((times) => isNearly(times * each, Math.abs(value))));

/** The number that has no end of digits, and how many times it a constant is. */
function knownTo(value: number) {
  const size = Math.abs(value);
  for (const times of [1, 2, 0.5]) {
    const found =
      ofModels.find(([each]) => times * each === size) ?? ofDerivatives.find(([each]) => isNearly(times * each, size));
    if (found) return { times: value < 0 ? -times : times, make: found[1] };
  }
  return undefined;
}

/** The number that a constant of a graph stands for. */
export function meantBy(value: number, arithmetic: BallArithmetic, reading: Reading): Ball {
  const known = knownTo(value);
  if (known) return arithmetic.mul(ballOf(known.times), known.make(arithmetic));
  if (reading === "written" || !isRounded(value)) return ballOf(value);
  if (reading === "open") return blurredBy(ballOf(value), 52);
  return arithmetic.add(ballOf(value), ballOf(value * 2 ** -53));
}

/** True of a constant of which more digits may be meant than are written. */
export const isOpenEnded = (value: number): boolean => isRounded(value) && !knownTo(value);

/** True of a constant that is known to all digits, by which functions are defined: of few digits, or one of these. */
export const isKnown = (value: number): boolean =>
  Math.fround(value) === value || [...ofModels, ...ofDerivatives].some(([each]) => each === Math.abs(value));
