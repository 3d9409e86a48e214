import { describe, expect, it } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { compileModel } from "../../src/compile/compile.ts";
import { evaluateShape } from "../../src/interpreter/interpret.ts";
import { UsageError } from "../../src/ir/errors.ts";
import { lower } from "../../src/lower/lower.ts";
import { loadModel } from "../../src/model/load.ts";
import { inBlocks } from "../../src/rewrite/loops/blocks.ts";
import { type Checkpoints, simplify } from "../../src/rewrite/rewrite.ts";
import { example } from "../model/examples.ts";

const lstm = () => loadModel(example("lstm"));

const numbers = (count: number, phase: number) =>
  Float64Array.from({ length: count }, (_, k) => Math.sin(phase + 3.7 * k) / 2);

function bound(T: number, checkpoints: number | { readonly bytes: number } | undefined) {
  const compiled = compileModel(lstm(), checkpoints === undefined ? {} : { checkpoints });
  const next = Int32Array.from({ length: T }, (_, k) => (k * k) % 5);
  return compiled.bind({ xs: { data: numbers(3 * T, 1), shape: [T, 3] }, next });
}

const point = {
  W: { data: numbers(48, 2), shape: [16, 3] },
  U: { data: numbers(64, 3), shape: [16, 4] },
  b: numbers(16, 4),
  V: { data: numbers(20, 5), shape: [5, 4] },
};

function expectClose(got: ArrayLike<number>, wanted: ArrayLike<number>): void {
  const scale = Math.max(...Array.from(wanted, Math.abs));
  for (let k = 0; k < wanted.length; k++) expect(Math.abs(got[k]! - wanted[k]!)).toBeLessThanOrEqual(1e-12 * scale);
}

describe("checkpoints", () => {
  it.each([
    [1, 3],
    [7, 3],
    [12, 4],
    [50, { bytes: 500 }],
  ] as const)("change no derivative: %i steps, %j", (T, checkpoints) => {
    const [plain, blocked] = [bound(T, undefined), bound(T, checkpoints)];
    const [a, b] = [plain, blocked].map((each) => each.lossAndGradient(point));
    expect(b!.loss).toBeCloseTo(a!.loss, 13);
    const [p, q] = [plain, blocked].map((each) => each.hvp(point, point));
    for (const name of ["W", "U", "b", "V"]) {
      expectClose(b!.gradient[name]!, a!.gradient[name]!);
      expectClose(q![name]!, p![name]!);
    }
  });

  it("keep loops that run backwards, and their stacks, in order", () => {
    const model = () =>
      loadModel({
        name: "back.nabla",
        text: `param x: [n], h
          let run = reverseScan(v in x, i in 0..n, s = h: { s = sin(s * v + i); y = s * v })
          loss = run.s + sum(i: i * run.y[i])`,
      });
    const x = [0.5, -1, 2, 0.25, 1.5, -0.75, 0.1];
    const [a, b] = [compileModel(model()), compileModel(model(), { checkpoints: 3 })].map((each) =>
      each.bind().lossAndGradient({ x, h: 0.3 }),
    );
    expect(b!.loss).toBeCloseTo(a!.loss, 14);
    expectClose(b!.gradient.x!, a!.gradient.x!);
    expectClose(b!.gradient.h!, a!.gradient.h!);
  });

  it("store the carries of blocks, and of the steps of one", () => {
    const text = "param h: [d]\nloss = sum(scan(i in 0..10000, s = h: tanh(1.5 * s)))";
    const stored = (checkpoints?: Checkpoints) => {
      const { loss, parameters } = loadModel({ name: "long.nabla", text });
      const roots = checkpoints === undefined ? [loss!] : inBlocks([loss!], checkpoints, () => 50);
      const slopes = gradient(
        simplify(roots)[0]!,
        parameters.map(({ expr }) => expr),
      );
      const targets = simplify(slopes, { last: true }).map((node, k) => ({ name: `g${k}`, node }));
      const lengths = lower(targets).buffers.map(({ shape }) => evaluateShape(shape, new Map([["d", 50]])));
      return lengths.reduce((sum, shape) => sum + shape.reduce((count, size) => count * size, 8), 0);
    };
    expect(stored()).toBeGreaterThan(8 * 50 * 10_000);
    expect(stored(100)).toBeLessThan(8 * 50 * 300);
    // as little as can be, when the bound cannot be met
    expect(stored({ bytes: 10 })).toBeLessThan(8 * 50 * 300);
    expect(stored({ bytes: 8 * 50 * 2000 })).toBeLessThan(8 * 50 * 2200);
  });

  it.each([0, 1.5, -3, { bytes: 0 }, Number.NaN])("are refused: %j", (checkpoints) => {
    expect(() => bound(3, checkpoints).lossAndGradient(point)).toThrow(UsageError);
  });
});
