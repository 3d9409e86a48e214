import type { Contender } from "../../measure/measure.ts";
import { type PeerData, type PeerTask, partsOf, vectorsOf } from "../../tasks/tasks.ts";
import { differencesOf, oneHot, type Peer, patchesOf } from "./peer.ts";

/** The part of @jax-js/jax 0.1.25 in use; the package may be absent, and then so are its types. */
interface JaxArray {
  /** An array is consumed by its use; this is one more use of it. */
  readonly ref: JaxArray;
  add(other: JaxArray | number): JaxArray;
  sub(other: JaxArray | number): JaxArray;
  mul(other: JaxArray | number): JaxArray;
  neg(): JaxArray;
  sum(): JaxArray;
  mean(): JaxArray;
  slice(...ranges: [number, number][]): JaxArray;
  reshape(shape: readonly number[]): JaxArray;
  dataSync(): Float32Array | Float64Array;
}
type Arrays = readonly JaxArray[];
type Loss = (params: Arrays, data: Arrays) => JaxArray;
type Slope = (params: Arrays, direction: Arrays, data: Arrays) => JaxArray;
interface Jax {
  init(): Promise<string[]>;
  jit<F>(f: F): F;
  valueAndGrad(f: Loss): (params: Arrays, data: Arrays) => [JaxArray, Arrays];
  grad<Rest extends unknown[]>(
    f: (params: Arrays, ...rest: Rest) => JaxArray,
  ): (params: Arrays, ...rest: Rest) => Arrays;
  jvp(f: (params: Arrays) => Arrays, primals: [Arrays], tangents: [Arrays]): [Arrays, Arrays];
  readonly numpy: {
    readonly float32: unknown;
    readonly float64: unknown;
    array(values: Float32Array | Float64Array, options: { dtype: unknown; shape?: readonly number[] }): JaxArray;
    dot(a: JaxArray, b: JaxArray): JaxArray;
    square(a: JaxArray): JaxArray;
    tanh(a: JaxArray): JaxArray;
    sqrt(a: JaxArray): JaxArray;
  };
  readonly nn: {
    relu(a: JaxArray): JaxArray;
    softplus(a: JaxArray): JaxArray;
    logSoftmax(a: JaxArray, axis: number): JaxArray;
  };
}

/** @jax-js/jax on its WebAssembly backend, under jit. */
export async function jaxJs(): Promise<Peer[]> {
  preparePlatform();
  const specifier = "@jax-js/jax";
  const jax = (await import(specifier)) as Jax;
  await jax.init();
  return [
    { name: "jax-js f32", contenders: async (task) => contenders(jax, "jax-js f32", task, Float32Array) },
    { name: "jax-js f64", contenders: async (task) => contenders(jax, "jax-js f64", task, Float64Array) },
  ];
}

/** Node 20 lacks two globals that jax-js reads while it loads. */
function preparePlatform(): void {
  if (!("navigator" in globalThis)) {
    Object.defineProperty(globalThis, "navigator", { value: { hardwareConcurrency: 2 }, configurable: true });
  }
  if (!("Float16Array" in globalThis)) {
    Object.defineProperty(globalThis, "Float16Array", { value: class {}, configurable: true });
  }
}

function contenders(
  jax: Jax,
  name: string,
  task: PeerTask,
  Vector: Float32ArrayConstructor | Float64ArrayConstructor,
): { lossAndGradient: Contender[]; hvp: Contender[] } {
  const { numpy: np } = jax;
  const dtype = Vector === Float32Array ? np.float32 : np.float64;
  const { x, v } = vectorsOf(task);
  const params = partsOf(task, Vector.from(x));
  const direction = partsOf(task, Vector.from(v));
  const arrayOf = (values: Float32Array | Float64Array, shape: readonly number[]) => np.array(values, { dtype, shape });
  const arrays = (parts: readonly (Float32Array | Float64Array)[]) =>
    parts.map((part, k) => arrayOf(part, task.parameters[k]!.shape));
  const { loss, data } = lossOf(jax, task.data, (values, shape) => arrayOf(Vector.from(values), shape));
  const uses = () => data.map((array) => array.ref);

  const valueAndGrad = jax.jit(jax.valueAndGrad(loss));
  let value: ArrayLike<number> = [];
  let gradients: ArrayLike<number>[] = [];
  const gradient: Contender = {
    name,
    run: () => {
      const [total, parts] = valueAndGrad(arrays(params), uses());
      value = total.dataSync();
      gradients = parts.map((part) => part.dataSync());
    },
    result: () => [value[0]!, ...gradients.flatMap((part) => Array.from(part))],
  };

  const forward = jax.jit((point: Arrays, tangent: Arrays, held: Arrays) => {
    const [primals, tangents] = jax.jvp((at) => jax.grad(loss)(at, held), [point], [tangent]);
    for (const primal of primals) dispose(primal);
    return tangents;
  });
  const slope: Slope = (point, tangent, held) => {
    const terms = jax
      .grad(loss)(point, held)
      .map((part, k) => part.mul(tangent[k]!).sum());
    return terms.reduce((total, term) => total.add(term));
  };
  const reverse = jax.jit((point: Arrays, tangent: Arrays, held: Arrays) => jax.grad(slope)(point, tangent, held));
  const product = (way: string, hvp: (point: Arrays, tangent: Arrays, held: Arrays) => Arrays): Contender => {
    let result: ArrayLike<number>[] = [];
    return {
      name: `${name}, ${way}`,
      run: () => {
        result = hvp(arrays(params), arrays(direction), uses()).map((part) => part.dataSync());
      },
      result: () => result.flatMap((part) => Array.from(part)),
    };
  };
  return {
    lossAndGradient: [gradient],
    hvp: [product("forward over reverse", forward), product("reverse over reverse", reverse)],
  };
}

function dispose(array: JaxArray): void {
  (array as JaxArray & { dispose(): void }).dispose();
}

function lossOf(
  { numpy: np, nn }: Jax,
  data: PeerData,
  arrayOf: (values: Float64Array, shape: readonly number[]) => JaxArray,
): { loss: Loss; data: Arrays } {
  if (data.group === "cnn") {
    const { rows, channels, classes } = data;
    const { patches, count } = patchesOf(data);
    return {
      data: [arrayOf(patches, [rows * count, 9]), arrayOf(oneHot(data.label, classes), [rows, classes])],
      loss: ([F, a, W, b], [images, Y]) => {
        const features = nn.relu(np.dot(images!, F!.reshape([9, channels])).add(a!)).reshape([rows, count * channels]);
        const logits = np.dot(features, W!.reshape([count * channels, classes])).add(b!);
        return nn
          .logSoftmax(logits, 1)
          .mul(Y!)
          .sum()
          .mul(-1 / rows);
      },
    };
  }
  if (data.group === "layout") {
    const { points, length } = data;
    return {
      data: [arrayOf(differencesOf(data), [length.length, points]), arrayOf(length, [length.length])],
      loss: ([x, y], [differences, rest]) => {
        const dx = np.square(np.dot(differences!.ref, x!));
        const dy = np.square(np.dot(differences!, y!));
        return np.square(np.sqrt(dx.add(dy).add(1)).sub(rest!)).sum();
      },
    };
  }
  if (data.group === "logistic") {
    return {
      data: [arrayOf(data.X, [data.rows, data.columns]), arrayOf(data.y, [data.rows])],
      loss: ([w, b], [X, y]) => {
        const margin = np.dot(X!, w!.ref).add(b!).mul(y!);
        return nn
          .softplus(margin.neg())
          .mean()
          .add(
            np
              .square(w!)
              .sum()
              .mul(0.5 * data.lambda),
          );
      },
    };
  }
  if (data.group === "rosenbrock") {
    const last = data.dimension - 1;
    return {
      data: [],
      loss: ([x]) => {
        const a = x!.ref.slice([0, last]);
        const b = x!.slice([1, last + 1]);
        const valley = np.square(b.sub(np.square(a.ref))).mul(100);
        return valley.add(np.square(a.neg().add(1))).sum();
      },
    };
  }
  return {
    data: [
      arrayOf(data.X, [data.rows, data.inputs]),
      arrayOf(oneHot(data.label, data.classes), [data.rows, data.classes]),
    ],
    loss: ([W1, b1, W2, b2], [X, Y]) => {
      const hidden = np.tanh(np.dot(X!, W1!).add(b1!));
      const logits = np.dot(hidden, W2!).add(b2!);
      return nn
        .logSoftmax(logits, 1)
        .mul(Y!)
        .sum()
        .mul(-1 / data.rows);
    },
  };
}
