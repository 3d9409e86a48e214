import { describe, expect, it } from "vitest";
import { special } from "../../src/build/functions/special.ts";
import type { Interval, Primitive } from "../../src/ir/primitive.ts";
import type { Complex } from "../../src/numeric/complex/complex.ts";
import { continuationOf } from "../../src/ops/continuation.ts";
import { coreOperations } from "../../src/ops/core.ts";
import { family, operation } from "../../src/ops/define.ts";
import { routineDocumentation } from "../../src/ops/documentation/linear-algebra.ts";
import { documentation, documentationOf } from "../../src/ops/documentation/registry.ts";
import { neg } from "../../src/ops/elementary/algebra.ts";
import { routines } from "../../src/ops/linear-algebra/registry.ts";
import { familyOf, operationFamilies, operationNamed, operations, primitiveNamed } from "../../src/ops/registry.ts";
import { domainOf, pointsOf, primitives } from "./samples.ts";

const named = primitives.map((primitive) => ({ primitive, name: primitive.name }));
const ofReals = named.filter(({ primitive }) => !primitive.operands);
const count = ({ arity }: Primitive) => (arity === "variadic" ? 3 : arity);
const ulp = 2 ** -52;
const step = 2 ** -332;

/** Operands of the types the primitive takes: conditions are 0 or 1, ints whole. */
function typed(primitive: Primitive, point: readonly number[]): number[] {
  return point.map((x, position) => {
    const { operands } = primitive;
    const type = operands?.[Math.min(position, operands.length - 1)] ?? "real";
    return type === "bool" ? Number(x > 1) : type === "int" ? Math.trunc(Math.min(Math.abs(x), 1e9)) + 1 : x;
  });
}

describe("the operations of the core", () => {
  it("are with the special ones and those by key all that there are", () => {
    const all = [...operations.keys(), ...operationFamilies.keys()];
    expect(
      all.filter((name) => coreOperations.names().includes(name) || special.operations!.names().includes(name)),
    ).toEqual(all.filter((name) => familyOf.get(name) !== "random"));
  });
});

describe("a primitive's record", () => {
  it.each(named)("documents $name: what it computes and its derivative", ({ primitive }) => {
    expect(documentationOf(primitive)?.summary).toBeTruthy();
    expect(documentationOf(primitive)?.derivative).toBeTruthy();
  });

  it.each(named)("has a partial for every operand of $name", ({ primitive }) => {
    const { partials } = primitive;
    expect(partials.length === count(primitive) || partials.length === 1).toBe(true);
  });

  it.each(named)("can be printed or is a program: $name", ({ primitive }) => {
    expect(primitive.print !== undefined || primitive.program !== undefined).toBe(true);
  });

  it.each(named.filter(({ primitive }) => primitive.print))(
    "prints what its kernel computes: $name",
    ({ primitive }) => {
      const names = ["a", "b", "c"].slice(0, count(primitive));
      const printed = new Function(...names, `return Number(${primitive.print!(...names.map((name) => `(${name})`))})`);
      for (const point of pointsOf(primitive).map((point) => typed(primitive, point))) {
        expect(printed(...point)).toBe(primitive.real(...point));
      }
    },
  );

  it.each(named.filter(({ primitive }) => primitive.isCommutative))(
    "commutes to the last bit: $name",
    ({ primitive }) => {
      for (const point of pointsOf(primitive).map((point) => typed(primitive, point))) {
        const [x, y] = point;
        expect(primitive.real(y!, x!)).toBe(primitive.real(x!, y!));
      }
    },
  );

  it.each(named.filter(({ primitive: { result } }) => result === "same" || result === "int"))(
    "keeps whole numbers whole, where it takes ints as they are: $name",
    ({ primitive }) => {
      for (const point of pointsOf(primitive)) {
        const whole = typed(primitive, point).map((x) => Math.round(Math.max(-1e5, Math.min(1e5, x))) || 1);
        expect(primitive.real(...whole) % 1).toBeCloseTo(0, 15);
      }
    },
  );

  it.each(ofReals.filter(({ primitive }) => primitive.range))("states a range that holds: $name", ({ primitive }) => {
    const ends = [-Infinity, -700.3, -37.1, -2.7, -1, -0.3, 0, 1e-9, 0.4, 1, 2.2, 9.7, 300.1, 1e9, Infinity];
    const intervals = ends.flatMap((low, k) => ends.slice(k).map((high): Interval => [low, high]));
    for (let trial = 0; trial < 400; trial++) {
      const box = Array.from({ length: count(primitive) }, (_, k) => {
        const [least, most] = domainOf(primitive, k);
        const [low, high] = intervals[(trial * (31 + 46 * k)) % intervals.length]!;
        return [Math.min(most, Math.max(least, low)), Math.max(least, Math.min(most, high))] as const;
      });
      const [low, high] = primitive.range!(...box);
      expect(low).toBeLessThanOrEqual(high);
      for (const shares of [
        [0, 0, 0],
        [1, 1, 1],
        [0, 1, 0],
        [1, 0, 1],
        [0.31, 0.77, 0.5],
        [0.93, 0.08, 0.21],
        [0.5, 0.5, 0.9],
      ]) {
        const value = primitive.real(...box.map((interval, k) => between(interval, shares[k]!)));
        if (!Number.isNaN(value) && !(value >= low && value <= high)) {
          expect.fail(`${primitive.name} of ${box.map((x) => `[${x}]`)} gave ${value}, outside [${low}, ${high}]`);
        }
      }
    }
  });
});

function between([low, high]: Interval, share: number): number {
  if (share === 0 || low === high) return low;
  if (share === 1) return high;
  const [a, b] = [Math.max(low, -1e3), Math.min(high, 1e3)];
  return Math.min(high, Math.max(low, a + share * (b - a)));
}

describe("a complex kernel", () => {
  it.each(named)("has the real kernel's value as its real part: $name", ({ primitive }) => {
    for (const point of pointsOf(primitive).map((point) => typed(primitive, point))) {
      const value = primitive.real(...point);
      const alone = continuationOf(primitive)(...point.map((re) => ({ re, im: 0 })));
      expect(alone.re === value || Number.isNaN(value)).toBe(true);
      expect(alone.im === 0 || Number.isNaN(value)).toBe(true);
      if (primitive.operands) continue;
      const moved = continuationOf(primitive)(...point.map((re) => ({ re, im: step })));
      const isJudged = Number.isFinite(value) && point.every((x) => x === 0 || Math.abs(x) > 2 ** 30 * step);
      // what is left of second order is smaller than the first by the step over the operand
      const secondOrder = (Number.isFinite(moved.im) ? 2 ** -28 * Math.abs(moved.im) : 0) + 2 ** -200;
      if (isJudged) expect(Math.abs(moved.re - value)).toBeLessThanOrEqual(4 * ulp * Math.abs(value) + secondOrder);
    }
  });

  it.each(named)("is NaN where the real kernel is: $name", ({ primitive }) => {
    for (const x of [-2.5, -1, -0.5, 0, 0.5, 1, 2.5, Infinity, -Infinity, Number.NaN]) {
      for (const y of [-1.5, 0, 2, Number.NaN]) {
        const point = [x, y, 0.7].slice(0, count(primitive));
        if (primitive.operands || !Number.isNaN(primitive.real(...point))) continue;
        expect(continuationOf(primitive)(...point.map((re) => ({ re, im: 2 ** -100 }))).re).toBeNaN();
      }
    }
  });

  // differences of fourth order with h = 2^-9: (2^-9)^4 / 30 times a fifth derivative, plus rounding over h
  it.each(ofReals.filter(({ primitive }) => !primitive.isOpaque))(
    "satisfies the Cauchy-Riemann equations: $name",
    ({ primitive }) => {
      for (const x of [0.3, 0.7, 1.9, -0.6, 3.3, 5.2]) {
        const point = [x, 1.37, 2.9].slice(0, count(primitive));
        if (point.some((each, k) => each < domainOf(primitive, k)[0] || each > domainOf(primitive, k)[1])) continue;
        if (!Number.isFinite(primitive.real(...point))) continue;
        for (let position = 0; position < point.length; position++) {
          const at = (re: number, im: number): Complex =>
            continuationOf(primitive)(
              ...point.map((each, k) =>
                k === position ? { re: each + re, im: 0.01 + im } : { re: each, im: 0.003 * k },
              ),
            );
          // near a pole, as erfcinv is at 1.9, what is left out of the differences counts: it falls with the fourth power
          const h = 2 ** -10;
          const slope = (part: "re" | "im", re: number, im: number) =>
            (8 * (at(re * h, im * h)[part] - at(-re * h, -im * h)[part]) -
              (at(2 * re * h, 2 * im * h)[part] - at(-2 * re * h, -2 * im * h)[part])) /
            (12 * h);
          const size = Math.max(1, Math.abs(at(0, 0).re), Math.abs(slope("re", 1, 0)));
          expect(Math.abs(slope("re", 1, 0) - slope("im", 0, 1))).toBeLessThan(1e-10 * size);
          expect(Math.abs(slope("im", 1, 0) + slope("re", 0, 1))).toBeLessThan(1e-10 * size);
        }
      }
    },
  );
});

describe("what is said of the operations", () => {
  it("names nothing that is none", () => {
    const known = (name: string) => operations.has(name) || operationFamilies.has(name);
    expect([...documentation.keys()].filter((name) => !known(name))).toEqual([]);
  });

  it("has an entry for each operation on matrices and no other", () => {
    expect(Object.keys(routineDocumentation).sort()).toEqual([...routines.keys()].sort());
  });
});

describe("the registry", () => {
  it("finds every primitive by its name", () => {
    for (const { primitive, name } of named) expect(primitiveNamed(name)).toBe(primitive);
  });

  it("finds members of numbered families, and nothing for other names", () => {
    expect(operationNamed("polygamma7")).toBe(operationNamed("polygamma7"));
    expect(primitiveNamed("polygamma7")?.name).toBe("polygamma7");
    expect(primitiveNamed("polygamma0")).toBeUndefined();
    expect(primitiveNamed("toString")).toBeUndefined();
    expect(operations.size).toBeGreaterThan(80);
  });

  it("makes each member of a family once", () => {
    const sample = family("sample", 1, (_order, name) => operation({ ...neg.primitive, name }));
    expect(sample(2)).toBe(sample(2));
    expect(sample(2).primitive.name).toBe("sample2");
    expect(() => sample(0)).toThrow(/whole orders from 1/);
  });
});
