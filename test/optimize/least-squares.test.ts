import { describe, expect, it } from "vitest";
import { leastSquares } from "../../src/compile/squares/least-squares.ts";
import { compileText } from "../../src/language/all.ts";
import {
  columnNorms,
  dampedStep,
  gaussNewtonStep,
  linearize,
  scaledNorm,
} from "../../src/numeric/dense/damped-least-squares.ts";
import { multiply } from "../../src/numeric/dense/matrices.ts";
import { fillNormal } from "../../src/numeric/random.ts";
import { dot, type Vector } from "../../src/numeric/vectors.ts";
import {
  type Checkpoint,
  deserialize,
  gaussNewton,
  levenbergMarquardt,
  minimizeSync,
  type Oracle,
  optimizerNamed,
  serialize,
} from "../../src/optimize.ts";
import { mghModel, mghProblems } from "./mgh.ts";

const both = [
  ["levenbergMarquardt", levenbergMarquardt],
  ["gaussNewton", gaussNewton],
] as const;

/** Residuals and Jacobian by hand. */
function residualOracle(
  m: number,
  n: number,
  at: (x: Vector) => { r: readonly number[]; J: readonly number[] },
): Oracle {
  const calls = { value: 0, gradient: 0 };
  return Object.assign(
    {
      residualCount: m,
      loss: (x: Vector) => at(x).r.reduce((sum, r) => sum + r * r, 0),
      lossAndGradient(x: Vector, g: Vector) {
        const { r, J } = at(x);
        for (let j = 0; j < n; j++) g[j] = r.reduce((sum, each, i) => sum + 2 * each * J[i * n + j]!, 0);
        return r.reduce((sum, each) => sum + each * each, 0);
      },
      residuals(x: Vector, r: Vector) {
        calls.value += 1;
        r.set(at(x).r);
      },
      jacobian(x: Vector, J: Vector) {
        calls.gradient += 1;
        J.set(at(x).J);
      },
    },
    { calls },
  );
}

const rosenbrock = () =>
  residualOracle(2, 2, ([x, y]) => ({ r: [10 * (y! - x! ** 2), 1 - x!], J: [-20 * x!, 10, -1, 0] }));

function randomProblem(m: number, n: number, seed: number) {
  const J = new Float64Array(m * n);
  const r = new Float64Array(m);
  fillNormal(J, seed, 1);
  fillNormal(r, seed, 2);
  for (let i = 0; i < m; i++) J[i * n] = J[i * n]! * 1e6;
  const columns = columnNorms(J, m, n);
  const scale = columns.map((c, j) => c * (1 + j));
  return { J, r, scale, problem: linearize(J.slice(), r, columns, scale) };
}

describe("dampedStep", () => {
  it.each([
    [6, 3],
    [3, 3],
    [2, 4],
  ])("solves (J'J + mu D^2) p = -J'r in a ball, for %i residuals of %i parameters", (m, n) => {
    for (const seed of [1, 2, 3]) {
      const { J, r, scale, problem } = randomProblem(m, n, seed);
      const full = gaussNewtonStep(problem).length;
      for (const share of [0.9, 0.5, 1e-3, 1e-12, 1e-30]) {
        const { step, mu, length, predicted } = dampedStep(problem, share * full);
        if (share < 0.9) expect(mu).toBeGreaterThan(0);
        // a tenth, and as much again where the full step is taken; without full rank the shortest full step may be shorter
        expect(length / (share * full)).toBeLessThanOrEqual(1 / 0.9);
        if (m >= n) expect(length / (share * full)).toBeGreaterThanOrEqual(0.9);
        expect(scaledNorm(step, scale) / length).toBeCloseTo(1, 10);
        const image = new Float64Array(m);
        multiply(image, J, m, n, step);
        for (let j = 0; j < n; j++) {
          let slope = 0;
          let size = 0;
          for (let i = 0; i < m; i++) {
            slope += J[i * n + j]! * (image[i]! + r[i]!);
            size += Math.abs(J[i * n + j]!) * (Math.abs(image[i]!) + Math.abs(r[i]!));
          }
          expect(Math.abs(slope + mu * scale[j]! ** 2 * step[j]!) / size).toBeLessThan(1e-12);
        }
        const moved = image.map((entry, i) => entry + r[i]!);
        expect(Math.abs(predicted - (dot(r, r) - dot(moved, moved)))).toBeLessThan(1e-11 * dot(r, r));
      }
    }
  });
});

describe.each(both)("%s", (name, method) => {
  it("resumes bit for bit through text, and counts the calls that it makes", () => {
    const oracle = rosenbrock() as Oracle & { calls: { value: number; gradient: number } };
    const checkpoints: string[] = [];
    const whole = minimizeSync(method(), oracle, [-1.2, 1], {
      onIterate: (iterate) => void checkpoints.push(serialize(iterate.checkpoint())),
    });
    expect(whole.status.kind).toBe("converged");
    expect(whole.evaluations).toEqual({ ...oracle.calls, hvp: 0 });
    for (const text of [checkpoints[0]!, checkpoints[2]!, checkpoints.at(-1)!]) {
      const resume = deserialize<Checkpoint<typeof whole.state>>(text);
      expect(minimizeSync(method(), rosenbrock(), [-1.2, 1], { resume })).toEqual(whole);
    }
  });

  it("solves a linear problem in one step, with more parameters than residuals too, and constant columns", () => {
    for (const [text, wanted] of [
      ["param a = 3, b = 1\ndata x: [n], y: [n]\nloss = sum((y - a - b*x)^2)", 0.25],
      ["param w: [9] = 0.5\ndata x: [n], y: [n]\nloss = sum(i: (y[i] - sum(j in 0..9: w[j]*x[i]^j))^2)", 0],
      ["param a = 1, b = 2, c = 0.5\ndata x: [n], y: [n]\nloss = sum((y - a - b - c*0*x)^2)", 5.25],
    ] as const) {
      const model = compileText(text).bind({ x: [0, 1, 2, 3], y: [1, 2.5, 3.5, 4] });
      const result = minimizeSync(
        method({ ...(name === "levenbergMarquardt" ? { factor: 1e3 } : {}) }),
        leastSquares(model),
        model.start(),
      );
      expect(result.status.kind).toBe("converged");
      expect(result.value).toBeCloseTo(wanted, 12);
      expect(result.iterations).toBeLessThanOrEqual(3);
    }
  });

  it("takes the same way in other units of each parameter, to the last bit for powers of two", () => {
    const units = [2 ** 30, 2 ** -17];
    const plain = rosenbrock();
    const back = (x: Vector) => x.map((entry, i) => entry / units[i]!);
    const scaled: Oracle = {
      ...plain,
      residuals: (x, r) => plain.residuals!(back(x), r),
      jacobian(x, J) {
        plain.jacobian!(back(x), J);
        for (let k = 0; k < 4; k++) J[k] = J[k]! / units[k & 1]!;
      },
    };
    const limits = { iterations: 3 };
    const here = minimizeSync(method(), plain, [-1.2, 1], { limits });
    const there = minimizeSync(method(), scaled, [-1.2 * units[0]!, units[1]!], { limits });
    expect(back(there.point)).toEqual(here.point);
    expect(there.state.metricNorm).toBe(here.state.metricNorm);
  });

  it("meets walls and NaN by shorter steps, and fails where the start is none", () => {
    const walled = residualOracle(1, 1, ([x]) => ({ r: [Math.log(x!)], J: [1 / x!] }));
    const inside = minimizeSync(method(), walled, [20]);
    expect(inside.status.kind).toBe("converged");
    expect(inside.point[0]).toBeCloseTo(1, 10);
    expect(minimizeSync(method(), walled, [-1]).status).toEqual({ kind: "failed", why: "notFinite" });
    // the first step ends at -1.16, where the loss is lower
    const rough = residualOracle(1, 1, ([x]) => ({
      r: [Math.atan(x!)],
      J: [x! < -1 ? Number.NaN : 1 / (1 + x! * x!)],
    }));
    const bold = optimizerNamed(method.name, method.name === "gauss-newton" ? {} : { factor: 10 });
    const smooth = minimizeSync(bold, rough, [1.3]);
    expect(smooth.status.kind).toBe("converged");
    expect(smooth.point[0]).toBeCloseTo(0, 10);
    const broken = residualOracle(1, 1, ([x]) => ({ r: [x!], J: [Number.NaN] }));
    expect(minimizeSync(method(), broken, [1]).status).toEqual({ kind: "failed", why: "notFinite" });
  });

  it("goes to no place whose Jacobian is NaN, where rounding hides the step there as well", () => {
    const walled = residualOracle(2, 1, ([x]) => ({ r: [1000, x!], J: [0, Math.abs(x!) < 1e-6 ? Number.NaN : 1] }));
    const { status, gradientNorm } = minimizeSync(method(), walled, [1e-4]);
    expect(status.kind).toBe("converged");
    expect(gradientNorm).toBe(2e-4);
  });

  it("does not take a wrong Jacobian for convergence", () => {
    const uphill = residualOracle(1, 1, ([x]) => ({ r: [x! + 1], J: [-1] }));
    expect(minimizeSync(method(), uphill, [1]).status).toEqual({ kind: "failed", why: "lineSearch" });
  });

  it("needs residuals", () => {
    const { flat, ...model } = compileText("param a = 1\nloss = a^2").bind();
    expect(() => minimizeSync(method(), flat, [1])).toThrow("the oracle has no residuals");
    void model;
  });
});

describe("levenbergMarquardt", () => {
  it("sees that residuals are linear, however far away the minimum is", () => {
    const text = "param a = 0.1, b = 0.1\ndata x: [n], y: [n]\nloss = sum((y - a - b*x)^2)";
    const model = compileText(text).bind({ x: [0, 1, 2, 3], y: [1e6, 3e6, 4e6, 7e6] });
    const { status, iterations } = minimizeSync(levenbergMarquardt(), leastSquares(model), model.start());
    expect(status.kind).toBe("converged");
    expect(iterations).toBeLessThanOrEqual(3);
  });

  it("reaches a listed minimum of every More-Garbow-Hillstrom problem", () => {
    const missed = mghProblems.flatMap((problem) => {
      const result = minimizeSync(levenbergMarquardt(), leastSquares(mghModel(problem)), problem.start, {
        limits: { iterations: 2000 },
      });
      const isThere = problem.minima.some(
        (minimum) => Math.abs(result.value - minimum) <= 1e-8 * Math.max(1, Math.abs(minimum)),
      );
      return isThere ? [] : [`${problem.name}: ${result.value}, ${result.message}`];
    });
    expect(missed).toEqual([]);
  });

  it.each([
    ["Powell badly scaled", 80],
    ["Brown and Dennis", 150],
    ["penalty II 4", 100],
  ])("keeps no ball along a valley that is larger than its steps: %s takes at most %i evaluations", (name, most) => {
    const problem = mghProblems.find((each) => each.name === name)!;
    const { evaluations } = minimizeSync(levenbergMarquardt(), leastSquares(mghModel(problem)), problem.start);
    expect(evaluations.value).toBeLessThanOrEqual(most);
  });

  it("takes residuals that are rounding throughout for none", () => {
    const text = "param x: [4]\ndata c: [4]\nloss = (dot(x, x) - dot(c, c))^2 + (x[0] - c[0])^4";
    for (const c of [
      [-3, -2, 1, -1],
      [0.3201460838317871, -0.004109079837799072, 0.04392635226249695, -0.1892552375793457],
      [0.004729855060577393, -0.03347937762737274, -0.883217453956604, -0.0003819894790649414],
    ]) {
      for (const away of [1.5, 0.7, -0.4]) {
        const oracle = leastSquares(compileText(text).bind({ c }));
        const start = c.map((entry, i) => entry + away * [1, -0.8, 0.6, 0.9][i]!);
        const { status, value } = minimizeSync(levenbergMarquardt(), oracle, start);
        expect(status.kind).toBe("converged");
        expect(value).toBeLessThan(1e-25);
      }
    }
  });

  it("forgets the lengths of a start whose columns drown all that residuals say: PENALTY1 of 100 parameters", () => {
    const model = compileText("param x: [n]\nloss = 1e-5*sum((x - 1)^2) + (sum(x^2) - 0.25)^2").bind({}, { n: 100 });
    const start = Float64Array.from({ length: 100 }, (_, i) => i + 1);
    const limits = { evaluations: { value: 200 } };
    const { status, value } = minimizeSync(levenbergMarquardt(), leastSquares(model), start, { limits });
    expect(status.kind).toBe("converged");
    expect(value).toBeCloseTo(9.0249097680429e-4, 14);
  });

  it.each([
    ["Meyer", 180],
    ["Osborne 1", 100],
  ])("follows the bend of a valley: %s takes at most %i evaluations of any kind", (name, most) => {
    const problem = mghProblems.find((each) => each.name === name)!;
    const oracle = leastSquares(mghModel(problem));
    const { evaluations, status } = minimizeSync(levenbergMarquardt(), oracle, problem.start);
    expect(status.kind).toBe("converged");
    expect(evaluations.hvp).toBeGreaterThan(0);
    expect(evaluations.value + evaluations.gradient + evaluations.hvp).toBeLessThanOrEqual(most);
    const limits = { evaluations: { hvp: 3 } };
    const short = minimizeSync(levenbergMarquardt(), oracle, problem.start, { limits });
    expect([short.status, short.evaluations.hvp]).toEqual([{ kind: "limit", limit: "hvp", allowed: 3 }, 3]);
  });
});
