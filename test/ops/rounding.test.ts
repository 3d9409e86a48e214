import { describe, expect, it } from "vitest";
import { derivatives } from "./cases.ts";

// The truth by whole numbers: a double is one of them times a power of two.

/** x 2^1074, a whole number for every finite x. */
function scaled(x: number): bigint {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, x);
  const exponent = (bits.getUint16(0) >> 4) & 0x7ff;
  const fraction = bits.getBigUint64(0) & 0xf_ffff_ffff_ffffn;
  const size = exponent === 0 ? fraction : (fraction | 0x10_0000_0000_0000n) << BigInt(exponent - 1);
  return x < 0 ? -size : size;
}

/** z / 2^1074. */
function unscaled(z: bigint): number {
  const size = z < 0n ? -z : z;
  const excess = Math.max(0, size.toString(2).length - 64);
  // the bits that go beyond 64 count as one that is set, so that rounding is that of the whole
  const head = (size >> BigInt(excess)) | (size & ((1n << BigInt(excess)) - 1n) ? 1n : 0n);
  const value = Number(head) * 2 ** Math.min(0, excess - 1074 + 600) * 2 ** Math.max(-600, excess - 1074);
  return z < 0n ? -value : value;
}

const towards0 = (x: bigint, y: bigint) => x / y;
const downwards = (x: bigint, y: bigint) => (x % y !== 0n && x < 0n !== y < 0n ? x / y - 1n : x / y);

const near = (x: number) => [x, x * (1 + 2 ** -52), x * (1 - 2 ** -53)];
const sizes = [...[0.1, 0.3, 1, 1.5, 3, 7, 745.5, 1e-10, 1e10].flatMap(near), 1e-310, 1e-300, 1e-160, 1e100, 1e300];
const numbers = [0, ...sizes, ...sizes.map((x) => -x)];

describe.each([
  ["mod", downwards],
  ["fmod", towards0],
] as const)("%s", (name, quotient) => {
  const { value, first } = derivatives({ ast: [name, "x", "y"], vars: ["x", "y"] });
  const pairs = numbers.flatMap((x) => numbers.filter((y) => y !== 0).map((y) => [x, y] as const));

  it("is x less a whole multiple of y, to the rounding of one product, and exactly where x/y rounds to a whole number", () => {
    const wrong = pairs.flatMap(([x, y]) => {
      const whole = quotient(scaled(x), scaled(y));
      const truth = unscaled(scaled(x) - whole * scaled(y));
      const got = value(x, y);
      const isExact = Number.isInteger(x / y) || !Number.isFinite(x / y) || name === "fmod";
      return Math.abs(got - truth) <= (isExact ? 0 : 2 ** -52 * Math.abs(x)) ? [] : [{ x, y, got, truth }];
    });
    expect(wrong).toEqual([]);
  });

  it("has that whole number as its slope in y", () => {
    const wrong = pairs.flatMap(([x, y]) => {
      const truth = -Number(quotient(scaled(x), scaled(y)));
      const got = first[1]!(x, y);
      const isRight = got === truth || Math.abs(got - truth) <= 4 * 2 ** -53 * Math.abs(truth);
      return isRight && (Math.abs(truth) > 2 ** 50 || got + 0 === truth + 0) ? [] : [{ x, y, got, truth }];
    });
    expect(wrong).toEqual([]);
  });

  it("is NaN for a divisor of 0", () => {
    expect([value(1, 0), value(0, 0), value(-3, -0)]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });
});
