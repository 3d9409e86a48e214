import { createRequire } from "node:module";
import { dirname } from "node:path";
import type { Contender } from "../../measure/measure.ts";
import { type PeerData, type PeerTask, partsOf, vectorsOf } from "../../tasks/tasks.ts";
import type { CnnData } from "../hand/cnn.ts";
import type { LayoutData } from "../hand/layout.ts";
import { differencesOf, oneHot, type Peer, patchesOf } from "./peer.ts";

/** The part of @tensorflow/tfjs 4.22 in use; the package may be absent, and then so are its types. */
interface Tensor {
  add(other: Tensor | number): Tensor;
  sub(other: Tensor | number): Tensor;
  mul(other: Tensor | number): Tensor;
  div(other: Tensor | number): Tensor;
  neg(): Tensor;
  square(): Tensor;
  sqrt(): Tensor;
  relu(): Tensor;
  exp(): Tensor;
  log(): Tensor;
  sinh(): Tensor;
  cosh(): Tensor;
  tanh(): Tensor;
  softplus(): Tensor;
  logSoftmax(): Tensor;
  sum(axis?: number, keepDims?: boolean): Tensor;
  max(axis?: number, keepDims?: boolean): Tensor;
  mean(): Tensor;
  matMul(other: Tensor): Tensor;
  slice(begin: number, size: number): Tensor;
  reshape(shape: readonly number[]): Tensor;
  dataSync(): Float32Array;
}
type Loss = (...params: Tensor[]) => Tensor;
interface TensorFlow {
  enableProdMode(): void;
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  tensor(values: Float32Array | Int32Array, shape: readonly number[], dtype?: string): Tensor;
  tidy(run: () => void): void;
  gather(x: Tensor, at: Tensor): Tensor;
  conv2d(images: Tensor, filters: Tensor, stride: number, padding: string): Tensor;
  grads(f: Loss): (params: Tensor[]) => Tensor[];
  valueAndGrads(f: Loss): (params: Tensor[]) => { value: Tensor; grads: Tensor[] };
}

/** @tensorflow/tfjs, float32, on its two backends for CPUs. */
export async function tfjs(): Promise<Peer[]> {
  const require = createRequire(import.meta.url);
  const tf = require("@tensorflow/tfjs") as TensorFlow;
  const wasm = require("@tensorflow/tfjs-backend-wasm") as { setWasmPaths(folder: string): void };
  wasm.setWasmPaths(`${dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
  tf.enableProdMode();
  return ["cpu", "wasm"].map((backend) => ({
    name: `tfjs ${backend} f32`,
    contenders: async (task) => {
      await tf.setBackend(backend);
      await tf.ready();
      return contenders(tf, `tfjs ${backend} f32`, task);
    },
  }));
}

function contenders(tf: TensorFlow, name: string, task: PeerTask): { lossAndGradient: Contender[]; hvp: Contender[] } {
  const { x, v } = vectorsOf(task);
  const params = partsOf(task, Float32Array.from(x));
  const direction = partsOf(task, Float32Array.from(v));
  const tensors = (parts: readonly Float32Array[]) =>
    parts.map((part, k) => tf.tensor(part, task.parameters[k]!.shape));
  const { loss, losses } = lossesOf(tf, task.data);
  let value: Float32Array = new Float32Array();
  let gradients: Float32Array[] = [];
  const valueAndGrads = tf.valueAndGrads(loss);
  const gradient: Contender = {
    name,
    run: () => {
      tf.tidy(() => {
        const result = valueAndGrads(tensors(params));
        value = result.value.dataSync();
        gradients = result.grads.map((part) => part.dataSync());
      });
    },
    result: () => [value[0]!, ...gradients.flatMap((part) => [...part])],
  };
  const products = Object.entries(losses).map(([way, twice]): Contender => {
    let product: Float32Array[] = [];
    const grads = tf.grads(twice);
    const slope = (...point: Tensor[]) => {
      const terms = grads(point).map((part, k) => part.mul(tf.tensor(direction[k]!, task.parameters[k]!.shape)).sum());
      return terms.reduce((total, term) => total.add(term));
    };
    const second = tf.grads(slope);
    return {
      name: way === "" ? name : `${name}, ${way}`,
      run: () => {
        tf.tidy(() => {
          product = second(tensors(params)).map((part) => part.dataSync());
        });
      },
      result: () => product.flatMap((part) => [...part]),
    };
  });
  return { lossAndGradient: [gradient], hvp: products };
}

type Float32 = (values: Float64Array, shape: readonly number[]) => Tensor;

function cnnLosses(tf: TensorFlow, data: CnnData, float32: Float32): { loss: Loss; losses: Record<string, Loss> } {
  const { rows, pixels, channels, classes } = data;
  const { patches, count } = patchesOf(data);
  const X = float32(patches, [rows * count, 9]);
  const images = float32(data.images, [rows, pixels, pixels, 1]);
  const Y = float32(oneHot(data.label, classes), [rows, classes]);
  const rest = (windows: Tensor, logSoftmax: (z: Tensor) => Tensor, [a, W, b]: readonly Tensor[]) => {
    const features = windows
      .add(a!)
      .relu()
      .reshape([rows, count * channels]);
    const logits = features.matMul(W!.reshape([count * channels, classes])).add(b!);
    return logSoftmax(logits)
      .mul(Y)
      .sum()
      .mul(-1 / rows);
  };
  const library = (z: Tensor) => z.logSoftmax();
  const bySinh = (z: Tensor) => z.sub(z.sinh().add(z.cosh()).sum(1, true).log());
  const convolution: Loss = (F, ...others) =>
    rest(tf.conv2d(images, F!.reshape([3, 3, 1, channels]), 2, "valid"), library, others);
  const product =
    (logSoftmax: (z: Tensor) => Tensor): Loss =>
    (F, ...others) =>
      rest(X.matMul(F!.reshape([9, channels])), logSoftmax, others);
  return {
    loss: product(library),
    losses: {
      "": convolution,
      "windows as rows": product(library),
      "windows as rows, exp as sinh + cosh": product(bySinh),
    },
  };
}

function layoutLosses(
  tf: TensorFlow,
  data: LayoutData,
  float32: Float32,
): { loss: Loss; losses: Record<string, Loss> } {
  const { points, length } = data;
  const matrix = float32(differencesOf(data), [length.length, points]);
  const rest = float32(length, [length.length]);
  const [first, second] = [data.first, data.second].map((at) => tf.tensor(at, [at.length], "int32")) as [
    Tensor,
    Tensor,
  ];
  const energy =
    (differences: (x: Tensor) => Tensor): Loss =>
    (x, y) =>
      differences(x!).square().add(differences(y!).square()).add(1).sqrt().sub(rest).square().sum();
  const gathered = energy((x) => tf.gather(x, first).sub(tf.gather(x, second)));
  const product = energy((x) => matrix.matMul(x.reshape([points, 1])).reshape([length.length]));
  return { loss: gathered, losses: { "": gathered, "differences as a matrix": product } };
}

/** The loss, and the forms of it to try for second derivatives: not every operation has them. */
function lossesOf(tf: TensorFlow, data: PeerData): { loss: Loss; losses: Record<string, Loss> } {
  const float32 = (values: Float64Array, shape: readonly number[]) => tf.tensor(Float32Array.from(values), shape);
  if (data.group === "cnn") return cnnLosses(tf, data, float32);
  if (data.group === "layout") return layoutLosses(tf, data, float32);
  if (data.group === "logistic") {
    const X = float32(data.X, [data.rows, data.columns]);
    const y = float32(data.y, [data.rows]);
    const loss: Loss = (w, b) => {
      const margin = X.matMul(w!.reshape([data.columns, 1]))
        .reshape([data.rows])
        .add(b!)
        .mul(y);
      return margin
        .neg()
        .softplus()
        .mean()
        .add(
          w!
            .square()
            .sum()
            .mul(0.5 * data.lambda),
        );
    };
    return { loss, losses: { "": loss } };
  }
  if (data.group === "rosenbrock") {
    const length = data.dimension - 1;
    const loss: Loss = (x) => {
      const a = x!.slice(0, length);
      const b = x!.slice(1, length);
      return b.sub(a.square()).square().mul(100).add(a.mul(-1).add(1).square()).sum();
    };
    return { loss, losses: { "": loss } };
  }
  const X = float32(data.X, [data.rows, data.inputs]);
  const Y = float32(oneHot(data.label, data.classes), [data.rows, data.classes]);
  const crossEntropy = (tanh: (z: Tensor) => Tensor, logSoftmax: (z: Tensor) => Tensor): Loss => {
    return (W1, b1, W2, b2) => {
      const logits = tanh(X.matMul(W1!).add(b1!)).matMul(W2!).add(b2!);
      return logSoftmax(logits)
        .mul(Y)
        .sum()
        .mul(-1 / data.rows);
    };
  };
  const library = crossEntropy(
    (z) => z.tanh(),
    (z) => z.logSoftmax(),
  );
  const ratio = (z: Tensor) => z.sinh().div(z.cosh());
  const shifted = (z: Tensor) => z.sub(z.exp().sum(1, true).log());
  return {
    loss: library,
    losses: {
      "": library,
      "tanh as sinh/cosh": crossEntropy(ratio, (z) => z.logSoftmax()),
      "tanh as sinh/cosh, logSoftmax by hand": crossEntropy(ratio, shifted),
      "tanh as sinh/cosh, exp as sinh + cosh": crossEntropy(ratio, (z) =>
        z.sub(z.sinh().add(z.cosh()).sum(1, true).log()),
      ),
    },
  };
}
