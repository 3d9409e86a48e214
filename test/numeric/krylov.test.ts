import { describe, expect, it } from "vitest";
import { dot, norm, type Vector } from "../../src/numeric/vectors.ts";
import {
  conjugateGradient,
  extremeEigenvalues,
  hutchinsonTrace,
  hutchPlusPlusTrace,
  Lanczos,
  type LinearMap,
  minres,
  smoothDensity,
  spectralDensity,
  stochasticDiagonal,
} from "../../src/optimize.ts";

/** H diag(values) H with the reflection H = I - 2 u u' / u'u, u_i = sin(i + 1): a known spectrum, no zeros in sight. */
function withSpectrum(values: readonly number[]) {
  const n = values.length;
  const u = Float64Array.from(values, (_, i) => Math.sin(i + 1));
  const square = dot(u, u);
  const reflect = (v: Vector) => {
    const factor = (2 * dot(u, v)) / square;
    return v.map((entry, i) => entry - factor * u[i]!);
  };
  const counted = { products: 0 };
  const A: LinearMap = (v, out) => {
    counted.products += 1;
    out.set(reflect(reflect(v).map((entry, i) => values[i]! * entry)));
  };
  const apply = (v: Vector) => {
    const out = new Float64Array(n);
    A(v, out);
    return out;
  };
  const diagonal = values.map((_, i) => apply(Float64Array.from(values, (_v, j) => (i === j ? 1 : 0)))[i]!);
  counted.products = 0;
  return { A, apply, n, counted, diagonal, b: Float64Array.from(values, (_, i) => Math.cos(i)) };
}

const minus = (x: Vector, y: Vector) => x.map((entry, i) => entry - y[i]!);
const spread = (n: number, from: number, to: number) =>
  Array.from({ length: n }, (_, k) => from + ((to - from) * k) / (n - 1));

describe("conjugateGradient", () => {
  it("ends in n steps for small, well conditioned matrices", () => {
    for (const n of [1, 2, 3, 4, 5]) {
      const { A, apply, b } = withSpectrum(n === 1 ? [3] : spread(n, 1, 10));
      const { x, products, ended } = conjugateGradient(A, b, { tolerance: 1e-10, iterations: n });
      expect([ended, products <= n]).toEqual(["converged", true]);
      expect(norm(minus(apply(x), b))).toBeLessThan(1e-10 * norm(b));
    }
  });

  it("ends after as many steps as there are different eigenvalues", () => {
    const { A, b } = withSpectrum(Array.from({ length: 40 }, (_, k) => [1, 3, 10, 50, 200][k % 5]!));
    expect(conjugateGradient(A, b, { tolerance: 1e-10 }).products).toBe(5);
  });

  it("keeps Chebyshev's bound, and its error falls in the norm of A", () => {
    const kappa = 1000;
    const { A, apply, b } = withSpectrum(spread(60, 1, kappa));
    const solution = conjugateGradient(A, b, { tolerance: 1e-15, iterations: 600 }).x;
    const energy = (x: Vector) => {
      const error = minus(x, solution);
      return Math.sqrt(dot(error, apply(error)));
    };
    const first = energy(new Float64Array(60));
    const rate = (Math.sqrt(kappa) - 1) / (Math.sqrt(kappa) + 1);
    let last = first;
    let k = 0;
    conjugateGradient(A, b, {
      iterations: 50,
      onIterate: (x) => {
        k += 1;
        const now = energy(x);
        expect(now).toBeLessThan(last * (1 + 1e-12));
        expect(now).toBeLessThanOrEqual(2 * rate ** k * first);
        last = now;
      },
    });
    expect(k).toBe(50);
  });

  it("stops where the curvature is not positive, and shows the direction", () => {
    const { A, apply, b } = withSpectrum([-1, 2, 3, 4]);
    const { ended, curvature, direction } = conjugateGradient(A, b);
    expect(ended).toBe("negativeCurvature");
    expect(curvature).toBeLessThan(0);
    expect(dot(direction, apply(direction)) / dot(direction, direction)).toBeCloseTo(curvature, 12);
  });

  it("says so where products are not finite, and needs none where b is 0", () => {
    const broken: LinearMap = (_v, out) => void out.fill(Number.NaN);
    expect(conjugateGradient(broken, Float64Array.of(1, 2)).ended).toBe("notFinite");
    expect(conjugateGradient(broken, Float64Array.of(0, 0))).toMatchObject({ ended: "converged", products: 0 });
    expect(minres(broken, Float64Array.of(1, 2)).ended).toBe("notFinite");
    expect(minres(broken, Float64Array.of(0, 0))).toMatchObject({ ended: "converged", products: 0 });
    expect(extremeEigenvalues(broken, 2).least.value).toBeNaN();
  });
});

describe("minres", () => {
  it.each([
    ["definite", spread(30, 1, 100)],
    ["indefinite", spread(30, -50, 49)],
  ])("has residuals that never grow, and are what it says: %s", (_, values) => {
    const { A, apply, b } = withSpectrum(values);
    let last = norm(b);
    const { x, ended } = minres(A, b, {
      tolerance: 1e-9,
      iterations: 200,
      onIterate: (at, residualNorm) => {
        expect(residualNorm).toBeLessThanOrEqual(last);
        expect(Math.abs(norm(minus(apply(at), b)) - residualNorm)).toBeLessThan(1e-10 * norm(b));
        last = residualNorm;
      },
    });
    expect(ended).toBe("converged");
    expect(norm(minus(apply(x), b))).toBeLessThan(2e-9 * norm(b));
  });

  it("finds a least-squares solution where the matrix is singular", () => {
    const diagonal = [0, 1, -2, 3];
    const A: LinearMap = (v, out) => void out.set(v.map((entry, i) => diagonal[i]! * entry));
    const { x, ended, residualNorm } = minres(A, Float64Array.of(1, 1, 1, 1));
    expect(ended).toBe("stationary");
    expect(residualNorm).toBeCloseTo(1, 12);
    for (const [i, d] of diagonal.entries()) if (d !== 0) expect(x[i]).toBeCloseTo(1 / d, 12);
  });
});

describe("Lanczos", () => {
  it("finds the ends of a known spectrum, with vectors and honest residuals", () => {
    const { A, apply, n, counted } = withSpectrum([-7, ...spread(197, -1, 1), 5, 40]);
    const { least, largest, products } = extremeEigenvalues(A, n, { tolerance: 1e-10 });
    expect(products).toBe(counted.products);
    expect(products).toBeLessThan(60);
    for (const [pair, wanted] of [
      [least, -7],
      [largest, 40],
    ] as const) {
      expect(Math.abs(pair.value - wanted)).toBeLessThan(1e-9);
      const off = norm(apply(pair.vector).map((entry, i) => entry - pair.value * pair.vector[i]!));
      expect(off).toBeLessThan(pair.residual + 1e-12 * 40);
    }
  });

  it("keeps its basis orthonormal where three-term recurrences lose it", () => {
    const { A, n, b } = withSpectrum([1e6, ...spread(99, 0, 1)]);
    const lanczos = new Lanczos(A, b);
    while (lanczos.steps < 80 && lanczos.step());
    for (const [i, q] of lanczos.basis.entries()) {
      for (const [j, p] of lanczos.basis.entries()) {
        expect(Math.abs(dot(p, q) - (i === j ? 1 : 0))).toBeLessThan(1e-13 * n);
      }
    }
  });

  it("stops at an invariant space", () => {
    const { A, n, b } = withSpectrum(Array.from({ length: 20 }, (_, k) => (k % 2 ? 1 : 2)));
    const lanczos = new Lanczos(A, b);
    while (lanczos.step());
    expect(lanczos.steps).toBe(2);
    expect(extremeEigenvalues(A, n)).toMatchObject({ products: 2 });
  });

  it("gives the density of the spectrum: its moments are those of the eigenvalues", () => {
    const values = [...Array<number>(60).fill(1), ...Array<number>(30).fill(4), ...spread(10, 10, 20)];
    const { A, n } = withSpectrum(values);
    const density = spectralDensity(A, n, { probes: 40, steps: 25, seed: 3 });
    expect(density.weights.reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 12);
    for (const power of [1, 2]) {
      const moment = density.weights.reduce((sum, w, i) => sum + w * density.nodes[i]! ** power, 0);
      const wanted = values.reduce((sum, value) => sum + value ** power, 0) / n;
      // the variance of a probe's moment is at most 2 / n of that of the squares: 40 probes leave about 4 %
      expect(Math.abs(moment / wanted - 1)).toBeLessThan(0.15);
    }
    const places = spread(2001, -2, 25);
    const smooth = smoothDensity(density, places, 0.2);
    expect(smooth.reduce((sum, height) => sum + height, 0) * (27 / 2000)).toBeCloseTo(1, 3);
  });
});

describe("stochastic estimates", () => {
  const decaying = withSpectrum(Array.from({ length: 200 }, (_, k) => 1000 / (k + 1) ** 2));
  const trace = decaying.diagonal.reduce((sum, entry) => sum + entry, 0);

  it("are within their standard errors, and count their products", () => {
    for (const estimate of [hutchinsonTrace, hutchPlusPlusTrace]) {
      decaying.counted.products = 0;
      const { value, standardError, products } = estimate(decaying.A, decaying.n, { probes: 60, seed: 1 });
      expect(decaying.counted.products).toBe(products);
      expect(products).toBe(60);
      expect(Math.abs(value - trace)).toBeLessThan(4 * standardError);
    }
  });

  it("gain from Hutch++ where eigenvalues fall off: less than a tenth of the error for the same products", () => {
    const error = (estimate: typeof hutchinsonTrace) =>
      Math.sqrt(
        [1, 2, 3, 4, 5, 6, 7, 8].reduce(
          (sum, seed) => sum + (estimate(decaying.A, decaying.n, { probes: 60, seed }).value - trace) ** 2,
          0,
        ),
      );
    expect(error(hutchPlusPlusTrace)).toBeLessThan(0.1 * error(hutchinsonTrace));
  });

  it("are exact where they can be: the diagonal of a diagonal matrix, the trace of a small one", () => {
    const A: LinearMap = (v, out) => void out.set(v.map((entry, i) => (i + 1) * entry));
    expect(Array.from(stochasticDiagonal(A, 4, { probes: 2 }).values)).toEqual([1, 2, 3, 4]);
    expect(hutchinsonTrace(A, 4, { probes: 1 }).value).toBe(10);
    expect(hutchPlusPlusTrace(A, 3, { probes: 12 }).value).toBeCloseTo(6, 12);
  });

  it("give the diagonal within standard errors", () => {
    const { values, standardErrors } = stochasticDiagonal(decaying.A, decaying.n, { probes: 200, seed: 5 });
    const beyond = values.filter((value, i) => Math.abs(value - decaying.diagonal[i]!) > 3 * standardErrors[i]!);
    // three deviations leave 0.3 % outside
    expect(beyond.length).toBeLessThanOrEqual(4);
  });
});

describe("functions of products", () => {
  /** It returns the product, and leaves the array that it is given as it was. */
  const returning = ((v: Vector) => v.map((entry) => 2 * entry)) as unknown as LinearMap;

  it.each<[string, () => unknown]>([
    ["conjugateGradient", () => conjugateGradient(returning, Float64Array.of(1, 2))],
    ["minres", () => minres(returning, Float64Array.of(1, 2))],
    ["extremeEigenvalues", () => extremeEigenvalues(returning, 2)],
    ["spectralDensity", () => spectralDensity(returning, 2)],
    ["hutchinsonTrace", () => hutchinsonTrace(returning, 2)],
    ["hutchPlusPlusTrace", () => hutchPlusPlusTrace(returning, 2)],
    ["stochasticDiagonal", () => stochasticDiagonal(returning, 2)],
    ["Lanczos", () => new Lanczos(returning, Float64Array.of(1, 2)).step()],
  ])("%s takes no array that was left as it was for a product", (_, run) => {
    expect(run).toThrow("the matrix A wrote nothing at index 0 of the array that it was given.");
  });
});
