import { describe, expect, it, vi } from "vitest";
import { type BoundFunction, compileJavaScript } from "../../src/emit/javascript.ts";
import { compile, data, model, param } from "../../src/index.ts";
import type { Program } from "../../src/lower/program/loops.ts";

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
  const { whole, signature } = springs()
    .bind({ y: [1, 2] })
    .parts()
    .functions.get("loss");
  const code = compileJavaScript(whole(), signature);
  const y = Float64Array.of(1, 2);
  const x = Float64Array.of(3, 3);
  const bind = () => {
    let taken: BoundFunction | undefined;
    const run = code.bind([2], [y], {
      settled: (own) => {
        taken = own;
      },
    });
    const settle = () => {
      for (let call = 0; call < many; call++) run(x);
      return taken;
    };
    return { run, settle };
  };

  it("is a function's own where it is bound once, and made for it where it is shared", () => {
    const compiles = vi.spyOn(globalThis, "Function");
    const alone = bind();
    expect(alone.settle()!(x)).toBe(5);
    expect(compiles).toHaveBeenCalledTimes(1);
    const shared = [bind(), bind()];
    expect(compiles).toHaveBeenCalledTimes(2);
    for (const [k, { settle }] of shared.entries()) {
      expect(settle()!(x)).toBe(5);
      expect(compiles).toHaveBeenCalledTimes(3 + k);
    }
    compiles.mockRestore();
  });

  it("is made for so many at a time: the others go on", () => {
    const kept = Array.from({ length: 70 }, bind);
    const taken = kept.map(({ settle }) => settle());
    expect(taken.filter(Boolean).length).toBeLessThanOrEqual(64);
    expect(taken.filter(Boolean).length).toBeGreaterThan(50);
    for (const { run } of kept) expect(run(x)).toBe(5);
  });
});

describe("a function that has its code", () => {
  it("keeps no statements, and makes the same ones when they are asked for", () => {
    const { functions } = springs()
      .bind({ y: [1, 2] })
      .parts();
    const built = functions.get("gradient");
    const first = built.whole();
    expect(built.whole()).toBe(first);
    expect(built.code.source).toContain("function gradient");
    const again = built.whole();
    expect(again).not.toBe(first);
    const kindsOf = ({ parts }: Program) => parts.map((part) => part.map(({ kind }) => kind));
    expect(kindsOf(again)).toEqual(kindsOf(first));
  });
});
