import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import type { ElaboratedModel } from "../../src/build/model.ts";
import { compile } from "../../src/compile/api.ts";
import { compileModel } from "../../src/compile/compile.ts";
import type { TensorInput } from "../../src/compile/inputs/tensors.ts";
import { loadModel } from "../../src/model/load.ts";
import { lbfgs } from "../../src/optimize/descent/lbfgs.ts";
import { minimizeSync } from "../../src/optimize/driver/minimize.ts";
import {
  broken,
  complexChange,
  complexStep,
  evaluate,
  flat,
  type Inputs,
  lossAt,
  type Nested,
  outputAt,
  sizesOf,
} from "../build/evaluate.ts";
import { example as exampleSource, examples } from "./examples.ts";

const textOf = (name: string) => exampleSource(name).text;
const example = (name: string) => loadModel(exampleSource(name));

/** Numbers that look random and are the same each time. */
function numbers(seed: number, ...shape: number[]): Nested {
  let state = seed;
  const next = (): number => {
    state = (state * 48271) % 2147483647;
    return Math.round((state / 2147483647 - 0.5) * 1000) / 500;
  };
  const fill = ([size, ...rest]: readonly number[]): Nested =>
    size === undefined ? next() : Array.from({ length: size }, () => fill(rest));
  return fill(shape);
}

type Row = readonly number[];
const vector = (value: Nested) => value as Row;
const matrix = (value: Nested) => value as readonly Row[];
const total = (values: Row) => values.reduce((all, value) => all + value, 0);
const along = (count: number, term: (i: number) => number) => total(Array.from({ length: count }, (_, i) => term(i)));
const logsumexp = (values: Row) => Math.log(total(values.map(Math.exp)));
const softplus = (x: number) => Math.log1p(Math.exp(x));

type Matrix = readonly Row[];
const turned = (A: Matrix): Matrix => A[0]!.map((_, j) => A.map((row) => row[j]!));
const times = (A: Matrix, B: Matrix): Matrix =>
  A.map((row) => B[0]!.map((_, j) => along(B.length, (k) => row[k]! * B[k]![j]!)));

/** Half of log det K, and y' K^-1 y, by elimination. */
function whitened(K: Matrix, y: Row): { halfLogDeterminant: number; square: number } {
  const rows = K.map((row, i) => [...row, y[i]!]);
  let halfLogDeterminant = 0;
  let square = 0;
  for (const [k, pivot] of rows.entries()) {
    halfLogDeterminant += Math.log(pivot[k]!) / 2;
    square += pivot[rows.length]! ** 2 / pivot[k]!;
    for (const row of rows.slice(k + 1)) {
      const factor = row[k]! / pivot[k]!;
      for (let j = k; j < row.length; j++) row[j]! -= factor * pivot[j]!;
    }
  }
  return { halfLogDeterminant, square };
}

interface Case {
  readonly name: string;
  readonly inputs: Inputs;
  readonly loss: (inputs: Inputs) => number;
}

const cases: readonly Case[] = [
  {
    name: "logistic",
    inputs: { w: numbers(1, 3), b: 0.25, X: numbers(2, 4, 3), y: [1, -1, -1, 1] },
    loss: ({ w, b, X, y }) => {
      const margin = matrix(X!).map(
        (row, i) => vector(y!)[i]! * (along(3, (j) => row[j]! * vector(w!)[j]!) + (b as number)),
      );
      return total(margin.map((m) => softplus(-m))) / 4 + 0.5e-3 * along(3, (j) => vector(w!)[j]! ** 2);
    },
  },
  {
    name: "mgh17",
    inputs: { b: [0.5, 1.5, -1, 0.1, 0.2], x: numbers(3, 6), y: numbers(4, 6) },
    loss: ({ b, x, y }) => {
      const [b0, b1, b2, b3, b4] = b as [number, number, number, number, number];
      return along(6, (i) => {
        const t = vector(x!)[i]!;
        return (vector(y!)[i]! - (b0 + b1 * Math.exp(-b3 * t) + b2 * Math.exp(-b4 * t))) ** 2;
      });
    },
  },
  {
    name: "rosenbrock",
    inputs: { x: numbers(5, 7) },
    loss: ({ x }) => {
      const at = (k: number) => vector(x!)[k]!;
      return along(3, (i) => 100 * (at(2 * i + 1) - at(2 * i) ** 2) ** 2 + (1 - at(2 * i)) ** 2);
    },
  },
  {
    name: "softmax_regression",
    inputs: { W: numbers(6, 3, 4), b: numbers(7, 4), X: numbers(8, 5, 3), label: [0, 3, 2, 1, 3] },
    loss: ({ W, b, X, label }) => {
      const score = matrix(X!).map((row) =>
        vector(b!).map((shift, k) => along(3, (j) => row[j]! * matrix(W!)[j]![k]!) + shift),
      );
      const right = score.map((row, i) => row[vector(label!)[i]!]! - logsumexp(row));
      return -total(right) / 5 + 0.5e-4 * total(flat(W!).map((x) => x * x));
    },
  },
  {
    name: "gmm",
    inputs: {
      alpha: numbers(9, 2),
      mu: numbers(10, 2, 3),
      q: numbers(11, 2, 3),
      l: numbers(12, 2, 3),
      x: numbers(13, 4, 3),
    },
    loss: ({ alpha, mu, q, l, x }) => {
      const d = 3;
      const L = (c: number, i: number, j: number) =>
        i === j
          ? Math.exp(matrix(q!)[c]![i]!)
          : i > j
            ? matrix(l!)[c]![d * j - Math.floor((j * (j + 1)) / 2) + i - j - 1]!
            : 0;
      const score = (s: number, c: number) => {
        const z = (i: number) => along(i + 1, (j) => L(c, i, j) * (matrix(x!)[s]![j]! - matrix(mu!)[c]![j]!));
        return vector(alpha!)[c]! + total(matrix(q!)[c]!) - 0.5 * along(d, (i) => z(i) ** 2);
      };
      return -(along(4, (s) => logsumexp([score(s, 0), score(s, 1)])) - 4 * logsumexp(vector(alpha!)));
    },
  },
  {
    name: "cnn",
    inputs: {
      f: numbers(14, 3, 3, 2, 2),
      bf: numbers(15, 2),
      W: numbers(16, 2, 10),
      b: numbers(17, 10),
      image: numbers(18, 2, 4, 4, 2),
      label: [3, 9],
    },
    loss: ({ f, bf, W, b, image, label }) => {
      const filter = f as readonly (readonly (readonly Row[])[])[];
      const pixels = image as readonly (readonly (readonly Row[])[])[];
      const pixel = (m: number, x: number, y: number, c: number) => pixels[m]![x - 1]?.[y - 1]?.[c] ?? 0;
      const conv = (m: number, x: number, y: number, k: number) => {
        let sum = vector(bf!)[k]!;
        for (let u = 0; u < 3; u++) {
          for (let v = 0; v < 3; v++) {
            for (let c = 0; c < 2; c++) sum += filter[u]![v]![c]![k]! * pixel(m, 2 * x + u, 2 * y + v, c);
          }
        }
        return Math.max(0, sum);
      };
      const losses = [0, 1].map((m) => {
        const pool = [0, 1].map((k) =>
          Math.max(conv(m, 0, 0, k), conv(m, 0, 1, k), conv(m, 1, 0, k), conv(m, 1, 1, k)),
        );
        const logits = vector(b!).map((shift, o) => along(2, (p) => pool[p]! * matrix(W!)[p]![o]!) + shift);
        return logsumexp(logits) - logits[vector(label!)[m]!]!;
      });
      return total(losses) / 2;
    },
  },
  {
    name: "lstm",
    inputs: {
      W: numbers(21, 8, 3),
      U: numbers(22, 8, 2),
      b: numbers(23, 8),
      V: numbers(24, 4, 2),
      xs: numbers(25, 5, 3),
      next: [0, 3, 1, 2, 2],
    },
    loss: ({ W, U, b, V, xs, next }) => {
      const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
      let [state, cell] = [
        [0, 0],
        [0, 0],
      ];
      const losses = matrix(xs!).map((x, t) => {
        const a = vector(b!).map(
          (shift, r) =>
            along(3, (j) => matrix(W!)[r]![j]! * x[j]!) + along(2, (j) => matrix(U!)[r]![j]! * state[j]!) + shift,
        );
        cell = cell.map((c, i) => sigmoid(a[2 + i]!) * c + sigmoid(a[i]!) * Math.tanh(a[4 + i]!));
        state = cell.map((c, i) => sigmoid(a[6 + i]!) * Math.tanh(c));
        const logits = matrix(V!).map((row) => along(2, (j) => row[j]! * state[j]!));
        return logsumexp(logits) - logits[vector(next!)[t]!]!;
      });
      return total(losses) / 5;
    },
  },
  {
    name: "neural_ode",
    inputs: { A: numbers(31, 3, 2), a: numbers(32, 3), B: numbers(33, 2, 3), y0: [0.5, -1], target: [1, 0.25] },
    loss: ({ A, a, B, y0, target }) => {
      const f = (y: Row) => {
        const hidden = vector(a!).map((shift, i) => Math.tanh(along(2, (j) => matrix(A!)[i]![j]! * y[j]!) + shift));
        return matrix(B!).map((row) => along(3, (i) => row[i]! * hidden[i]!));
      };
      const moved = (y: Row, scale: number, k: Row) => y.map((value, i) => value + scale * k[i]!);
      const dt = 1 / 40;
      let y = vector(y0!);
      for (let step = 0; step < 40; step++) {
        const k1 = f(y);
        const k2 = f(moved(y, dt / 2, k1));
        const k3 = f(moved(y, dt / 2, k2));
        const k4 = f(moved(y, dt, k3));
        y = y.map((value, i) => value + (dt / 6) * (k1[i]! + 2 * k2[i]! + 2 * k3[i]! + k4[i]!));
      }
      return total(y.map((value, i) => (value - vector(target!)[i]!) ** 2));
    },
  },
  {
    name: "gaussian_process",
    inputs: { length: [0.2, -0.3], scale: 0.1, noise: -0.8, X: numbers(31, 4, 2), y: numbers(32, 4) },
    loss: ({ length, scale, noise, X, y }) => {
      const K = matrix(X!).map((a, i) =>
        matrix(X!).map((b, j) => {
          const distance = along(2, (k) => ((a[k]! - b[k]!) / Math.exp(vector(length!)[k]!)) ** 2);
          return Math.exp(2 * (scale as number) - distance / 2) + (i === j ? Math.exp(2 * (noise as number)) : 0);
        }),
      );
      const { halfLogDeterminant, square } = whitened(K, vector(y!));
      return square / 2 + halfLogDeterminant + 2 * Math.log(2 * Math.PI);
    },
  },
  {
    name: "kalman",
    inputs: {
      F: [
        [0.9, 0.3],
        [-0.2, 0.7],
      ],
      H: [
        [1, 0.2],
        [0, 0.5],
      ],
      q: [-1, -0.5],
      r: [-0.3, 0.1],
      start: [0.2, -0.1],
      seen: numbers(33, 3, 2),
    },
    // all that is seen is normal at once: by its mean and covariance, without a filter
    loss: ({ F, H, q, r, start, seen }) => {
      const [f, h, y] = [matrix(F!), matrix(H!), matrix(seen!)];
      const diagonal = (logs: Row): Matrix => logs.map((x, i) => logs.map((_, j) => (i === j ? Math.exp(x) : 0)));
      const plus = (A: Matrix, B: Matrix): Matrix => A.map((row, i) => row.map((x, j) => x + B[i]![j]!));
      const covariances = [diagonal([0, 0])];
      const means = [turned([vector(start!)])];
      for (let t = 0; t < 3; t++) {
        covariances.push(plus(times(times(f, covariances[t]!), turned(f)), diagonal(vector(q!))));
        means.push(times(f, means[t]!));
      }
      const block = (s: number, t: number): Matrix => {
        if (s < t) return turned(block(t, s));
        let between = covariances[t + 1]!;
        for (let k = t; k < s; k++) between = times(f, between);
        const ofSeen = times(times(h, between), turned(h));
        return s === t ? plus(ofSeen, diagonal(vector(r!))) : ofSeen;
      };
      const steps = [0, 1, 2];
      const K = steps.flatMap((s) => [0, 1].map((i) => steps.flatMap((t) => block(s, t)[i]!)));
      const error = steps.flatMap((t) => times(h, means[t + 1]!).map(([mean], i) => y[t]![i]! - mean!));
      const { halfLogDeterminant, square } = whitened(K, error);
      return square / 2 + halfLogDeterminant + 3 * Math.log(2 * Math.PI);
    },
  },
  {
    name: "poisson",
    inputs: { w: numbers(41, 3), b: 0.2, X: numbers(42, 5, 3), count: [0, 2, 1, 4, 0], exposure: [1, 2, 0.5, 1, 3] },
    loss: ({ w, b, X, count, exposure }) => {
      const terms = matrix(X!).map((row, i) => {
        const rate = along(3, (j) => row[j]! * vector(w!)[j]!) + (b as number) + Math.log(vector(exposure!)[i]!);
        return Math.exp(rate) - vector(count!)[i]! * rate;
      });
      return total(terms) / 5;
    },
  },
  {
    name: "mlp",
    inputs: {
      A: numbers(43, 3, 4),
      a: numbers(44, 4),
      B: numbers(45, 4, 2),
      b: numbers(46, 2),
      X: numbers(47, 5, 3),
      label: [0, 1, 1, 0, 1],
    },
    loss: ({ A, a, B, b, X, label }) => {
      const losses = matrix(X!).map((row, i) => {
        const hidden = vector(a!).map((shift, h) => Math.tanh(along(3, (j) => row[j]! * matrix(A!)[j]![h]!) + shift));
        const score = vector(b!).map((shift, k) => along(4, (h) => hidden[h]! * matrix(B!)[h]![k]!) + shift);
        return logsumexp(score) - score[vector(label!)[i]!]!;
      });
      return total(losses) / 5 + 1e-4 * total([...flat(A!), ...flat(B!)].map((x) => x * x));
    },
  },
  {
    name: "gru",
    inputs: {
      embed: numbers(48, 4, 3),
      W: numbers(49, 6, 3),
      U: numbers(50, 6, 2),
      b: numbers(51, 6),
      V: numbers(52, 4, 2),
      text: [0, 3, 1, 2, 2],
      next: [3, 1, 2, 2, 0],
    },
    loss: ({ embed, W, U, b, V, text, next }) => {
      const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
      const row = (A: Nested, r: number, x: Row) => along(x.length, (j) => matrix(A)[r]![j]! * x[j]!);
      let state: Row = [0, 0];
      const losses = vector(text!).map((symbol, t) => {
        const x = vector(b!).map((shift, r) => row(W!, r, matrix(embed!)[symbol]!) + shift);
        const reset = state.map((_, i) => sigmoid(x[i]! + row(U!, i, state)));
        const keep = state.map((_, i) => sigmoid(x[2 + i]! + row(U!, 2 + i, state)));
        const kept = state.map((s, i) => reset[i]! * s);
        const fresh = state.map((_, i) => Math.tanh(x[4 + i]! + row(U!, 4 + i, kept)));
        state = state.map((s, i) => keep[i]! * s + (1 - keep[i]!) * fresh[i]!);
        const logits = matrix(V!).map((_, k) => row(V!, k, state));
        return logsumexp(logits) - logits[vector(next!)[t]!]!;
      });
      return total(losses) / 5;
    },
  },
  {
    name: "rnn",
    inputs: {
      embed: numbers(88, 4, 3),
      W: numbers(89, 2, 3),
      U: numbers(90, 2, 2),
      b: numbers(91, 2),
      V: numbers(92, 4, 2),
      text: [0, 3, 1, 2, 2],
      next: [3, 1, 2, 2, 0],
    },
    loss: ({ embed, W, U, b, V, text, next }) => {
      const row = (A: Nested, r: number, x: Row) => along(x.length, (j) => matrix(A)[r]![j]! * x[j]!);
      let state: Row = [0, 0];
      const losses = vector(text!).map((symbol, t) => {
        const before = state;
        const x = matrix(embed!)[symbol]!;
        state = before.map((_, i) => Math.tanh(row(W!, i, x) + row(U!, i, before) + vector(b!)[i]!));
        const logits = matrix(V!).map((_, k) => row(V!, k, state));
        return logsumexp(logits) - logits[vector(next!)[t]!]!;
      });
      return total(losses) / 5;
    },
  },
  {
    name: "attention",
    inputs: {
      Q: numbers(53, 2, 3, 2),
      K: numbers(54, 2, 3, 2),
      V: numbers(55, 2, 3, 2),
      O: numbers(56, 2, 2, 3),
      A: numbers(57, 3, 4),
      B: numbers(58, 4, 3),
      x: numbers(59, 4, 3),
      target: numbers(60, 4, 3),
    },
    loss: ({ Q, K, V, O, A, B, x, target }) => {
      const standard = (row: Row) => {
        const mean = total(row) / row.length;
        const spread = Math.sqrt(total(row.map((value) => (value - mean) ** 2)) / row.length + 1e-5);
        return row.map((value) => (value - mean) / spread);
      };
      const z = matrix(x!).map(standard);
      const y = matrix(x!).map((row) => [...row]);
      for (const m of [0, 1]) {
        const head = (all: Nested) => (all as readonly Matrix[])[m]!;
        const [q, k, v] = [times(z, head(Q!)), times(z, head(K!)), times(z, head(V!))];
        for (const [s, row] of y.entries()) {
          const score = k.slice(0, s + 1).map((key) => along(2, (j) => q[s]![j]! * key[j]!) / Math.sqrt(2));
          const seen = [0, 1].map((j) => along(s + 1, (t) => Math.exp(score[t]! - logsumexp(score)) * v[t]![j]!));
          for (const i of [0, 1, 2]) row[i]! += along(2, (j) => seen[j]! * head(O!)[j]![i]!);
        }
      }
      const hidden = times(y.map(standard), matrix(A!)).map((row) => row.map((value) => Math.max(0, value)));
      const added = times(hidden, matrix(B!));
      const errors = y.flatMap((row, t) => row.map((value, i) => value + added[t]![i]! - matrix(target!)[t]![i]!));
      return total(errors.map((error) => error ** 2)) / 12;
    },
  },
  {
    name: "optimal_transport",
    inputs: { x: numbers(61, 4, 2), y: numbers(62, 3, 2), blur: 0.5 },
    // by the scales of the plan instead of their logarithms
    loss: ({ x, y, blur }) => {
      const eps = blur as number;
      const kernel = matrix(x!).map((a) =>
        matrix(y!).map((b) => Math.exp(-along(2, (k) => (a[k]! - b[k]!) ** 2) / eps)),
      );
      let left: Row = [1, 1, 1, 1];
      let right: Row = [1, 1, 1];
      for (let round = 0; round < 50; round++) {
        left = left.map((_, i) => 3 / along(3, (j) => kernel[i]![j]! * right[j]!));
        right = right.map((_, j) => 4 / along(4, (i) => kernel[i]![j]! * left[i]!));
      }
      return (eps * total(left.map(Math.log))) / 4 + (eps * total(right.map(Math.log))) / 3;
    },
  },
  {
    name: "nbody",
    inputs: { q: numbers(63, 4, 3), v: numbers(64, 4, 3), mass: [1, 2, 0.5, 3], soft: 0.1 },
    loss: ({ q, v, mass, soft }) => {
      const [places, masses] = [matrix(q!), vector(mass!)];
      let energy = total(masses.map((m, i) => (m * total(matrix(v!)[i]!.map((speed) => speed ** 2))) / 2));
      for (let i = 0; i < 4; i++) {
        for (let j = 0; j < i; j++) {
          const gap = along(3, (k) => (places[i]![k]! - places[j]![k]!) ** 2);
          energy -= (masses[i]! * masses[j]!) / Math.sqrt(gap + (soft as number) ** 2);
        }
      }
      return energy;
    },
  },
  {
    name: "graph_layout",
    inputs: {
      q: numbers(65, 4, 2),
      edge: [
        [0, 1],
        [1, 2],
        [2, 3],
        [3, 0],
        [0, 2],
      ],
      length: [1, 1, 1, 1, 1.5],
      push: 0.1,
    },
    loss: ({ q, edge, length, push }) => {
      const gap = (i: number, j: number) => along(2, (k) => (matrix(q!)[i]![k]! - matrix(q!)[j]![k]!) ** 2);
      const pull = matrix(edge!).map(([a, b], j) => (Math.sqrt(gap(a!, b!)) - vector(length!)[j]!) ** 2);
      const spread = [0, 1, 2, 3].flatMap((i) => [0, 1, 2, 3].slice(0, i).map((j) => 1 / (0.01 + gap(i, j))));
      return total(pull) + (push as number) * total(spread);
    },
  },
  {
    name: "nist_misra1a",
    inputs: { b: [2.5, 0.3], x: numbers(66, 6), y: numbers(67, 6) },
    loss: ({ b, x, y }) => {
      const [top, slope] = b as [number, number];
      return along(6, (i) => (vector(y!)[i]! - top * (1 - Math.exp(-slope * vector(x!)[i]!))) ** 2);
    },
  },
];

/** Sizes that no array has as an axis of its own. */
const given = { F: 3, C: 2, K: 2, B: 2, H: 4, d: 3 };

function sizesFor(model: ElaboratedModel, inputs: Inputs): Record<string, number> {
  const all = sizesOf(model, inputs, given);
  return Object.fromEntries(model.sizes.free.map((name) => [name, all.get(name)!]));
}

/** The compiled model with its data, and its parameters in one vector. */
function compiled(model: ElaboratedModel, inputs: Inputs) {
  const data: Record<string, TensorInput> = {};
  for (const { name } of model.data) if (name in inputs) data[name] = inputs[name] as TensorInput;
  const start = Float64Array.from(model.parameters.flatMap(({ name }) => flat(inputs[name]!)));
  return { bound: compileModel(model).bind(data, sizesFor(model, inputs)), start };
}

const digits = JSON.parse(
  readFileSync(new URL("../../grammar/examples/data/digits.json", import.meta.url), "utf8"),
) as Record<"image" | "label", TensorInput>;

/** Images of MNIST, of each digit the ones from `first` to `last`. */
function digitsFrom(first: number, last: number) {
  const bytes = gunzipSync(readFileSync(new URL("../cases/datasets/mnist1000.gz", import.meta.url)));
  const pixels = 28 * 28;
  const count = last - first;
  const image = new Float64Array(10 * count * pixels);
  for (let digit = 0; digit < 10; digit++) {
    for (let k = 0; k < count * pixels; k++) {
      image[digit * count * pixels + k] = bytes[(100 * digit + first) * pixels + k]! / 255;
    }
  }
  const label = Int32Array.from({ length: 10 * count }, (_, k) => Math.floor(k / count));
  return { image: { data: image, shape: [10 * count, 28, 28, 1] }, label };
}

describe("the examples of the language", () => {
  it.each(cases.map((one) => [one.name, one] as const))("%s has the loss of plain loops", (name, { inputs, loss }) => {
    const wanted = loss(inputs);
    expect(Math.abs(lossAt(example(name), inputs, given) - wanted)).toBeLessThan(1e-13 * Math.max(1, Math.abs(wanted)));
  });

  it.each(cases.map((one) => [one.name, one] as const))(
    "%s has the gradient of the complex step",
    (name, { inputs }) => {
      const model = example(name);
      const slopes = evaluate(
        model,
        gradient(
          model.loss!,
          model.parameters.map(({ expr }) => expr),
        ),
        inputs,
        given,
      );
      for (const [k, { name: leaf }] of model.parameters.entries()) {
        const reference = complexStep(model, model.loss!, leaf, inputs, given);
        const scale = Math.max(1, ...reference.map(Math.abs));
        for (const [at, slope] of slopes[k]!.entries()) {
          expect(Math.abs(slope - reference[at]!), `${leaf}[${at}]`).toBeLessThan(1e-12 * scale);
        }
      }
    },
  );
  it.each(cases.map((one) => [one.name, one] as const))(
    "%s has the Hessian-vector product of the complex step over its gradient",
    (name, { inputs }) => {
      const model = example(name);
      const { bound, start } = compiled(model, inputs);
      const v = flat(numbers(77, start.length));
      const slopes = gradient(
        model.loss!,
        model.parameters.map(({ expr }) => expr),
      );
      const wanted = complexChange(model, slopes, inputs, v, given);
      const scale = Math.max(1, ...wanted.map(Math.abs));
      const products = new Float64Array(start.length);
      bound.flat.hvp(start, Float64Array.from(v), products);
      for (const [at, product] of products.entries())
        expect(Math.abs(product - wanted[at]!), String(at)).toBeLessThan(1e-11 * scale);
    },
  );

  it.each(cases.map((one) => [one.name, one] as const))("%s is fitted: a few steps lower its loss", (name, one) => {
    const { bound, start } = compiled(example(name), one.inputs);
    const { best } = minimizeSync(lbfgs(), bound.flat, start, { limits: { iterations: 5 } });
    expect(best.value).toBeLessThan(one.loss(one.inputs));
  });

  const own = examples.map(({ name }) => name.replace(".nabla", ""));
  it.each(own.filter((name) => name !== "cnn" && name !== "nist_thurber"))("%s has a point beside it", (name) => {
    const file = new URL(`../../grammar/examples/data/${name}.json`, import.meta.url);
    const point = JSON.parse(readFileSync(file, "utf8")) as Inputs;
    const one = cases.find((each) => each.name === name);
    if (one) expect(point).toEqual(one.inputs);
    expect(compile(example(name)).loss(point as Record<string, TensorInput>)).toSatisfy(Number.isFinite);
  });

  it("cnn learns to tell handwritten digits apart, and tells others that it has not seen", () => {
    const shapes = { f: [5, 5, 1, 4], bf: [4], W: [4 * 6 * 6, 10], b: [10] };
    const compiled = compileModel(example("cnn"));
    // the digits of the example belong to those that it learns from
    const bound = compiled.bind(digitsFrom(0, 60), { F: 5, K: 4 });
    const start = Float64Array.from(
      Object.values(shapes).flatMap((shape, k) => flat(numbers(k + 71, ...shape)).map((x) => 0.1 * x)),
    );
    const first = bound.flat.loss(start);
    const { best } = minimizeSync(lbfgs(), bound.flat, start, { limits: { iterations: 40 } });
    expect(first).toBeGreaterThan(2);
    expect(best.value).toBeLessThan(0.5);
    const others = compiled.bind(digitsFrom(60, 100), { F: 5, K: 4 });
    expect(others.outputs(others.unpack(best.point), ["accuracy"]).accuracy![0]).toBeGreaterThan(0.75);
  });

  it("cnn takes the digits that come with it", () => {
    const bound = compileModel(example("cnn")).bind({ image: digits.image, label: digits.label }, { F: 5, K: 4 });
    expect(bound.flat.loss(new Float64Array(bound.coordinateNames().length))).toBeCloseTo(Math.log(10), 12);
  });

  it.each(cases.map((one) => [one.name, one] as const))("%s takes its data as they are", (name, { inputs }) => {
    expect(broken(example(name), inputs, given)).toEqual([]);
  });

  it("gives the named outputs of logistic", () => {
    const model = example("logistic");
    const inputs = cases[0]!.inputs;
    expect(outputAt(model, "g", inputs)).toEqual(
      evaluate(model, gradient(model.loss!, [model.parameters[0]!.expr]), inputs)[0],
    );
    expect(outputAt(model, "accuracy", inputs)[0]).toBeGreaterThanOrEqual(0);
  });

  it("counts the accuracy of softmax regression", () => {
    const inputs: Inputs = { W: [[1, 0, 0]], b: [0, 0.5, 0], X: [[1], [-1], [0]], label: [0, 1, 0] };
    expect(outputAt(example("softmax_regression"), "accuracy", inputs)).toEqual([2 / 3]);
  });

  it("has the forces of springs, and how far one sags", () => {
    const model = example("springs");
    const inputs: Inputs = {
      q: [
        [0, 0],
        [3, 4],
        [3, 0],
      ],
      edge: [
        [0, 1],
        [1, 2],
      ],
      rest: [4, 3],
      k: [2, 1],
      mass: [1, 1, 2],
    };
    const stretch = 0.5 * (2 * (5 - 4) ** 2 + 1 * (4 - 3) ** 2);
    expect(lossAt(model, inputs)).toBeCloseTo(stretch + 9.81 * 4, 12);
    const reference = complexStep(model, model.loss!, "q", inputs);
    for (const [at, force] of outputAt(model, "force", inputs).entries())
      expect(force).toBeCloseTo(-reference[at]!, 12);
    expect(model.parameters[0]!.unit?.text).toBe("m");
    expect(outputAt(model, "sag", inputs)[0]).toBeCloseTo(9.81 / 2, 12);
    expect(
      broken(model, {
        ...inputs,
        edge: [
          [0, 3],
          [1, 2],
        ],
      }),
    ).toHaveLength(1);
  });

  it("is taken with and without its first two lines", () => {
    const text = textOf("logistic");
    const short = text.replace(/^model.*$/m, "").replace(/^size.*$/m, "");
    const [full, brief] = [example("logistic"), loadModel({ name: "data/logistic.nabla", text: short })];
    expect(brief.name).toBe(full.name);
    expect(brief.sizes.free).toEqual(full.sizes.free);
    expect(lossAt(brief, cases[0]!.inputs)).toBe(lossAt(full, cases[0]!.inputs));
  });
});
