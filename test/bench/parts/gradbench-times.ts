import { ba } from "../gradbench/ba.ts";
import { gmm } from "../gradbench/gmm.ts";
import { kmeans } from "../gradbench/kmeans.ts";
import { llsq } from "../gradbench/llsq.ts";
import { lse } from "../gradbench/lse.ts";
import { ode } from "../gradbench/ode.ts";
import type { Eval } from "../gradbench/tool.ts";
import { cpuTime, type Effort, quantile } from "../measure/measure.ts";
import { normals, uniforms } from "../tasks/random.ts";

/** CPU microseconds of one evaluation, warm: quartiles. */
export interface EvalResult {
  readonly name: string;
  readonly function: string;
  readonly microseconds: readonly [low: number, median: number, high: number];
}

/** An eval at one size: its input, and its functions, the plain one first. */
interface EvalCase {
  readonly name: string;
  readonly functions: readonly string[];
  readonly of: Eval<never>;
  readonly input: () => unknown;
}

const listed = (values: Float64Array) => Array.from(values);
const rows = (count: number, width: number, numbers: () => number) =>
  Array.from({ length: count }, () => Array.from({ length: width }, numbers));

/** A mixture of 25 components in `d` dimensions. */
const mixture = (d: number): EvalCase => {
  const [k, n] = [25, 1000];
  return {
    name: `gmm ${d}, ${k}, ${n}`,
    functions: ["objective", "jacobian", "hvp"],
    of: gmm,
    input: () => {
      const uniform = uniforms(23);
      const number = () => 2 * uniform() - 1;
      const l = rows(k, (d * (d - 1)) / 2, number);
      const alpha = rows(1, k, number)[0];
      const x = rows(n, d, number);
      return { d, k, n, m: 0, gamma: 1, alpha, x, mu: rows(k, d, uniform), q: rows(k, d, number), l };
    },
  };
};

export const evalCases: readonly EvalCase[] = [
  {
    name: "lse 40000",
    functions: ["primal", "gradient", "hvp"],
    of: lse,
    input: () => ({ x: listed(normals(40_000, 21)) }),
  },
  {
    name: "llsq 1024 x 128",
    functions: ["primal", "gradient", "hvp"],
    of: llsq,
    input: () => ({ x: listed(normals(128, 22)), n: 1024 }),
  },
  mixture(10),
  mixture(32),
  {
    name: "kmeans 100, 10000, 8",
    functions: ["cost", "dir"],
    of: kmeans,
    input: () => {
      const uniform = uniforms(24);
      return { points: rows(10_000, 8, uniform), centroids: rows(100, 8, uniform) };
    },
  },
  {
    name: "ode 1000, 100",
    functions: ["primal", "gradient"],
    of: ode,
    input: () => {
      const uniform = uniforms(25);
      return { x: Array.from({ length: 1000 }, () => 0.5 + uniform()), s: 100 };
    },
  },
  {
    name: "ba 49, 7776, 31843",
    functions: ["objective", "jacobian"],
    of: ba,
    input: () => {
      const cam = [0.01, -0.02, 0.03, 0.5, 0.25, -0.5, 500, 1, 2, 1e-3, -1e-4];
      return { n: 49, m: 7776, p: 31_843, cam, x: [3, 4, 5], w: 0.9, feat: [10, 20] };
    },
  },
];

/** Times the functions of one eval in turn. */
export function measureEval({ name, functions, of, input }: EvalCase, { rounds, milliseconds }: Effort): EvalResult[] {
  const given = input() as never;
  const runs = functions.map((each) => of[each]!(given).run);
  const calls = runs.map((run) => {
    let count = 1;
    while (cpuTime(run, count) < milliseconds * 500) count *= 2;
    return count;
  });
  const times: number[][] = runs.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [k, run] of runs.entries()) times[k]!.push(cpuTime(run, calls[k]!) / calls[k]!);
  }
  return functions.map((each, k) => {
    const quartiles = [0.25, 0.5, 0.75].map((part) => quantile(times[k]!, part));
    return { name, function: each, microseconds: quartiles as [number, number, number] };
  });
}
