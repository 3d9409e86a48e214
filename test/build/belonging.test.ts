import { describe, expect, it } from "vitest";
import { concat, constant, grad, model, type Operand, param, range, sum, type Tensor, vec } from "../../src/index.ts";
import { e } from "../../src/language.ts";
import { minimizer, repeatWhile, root, scan } from "../../src/loops.ts";

/** A tensor of a model that is complete. */
function ofAnother(): Tensor {
  let kept: Tensor | undefined;
  model({ v: vec("n") }, ({ v }) => {
    kept = v.mul(2);
    return v.sum();
  });
  return kept!;
}

const build = (of: (w: Tensor, other: Tensor) => Tensor) => () =>
  model({ w: param(["n"]) }, ({ w }) => of(w, ofAnother()));

describe("an expression of another model", () => {
  it.each<readonly [string, (w: Tensor, other: Tensor) => Tensor]>([
    ["the loss", (_, other) => other.sum()],
    ["an operand", (w, other) => w.add(other).sum()],
    ["an element of a list", (w, other) => concat([w, other]).sum()],
    ["read under an iterator", (w, other) => sum((i) => w.at(i).mul(other.at(i)))],
    ["what a binder runs over", (w, other) => sum(other, (x) => x.mul(w.at(0)))],
    ["an end of a range", (w, other) => sum(range(0, other.toInt().at(0)), (i) => w.at(i))],
    ["a hole of a template", (w, other) => e`sum(i: ${w}[i] * ${other}[i])`],
    ["what derivatives are taken in", (w, other) => grad(w.sum(), other).sum()],
    [
      "what a scan runs over",
      (_, x) => scan({ over: { x }, carry: { h: 0 } }, ({ x, h }) => ({ carry: { h: h.add(x) } })).h,
    ],
  ])("is refused as %s", (_, of) => {
    expect(build(of)).toThrow("an expression of another model cannot be used here");
  });

  it("is refused as an output", () => {
    expect(() => model({ w: param(["n"]) }, ({ w }) => ({ loss: w.sum(), y: ofAnother() }))).toThrow(
      "an expression of another model",
    );
  });
});

describe("a value of a step", () => {
  it.each<readonly [string, (w: Tensor, keep: (x: Tensor) => Tensor) => Tensor]>([
    [
      "scan",
      (w, keep) => scan({ over: { x: w }, carry: { h: 0 } }, ({ x, h }) => ({ carry: { h: keep(h).add(x) } })).h,
    ],
    ["root", (w, keep) => root(1, (x) => keep(x).square().sub(w.sum()))],
    ["minimizer", (w, keep) => minimizer(1, (x) => keep(x).sub(w.sum()).square())],
    [
      "repeatWhile",
      (w, keep) =>
        repeatWhile({ carry: { y: w.sum() }, test: ({ y }) => y.greater(1) }, ({ y }) => ({ y: keep(y).div(2) })).y,
    ],
  ])("is refused outside of the %s that it belongs to", (_, of) => {
    const leak = () =>
      model({ w: param(["n"]) }, ({ w }) => {
        let kept: Tensor | undefined;
        const keep = (x: Tensor) => {
          kept = x;
          return x;
        };
        return of(w, keep).add(kept!);
      });
    expect(leak).toThrow("is used outside of it");
  });
});

describe("lists", () => {
  it("are refused where they are deeper than any tensor, and where they hold themselves", () => {
    let deep: Operand = 1;
    for (let k = 0; k < 100_000; k++) deep = [deep];
    const endless: Operand[] = [];
    endless.push(endless);
    for (const list of [deep, endless]) {
      expect(build((w) => w.mul(constant(list)).sum())).toThrow("lists are nested deeper than 64 levels");
      expect(build((w) => w.add(list).sum())).toThrow("lists are nested deeper than 64 levels");
    }
  });
});
