import { describe, expect, it } from "vitest";
import { norm } from "../../src/numeric/vectors.ts";
import { linearCg, minimizeSync } from "../../src/optimize.ts";
import { quadraticOf, readCase } from "./convex.ts";
import { quadratic } from "./noise.ts";
import { rosenbrock } from "./problems.ts";

describe("linear conjugate gradients", () => {
  it("end after as many products as there are different eigenvalues", () => {
    const { cases } = readCase<{ cases: { f_opt?: string; lambdas?: number[] }[] }>("optim/scipy-counts.json");
    const { lambdas, f_opt } = cases.find((entry) => entry.lambdas)!;
    const result = minimizeSync(linearCg(), quadraticOf(lambdas!).flat, new Array<number>(40).fill(0));
    expect(result.status.kind).toBe("converged");
    expect(result.evaluations).toEqual({ value: 6, gradient: 6, hvp: 5 });
    expect(Math.abs(result.value - Number(f_opt))).toBeLessThan(1e-12);
  });

  it("end in n moves for kappa <= 10 and n <= 5", () => {
    for (const lambdas of [[1], [1, 10], [1, 2, 7], [1, 3, 5, 10], [2, 3, 5, 7, 11]]) {
      const n = lambdas.length;
      const oracle = quadraticOf(lambdas).flat;
      const result = minimizeSync(linearCg(), oracle, new Array<number>(n).fill(0), {
        tolerances: { relativeGradient: 1e-10 },
      });
      expect(result.iterations).toBeLessThanOrEqual(n);
    }
  });

  it("shrink the error in the A-norm at every move, at least as fast as Chebyshev's bound", () => {
    const lambdas = Array.from({ length: 60 }, (_, i) => 1 + (i * 999) / 59);
    const oracle = quadraticOf(lambdas).flat;
    const optimum = minimizeSync(linearCg(), oracle, new Array<number>(60).fill(0), { limits: { iterations: 300 } });
    const error = (value: number) => Math.sqrt(2 * Math.max(0, value - optimum.value));
    const errors: number[] = [];
    minimizeSync(linearCg(), oracle, new Array<number>(60).fill(0), {
      limits: { iterations: 40 },
      onIterate: ({ value }) => void errors.push(error(value)),
    });
    const root = Math.sqrt(1000);
    for (const [k, size] of errors.entries()) {
      if (k > 0) expect(size).toBeLessThanOrEqual(errors[k - 1]!);
      // rounding: values of about 1 give errors down to about sqrt(u) = 1e-8
      expect(size).toBeLessThanOrEqual(2 * ((root - 1) / (root + 1)) ** k * errors[0]! + 1e-7);
    }
  });

  it("end where the curvature is negative, and say so; a loss that is no quadratic is refused", () => {
    const saddle = minimizeSync(linearCg(), quadratic([1, -1]), [1, 2]);
    expect(saddle.status).toEqual({ kind: "failed", why: "unbounded" });
    expect(saddle.message).toContain("the curvature along the direction is -");
    const curved = minimizeSync(linearCg(), rosenbrock, [0.2, 0.9]);
    expect(curved.status.kind).not.toBe("converged");
    expect(norm(curved.best.point)).toBeGreaterThan(0);
  });
});
