import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boxOf } from "../../src/check/programs/boxes.ts";
import type { Interval, Primitive } from "../../src/ir/primitive.ts";
import type { Complex } from "../../src/numeric/complex/complex.ts";
import { continuationOf } from "../../src/ops/continuation.ts";
import { domainOf, primitives } from "../ops/samples.ts";
import { seed } from "./subject.ts";

// Property 16: every complex kernel is analytic, and its real part follows the real kernel.

const analytic = primitives.filter(
  ({ operands, result, isOpaque }) => !operands && result !== "bool" && result !== "int" && !isOpaque,
);

const countOf = ({ arity }: Primitive) => (arity === "variadic" ? 3 : arity);

/** Differences of fourth order: their error is about (2^-9)^4 / 30 times a fifth derivative, plus rounding over h. */
const tolerance = 1e-10;

/** A step that is small beside the distance to the end of the domain. */
function stepAt(primitive: Primitive, position: number, { re }: Complex): number {
  const [low, high] = domainOf(primitive, position);
  return 2 ** -9 * Math.min(1, re - low, high - re);
}

function slope(f: (shift: number) => number, h: number): number {
  return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
}

/** Operands in the primitive's box, drawn as scaled integers, each a little off the real axis. */
function pointsFor(primitive: Primitive): fc.Arbitrary<Complex[]> {
  const within = (position: number): Interval => {
    const [low, high] = boxOf(primitive, position);
    return [Math.max(low, -4), Math.min(high, 4)];
  };
  return fc.tuple(
    ...Array.from({ length: countOf(primitive) }, (_, position) => {
      const [low, high] = within(position);
      return fc
        .integer({ min: 0, max: 63 })
        .map((k) => ({ re: low + ((high - low) * (k + 8 / 37 + position / 5)) / 65, im: 0.01 / (1 + position) }));
    }),
  );
}

describe("a complex kernel", () => {
  it.each(analytic.map((primitive) => ({ primitive, name: primitive.name })))(
    "obeys the Cauchy-Riemann equations: $name",
    ({ primitive }) => {
      fc.assert(
        fc.property(pointsFor(primitive), (point) => {
          for (const position of point.keys()) {
            const h = stepAt(primitive, position, point[position]!);
            const at = (re: number, im: number) =>
              continuationOf(primitive)(
                ...point.map((z, k) => (k === position ? { re: z.re + re, im: z.im + im } : z)),
              );
            const along = (part: "re" | "im", isReal: boolean) =>
              slope((shift) => at(isReal ? shift : 0, isReal ? 0 : shift)[part], h);
            const scale = Math.max(1, Math.abs(at(0, 0).re), Math.abs(along("re", true)));
            // a kink between the points of a difference
            const isBroken = Math.abs(along("re", true) - (at(h, 0).re - at(-h, 0).re) / (2 * h)) > 1e-3 * scale;
            if (isBroken) continue;
            expect(Math.abs(along("re", true) - along("im", false))).toBeLessThan(tolerance * scale);
            expect(Math.abs(along("im", true) + along("re", false))).toBeLessThan(tolerance * scale);
          }
        }),
        { numRuns: 40, seed },
      );
    },
  );
});
