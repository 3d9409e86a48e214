import { describe, expect, it } from "vitest";
import { conjugateGradient } from "../../src/numeric/krylov/conjugate-gradient.ts";
import {
  conjugateGradients,
  gaussNewton,
  lbfgs,
  levenbergMarquardt,
  linearCg,
  minimizeSync,
  moreThuente,
  type Oracle,
  optimizerNamed,
  searchAlong,
  sgd,
} from "../../src/optimize.ts";
import { rosenbrock, rosenbrockStart, separable } from "./problems.ts";

const searching = ["lbfgs", "lbfgs-b", "bfgs", "cg"];
const regions = ["trust-exact", "trust-krylov", "trust-ncg"];
const newtons = ["newton", "newton-cg"];

describe.each([...searching, ...regions, ...newtons])("%s", (name) => {
  it.each([1e-30, 1e-100, 1e-150])("leaves a start whose parameters are measured in %d", (unit) => {
    const parabola = separable(
      (x) => (x / unit - 1) ** 2,
      (x) => (2 * (x / unit - 1)) / unit,
      () => 2 / unit / unit,
    );
    const { best } = minimizeSync(optimizerNamed(name), parabola, [3 * unit, -2 * unit], {
      limits: { iterations: 50 },
    });
    expect(best.value).toBeLessThan(1e-12);
  });

  it("comes down from where the squares of gradients overflow", () => {
    const steep = separable(
      (x) => Math.exp(x) - x,
      (x) => Math.exp(x) - 1,
      (x) => Math.exp(x),
    );
    const { status, best } = minimizeSync(optimizerNamed(name), steep, [400]);
    expect(status.kind).toBe("converged");
    expect(best.value).toBeCloseTo(1, 12);
  });

  it.each([
    ["loss", Number.NaN],
    ["loss", Number.POSITIVE_INFINITY],
    ["gradient", Number.NaN],
  ])("says so where the %s is %d however short the step", (what, bad) => {
    let calls = 0;
    const valley = separable(
      (x) => Math.cosh(x) + x ** 4,
      (x) => Math.sinh(x) + 4 * x ** 3,
      (x) => Math.cosh(x) + 12 * x ** 2,
    );
    const walled: Oracle = {
      ...valley,
      lossAndGradient(x, g) {
        const value = valley.lossAndGradient(x, g);
        if (++calls <= 2) return value;
        if (what === "gradient") g.fill(bad);
        return what === "gradient" ? value : bad;
      },
    };
    const { status, message } = minimizeSync(optimizerNamed(name), walled, [3]);
    expect(status).toEqual({ kind: "failed", why: "notFinite" });
    expect(message).toMatch(/^failed: the loss or its gradient is NaN or infinite (here|however short the step)\.$/);
  });
});

describe.each([...searching, ...regions, ...newtons])("%s", (name) => {
  /** Rosenbrock's function times `size`, of coordinates times `unit`. */
  const scaled = (size: number, unit: number): Oracle & Required<Pick<Oracle, "hvp" | "hessian">> => {
    const at = (x: Float64Array) => x.map((entry) => unit * entry);
    const times = (by: number, out: Float64Array) => {
      for (let i = 0; i < out.length; i++) out[i] = by * out[i]!;
    };
    return {
      loss: (x) => size * rosenbrock.loss(at(x)),
      lossAndGradient(x, g) {
        const value = rosenbrock.lossAndGradient(at(x), g);
        times(size * unit, g);
        return size * value;
      },
      hvp(x, v, h) {
        rosenbrock.hvp(at(x), v, h);
        times(size * unit * unit, h);
      },
      hessian(x, H) {
        rosenbrock.hessian(at(x), H);
        times(size * unit * unit, H);
      },
    };
  };
  const run = (size: number, unit: number) => {
    const oracle = scaled(size, unit);
    const start = rosenbrockStart.map((x) => x / unit);
    const tolerances = { relativeGradient: 1e-8 };
    return minimizeSync(optimizerNamed(name), oracle, start, { tolerances, limits: { evaluations: { value: 900 } } });
  };

  it.each([1e-100, 1e-30, 1e30, 1e100])("comes to the minimum of a loss of the size %d", (size) => {
    expect(run(size, 1).best.value / size).toBeLessThan(1e-9);
  });

  it.each([1e-12, 1e12])("comes to the minimum in units of %d", (unit) => {
    expect(run(1, unit).best.value).toBeLessThan(1e-9);
  });

  it("calls nothing converged where squares of gradients vanish before it is", () => {
    const { status, best } = run(1e-200, 1);
    // methods that multiply gradients have nothing to go by there but their signs
    if (name === "cg" || name === "lbfgs-b") expect(status.kind).toBe("limit");
    else expect(best.value / 1e-200).toBeLessThan(1e-9);
  });

  it.each([1e8, 1e10])("calls no place of a valley converged that rounding goes across, such as x = %d", (x) => {
    const { status } = minimizeSync(optimizerNamed(name), rosenbrock, [x, x * x], {
      limits: { evaluations: { value: 600 } },
    });
    expect(status.kind).not.toBe("converged");
  });
});

describe.each(regions)("%s", (name) => {
  it("leaves a maximum near which the gradient promises nothing", () => {
    const hill = separable(
      (x) => 180 + Math.cos(x),
      (x) => -Math.sin(x),
      (x) => -Math.cos(x),
    );
    const { status, value } = minimizeSync(optimizerNamed(name), hill, [5e-8]);
    expect(status.kind).toBe("converged");
    expect(value).toBeCloseTo(179, 10);
  });

  it("does not take kinks for the rounding of the loss", () => {
    const kinks: Oracle = {
      loss: (x) => x.reduce((sum, entry, i) => sum + (i + 1) * Math.abs(entry - i), 0),
      lossAndGradient(x, g) {
        for (let i = 0; i < g.length; i++) g[i] = (i + 1) * Math.sign(x[i]! - i);
        return this.loss(x);
      },
      hvp: (_x, _v, h) => void h.fill(0),
      hessian: (_x, H) => void H.fill(0),
    };
    const limits = { iterations: 300 };
    const { status } = minimizeSync(optimizerNamed(name), kinks, new Array<number>(6).fill(-3.3), { limits });
    expect(status.kind).not.toBe("converged");
  });
});

describe.each([...regions, "newton-cg"])("%s", (name) => {
  it("calls no loss converged that falls faster and faster", () => {
    const falling = separable(
      (x) => -Math.exp(x),
      (x) => -Math.exp(x),
      (x) => -Math.exp(x),
    );
    expect(minimizeSync(optimizerNamed(name), falling, [0]).status.kind).toBe("failed");
  });
});

describe.each([["levenberg-marquardt", levenbergMarquardt] as const, ["gauss-newton", gaussNewton] as const])(
  "%s",
  (_name, make) => {
    it("calls no point converged whose gradient promises what the loss can show", () => {
      // Freudenstein and Roth's problem: the Jacobian loses its rank near the second minimum, of 48.98
      const oracle: Oracle = {
        residualCount: 2,
        loss: () => Number.NaN,
        lossAndGradient: () => Number.NaN,
        residuals: ([x, y], r) => r.set([-13 + x! + ((5 - y!) * y! - 2) * y!, -29 + x! + ((y! + 1) * y! - 14) * y!]),
        jacobian: ([, y], J) => J.set([1, 10 * y! - 3 * y! ** 2 - 2, 1, 3 * y! ** 2 + 2 * y! - 14]),
      };
      const { status, value } = minimizeSync(make(), oracle, [0.5, -2]);
      if (value > 48.9843) expect(status.kind).not.toBe("converged");
    });
  },
);

describe("conjugate gradients of systems", () => {
  it.each([1e-200, 1e200])("solve A x = b for b of the size %d", (size) => {
    const { x, ended, residualNorm } = conjugateGradient(
      (v, out) => out.set(v.map((entry, i) => (i + 1) * entry)),
      Float64Array.of(size, 2 * size, 3 * size),
    );
    expect(ended).toBe("converged");
    expect(residualNorm).toBeLessThan(1e-9 * size);
    for (const entry of x) expect(entry / size).toBeCloseTo(1, 9);
  });

  it("take what rounding leaves of a null space for no curvature", () => {
    // [1, 1; 1, 1 + 2^-54] is [1, 1; 1, 1]
    const { ended, x } = conjugateGradient(([u, v], out) => out.set([u! + v!, u! + v!]), Float64Array.of(1, 0.3));
    expect(ended).toBe("negativeCurvature");
    expect(Math.hypot(...x)).toBeLessThan(10);
  });

  it.each([
    ["steep", 1e100],
    ["flat", 1e-100],
  ])("of a %s quadratic find its minimum", (_what, scale) => {
    const bowl = separable(
      (x) => scale * (x - 1) ** 2,
      (x) => 2 * scale * (x - 1),
      () => 2 * scale,
    );
    const { point } = minimizeSync(linearCg(), bowl, [1e60, 3], {
      tolerances: { gradient: 0 },
      limits: { iterations: 5 },
    });
    expect(point[0]).toBeCloseTo(1, 9);
  });

  it("by Hager and Zhang do not depend on the size of the loss", () => {
    const run = (size: number) =>
      minimizeSync(
        conjugateGradients({ formula: "hager-zhang" }),
        {
          loss: (x) => size * rosenbrock.loss(x),
          lossAndGradient(x, g) {
            const value = rosenbrock.lossAndGradient(x, g);
            for (let i = 0; i < g.length; i++) g[i] = size * g[i]!;
            return size * value;
          },
        },
        rosenbrockStart,
        { limits: { evaluations: { value: 1000 } } },
      ).best.value / size;
    expect(run(2 ** 330)).toBeLessThan(1e-12);
  });
});

describe("a gradient that is small because the point is far away", () => {
  const limits = { iterations: 3000 };

  it.each([...searching, ...regions, ...newtons])("makes no minimum of a loss that falls without end: %s", (name) => {
    const root = separable(
      (x) => -Math.sqrt(x),
      (x) => -0.5 / Math.sqrt(x),
      (x) => 0.25 * x ** -1.5,
    );
    const { status } = minimizeSync(optimizerNamed(name), root, [1], { limits });
    expect(status).toEqual({ kind: "failed", why: "unbounded" });
  });

  it.each(["sgd", "momentum", "nesterov"])("makes no minimum of where the first step of %s leads", (name) => {
    const square = separable(
      (x) => Math.log(x) ** 2,
      (x) => (2 * Math.log(x)) / x,
      (x) => (2 - 2 * Math.log(x)) / x / x,
    );
    const { status } = minimizeSync(optimizerNamed(name), square, [1e-300], { limits });
    expect(status).toEqual({ kind: "failed", why: "diverged" });
  });

  it("is one where its parameters are large and the loss has nothing to show", () => {
    const bowl = separable(
      (x) => 5 + (x - 1e12) ** 2,
      (x) => 2 * (x - 1e12),
      () => 2,
    );
    for (const name of searching) expect(minimizeSync(optimizerNamed(name), bowl, [1]).status.kind).toBe("converged");
  });
});

describe.each([...searching, ...regions, ...newtons])("%s", (name) => {
  it.each([1e9, 1e12])("does not end at a start where parameters of %d make the gradient small", (unit) => {
    const parabola = separable(
      (x) => (x / unit - 1) ** 2 + 1,
      (x) => (2 * (x / unit - 1)) / unit,
      () => 2 / unit ** 2,
    );
    const { status, value } = minimizeSync(optimizerNamed(name), parabola, [3 * unit, 6 * unit]);
    expect(status.kind).toBe("converged");
    expect(value - 2).toBeLessThan(1e-6);
  });
});

describe("a gradient that is small because the loss is", () => {
  /** A loss whose size data decide, such as squares of currents of a microampere. */
  const squares = separable(
    (x) => 1e-12 * ((Math.exp(x) - 3) ** 2 + 1),
    (x) => 2e-12 * (Math.exp(x) - 3) * Math.exp(x),
    (x) => 2e-12 * (2 * Math.exp(x) - 3) * Math.exp(x),
  );

  it.each([...searching, ...regions, ...newtons])("is no minimum by the standard tolerance: %s", (name) => {
    const { status, point } = minimizeSync(optimizerNamed(name), squares, [1, 2]);
    expect(status.kind).toBe("converged");
    for (const x of point) expect(Math.abs(x - Math.log(3))).toBeLessThan(1e-5);
  });

  it("ends no run by rates either, and is one to a tolerance that was asked for", () => {
    expect(minimizeSync(sgd(), squares, [1, 2], { limits: { iterations: 9 } }).status.kind).toBe("limit");
    const asked = minimizeSync(lbfgs(), squares, [1, 2], { tolerances: { gradient: 1e-8 } });
    expect(asked.iterations).toBe(0);
  });

  it("is the same after a checkpoint", () => {
    const part = minimizeSync(sgd(), squares, [1, 2], { limits: { iterations: 3 } });
    const rest = minimizeSync(sgd(), squares, [1, 2], { limits: { iterations: 9 }, resume: part.checkpoint });
    expect(rest.iterations).toBe(9);
  });
});

describe("a run", () => {
  it("ends where its points leave every bound, and not where the start is far away", () => {
    const limits = { iterations: 5000 };
    const line = separable(
      (x) => -x,
      () => -1,
      () => 0,
    );
    const backwards = minimizeSync(lbfgs({ search: "backtracking" }), line, [0, 1], { limits });
    expect(backwards.status).toEqual({ kind: "failed", why: "unbounded" });
    const bowl = separable(
      (x) => x * x,
      (x) => 2 * x,
      () => 2,
    );
    // steps of -2 and of -1.1 times the point
    for (const rate of [1.5, 1.05]) {
      const { status } = minimizeSync(sgd({ rate }), bowl, [1], { limits });
      expect(status).toEqual({ kind: "failed", why: "diverged" });
    }
    const far = minimizeSync(sgd({ rate: 0.25 }), bowl, [1e120], { limits });
    expect(far.status.kind).toBe("converged");
  });

  it.each([
    [{ tolerances: { gradient: "1e-3" } }, 'tolerances.gradient needs a number of at least 0, got the text "1e-3".'],
    [{ tolerances: { step: null } }, "tolerances.step needs a number of at least 0, got null."],
    [{ limits: { iterations: "5" } }, 'limits.iterations needs a number of at least 0, got the text "5".'],
    [{ limits: { evaluations: 5 } }, "limits.evaluations needs an object of values by name, got 5."],
  ])("refuses %j", (options, message) => {
    expect(() => minimizeSync(lbfgs(), rosenbrock, rosenbrockStart, options as object)).toThrow(message);
  });

  it("refuses losses that are no numbers, and a bound model in the place of its flat functions", () => {
    const later = { ...rosenbrock, lossAndGradient: async () => 1 } as unknown as Oracle;
    expect(() => minimizeSync(lbfgs(), later, rosenbrockStart)).toThrow(
      "the loss needs to be a number, got a Promise.",
    );
    const bound = { ...rosenbrock, flat: rosenbrock };
    expect(() => minimizeSync(lbfgs(), bound, rosenbrockStart)).toThrow(
      "such as the `flat` functions of a bound model",
    );
  });
});

describe("a search", () => {
  it("finds the minimum of a parabola from a step that is far too long", () => {
    const line = {
      start: { step: 0, value: 9, slope: -6 },
      at: (step: number) => ({ step, value: (step - 3) ** 2, slope: 2 * (step - 3) }),
    };
    const found = searchAlong(line, moreThuente, 1e40, { decrease: 1e-4, curvature: 0.1, slack: 1e-10 });
    expect(found.kind).toBe("accepted");
  });

  it("calls no loss unbounded that falls by a part of itself", () => {
    const line = {
      start: { step: 0, value: 1, slope: -1e-21 },
      at: (step: number) => ({ step, value: 1 - 1e-21 * step, slope: -1e-21 }),
    };
    expect(searchAlong(line, moreThuente, 1, { decrease: 1e-4, curvature: 0.1, slack: 0 }).kind).toBe("lowered");
  });
});
