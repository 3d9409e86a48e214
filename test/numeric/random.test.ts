import { describe, expect, it } from "vitest";
import { fillNormal, Philox, permute } from "../../src/numeric/random.ts";

const words = (...given: number[]) => Uint32Array.from(given);

describe("Philox", () => {
  // the known answers that Random123 (Salmon and others) ships for philox4x32 with 10 rounds
  it.each([
    [words(0, 0, 0, 0), words(0, 0), words(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8)],
    [words(-1, -1, -1, -1), words(-1, -1), words(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd)],
    [
      words(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344),
      words(0xa4093822, 0x299f31d0),
      words(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1),
    ],
  ])("gives the known answer for counter %s", (counter, key, answer) => {
    const random = new Philox();
    random.counter.set(counter);
    random.key.set(key);
    random.block();
    expect(random.counter).toEqual(answer);
  });

  it("tells seeds, streams and places apart beyond 32 bits", () => {
    const at = (...where: [number, number, number]) => String(new Philox().at(...where).counter);
    const far = 2 ** 32;
    const all = [
      [0, 0, 0],
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [far, 0, 0],
      [0, far, 0],
      [0, 0, far],
    ].map((where) => at(...(where as [number, number, number])));
    expect(new Set(all).size).toBe(all.length);
    expect(at(5, 6, 7)).toBe(at(5, 6, 7));
  });
});

describe("permute", () => {
  it.each([0, 1, 2, 3, 10, 1001])("permutes %i numbers, the same for the same seed and stream", (n) => {
    const [one, again, next, other] = [
      [1, 2],
      [1, 2],
      [1, 3],
      [2, 2],
    ].map(([seed, stream]) => {
      const out = new Int32Array(n);
      permute(out, seed!, stream!);
      return out;
    });
    expect([...one!].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
    expect(again).toEqual(one);
    if (n < 10) return;
    expect(next).not.toEqual(one);
    expect(other).not.toEqual(one);
  });

  it("draws every order of four about equally often", () => {
    const counts = new Map<string, number>();
    const out = new Int32Array(4);
    for (let stream = 0; stream < 24_000; stream++) {
      permute(out, 9, stream);
      counts.set(String(out), (counts.get(String(out)) ?? 0) + 1);
    }
    const squares = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(counts.size).toBe(24);
    // chi-square of 23 degrees of freedom: above 50 once in 1,000
    expect(squares).toBeLessThan(50);
  });
});

describe("fillNormal", () => {
  it("has the moments of the normal distribution, and neighbours that do not know of each other", () => {
    const n = 100_001;
    const x = new Float64Array(n);
    fillNormal(x, 3, 4);
    const mean = (f: (value: number, i: number) => number) => x.reduce((sum, value, i) => sum + f(value, i), 0) / n;
    // deviations of these means: sqrt(1, 2, 15, 96 / n) and 1 / sqrt(n); four of them are allowed
    const allowed = 4 / Math.sqrt(n);
    expect(Math.abs(mean((v) => v))).toBeLessThan(allowed);
    expect(Math.abs(mean((v) => v * v) - 1)).toBeLessThan(Math.sqrt(2) * allowed);
    expect(Math.abs(mean((v) => v ** 3))).toBeLessThan(Math.sqrt(15) * allowed);
    expect(Math.abs(mean((v) => v ** 4) - 3)).toBeLessThan(Math.sqrt(96) * allowed);
    expect(Math.abs(mean((v, i) => v * (x[i + 1] ?? 0)))).toBeLessThan(allowed);
  });
});
