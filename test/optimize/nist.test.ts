import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { leastSquares } from "../../src/compile/squares/least-squares.ts";
import { compileText } from "../../src/language/all.ts";
import {
  levenbergMarquardt,
  likelihoodCovariance,
  minimizeSync,
  type Oracle,
  optimizerNamed,
  residualCovariance,
  trustExact,
} from "../../src/optimize.ts";
import { type Tree, textOf } from "../cases/text.ts";
import { readCase } from "./convex.ts";

interface Regression {
  readonly name: string;
  readonly response: "y" | "log(y)";
  readonly model_ast: Tree;
  readonly parameters: readonly string[];
  readonly columns: readonly string[];
  readonly data: readonly (readonly number[])[];
  readonly start1: readonly string[];
  readonly start2: readonly string[];
  readonly certified: {
    readonly params: readonly string[];
    readonly std_errors: readonly string[];
    readonly rss: string;
  };
}

const regressions = readdirSync(new URL("../cases/nist/", import.meta.url)).map((file) =>
  bound(readCase<Regression>(`nist/${file}`)),
);

function bound(regression: Regression) {
  const { parameters, columns, response, model_ast, data } = regression;
  const text = [
    `param ${parameters.join(", ")}`,
    `data ${columns.map((column) => `${column}: [n]`).join(", ")}`,
    `loss = sum((${response} - ${textOf(model_ast)})^2)`,
  ].join("\n");
  const inputs = columns.map((column, k) => [column, data.map((row) => row[k]!)] as const);
  return { ...regression, model: compileText(text).bind(Object.fromEntries(inputs)) };
}

/** NIST's measure: the number of right digits, the least of all entries. Certified values have eleven. */
function digits(got: ArrayLike<number>, wanted: readonly string[]): number {
  return Math.min(
    ...wanted.map(Number).map((value, i) => Math.min(11, -Math.log10(Math.abs(got[i]! - value) / Math.abs(value)))),
  );
}

describe("NIST regressions", () => {
  it("are all 27", () => expect(regressions).toHaveLength(27));

  it.each(regressions.map((each) => [each.name, each] as const))(
    "%s is fitted by Levenberg and Marquardt from both starts, with its standard errors",
    (_, { model, start1, start2, certified, name }) => {
      const oracle = leastSquares(model);
      for (const start of [start1, start2]) {
        const { point, status } = minimizeSync(levenbergMarquardt(), oracle, start.map(Number));
        expect(status.kind).toBe("converged");
        expect(digits(point, certified.params)).toBeGreaterThan(9);
        // the residuals of Lanczos1 are rounding: so are its standard errors
        if (name === "Lanczos1") continue;
        const { standardErrors, deviation, degreesOfFreedom } = residualCovariance(oracle, point);
        expect(digits(standardErrors, certified.std_errors)).toBeGreaterThan(5);
        expect(digits([deviation ** 2 * degreesOfFreedom], [certified.rss])).toBeGreaterThan(9);
      }
    },
  );

  it.each([
    ["trust-exact", 25, 27],
    ["newton-cg", 25, 25],
    ["trust-ncg", 22, 26],
    ["bfgs", 24, 27],
  ] as const)("are fitted by %s: %i from the first starts, %i from the second", (name, far, near) => {
    const fitted = (start: "start1" | "start2") =>
      regressions.filter((each) => {
        // gradients of sums of squares have no natural size: the rounding of the loss ends the run
        const { point } = minimizeSync(optimizerNamed(name), each.model.flat, each[start].map(Number), {
          tolerances: { gradient: 0 },
          limits: { iterations: 1500 },
        });
        return digits(point, each.certified.params) >= 6;
      }).length;
    expect(fitted("start2")).toBeGreaterThanOrEqual(near);
    expect(fitted("start1")).toBeGreaterThanOrEqual(far);
  });
});

describe("residualCovariance", () => {
  it("is s^2 (J'J)^-1: that of a line, in closed form", () => {
    const model = compileText("param a = 0, b = 0\ndata x: [n], y: [n]\nloss = mean((y - a - b*x)^2)").bind({
      x: [0, 1, 2, 3, 4],
      y: [1, 2.5, 4, 6, 8.5],
    });
    const oracle = leastSquares(model);
    const { point } = minimizeSync(levenbergMarquardt(), oracle, model.start());
    const { matrix, deviation } = residualCovariance(oracle, point);
    const wanted = [0.2 + 4 / 10, -2 / 10, -2 / 10, 1 / 10].map((entry) => entry * deviation ** 2);
    for (const [k, entry] of wanted.entries()) expect(matrix[k]).toBeCloseTo(entry, 12);
    expect(likelihoodCovariance(model.flat, point).isDetermined).toBe(true);
  });

  it("says what the data do not determine, and refuses as many parameters as residuals", () => {
    const twice = compileText("param a = 1, b = 1\ndata y: [n]\nloss = sum((y - a - b)^2)").bind({ y: [1, 2, 4] });
    const { isDetermined, standardErrors, deviation } = residualCovariance(leastSquares(twice), Float64Array.of(1, 1));
    expect([isDetermined, Array.from(standardErrors)]).toEqual([false, [Number.NaN, Number.NaN]]);
    expect(deviation).toBeGreaterThan(0);
    expect(likelihoodCovariance(twice.flat, Float64Array.of(1, 1)).isDetermined).toBe(false);
    const few = compileText("param a = 1, b = 1\ndata y: [n]\nloss = sum((y - a - b)^2)").bind({ y: [1, 2] });
    expect(() => residualCovariance(leastSquares(few), Float64Array.of(1, 1))).toThrow(
      "standard errors need more residuals than parameters, got 2 and 2.",
    );
    expect(() => residualCovariance(few.flat, Float64Array.of(1, 1))).toThrow("the oracle has no residuals");
  });
});

describe("covariances", () => {
  it("take no array that was left as it was for zeros", () => {
    const model = compileText("param a = 1\ndata y: [n]\nloss = sum((y - a)^2)").bind({ y: [1, 2, 4] });
    const { flat } = model;
    const sums: Oracle = {
      ...flat,
      residualCount: 3,
      residuals: ([a], r) => r.set([1 - a!, 2 - a!, 4 - a!]),
      jacobian: (_, J) => void J.fill(-1),
    };
    const at = Float64Array.of(1);
    const silent = (what: string) => `${what} wrote nothing at index 0`;
    expect(() => likelihoodCovariance({ ...flat, hessian: () => {} }, at)).toThrow(silent("hessian"));
    expect(() => residualCovariance({ ...sums, residuals: () => {} }, at)).toThrow(silent("residuals"));
    expect(() => residualCovariance({ ...sums, jacobian: () => {} }, at)).toThrow(silent("jacobian"));
  });
});

describe("likelihoodCovariance", () => {
  it("is the inverse Hessian of a negative log-likelihood: s^2 / n for a mean, s^2 / 2n for a deviation", () => {
    const model = compileText("size n\nparam m = 0, s = 1\ndata y: [n]\nloss = sum((y - m)^2)/(2*s^2) + n*log(s)").bind(
      { y: [1, 4, 2, 7, 5, 3, 9, 1] },
    );
    const { point } = minimizeSync(trustExact(), model.flat, [4, 2]);
    const { standardErrors } = likelihoodCovariance(model.flat, point);
    expect(standardErrors[0]).toBeCloseTo(point[1]! / Math.sqrt(8), 7);
    expect(standardErrors[1]).toBeCloseTo(point[1]! / Math.sqrt(16), 7);
  });
});
