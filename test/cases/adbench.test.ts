import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type CompiledModel, compileModel } from "../../src/compile/compile.ts";
import { loadModel } from "../../src/model/load.ts";
import { example } from "../model/examples.ts";

const readCases = <Case>(name: string): readonly Case[] =>
  (JSON.parse(readFileSync(new URL(`./adbench/${name}.json`, import.meta.url), "utf8")) as { cases: Case[] }).cases;

const compiled = (name: string, text: string): CompiledModel => compileModel(loadModel({ name: `${name}.nabla`, text }));

type Numbers = readonly (number | string)[];

/** Largest deviation, relative to the largest entry. */
function deviation(got: ArrayLike<number>, wanted: Numbers): number {
  expect(got.length).toBe(wanted.length);
  const numbers = wanted.map(Number);
  const scale = Math.max(...numbers.map(Math.abs), Number.MIN_VALUE);
  return Math.max(...numbers.map((value, k) => (got[k] === value ? 0 : Math.abs(got[k]! - value)))) / scale;
}

/** Parameters one after the other, in the order of their declaration. */
const packed = (vectors: Readonly<Record<string, ArrayLike<number>>>) => Object.values(vectors).flatMap((part) => Array.from(part));

type Nested = number | readonly Nested[];

function flat(value: Nested | string): (number | string)[] {
  return typeof value === "object" ? value.flatMap(flat) : [value];
}

/** A packed direction in the shapes of the parameters. */
function unpacked(direction: readonly number[], like: Readonly<Record<string, Nested>>): Record<string, never> {
  let at = 0;
  const next = (value: Nested): Nested => (typeof value === "number" ? direction[at++]! : value.map(next));
  return Object.fromEntries(Object.entries(like).map(([name, value]) => [name, next(value) as never]));
}

interface Mixture {
  readonly source: string;
  readonly input: { readonly d: number; readonly n: number; readonly m: number; readonly gamma: number } & Readonly<
    Record<"x" | "alpha" | "mu" | "q" | "l", Nested>
  >;
  readonly v: readonly number[];
  readonly objective: string;
  readonly gradient: Numbers;
  readonly hvp: Numbers;
}

describe("the Gaussian mixture of ADBench", () => {
  const model = compiled(
    "mixture",
    `
    param alpha: [k], mu: [k, d], q: [k, d], l: [k, d*(d-1)//2]
    data x: [n, d], m: int, gamma
    let L = [c in 0..k, i in 0..d, j in 0..d:
      if i == j then exp(q[c, i])
      else if i > j then l[c, d*j - j*(j+1)//2 + i - j - 1]
      else 0]
    let z = [s in 0..n, c in 0..k, i in 0..d: sum(j in 0..i+1: L[c, i, j] * (x[s, j] - mu[c, j]))]
    let score = [s, c: alpha[c] + sum(q[c]) - 0.5 * sum(i: z[s, c, i]^2)]
    let mixture = sum(s: logsumexp(score[s])) - n * (d / 2 * log(2 * pi) + logsumexp(alpha))
    let freedom = d + m + 1
    let multigamma = d * (d - 1) / 4 * log(pi) + sum(j in 0..d: lgamma((freedom - j) / 2))
    let prior = k * (freedom * d * log(gamma / sqrt(2)) - multigamma) - gamma^2 / 2 * sum(L^2) + m * sum(q)
    loss = mixture + prior`,
  );

  it.each(readCases<Mixture>("gmm").map((one) => [one.source, one] as const))("is right: %s", (_, one) => {
    const { d, x, m, gamma, alpha, mu, q, l } = one.input;
    const bound = model.bind({ x, m, gamma } as never);
    const point = { alpha, mu, q, l };
    // sums over 65 parameters and 20 points lose a digit for d = 10
    const tolerance = d === 10 ? 1e-9 : 1e-10;
    const { loss, gradient } = bound.lossAndGradient(point as never);
    expect(Math.abs(loss / Number(one.objective) - 1)).toBeLessThan(1e-12);
    expect(deviation(packed(gradient), one.gradient)).toBeLessThan(tolerance);
    expect(deviation(packed(bound.hvp(point as never, unpacked(one.v, point))), one.hvp)).toBeLessThan(tolerance);
  });
});

interface Observation {
  readonly source: string;
  readonly cam: readonly number[];
  readonly X: readonly number[];
  readonly w: number;
  readonly feat: readonly number[];
  readonly reproj_err: Numbers;
  readonly w_err: string;
  readonly jacobian_2x15: readonly Numbers[];
  readonly dw_err_dw: string;
  readonly sum_squares: string;
  readonly grad_sum_squares: Numbers;
  readonly v: readonly number[];
  readonly hvp_sum_squares: Numbers;
}

describe("the bundle adjustment of ADBench", () => {
  const model = compiled("bundle_adjustment", example("bundle_adjustment").text);
  const bindOne = ({ feat }: Pick<Observation, "feat">) => model.bind({ feature: [feat], camera: [0], point: [0] } as never);
  const pointOf = ({ cam, X, w }: Pick<Observation, "cam" | "X" | "w">) => ({ cameras: [cam], points: [X], weights: [w] });

  it.each(readCases<Observation>("ba").map((one) => [one.source, one] as const))("is right: %s", (_, one) => {
    const bound = bindOne(one);
    const point = pointOf(one) as never;
    const { error, weightError, byCamera, byPoint, byWeight } = bound.outputs(point);
    expect(deviation(error!, one.reproj_err)).toBeLessThan(1e-10);
    expect(weightError![0]).toBeCloseTo(Number(one.w_err), 14);
    const row = (k: number) => [...byCamera!.slice(11 * k, 11 * k + 11), ...byPoint!.slice(3 * k, 3 * k + 3), byWeight![k]!];
    for (const [k, wanted] of one.jacobian_2x15.entries()) expect(deviation(row(k), wanted)).toBeLessThan(1e-10);
    const { loss, gradient } = bound.lossAndGradient(point);
    expect(Math.abs(loss / Number(one.sum_squares) - 1)).toBeLessThan(1e-10);
    expect(deviation(packed(gradient), one.grad_sum_squares)).toBeLessThan(1e-10);
    const direction = unpacked(one.v, pointOf(one) as never);
    expect(deviation(packed(bound.hvp(point, direction)), one.hvp_sum_squares)).toBeLessThan(1e-10);
  });

  it("is that of the smooth limit at no rotation, to second order", () => {
    const [one] = readCases<Observation>("ba").slice(-1);
    const bound = bindOne(one!);
    const at = (size: number) => {
      const cam = [size, 2 * size, -size, ...one!.cam.slice(3)];
      const point = pointOf({ ...one!, cam });
      return [
        ...packed(bound.lossAndGradient(point as never).gradient),
        ...packed(bound.hvp(point as never, unpacked(one!.v, point as never))),
      ];
    };
    const limit = at(0);
    expect(limit.every(Number.isFinite)).toBe(true);
    // from either side; the change with the rotation itself is of the order of 1e-12
    expect(deviation(limit, at(1e-15))).toBeLessThan(1e-11);
    expect(deviation(limit, at(-1e-15))).toBeLessThan(1e-11);
  });
});

interface Small {
  readonly eval: string;
  readonly input: Readonly<Record<string, Nested>>;
  readonly primal: string;
  readonly gradient: Numbers;
  readonly v: readonly number[];
  readonly hvp: Numbers;
}

const small: Readonly<Record<string, { readonly text: string; readonly param: string }>> = {
  lse: { text: "param x: [n]\nloss = logsumexp(x)", param: "x" },
  llsq: {
    text: `
      param x: [m]
      data n: int
      size rows
      let t = [i in 0..rows: -1 + 2 * i / (rows - 1)]
      loss = 0.5 * sum(i: (sign(t[i]) - sum(j in 0..m: x[j] * t[i]^j))^2)`,
    param: "x",
  },
  kmeans: {
    text: `
      param centroids: [k, d]
      data points: [n, d]
      loss = sum(i: min(c: sum(j: (centroids[c, j] - points[i, j])^2)))`,
    param: "centroids",
  },
};

describe("the small problems of GradBench", () => {
  const cases = readCases<Small>("gradbench_small").filter((one) => Object.hasOwn(small, one.eval));

  it.each(cases.map((one, k) => [`${one.eval}, ${k}`, one] as const))("%s", (_, one) => {
    const { text, param } = small[one.eval]!;
    const { [param]: start, ...data } = one.input;
    const sizes = one.eval === "llsq" ? { rows: data.n as number } : {};
    const bound = compiled(one.eval, text).bind(data as never, sizes);
    const point = { [param]: start } as never;
    const { loss, gradient } = bound.lossAndGradient(point);
    expect(Math.abs(loss / Number(one.primal) - 1)).toBeLessThan(1e-12);
    expect(deviation(packed(gradient), flat(one.gradient as never))).toBeLessThan(1e-10);
    const direction = unpacked(flat(one.v as never).map(Number), { [param]: start! });
    expect(deviation(packed(bound.hvp(point, direction)), flat(one.hvp as never))).toBeLessThan(1e-10);
  });
});
