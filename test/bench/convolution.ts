import { compileModel } from "../../src/compile/compile.ts";
import { loadModel } from "../../src/model/load.ts";
import { webAssembly } from "../../src/wasm.ts";
import { compilerName, nativeName, runNative } from "./contenders/native.ts";
import { cpuTime, deviation, median } from "./measure/measure.ts";
import { normals } from "./tasks/random.ts";

// Convolutions against C in register tiles of vectors, the best that native code does here: `node test/bench/run.mjs convolution`.
// The loss is the sum of squares of what the filters give, so a call is a convolution and its transpose.

/** Sizes are in the text, as in that of the network, or that of the window has a name; an axis of one input is left out. */
function textOf({ p, c, k, stride }: Shape, width: string): string {
  const side = Math.floor((p - window) / stride) + 1;
  const [axis, input] = c === 1 ? ["", ""] : [`, ${c}`, ", c"];
  return `param F: [${width}, ${width}${axis}, ${k}]
data images: [n, ${p}, ${p}${axis}]
let z = [i, x in 0..${side}, y in 0..${side}, k: sum(u, v${input}: F[u, v${input}, k] * images[i, ${stride}*x + u, ${stride}*y + v${input}])]
loss = sum(z^2)
`;
}

interface Shape {
  readonly name: string;
  /** Images, their rows and columns, channels that go in and come out. */
  readonly n: number;
  readonly p: number;
  readonly c: number;
  readonly k: number;
  readonly stride: number;
}

const shapes: readonly Shape[] = [
  {
    name: "that of the network: 32 images of 28 x 28, 3 x 3 x 1 x 8 filters, stride 2",
    n: 32,
    p: 28,
    c: 1,
    k: 8,
    stride: 2,
  },
  { name: "8 images of 32 x 32 x 32, 3 x 3 x 32 x 64 filters, stride 1", n: 8, p: 32, c: 32, k: 64, stride: 1 },
];
const window = 3;
const rounds = 15;

for (const shape of shapes) {
  const { name, n, p, c, k, stride } = shape;
  const side = Math.floor((p - window) / stride) + 1;
  const images = normals(n * p * p * c, 2);
  const x = normals(window * window * c * k, 1);
  const operations = 4 * n * side * side * window * window * c * k;
  const gradient = new Float64Array(x.length);
  let loss = 0;
  const timeOf = (width: string) => {
    const model = loadModel({ name: "convolution.nabla", text: `size w\n${textOf(shape, width)}` });
    const compiled = compileModel(model, { engine: webAssembly({ use: "always" }) });
    const data = { images: { data: images, shape: c === 1 ? [n, p, p] : [n, p, p, c] } };
    const { flat } = compiled.bind(data, { w: window });
    const run = () => {
      loss = flat.lossAndGradient(x, gradient);
    };
    const calls = Math.ceil(1e8 / operations);
    cpuTime(run, calls);
    return median(Array.from({ length: rounds }, () => cpuTime(run, calls) / calls));
  };
  const named = timeOf("w");
  const own = timeOf(String(window));
  const rate = (microseconds: number) =>
    `${microseconds.toFixed(0)} us, ${(operations / microseconds / 1000).toFixed(1)} GFLOP/s`;
  console.log(`${name}\n  nabla, WebAssembly: ${rate(own)}; where the window's size has a name: ${rate(named)}`);
  if (compilerName() === undefined) continue;
  const numbers = [Int32Array.of(n, p, c, k, window, stride), images];
  const printed = runNative("convolution", { x, v: x }, numbers, { rounds, milliseconds: 8 });
  const best = median(printed.lossAndGradient);
  const apart = deviation([loss, ...gradient], [...printed.loss, ...printed.g]);
  if (apart > 1e-10) throw new Error(`the results differ by ${apart}`);
  console.log(
    `  ${nativeName}, vectors in register tiles: ${rate(best)}; nabla takes ${(own / best).toFixed(2)} of that`,
  );
}
