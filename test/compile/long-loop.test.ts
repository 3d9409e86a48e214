import { describe, expect, it, vi } from "vitest";
import { gradient, hvp } from "../../src/autodiff/derivatives.ts";
import { compileModel } from "../../src/compile/compile.ts";
import { evaluateShape } from "../../src/interpreter/interpret.ts";
import { lower } from "../../src/lower/lower.ts";
import { loadModel } from "../../src/model/load.ts";
import { inBlocks } from "../../src/rewrite/loops/blocks.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { example } from "../model/examples.ts";

vi.setConfig({ testTimeout: 60_000 });

// An LSTM of 1,000 steps: its second derivative, and the memory that it takes.

const lstm = () => loadModel(example("lstm"));
const [T, d, h, v] = [1000, 3, 4, 5];
const sizes = { T, d, h, v };

const numbers = (count: number, phase: number, size = 0.5) =>
  Float64Array.from({ length: count }, (_, k) => size * Math.sin(phase + 3.7 * k));
const xs = numbers(T * d, 1);
const next = Int32Array.from({ length: T }, (_, k) => (k * k) % v);
/** W, U, b and V, one after the other. */
const lengths = [4 * h * d, 4 * h * h, 4 * h, v * h];
const count = lengths.reduce((sum, length) => sum + length, 0);

/** a + b e + c f + g e f with e^2 = f^2 = 0: the last part of f(x + u e + w f) is u' H w, exactly. */
type Hyper = readonly [number, number, number, number];
const times = (x: Hyper, y: Hyper): Hyper => [
  x[0] * y[0],
  x[0] * y[1] + x[1] * y[0],
  x[0] * y[2] + x[2] * y[0],
  x[0] * y[3] + x[1] * y[2] + x[2] * y[1] + x[3] * y[0],
];
const plus = (x: Hyper, y: Hyper): Hyper => [x[0] + y[0], x[1] + y[1], x[2] + y[2], x[3] + y[3]];
/** A function of one number, by its value and two derivatives. */
const applied = (x: Hyper, value: number, first: number, second: number): Hyper => [
  value,
  first * x[1],
  first * x[2],
  first * x[3] + second * x[1] * x[2],
];
const zero: Hyper = [0, 0, 0, 0];
function sigmoid(x: Hyper): Hyper {
  const s = 1 / (1 + Math.exp(-x[0]));
  return applied(x, s, s * (1 - s), s * (1 - s) * (1 - 2 * s));
}
function tanh(x: Hyper): Hyper {
  const t = Math.tanh(x[0]);
  return applied(x, t, 1 - t * t, -2 * t * (1 - t * t));
}
const exp = (x: Hyper) => applied(x, Math.exp(x[0]), Math.exp(x[0]), Math.exp(x[0]));
const log = (x: Hyper) => applied(x, Math.log(x[0]), 1 / x[0], -1 / x[0] ** 2);

/** The loss of the model, written out step by step. */
function loss(parameters: readonly Hyper[]): Hyper {
  const start = lengths.map((_, k) => lengths.slice(0, k).reduce((sum, length) => sum + length, 0));
  const at = (k: number, i: number, j: number, width: number) => parameters[start[k]! + i * width + j]!;
  let [state, cell]: Hyper[][] = [new Array<Hyper>(h).fill(zero), new Array<Hyper>(h).fill(zero)];
  let total = zero;
  for (let t = 0; t < T; t++) {
    const before = state!;
    const gate = Array.from({ length: 4 * h }, (_, i) => {
      let sum = at(2, i, 0, 1);
      for (let j = 0; j < d; j++) sum = plus(sum, times(at(0, i, j, d), [xs[t * d + j]!, 0, 0, 0]));
      for (let j = 0; j < h; j++) sum = plus(sum, times(at(1, i, j, h), before[j]!));
      return sum;
    });
    const kept = cell!;
    cell = kept.map((c, i) => plus(times(sigmoid(gate[h + i]!), c), times(sigmoid(gate[i]!), tanh(gate[2 * h + i]!))));
    state = cell.map((c, i) => times(sigmoid(gate[3 * h + i]!), tanh(c)));
    const now = state;
    const logits = Array.from({ length: v }, (_, k) =>
      now.reduce((sum, s, j) => plus(sum, times(at(3, k, j, h), s)), zero),
    );
    const surprise = plus(log(logits.map(exp).reduce(plus)), times([-1, 0, 0, 0], logits[next[t]!]!));
    total = plus(total, times(surprise, [1 / T, 0, 0, 0]));
  }
  return total;
}

describe("an LSTM of 1,000 steps", () => {
  it.each([
    ["stored carries", {}],
    ["checkpoints", { checkpoints: 32 }],
  ] as const)("has the Hessian-vector product of hyper-dual numbers, with %s", (_, options) => {
    const { flat } = compileModel(lstm(), options).bind({ xs: { data: xs, shape: [T, d] }, next }, { h, v });
    const [x, along] = [numbers(count, 2), numbers(count, 5, 1)];
    const product = new Float64Array(count);
    flat.hvp(x, along, product);
    for (const phase of [7, 8, 9]) {
      const u = numbers(count, phase, 1);
      const [value, , slope, curvature] = loss(Array.from(x, (a, k): Hyper => [a, u[k]!, along[k]!, 0]));
      const g = new Float64Array(count);
      expect(Math.abs(flat.lossAndGradient(x, g) - value)).toBeLessThan(1e-12 * Math.abs(value));
      const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, entry, k) => sum + entry * b[k]!, 0);
      expect(Math.abs(dot(g, along) - slope)).toBeLessThan(1e-11 * Math.hypot(...g) * Math.hypot(...along));
      const scale = Math.hypot(...u) * Math.hypot(...product);
      expect(Math.abs(dot(u, product) - curvature)).toBeLessThan(1e-11 * scale);
    }
  });

  it("takes less than three times the memory of its loss with checkpoints, and more without", () => {
    const large = new Map([...Object.entries(sizes), ["d", 32], ["h", 32], ["v", 32]] as [string, number][]);
    const memory = (checkpoints: number | undefined, isSecond: boolean) => {
      const model = lstm();
      const roots = checkpoints ? inBlocks([model.loss!], checkpoints, (name) => large.get(name)!) : [model.loss!];
      const root = simplify(roots)[0]!;
      const x = model.parameters.map(({ expr }) => expr);
      const along = x.map(({ shape }) => root.graph.variable(shape));
      const all = isSecond ? [...gradient(root, x), ...hvp(root, x, along)] : [root];
      const targets = simplify(all, { last: true }).map((node, k) => ({ name: `g${k}`, node }));
      const lengths = lower(targets).buffers.map(({ shape }) => evaluateShape(shape, large));
      return lengths.reduce((sum, shape) => sum + shape.reduce((product, size) => product * size, 8), 0);
    };
    const forward = memory(undefined, false);
    expect(memory(32, true) / forward).toBeLessThan(3);
    expect(memory(undefined, true) / forward).toBeGreaterThan(3);
  });
});
