import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";
import { webAssembly } from "../../src/wasm.ts";

const inputs = {
  b: 0.35,
  Q: [
    [0.25, 0.95],
    [1, 2],
    [3, 4],
  ],
  idx: [0, 1, 0],
};

describe("positions that are looked up beside the place at hand", () => {
  it.each([{}, { engine: webAssembly({ use: "always" }) }, { rewrites: "none" as const }])(
    "leave no trace where a condition leaves them out, %#",
    (options) => {
      const text =
        "param b\ndata Q: [n, m], idx: int[n] within 0..m\n" +
        "loss = sum(i in 0..n: if i > 0 then sin((Q[0] * b)[idx][i] * (Q[0] * b)[idx][i - 1]) else 0)";
      const compiled = compileText(text, options);
      // two terms sin(c b^2) with c the product of neighbours
      const c = 0.25 * 0.95;
      const angle = c * 0.35 ** 2;
      expect(compiled.loss(inputs)).toBeCloseTo(2 * Math.sin(angle), 14);
      expect(compiled.gradient(inputs).b![0]).toBeCloseTo(2 * Math.cos(angle) * 2 * c * 0.35, 14);
      const second = 2 * (2 * c * Math.cos(angle) - (2 * c * 0.35) ** 2 * Math.sin(angle));
      expect(compiled.hvp(inputs, { b: 1 }).b![0]).toBeCloseTo(second, 14);
    },
  );

  /** Conditions beside positions: which of the positions 9 of two are refused, and which are left out, of three. */
  it.each<[string, readonly number[], readonly number[]]>([
    ["if seen then x[idx] else 0", [0, 1], [2]],
    ["if other then sum(x[idx]) else 0", [0, 1, 2], []],
    ["if x > 0 then sum(x[idx]) else 1", [0, 1, 2], []],
    ["if outer(x, other * 1) > 1 then sum(scatterAdd(seen * x[0], idx, m)) else 1", [0, 1, 2], []],
    // an element that is seen may use what stands at the others' positions
    ["if seen then idx * sum(x[idx]) else 0.1", [0, 1, 2], []],
    ["if not seen then 0.1 else softmax(x[idx])", [0, 1, 2], []],
    ["if seen then sum(j in 0..n: x[idx[j]]) else 0.1", [0, 1, 2], []],
    ["if seen then reverse(exp(x[idx])) else 0.1", [0, 1, 2], []],
    ["if seen then A * x[idx][:, None] else 0.1", [0, 1, 2], []],
    ["if seen then A * exp(x[idx]) else 0.1", [0, 1], [2]],
    ["if seen then (if seen then x[idx[0..n]] else 1) else 0.1", [0, 1], [2]],
    ["if other[0] > 1 then 0.1 else if seen then scan(k in 0..2, h = 0.5: h + sum(x[idx])) else 0.1", [0, 1, 2], []],
    ["if other[0] > 0 then 0.1 else if seen then x[idx] - mean(x[idx]) else 0.1", [], [0, 1, 2]],
    ["[i in 0..n: if seen[i] then x[idx[i]] else 0]", [0, 1], [2]],
  ])(
    "are checked where an array of conditions decides of as many positions, else all of them: %s",
    (text, refused, taken) => {
      const A = [1, 2, 3].map((k) => [k, k, k]);
      const given = { x: [1, 2], seen: [1, 1, 0], other: [1, 0, 0, 0], A };
      const { loss } = compileText(
        `param x: [m]\ndata idx: int[n], seen: bool[n], other: bool[k], A: [n, n]\nlet z = 0 * (sum(seen) + sum(other) + sum(A))\nloss = sum(${text}) + z`,
      );
      const withNine = (at: number) => [0, 1, 1].map((position, k) => (k === at ? 9 : position));
      expect(loss({ ...given, idx: [0, 1, 1] })).toBeGreaterThan(0);
      for (const at of refused) expect(() => loss({ ...given, idx: withNine(at) })).toThrow(`got 9 at [${at}]`);
      for (const at of taken) expect(loss({ ...given, idx: withNine(at) })).toBeGreaterThan(0);
    },
  );

  it("are checked together when data are bound, however many there are", () => {
    const count = 24_000;
    const reads = Array.from({ length: count }, (_, k) => `x[${k}]`).join(" + ");
    const compiled = compileText(`data x: [n]\nparam a\nloss = a * (${reads})`);
    const started = process.cpuUsage();
    compiled.bind({ x: new Float64Array(count) });
    // a walk for each read took five seconds
    expect(process.cpuUsage(started).user).toBeLessThan(2e6);
    expect(() => compiled.bind({ x: new Float64Array(count - 1) })).toThrow("needed 0..23999, got 23999");
  });
});
