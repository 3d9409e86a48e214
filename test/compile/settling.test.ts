import { describe, expect, it } from "vitest";
import { compileJavaScript } from "../../src/emit/javascript.ts";
import { compile, data, model, param } from "../../src/index.ts";

const springs = () => compile(model({ x: param(["n"]), y: data(["n"]) }, ({ x, y }) => x.sub(y).square().sum()));

/** More calls than any function of a few numbers waits for. */
const many = 120_000;

describe("a function that is called often", () => {
  const compiled = springs();
  const bound = [1, 2, 3].map((y) => compiled.bind({ y: [y, y + 1] }));
  const x = Float64Array.of(5, 7);
  const g = new Float64Array(2);
  const expected = [41, 25, 13];

  it("takes code of its own, and computes what it did", () => {
    for (const [k, { flat }] of bound.entries()) {
      const loader = flat.lossAndGradient;
      loader(x, g);
      const first = flat.lossAndGradient;
      const losses = new Set<number>();
      for (let call = 0; call < many; call++) losses.add(flat.lossAndGradient(x, g));
      expect([...losses]).toEqual([expected[k]]);
      expect(flat.lossAndGradient).not.toBe(first);
      // those that were kept pass on
      for (const run of [loader, first, flat.lossAndGradient]) {
        g.fill(0);
        expect(run(x, g)).toBe(expected[k]);
        expect([...g]).toEqual([2 * (5 - (k + 1)), 2 * (7 - (k + 2))]);
      }
      expect(() => flat.lossAndGradient(x, x)).toThrow("shares memory");
    }
  });

  it("takes it by name too, and keeps up with other sizes", () => {
    const free = compile(model({ x: param(["n"]) }, ({ x }) => x.square().sum())).bind({});
    for (const n of [2, 3, 2]) {
      const values = new Float64Array(n).fill(3);
      const kept = free.flat.loss;
      for (let call = 0; call < many; call++) if (free.flat.loss(values) !== 9 * n) throw new Error(`call ${call}`);
      for (let call = 0; call < many; call++) if (free.loss({ x: [3, 3, 3] }) !== 27) throw new Error(`call ${call}`);
      expect(kept(values)).toBe(9 * n);
      expect(free.flat.loss(values)).toBe(9 * n);
    }
  });
});

describe("code of JavaScript", () => {
  const { lowered, signature } = springs()
    .bind({ y: [1, 2] })
    .parts()
    .functions.get("loss");
  const code = compileJavaScript(lowered.program, signature);
  const y = Float64Array.of(1, 2);
  const bind = () => code.bind([2], [y]);
  const settle = (run: ReturnType<typeof bind>) => code.settle(run, [2], [y]);

  it("is a function's own where it is bound once, and made for it where it is shared", () => {
    const alone = bind();
    expect(settle(alone)).toBe(alone);
    const [first, second] = [bind(), bind()];
    const own = settle(first);
    expect(own).not.toBe(first);
    expect(own(Float64Array.of(3, 3))).toBe(5);
    expect(settle(second)).not.toBe(second);
  });

  it("is made for so many at a time", () => {
    const kept = Array.from({ length: 100 }, bind);
    const taken = kept.map(settle);
    const shared = taken.filter((run, k) => run === kept[k]);
    expect(shared.length).toBeGreaterThanOrEqual(36);
    expect(shared.length).toBeLessThan(100);
    for (const run of taken) expect(run(Float64Array.of(3, 3))).toBe(5);
  });
});
