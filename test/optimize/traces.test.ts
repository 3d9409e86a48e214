import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { adam, iterate, minimizeSync, type Oracle, optimizerNamed, sgd } from "../../src/optimize.ts";
import { rosenbrock } from "./problems.ts";

interface Traces<After> {
  readonly cases: readonly ({ readonly start: readonly number[]; readonly after: Readonly<Record<string, After>> } & {
    readonly problem: keyof typeof problems;
    readonly method: string;
    readonly options: Readonly<Record<string, unknown>>;
  })[];
}

function read<Content>(name: string): Content {
  return JSON.parse(readFileSync(new URL(`../cases/optim/${name}`, import.meta.url), "utf8")) as Content;
}

function gradientOnly(gradient: (x: Float64Array, g: Float64Array) => void): Oracle {
  return {
    loss: () => 0,
    lossAndGradient(x, g) {
      gradient(x, g);
      return 0;
    },
  };
}

const matrix = [
  [5, 1, 0],
  [1, 3, -1],
  [0, -1, 2],
];
const right = [1, -2, 3];
const rows = [
  [1, 2, -1],
  [0, -1, 3],
  [2, 0, 1],
  [-1, 1, 1],
  [-2, -1, 0],
  [1, -3, 2],
];
const labels = [1, -1, 1, -1, -1, 1];

/** The problems of first-order.py. */
const problems = {
  rosenbrock,
  quadratic: gradientOnly((x, g) => {
    for (const [i, row] of matrix.entries()) g[i] = row.reduce((sum, a, j) => sum + a * x[j]!, 0) - right[i]!;
  }),
  logistic: gradientOnly((w, g) => {
    g.set(w.map((weight) => 0.1 * weight));
    for (const [k, row] of rows.entries()) {
      const margin = labels[k]! * row.reduce((sum, a, j) => sum + a * w[j]!, 0);
      for (const [j, a] of row.entries()) g[j] = g[j]! - (labels[k]! * a) / (1 + Math.exp(margin)) / rows.length;
    }
  }),
};

async function points(
  method: ReturnType<typeof optimizerNamed>,
  oracle: Oracle,
  start: readonly number[],
  steps: number,
) {
  const found: Float64Array[] = [];
  const limits = { iterations: steps };
  for await (const { point } of iterate(method, oracle, start, { limits, tolerances: { gradient: 0 } }))
    found.push(point);
  return found;
}

describe("first-order methods", () => {
  const { cases } = read<Traces<readonly number[]>>("first-order.json");

  it.each(
    cases.map((entry) => [`${entry.method} ${JSON.stringify(entry.options)} on ${entry.problem}`, entry] as const),
  )("follow the published formula: %s", async (_name, { problem, method, options, start, after }) => {
    const steps = Math.max(...Object.keys(after).map(Number));
    const found = await points(optimizerNamed(method, options), problems[problem], start, steps);
    expect(found).toHaveLength(steps + 1);
    for (const [t, x] of Object.entries(after)) {
      // two orders of the same sums, at most 200 steps of a map that contracts in all of these cases
      for (const [i, entry] of x.entries()) {
        expect(Math.abs(found[Number(t)]![i]! - entry), `step ${t}`).toBeLessThanOrEqual(
          1e-12 * Math.max(1, Math.abs(entry)),
        );
      }
    }
  });

  it.each(
    read<{
      cases: { x0: number[]; optimizer: string; after: Record<string, { x: string[]; f: string }> }[];
    }>("torch-traces.json").cases.map((entry) => [entry.optimizer, entry] as const),
  )("follow PyTorch: %s", (name, { x0, after }) => {
    const method = name.startsWith("sgd") ? sgd({ rate: 1e-3 }) : adam({ rate: 0.01 });
    for (const [t, { x, f }] of Object.entries(after)) {
      const result = minimizeSync(method, rosenbrock, x0, { limits: { iterations: Number(t) } });
      // the file states its tolerances: 1e-10 up to step 100, 1e-6 at step 1000
      const tolerance = Number(t) <= 100 ? 1e-10 : 1e-6;
      const judged = [...x.map((entry, i) => [result.point[i]!, Number(entry)]), [result.value, Number(f)]];
      for (const [got, wanted] of judged) {
        expect(Math.abs(got! - wanted!)).toBeLessThanOrEqual(tolerance * Math.abs(wanted!));
      }
    }
  });
});
