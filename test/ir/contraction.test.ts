import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Contraction, canonicalContraction, type Guard, guardKey } from "../../src/ir/contraction.ts";
import { Integer } from "../../src/ir/integer.ts";

const [n, i, j] = [Integer.named("n"), Integer.iterator(0), Integer.iterator(1)];
const extents = [n, Integer.constant(4)];

const index = fc
  .tuple(fc.integer({ min: -1, max: 1 }), fc.integer({ min: -1, max: 1 }), fc.integer({ min: -4, max: 4 }))
  .map(([a, b, c]) => i.scaled(a).plus(j.scaled(b)).plus(c));
const extent = fc.constantFrom(undefined, Integer.one, Integer.constant(3), n, n.plus(2));
const guard = fc.record({ index, extent }) as fc.Arbitrary<Guard>;

/** A view of a [n, 4], read at one index of x: [n]. */
const viewOf = (read: Integer, guards: readonly Guard[]): Contraction => ({
  extents,
  output: [i, j],
  shape: extents,
  factors: [{ operand: 0, index: [read] }],
  guards,
});
const operands = { ids: [0], shapes: [[n]] };
const canonical = (view: Contraction) => canonicalContraction(view, operands).contraction;

/** Where terms are present, for a size. */
function places({ guards, factors }: Contraction, size: number): string[] {
  const conditions = [...guards, ...factors.flatMap((factor) => factor.index.map((at) => ({ index: at, extent: n })))];
  const found: string[] = [];
  for (let a = 0; a < size; a++) {
    for (let b = 0; b < 4; b++) {
      const at = (x: Integer) =>
        x.evaluate((atom) => (atom.kind === "iterator" ? (atom.iterator === 0 ? a : b) : size));
      const holds = (c: Guard) => at(c.index) >= 0 && (c.extent === undefined || at(c.index) < at(c.extent));
      if (conditions.every(holds)) found.push(`${a},${b}`);
    }
  }
  return found;
}

describe("guards in canonical form", () => {
  it("leave the terms that were there", () => {
    fc.assert(
      fc.property(index, fc.array(guard, { maxLength: 5 }), (read, guards) => {
        const view = viewOf(read, guards);
        for (const size of [0, 1, 2, 5]) expect(places(canonical(view), size)).toEqual(places(view, size));
      }),
      { numRuns: 500 },
    );
  });

  it("do not depend on the order in which they came", () => {
    fc.assert(
      fc.property(index, fc.array(guard, { maxLength: 5 }), (read, guards) => {
        const keys = (list: readonly Guard[]) => canonical(viewOf(read, list)).guards.map(guardKey);
        expect(keys([...guards].reverse())).toEqual(keys(guards));
      }),
    );
  });

  it("are only those that nothing else implies", () => {
    const atLeast = (least: number): Guard => ({ index: i.minus(least), extent: undefined });
    const kept = (read: Integer, ...guards: Guard[]) => canonical(viewOf(read, guards)).guards.map(guardKey);
    expect(kept(i, atLeast(1), atLeast(3), atLeast(2))).toEqual([guardKey(atLeast(3))]);
    expect(kept(i.minus(3), atLeast(1), atLeast(2))).toEqual([]);
    const between = { index: i.minus(2), extent: Integer.constant(3) };
    expect(kept(i, atLeast(2), between, atLeast(1))).toEqual([guardKey(between)]);
    expect(kept(i, atLeast(4), between)).toHaveLength(2);
  });

  it("are one where they say that elements of data are equal, however they say it", () => {
    const gap = Integer.lookup(1, [i]).minus(Integer.lookup(1, [j]));
    const kept = (...guards: Guard[]) => canonical(viewOf(i, guards)).guards.map(guardKey);
    const [equal] = kept({ index: gap, extent: Integer.one });
    expect(kept({ index: gap.scaled(-1), extent: Integer.one })).toEqual([equal]);
    expect(kept({ index: gap, extent: undefined }, { index: gap.scaled(-1), extent: undefined })).toEqual([equal]);
    expect(kept({ index: gap, extent: undefined }, { index: gap.scaled(-1).plus(1), extent: undefined })).toHaveLength(
      2,
    );
  });
});
