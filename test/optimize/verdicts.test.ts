import { describe, expect, it } from "vitest";
import { leastSquares } from "../../src/compile/squares/least-squares.ts";
import { compileText } from "../../src/language/all.ts";
import { minimizeSync, type Oracle, optimizerNamed, type Result } from "../../src/optimize.ts";
import { mghModel, mghProblems } from "./mgh.ts";

const methods = ["lbfgs", "lbfgs-b", "bfgs", "cg", "newton", "newton-cg", "trust-exact", "trust-krylov", "trust-ncg"];
const limits = { iterations: 400, evaluations: { value: 1500 } };

/** What a change of the parameters by their own sizes promises, beside the loss. */
const promised = ({ point, value, state }: Result) =>
  point.reduce((sum, x, i) => sum + Math.abs(x * state.gradient[i]!), 0) / Math.abs(value);

const isRounding = ({ status }: Result) => status.kind === "converged" && status.criterion === "rounding";

function problemOf(name: string) {
  const problem = mghProblems.find((each) => each.name === name)!;
  const model = mghModel(problem);
  return { ...problem, model, sums: leastSquares(model) };
}

const problems = ["Meyer", "Beale", "Osborne 1", "Brown badly scaled", "Box"].map(problemOf);

describe.each([10, 100])("from starts %i times as far away", (far) => {
  it.each([...methods, "levenberg-marquardt", "gauss-newton"])("%s calls no valley converged by rounding", (name) => {
    for (const { name: problem, start, minima, model, sums } of problems) {
      const oracle = name === "levenberg-marquardt" || name === "gauss-newton" ? sums : model.flat;
      const x0 = start.map((x) => (x === 0 ? far : far * x));
      const result = minimizeSync(optimizerNamed(name), oracle as Oracle, x0, { limits });
      if (!isRounding(result)) continue;
      const isKnown = minima.some((least) => result.value <= least + 1e-6 * Math.abs(least) + 1e-12);
      if (!isKnown) expect(promised(result), problem).toBeLessThan(1e-3);
    }
  });
});

describe("a parameter that matters nothing and leads to infinities", () => {
  it("does not make a failure of trust-exact on a plateau of Box's problem", () => {
    const { model, start } = problems.find(({ name }) => name === "Box")!;
    const x0 = start.map((x) => (x === 0 ? 100 : 100 * x));
    const { status, value } = minimizeSync(optimizerNamed("trust-exact"), model.flat, x0, { limits });
    expect(status.kind).toBe("converged");
    // the infimum at infinity
    expect(value).toBeCloseTo(0.075588740755, 12);
  });
});

describe("methods of least squares where no step helps", () => {
  const solved = (problem: string, method: string, far: number) => {
    const { start, model } = problemOf(problem);
    const x0 = start.map((x) => (x === 0 ? far : far * x));
    return minimizeSync(optimizerNamed(method), leastSquares(model), x0, { limits });
  };

  it.each([10, 100])("call a plateau converged, from %i times as far away as Bard's problem begins", (far) => {
    const { status, value } = solved("Bard", "levenberg-marquardt", far);
    expect(status.kind).toBe("converged");
    // the infimum at infinity
    expect(value).toBeCloseTo(17.42869333, 7);
  });

  it.each([1, 10])("take no step that leads nowhere for the last one, in Freudenstein and Roth's, %i", (far) => {
    const { status, value } = solved("Freudenstein and Roth", "gauss-newton", far);
    if (status.kind === "converged") expect(value).toBeLessThan(48.98425368);
  });

  it("go on along the gradient, in Jennrich and Sampson's problem", () => {
    // without a second look the run ends at 3371
    expect(solved("Jennrich and Sampson", "gauss-newton", 1).value).toBeCloseTo(124.362182, 5);
  });
});

describe("conjugate gradients on Meyer's problem", () => {
  it("go on where rounding of one parameter hid the others", () => {
    const { model, start } = problems[0]!;
    const x0 = start.map((x) => 10 * x);
    // without a second look the run ends after 1200 evaluations at a loss of 1.4e8
    const result = minimizeSync(optimizerNamed("cg"), model.flat, x0, { limits: { evaluations: { value: 4000 } } });
    expect(result.status.kind).toBe("limit");
    expect(result.value).toBeLessThan(1.35e8);
  });
});

describe("a minimum that rounding hides", () => {
  const x = Array.from({ length: 40 }, (_, i) => 0.5 + i / 8);
  const y = x.map((t, i) => Math.exp(-0.17 * t) / (0.005 + 0.012 * t) + 3 * Math.sin(7 * i));
  const decay = compileText(
    "param b: [3] = [0.1, 0.01, 0.02]\ndata x: [n], y: [n]\nloss = sum((y - exp(-b[0]*x)/(b[1] + b[2]*x))^2)",
  ).bind({ x, y });
  const least = minimizeSync(optimizerNamed("levenberg-marquardt"), leastSquares(decay), decay.start());

  it.each([...methods, "lbfgs by backtracking"])("is called converged by %s", (name) => {
    const method = name.includes(" ") ? optimizerNamed("lbfgs", { search: "backtracking" }) : optimizerNamed(name);
    const result = minimizeSync(method, decay.flat, decay.start(), { tolerances: { gradient: 0 } });
    expect(result.value / least.value - 1).toBeLessThan(1e-9);
    expect(result.message).toMatch(/^converged/);
  });
});

describe("least squares with a column that vanishes", () => {
  // BoxBOD: far away exp(-b x) is 0, and the loss then depends on a alone
  const model = compileText("param a, b\ndata x: [n], y: [n]\nloss = sum((y - a*(1 - exp(-b*x)))^2)").bind({
    x: [1, 2, 3, 5, 7, 10],
    y: [109, 149, 149, 191, 213, 224],
  });

  it("do not take its length for the rounding of the residuals", () => {
    for (const name of ["levenberg-marquardt", "gauss-newton"]) {
      const { value, status } = minimizeSync(optimizerNamed(name), leastSquares(model), [100, 100]);
      // the least loss with b = infinity, or the minimum
      if (status.kind === "converged") expect(value).toBeLessThan(9771.5001);
    }
  });

  it.each([40, 75])("move the others from b = %i before they look for it", (b) => {
    const { value, status } = minimizeSync(optimizerNamed("levenberg-marquardt"), leastSquares(model), [1e4, b]);
    expect(status.kind).toBe("converged");
    expect(value).toBeLessThan(9771.5001);
  });
});

describe("a gradient that is all rounding", () => {
  it("is hardly ever a failure: 15 runs of Watson's problem", () => {
    const { model, start } = problemOf("Watson 12");
    const names = ["lbfgs", "lbfgs-b", "bfgs", "newton-cg", "trust-krylov"];
    const results = [1, 10, 100].flatMap((far) =>
      names.map((name) => {
        const x0 = start.map((x) => (x === 0 ? far : far * x));
        return minimizeSync(optimizerNamed(name), model.flat, x0, { limits, tolerances: { gradient: 0 } });
      }),
    );
    // what is left hangs on how an engine rounds
    expect(results.filter(({ status }) => status.kind === "failed").length).toBeLessThanOrEqual(3);
    for (const { status, value } of results)
      if (status.kind === "converged") expect(value).toBeCloseTo(4.7223811e-10, 16);
  });
});

describe("a loss that is its own rounding", () => {
  const solved = (text: string, method: string, start: readonly number[]) => {
    const model = compileText(text).bind({}, { n: start.length });
    const oracle = method === "levenberg-marquardt" || method === "gauss-newton" ? leastSquares(model) : model.flat;
    return minimizeSync(optimizerNamed(method), oracle as Oracle, start, { limits });
  };

  it.each(["trust-ncg", "trust-krylov"])("is a minimum for %s where its terms cancel to 0: ARWHEAD", (method) => {
    const text = "param x: [n]\nloss = sum(i in 0..n-1: 3 - 4*x[i] + (x[i]^2 + x[n-1]^2)^2)";
    const { status, value } = solved(text, method, new Array<number>(100).fill(1));
    expect(status.kind).toBe("converged");
    expect(value).toBeLessThan(1e-12);
  });

  it.each(["levenberg-marquardt", "gauss-newton"])("is one for %s where the Jacobian vanishes: DENSCHND", (method) => {
    const text =
      "param x: [n]\nloss = (x[0]^2 + x[1]^3 - x[2]^4)^2 + (2*x[0]*x[1]*x[2])^2 + (2*x[0]*x[1] - 3*x[1]*x[2] + x[0]*x[2])^2";
    const { status, value } = solved(text, method, [10, 10, 10]);
    expect(status.kind).toBe("converged");
    expect(value).toBeLessThan(1e-60);
  });
});
