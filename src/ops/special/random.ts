import type { Expr } from "../../ir/graph.ts";
import { Philox } from "../../numeric/random.ts";
import { binary, operation } from "../define.ts";
import { add, mul, sub } from "../elementary/algebra.ts";
import { log1p } from "../elementary/exponential.ts";
import { sqrt } from "../elementary/powers.ts";
import { floor } from "../elementary/rounding.ts";
import { cos } from "../elementary/trigonometric.ts";

// Random numbers by counter: a number is a function of a key, a stream and a place, and of nothing else. The generator
// is that of src/numeric/random.ts as a program, so that every printer has the same numbers.

const word = 2 ** 32;
const half = 2 ** 16;

/** Exclusive or of two whole numbers below 2^32. */
const xor = binary("exclusiveOr", {
  real: (x, y) => (x ^ y) >>> 0,
  partials: ["zero", "zero"],
  print: (x, y) => `(${x} ^ ${y}) >>> 0`,
  cost: 2,
});

const quotient = (x: Expr, by: number) => floor(mul(x, 1 / by));
const remainder = (x: Expr, by: number) => sub(x, mul(by, quotient(x, by)));

/** Both words of the product of a 32-bit word with a constant one, by halves: every step is exact below 2^53. */
function product(x: Expr, constant: number): { readonly high: Expr; readonly low: Expr } {
  const [constantHigh, constantLow] = [Math.floor(constant / half), constant % half];
  const xHigh = quotient(x, half);
  const xLow = remainder(x, half);
  const low = mul(constantLow, xLow);
  const middle = add(mul(constantHigh, xLow), quotient(low, half));
  const other = add(mul(constantLow, xHigh), remainder(middle, half));
  return {
    high: add(mul(constantHigh, xHigh), add(quotient(middle, half), quotient(other, half))),
    low: add(mul(half, remainder(other, half)), remainder(low, half)),
  };
}

type Block = readonly [Expr, Expr, Expr, Expr];

/** Ten rounds of Philox 4x32 over a counter of place and stream, under the key. */
function block(key: Expr, stream: Expr, place: Expr): Block {
  const words = (x: Expr) => [remainder(x, word), remainder(quotient(x, word), word)] as const;
  let [c0, c1] = words(place);
  let [c2, c3] = words(stream);
  let [k0, k1] = words(key);
  for (let round = 0; round < Philox.rounds; round++) {
    const first = product(c0, Philox.multipliers[0]);
    const second = product(c2, Philox.multipliers[1]);
    [c0, c1, c2, c3] = [xor(xor(second.high, c1), k0), second.low, xor(xor(first.high, c3), k1), first.low];
    k0 = remainder(add(k0, Philox.increments[0]), word);
    k1 = remainder(add(k1, Philox.increments[1]), word);
  }
  return [c0, c1, c2, c3];
}

/** Two words as a multiple of 2^-53 in [0, 1). */
const fraction = (high: Expr, low: Expr) => mul(2 ** -53, add(mul(2 ** 21, high), quotient(low, 2 ** 11)));

export const randomUniform = drawn("randomUniform", {
  program: (key, stream, place) => {
    const [high, low] = block(key, stream, place);
    return fraction(high, low);
  },
  kernel: (random) => random.uniform(0),
});

export const randomNormal = drawn("randomNormal", {
  program: (key, stream, place) => {
    const [a, b, c, d] = block(key, stream, place);
    const radius = sqrt(mul(-2, log1p(mul(-1, fraction(a, b)))));
    return mul(radius, cos(mul(2 * Math.PI, fraction(c, d))));
  },
  kernel: (random) => Math.sqrt(-2 * Math.log1p(-random.uniform(0))) * Math.cos(2 * Math.PI * random.uniform(1)),
});

interface Draw {
  readonly program: (key: Expr, stream: Expr, place: Expr) => Expr;
  /** The same number by the generator itself. */
  readonly kernel: (random: Philox) => number;
}

/** The record of a random number: int operands, no derivative. */
function drawn(name: string, { program, kernel }: Draw) {
  const random = new Philox();
  const at = (key: number, stream: number, place: number) => kernel(random.at(key, stream, place));
  return operation({
    name,
    arity: 3,
    operands: ["int"],
    result: "real",
    program: (...operands) => program(...(operands as [Expr, Expr, Expr])),
    real: (key, stream, place) => at(key!, stream!, place!),
    partials: ["zero"],
    units: "1, 1, 1 -> 1",
    range: () => (name === "randomUniform" ? [0, 1] : [-9, 9]),
    cost: 300,
  });
}
