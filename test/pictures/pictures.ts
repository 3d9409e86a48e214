import { complexField } from "../../src/interpreter/complex.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { compileText } from "../../src/language/all.ts";
import { loadModel } from "../../src/model/load.ts";
import { symmetricEigenvalues } from "../../src/numeric/dense/symmetric-eigen.ts";
import {
  adam,
  type FirstOrderState,
  minimizeSync,
  momentum,
  newton,
  newtonCg,
  type Optimizer,
  type OptimizerState,
  type Oracle,
  type OracleAt,
  secondOrderAdam,
  sgd,
  smoothDensity,
  spectralDensity,
  trustExact,
  trustNcg,
} from "../../src/optimize.ts";
import { readCase } from "../optimize/convex.ts";
import { inUnits, noisy, quadratic } from "../optimize/noise.ts";
import { colors, type Panel, type Point } from "./chart.ts";

const rosenbrock = compileText("param x: [2] = [-1.2, 1]\nloss = 100*(x[1] - x[0]^2)^2 + (1 - x[0])^2").bind();

function pathOf<State extends OptimizerState>(
  method: Optimizer<State>,
  oracle: Oracle,
  start: ArrayLike<number>,
  steps: number,
): Point[] {
  const points: Point[] = [];
  minimizeSync(method, oracle, start, {
    limits: { iterations: steps },
    onIterate: ({ point }) => void points.push([point[0]!, point[1]!]),
  });
  return points;
}

/** The ways of several methods over the contours of Rosenbrock's function. */
export function trajectories() {
  const start = rosenbrock.start();
  const paths = {
    "sgd, 2000 steps": pathOf(sgd({ rate: 1e-3 }), rosenbrock.flat, start, 2000),
    "momentum, 600 steps": pathOf(momentum({ rate: 3e-4 }), rosenbrock.flat, start, 600),
    "adam, 1000 steps": pathOf(adam({ rate: 0.02 }), rosenbrock.flat, start, 1000),
    newton: pathOf(newton(), rosenbrock.flat, start, 100),
    "newton-cg": pathOf(newtonCg(), rosenbrock.flat, start, 200),
    "trust-exact": pathOf(trustExact(), rosenbrock.flat, start, 100),
  };
  const panels = Object.entries(paths).map(
    ([name, points], k): Panel => ({
      title: `${name.split(",")[0]}: ${points.length - 1} steps, ${distanceText(points.at(-1)!)}`,
      x: { label: "x", from: -1.6, to: 1.4 },
      y: { label: "y", from: -0.6, to: 2 },
      contours: {
        of: (x, y) => Math.log10(rosenbrock.flat.loss(Float64Array.of(x, y)) + 1e-12),
        levels: [0, 0.5, 1, 1.5, 2, 2.5],
      },
      curves: [
        { color: colors[k]!, points, dots: points.length < 100 },
        { label: "minimum", color: "#111", points: [[1, 1]], dots: true },
      ],
    }),
  );
  return { paths, panels };
}

/** How far the last point is from the minimum at (1, 1). */
function distanceText([x, y]: Point): string {
  const distance = Math.hypot(x - 1, y - 1);
  return distance < 1e-6 ? "arrived" : `still ${distance.toFixed(2)} away`;
}

/** Newton's method and gradient descent, with the loss in nats and in bits. */
export function units() {
  const start = rosenbrock.start();
  const bits = inUnits(rosenbrock.flat, { loss: 1 / Math.LN2, parameter: 1 });
  const inBits: Oracle = {
    ...bits,
    hessian(x, H) {
      rosenbrock.flat.hessian(x, H);
      for (let i = 0; i < H.length; i++) H[i] = H[i]! / Math.LN2;
    },
  };
  const pair = <State extends OptimizerState>(method: Optimizer<State>, steps: number) => ({
    nats: pathOf(method, rosenbrock.flat, start, steps),
    bits: pathOf(method, inBits, start, steps),
  });
  const found = { newton: pair(newton(), 12), sgd: pair(sgd({ rate: 1.2e-3 }), 12) };
  const panels = Object.entries(found).map(
    ([name, { nats, bits }]): Panel => ({
      title: name === "newton" ? "Newton: nats and bits are one way" : "Gradient descent: the units choose the way",
      x: name === "newton" ? { label: "x", from: -1.4, to: 1.2 } : { label: "x", from: -1.25, to: -0.75 },
      y: name === "newton" ? { label: "y", from: -0.4, to: 1.6 } : { label: "y", from: 0.8, to: 1.3 },
      contours: {
        of: (x, y) => Math.log10(rosenbrock.flat.loss(Float64Array.of(x, y)) + 1e-12),
        levels: [0.5, 1, 1.5, 2, 2.5],
      },
      curves: [
        { label: "loss in nats", color: colors[0], points: nats, dots: true },
        { label: "loss in bits", color: colors[1], points: bits, dots: true, dash: "4 4" },
      ],
    }),
  );
  return { found, panels };
}

/** The spectrum of the Hessian of a small network, at its random start and after training. */
export function spectrum() {
  const { X, y } = readCase<{ X: number[][]; y: number[] }>("datasets/iris.json");
  const text = `
param W1: [4, 8], b1: [8] = 0, W2: [8, 3], b2: [3] = 0
data X: [n, 4], Y: [n, 3]
let z = tanh(X @ W1 + b1) @ W2 + b2
loss = mean(i: logsumexp(z[i]) - dot(Y[i], z[i]))`;
  const scaled = X.map((row) =>
    row.map((entry, j) => (entry - [5.84, 3.06, 3.76, 1.2][j]!) / [0.83, 0.43, 1.76, 0.76][j]!),
  );
  const model = compileText(text).bind({
    X: scaled,
    Y: y.map((label) => [0, 1, 2].map((k) => (k === label ? 1 : 0))),
  });
  const wave = (n: number, phase: number) => Array.from({ length: n }, (_, i) => 0.5 * Math.sin(12.9898 * i + phase));
  const start = model.start({ W1: unflat(wave(32, 1), 8), W2: unflat(wave(24, 2), 3) });
  const trained = minimizeSync(trustNcg(), model.flat, start, { limits: { iterations: 12 } });
  const n = start.length;
  const at = (point: Float64Array) => {
    const density = spectralDensity((v, out) => model.flat.hvp(point, v, out), n, { probes: 40, steps: 30, seed: 1 });
    const H = new Float64Array(n * n);
    model.flat.hessian(point, H);
    return { density, eigenvalues: symmetricEigenvalues(H, n) };
  };
  const found = { start: at(start), trained: at(trained.point), losses: [model.flat.loss(start), trained.value] };
  const panels = (["start", "trained"] as const).map((which, k): Panel => {
    const { density, eigenvalues } = found[which];
    const [low, high] = [eigenvalues[0]!, eigenvalues[n - 1]!];
    const margin = 0.06 * (high - low);
    const width = 0.012 * (high - low);
    const x = { label: "eigenvalue", from: low - margin, to: high + margin };
    const places = Array.from({ length: 600 }, (_, i) => x.from + ((x.to - x.from) * i) / 599);
    const heights = smoothDensity(density, places, width);
    return {
      title: `${n} parameters ${which === "start" ? "at their start" : "trained"}: loss ${found.losses[k]!.toFixed(3)}`,
      x,
      y: { label: "density", from: 1e-3, to: 1.3 * Math.max(...heights), isLog: true },
      curves: [
        { label: "by 1,200 products", color: colors[0], points: places.map((place, i) => [place, heights[i]!]) },
        {
          label: "all eigenvalues",
          color: colors[1],
          points: Array.from(
            smoothDensity({ nodes: eigenvalues, weights: eigenvalues.map(() => 1 / n), products: 0 }, places, width),
            (height, i) => [places[i]!, height] as const,
          ),
          dash: "3 3",
        },
      ],
    };
  });
  return { found, panels };
}

function unflat(values: readonly number[], columns: number): number[][] {
  return Array.from({ length: values.length / columns }, (_, i) => values.slice(i * columns, (i + 1) * columns));
}

/** How far Adam's averaged gradient lags behind the gradient, with the drift taken off it and without. */
export function drift() {
  const curvature = [1, 10];
  const exact = quadratic(curvature);
  const oracle: OracleAt = noisy(exact, 2, 0.3, 4);
  const lags = (correction: boolean): Point[] => {
    const points: Point[] = [];
    const method = secondOrderAdam({ rate: 0.02, correction, gradientWindow: 20, driftWindow: 1 });
    minimizeSync<FirstOrderState>(method, oracle, [2, 2], {
      limits: { iterations: 150 },
      onIterate({ iteration, point, state }) {
        const gradient = curvature.map((c, i) => c * point[i]!);
        points.push([iteration, Math.hypot(...gradient.map((g, i) => g - state.slots.mean![i]!))]);
      },
    });
    return points;
  };
  const found = { followed: lags(true), left: lags(false) };
  const panel: Panel = {
    title: "From the averaged gradient to the gradient",
    x: { label: "step", from: 0, to: 150 },
    y: { label: "distance", from: 0, to: Math.max(...found.left.map(([, lag]) => lag)) * 1.05 },
    curves: [
      { label: "as it is (Adam)", color: colors[1], points: found.left },
      { label: "drift taken off at each move", color: colors[0], points: found.followed },
    ],
  };
  return { found, panels: [panel] };
}

/** The error of derivatives by the complex step and by differences, for one function at one point. */
export function complexStep() {
  const text = "param x\nloss = exp(x)/sqrt(sin(x)^3 + cos(x)^3)";
  const model = loadModel({ name: "step.nabla", text });
  const { loss, gradient } = compileText(text);
  const x = 1.5;
  const exact = gradient({ x }).x![0]!;
  const leaf = model.parameters[0]!.expr;
  const imaginary = (h: number) => {
    const bindings = { sizes: new Map(), values: new Map([[leaf, [{ re: x, im: h }]]]) };
    return interpret([model.loss!], bindings, complexField)[0]![0]!.im / h;
  };
  const ways = {
    "forward difference": (h: number) => (loss({ x: x + h }) - loss({ x })) / h,
    "central difference": (h: number) => (loss({ x: x + h }) - loss({ x: x - h })) / (2 * h),
    "complex step": imaginary,
  };
  const steps = Array.from({ length: 97 }, (_, k) => 10 ** (-1 - k / 4));
  const found = Object.entries(ways).map(([label, derivative]) => ({
    label,
    points: steps.map((h): Point => [h, Math.max(Math.abs(derivative(h) / exact - 1), 1e-17)]),
  }));
  const panel: Panel = {
    title: "Error of a first derivative against the step",
    x: { label: "step", from: 1e-25, to: 0.1, isLog: true },
    y: { label: "relative error", from: 1e-17, to: 1, isLog: true },
    curves: found.map(({ label, points }, k) => ({ label, color: colors[k]!, points })),
  };
  return { found, panels: [panel] };
}
