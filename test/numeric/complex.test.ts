import { describe, expect, it } from "vitest";
import { Complex } from "../../src/numeric/complex/complex.ts";
import { continuationOf } from "../../src/ops/continuation.ts";
import { operationNamed } from "../../src/ops/registry.ts";
import { readCases } from "../ops/cases.ts";

type Pair = [number, number];
type Reference = [string, string];

const references = readCases<{
  unary: Record<string, [Pair, Reference][]>;
  binary: Record<string, [[Pair, Pair], Reference][]>;
}>("complex.json");

const of = ([re, im]: Pair): Complex => ({ re, im });

function expectClose(got: Complex, [re, im]: Reference): void {
  const size = Math.hypot(Number(re), Number(im));
  expect(Math.hypot(got.re - Number(re), got.im - Number(im))).toBeLessThan(2e-15 * Math.max(size, 1e-3));
}

describe("complex functions away from the real axis", () => {
  it.each(Object.entries(references.unary))("equal the references: %s", (name, rows) => {
    for (const [z, value] of rows) expectClose(continuationOf(operationNamed(name)!.primitive)(of(z)), value);
  });

  it.each(Object.entries(references.binary))("equal the references: %s", (name, rows) => {
    for (const [[z, w], value] of rows)
      expectClose(continuationOf(operationNamed(name)!.primitive)(of(z), of(w)), value);
  });
});

describe("complex arithmetic", () => {
  const step = 2 ** -332;

  it("keeps the imaginary part of a constant zero beside infinities", () => {
    expect(Complex.mul(Complex.real(Number.POSITIVE_INFINITY), Complex.real(2)).im).toBe(0);
    expect(Complex.mul({ re: 3, im: step }, Complex.real(Number.POSITIVE_INFINITY)).re).toBe(Number.POSITIVE_INFINITY);
    expect(Complex.exp(Complex.real(Number.POSITIVE_INFINITY))).toEqual({ re: Number.POSITIVE_INFINITY, im: 0 });
  });

  it("divides without overflow or cancellation", () => {
    const quotient = Complex.div({ re: 1e300, im: step * 1e300 }, { re: 2e300, im: 0 });
    expect(quotient).toEqual({ re: 0.5, im: step / 2 });
    expect(Complex.div(Complex.real(1), { re: 1e-160, im: 1e-220 }).im).toBeCloseTo(-1e100, -88);
  });

  it("has no imaginary part to show at a singular point", () => {
    for (const f of [Complex.log, Complex.sqrt, Complex.cbrt]) expect(f({ re: 0, im: step }).im).toBeNaN();
    expect(Complex.log({ re: 0, im: step }).re).toBe(Number.NEGATIVE_INFINITY);
    expect(Complex.acos({ re: 1, im: step })).toEqual({ re: 0, im: Number.NaN });
  });

  it("reflects powers of negative bases, and gives their exponent no slope", () => {
    expect(Complex.pow({ re: -2, im: step }, Complex.real(3))).toEqual({ re: -8, im: expect.closeTo(12 * step, 110) });
    expect(Complex.pow(Complex.real(-2), { re: 3, im: step })).toEqual({ re: -8, im: Number.NaN });
    expect(Complex.pow({ re: -2, im: step }, Complex.real(2.5)).re).toBeNaN();
  });
});
