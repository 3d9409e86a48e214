import type { Inputs } from "../../../src/compile/inputs/inputs.ts";
import { type CnnData, handCnn } from "../contenders/hand/cnn.ts";
import { type HmmData, handHmm } from "../contenders/hand/hmm.ts";
import { handLayout, type LayoutData } from "../contenders/hand/layout.ts";
import * as logistic from "../contenders/hand/logistic.ts";
import { handMlp, type MlpData } from "../contenders/hand/mlp.ts";
import * as rosenbrock from "../contenders/hand/rosenbrock.ts";
import { handSeir, type SeirData } from "../contenders/hand/seir.ts";
import { handStress, type StressData } from "../contenders/hand/stress.ts";
import { handTsne, type TsneData } from "../contenders/hand/tsne.ts";
import { normals, uniforms } from "./random.ts";

/** What a hand-written program offers; vectors are packed in the order of the parameters. */
export interface Hand {
  readonly name: string;
  readonly lossAndGradient: (x: Float64Array, g: Float64Array) => number;
  readonly hvp: (x: Float64Array, v: Float64Array, h: Float64Array) => void;
}

/** The data in the form that every contender builds its own from. */
export type TaskData = PeerData | HandData;

/** Data of tasks that peers and C take part in. */
export type PeerData =
  | ({ readonly group: "logistic" } & logistic.LogisticData)
  | { readonly group: "rosenbrock"; readonly dimension: number }
  | ({ readonly group: "mlp" } & MlpData)
  | ({ readonly group: "cnn" } & CnnData)
  | ({ readonly group: "layout" } & LayoutData);

/** Data of tasks for nabla and programs by hand alone. */
export type HandData =
  | ({ readonly group: "seir" } & SeirData)
  | ({ readonly group: "hmm" } & HmmData)
  | ({ readonly group: "tsne" } & TsneData)
  | ({ readonly group: "stress" } & StressData);

export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface Task {
  readonly name: string;
  readonly data: TaskData;
  readonly parameters: readonly Parameter[];
  /** The data and sizes that nabla's model is bound to. */
  readonly inputs: Inputs;
  readonly sizes: Readonly<Record<string, number>>;
  /** The first is the unit of all ratios. */
  readonly hand: readonly Hand[];
}

export interface PeerTask extends Task {
  readonly data: PeerData;
}

export function isForPeers(task: Task): task is PeerTask {
  return !["seir", "hmm", "tsne", "stress"].includes(task.data.group);
}

export const tasks: readonly (() => Task)[] = [
  () => logisticTask(1000, 20),
  () => logisticTask(10_000, 100),
  () => rosenbrockTask(100),
  () => rosenbrockTask(10_000),
  () => mlpTask({ rows: 128, inputs: 64, hidden: 128, classes: 10 }),
  () => cnnTask({ rows: 32, pixels: 28, channels: 8, classes: 10 }),
  () => seirTask(200),
  () => hmmTask({ states: 8, symbols: 10, steps: 200 }),
  () => tsneTask(150),
  () => stressTask(150),
  () => layoutTask(2000),
  () => layoutTask(20_000),
];

export function logisticTask(rows: number, columns: number): Task {
  const X = normals(rows * columns, 1);
  const y = normals(rows, 2).map((z, i) => (z + X[i * columns]! > 0 ? 1 : -1));
  const data: logistic.LogisticData = { X, y, rows, columns, lambda: 1e-3 };
  return {
    name: `logistic ${rows} x ${columns}`,
    data: { group: "logistic", ...data },
    parameters: [
      { name: "w", shape: [columns] },
      { name: "b", shape: [] },
    ],
    inputs: { X: { data: X, shape: [rows, columns] }, y },
    sizes: {},
    hand: [
      {
        name: "by hand",
        lossAndGradient: (x, g) => logistic.gradient(data, x, g),
        hvp: (x, v, h) => logistic.product(data, x, v, h),
      },
      {
        name: "by hand, four rows at a time",
        lossAndGradient: (x, g) => logistic.gradientByFourRows(data, x, g),
        hvp: (x, v, h) => logistic.productByFourRows(data, x, v, h),
      },
    ],
  };
}

export function rosenbrockTask(dimension: number): Task {
  return {
    name: `rosenbrock ${dimension}`,
    data: { group: "rosenbrock", dimension },
    parameters: [{ name: "x", shape: [dimension] }],
    inputs: {},
    sizes: {},
    hand: [{ name: "by hand", lossAndGradient: rosenbrock.gradient, hvp: rosenbrock.product }],
  };
}

export function mlpTask(sizes: Pick<MlpData, "rows" | "inputs" | "hidden" | "classes">): Task {
  const { rows, inputs, hidden, classes } = sizes;
  const uniform = uniforms(4);
  const X = normals(rows * inputs, 3);
  const label = Int32Array.from({ length: rows }, () => Math.floor(classes * uniform()));
  const data: MlpData = { ...sizes, X, label };
  return {
    name: `mlp ${inputs}-${hidden}-${classes} batch ${rows}`,
    data: { group: "mlp", ...data },
    parameters: [
      { name: "W1", shape: [inputs, hidden] },
      { name: "b1", shape: [hidden] },
      { name: "W2", shape: [hidden, classes] },
      { name: "b2", shape: [classes] },
    ],
    inputs: { X: { data: X, shape: [rows, inputs] }, label },
    sizes: { h: hidden, c: classes },
    hand: [{ name: "by hand", ...handMlp(data) }],
  };
}

export function cnnTask(sizes: Pick<CnnData, "rows" | "pixels" | "channels" | "classes">): Task {
  const { rows, pixels, channels, classes } = sizes;
  const uniform = uniforms(9);
  const images = normals(rows * pixels * pixels, 8);
  const label = Int32Array.from({ length: rows }, () => Math.floor(classes * uniform()));
  const data: CnnData = { ...sizes, images, label };
  const side = (pixels - 2) >> 1;
  return {
    name: `cnn ${pixels} x ${pixels} batch ${rows}`,
    data: { group: "cnn", ...data },
    parameters: [
      { name: "F", shape: [3, 3, channels] },
      { name: "a", shape: [channels] },
      { name: "W", shape: [side, side, channels, classes] },
      { name: "b", shape: [classes] },
    ],
    inputs: { images: { data: images, shape: [rows, pixels, pixels] }, label },
    sizes: {},
    hand: [{ name: "by hand", ...handCnn(data) }],
  };
}

export function seirTask(days: number): Task {
  const seen = Float64Array.from({ length: days }, (_, day) => 0.1 * Math.exp(-(((day - 80) / 30) ** 2)));
  const data: SeirData = { seen };
  return {
    name: `seir ${days} days`,
    data: { group: "seir", ...data },
    parameters: ["beta", "sigma", "gamma", "start"].map((name) => ({ name, shape: [] })),
    inputs: { seen },
    sizes: {},
    hand: [{ name: "by hand", ...handSeir(data) }],
  };
}

export function hmmTask({ states, symbols, steps }: { states: number; symbols: number; steps: number }): Task {
  const uniform = uniforms(12);
  const shown = Int32Array.from({ length: steps }, () => Math.floor(symbols * uniform()));
  const data: HmmData = { states, symbols, shown };
  return {
    name: `hmm ${states} states ${steps} steps`,
    data: { group: "hmm", ...data },
    parameters: [
      { name: "A", shape: [states, states] },
      { name: "B", shape: [states, symbols] },
      { name: "start", shape: [states] },
    ],
    inputs: { shown },
    sizes: { k: states, m: symbols },
    hand: [{ name: "by hand", ...handHmm(data) }],
  };
}

export function tsneTask(points: number): Task {
  const near = uniforms(13);
  const P = Float64Array.from({ length: points * points }, () => near() ** 4);
  let sum = 0;
  for (let i = 0; i < points; i++) for (let j = 0; j < i; j++) sum += 2 * P[i * points + j]!;
  const data: TsneData = { points, P: P.map((p) => p / sum) };
  return {
    name: `tsne ${points} points`,
    data: { group: "tsne", ...data },
    parameters: [{ name: "Y", shape: [points, 2] }],
    inputs: { P: { data: data.P, shape: [points, points] } },
    sizes: {},
    hand: [{ name: "by hand", ...handTsne(data) }],
  };
}

export function stressTask(points: number): Task {
  const uniform = uniforms(17);
  const data: StressData = { points, D: Float64Array.from({ length: points * points }, () => 0.5 + 2 * uniform()) };
  return {
    name: `stress ${points} points`,
    data: { group: "stress", ...data },
    parameters: [{ name: "Y", shape: [points, 2] }],
    inputs: { D: { data: data.D, shape: [points, points] } },
    sizes: {},
    hand: [{ name: "by hand", ...handStress(data) }],
  };
}

/** Operations of the energy of one pair, as the model writes it. */
const operationsOfPair = 10;

export function layoutTask(operations: number): Task {
  const pairs = operations / operationsOfPair;
  const points = Math.ceil(Math.sqrt(4 * pairs));
  const uniform = uniforms(11);
  const pick = () => Math.floor(points * uniform());
  const first = Int32Array.from({ length: pairs }, pick);
  const second = first.map((at) => (at + 1 + Math.floor((points - 1) * uniform())) % points);
  const length = Float64Array.from({ length: pairs }, () => 1 + Math.round(8 * uniform()) / 8);
  const data: LayoutData = { points, first, second, length };
  return {
    name: `layout of ${operations} operations`,
    data: { group: "layout", ...data },
    parameters: [
      { name: "x", shape: [points] },
      { name: "y", shape: [points] },
    ],
    inputs: {},
    sizes: {},
    hand: [{ name: "by hand", ...handLayout(data) }],
  };
}

export const lengthOf = ({ shape }: Parameter): number => shape.reduce((product, size) => product * size, 1);

/** A packed vector taken apart, one copy a parameter. */
export function partsOf<Vector extends Float64Array | Float32Array>(task: Task, packed: Vector): Vector[] {
  let start = 0;
  return task.parameters.map((parameter) => {
    const part = packed.slice(start, start + lengthOf(parameter)) as Vector;
    start += part.length;
    return part;
  });
}

/** A point, a direction, and where results go, all packed. */
export interface Vectors {
  x: Float64Array;
  v: Float64Array;
  g: Float64Array;
  h: Float64Array;
}

/**
 * The point and the direction at which a task is computed. To be read from the object at every call: an array that
 * never changes is a constant to V8, which builds its address into the code; no optimiser's code is that lucky. For
 * the same reason every field is written twice.
 */
export function vectorsOf(task: Task): Vectors {
  const length = task.parameters.reduce((total, parameter) => total + lengthOf(parameter), 0);
  const none = new Float64Array();
  const vectors: Vectors = { x: none, v: none, g: none, h: none };
  vectors.x = normals(length, 5).map((z) => 0.3 * z);
  vectors.v = normals(length, 6);
  vectors.g = new Float64Array(length);
  vectors.h = new Float64Array(length);
  return vectors;
}
