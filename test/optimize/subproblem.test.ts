import { describe, expect, it } from "vitest";
import { multiply } from "../../src/numeric/dense/matrices.ts";
import { solveSecular } from "../../src/numeric/dense/secular.ts";
import { symmetricEigenvalues } from "../../src/numeric/dense/symmetric-eigen.ts";
import { fillNormal } from "../../src/numeric/random.ts";
import { dot, norm, type Vector } from "../../src/numeric/vectors.ts";
import { DenseModel } from "../../src/optimize/trust-region/dense-model.ts";
import { LanczosModel } from "../../src/optimize/trust-region/lanczos-model.ts";
import type { QuadraticModel } from "../../src/optimize/trust-region/model-step.ts";
import { SteihaugModel } from "../../src/optimize/trust-region/steihaug.ts";
import { readCase } from "./convex.ts";

function randomSymmetric(n: number, seed: number): Vector {
  const entries = new Float64Array(n * n);
  fillNormal(entries, seed, n);
  const A = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) A[i * n + j] = entries[i * n + j]! + entries[j * n + i]!;
  return A;
}

function normal(n: number, seed: number): Vector {
  const v = new Float64Array(n);
  fillNormal(v, seed, 1000);
  return v;
}

/** -<g, p> - <p, H p> / 2. */
function fall(H: Vector, g: Vector, p: Vector): number {
  const image = new Float64Array(g.length);
  multiply(image, H, g.length, g.length, p);
  return -dot(g, p) - dot(p, image) / 2;
}

const radii = [1e-3, 0.1, 1, 10, 1e3];

/** Asserts that p is a global minimum in the ball: (H + mu) p = -g, mu >= 0, H + mu >= 0, mu = 0 inside. */
function expectGlobal(H: Vector, g: Vector, radius: number, model: QuadraticModel) {
  const n = g.length;
  const { step: p, predicted, isOnBoundary, length } = model.minimize(radius);
  const image = new Float64Array(n);
  multiply(image, H, n, n, p);
  const scale = Math.max(...Array.from(H, Math.abs), norm(g) / radius);
  const mu = isOnBoundary ? -(dot(g, p) + dot(image, p)) / dot(p, p) : 0;
  const off = image.map((entry, i) => entry + mu * p[i]! + g[i]!);
  expect(norm(off) / (scale * radius)).toBeLessThan(1e-11);
  expect(norm(p)).toBeLessThan(radius * (1 + 1e-12));
  expect(Math.abs(norm(p) - length)).toBeLessThan(1e-11 * radius);
  expect(mu).toBeGreaterThan(-1e-11 * scale);
  expect(symmetricEigenvalues(H, n)[0]! + mu).toBeGreaterThan(-1e-11 * scale);
  const wanted = fall(H, g, p);
  expect(Math.abs(predicted - wanted)).toBeLessThan(1e-11 * scale * radius * Math.max(1, radius));
}

describe("the dense model", () => {
  it("is minimised globally in every ball, whatever the signs of the curvature", () => {
    for (const n of [1, 2, 3, 7, 20]) {
      for (const seed of [1, 2, 3]) {
        const H = randomSymmetric(n, seed);
        const g = normal(n, seed);
        const model = new DenseModel(H, g);
        for (const radius of radii) expectGlobal(H, g, radius, model);
      }
    }
  });

  it("is minimised in the hard case: the gradient has no part along the least eigenvalue", () => {
    const H = Float64Array.of(-2, 0, 0, 0, -2, 0, 0, 0, 3);
    for (const g of [Float64Array.of(0, 0, 1), Float64Array.of(0, 0, 0), Float64Array.of(0, 1e-18, 1)]) {
      const model = new DenseModel(H, g);
      for (const radius of [0.5, 2, 100]) {
        expectGlobal(H, g, radius, model);
        expect(model.minimize(radius).isOnBoundary).toBe(true);
        expect(model.curvature).toBe(-2);
      }
    }
  });

  it("takes a step inside where the Hessian is singular and the gradient lies in its range", () => {
    const H = Float64Array.of(2, 0, 0, 0);
    const inside = new DenseModel(H, Float64Array.of(1, 0)).minimize(10);
    expect([Array.from(inside.step), inside.isOnBoundary]).toEqual([[-0.5, 0], false]);
    expect(new DenseModel(H, Float64Array.of(1, 1)).minimize(10).isOnBoundary).toBe(true);
  });
});

describe("the dense model of a Hessian of rank 1", () => {
  it("does not follow what rounding left in the null space", () => {
    const u = Float64Array.from({ length: 10 }, (_, i) => Math.sin(i + 1) / 3);
    const H = Float64Array.from({ length: 100 }, (_, k) => u[Math.floor(k / 10)]! * u[k % 10]!);
    const { step, isOnBoundary } = new DenseModel(
      H,
      u.map((entry) => 0.1 * entry),
    ).minimize(Number.POSITIVE_INFINITY);
    // -0.1 u / <u, u>
    expect(isOnBoundary).toBe(false);
    for (const [i, entry] of step.entries()) expect(entry).toBeCloseTo((-0.1 * u[i]!) / dot(u, u), 10);
  });
});

describe("solveSecular", () => {
  it("keeps its digits next to the pole, where mu itself cannot show the distance", () => {
    const { h, isOnBoundary } = solveSecular(Float64Array.of(-1, 2), Float64Array.of(1e-40, 1), 5);
    expect(isOnBoundary).toBe(true);
    expect(norm(h)).toBeCloseTo(5, 12);
    expect(h[1]).toBeCloseTo(-1 / 3, 12);
  });
});

const productOf = (H: Vector, n: number) => {
  const counted = { products: 0 };
  const product = (v: Vector, out: Vector) => {
    counted.products += 1;
    multiply(out, H, n, n, v);
  };
  return { counted, product };
};

describe("the model in Lanczos' basis", () => {
  it("has the global minimum once the basis is complete", () => {
    for (const n of [1, 2, 3, 7, 20]) {
      for (const seed of [4, 5]) {
        const H = randomSymmetric(n, seed);
        const g = normal(n, seed);
        for (const radius of radii) expectGlobal(H, g, radius, new LanczosModel(productOf(H, n).product, g, 1e-14));
      }
    }
  });

  it("keeps no more vectors than it may, and falls within their space", () => {
    const n = 40;
    const H = randomSymmetric(n, 3);
    const g = normal(n, 3);
    const { product, counted } = productOf(H, n);
    const model = new LanczosModel(product, g, 1e-14, 7);
    const { step, predicted } = model.minimize(2);
    expect(counted.products).toBe(7);
    expect(Math.abs(fall(H, g, step) - predicted)).toBeLessThan(1e-10);
    expect(model.refine()).toBe(false);
    expect(counted.products).toBe(7);
  });

  it("needs no new product for a smaller ball", () => {
    const { product, counted } = productOf(randomSymmetric(20, 6), 20);
    const model = new LanczosModel(product, normal(20, 6), 1e-3);
    const first = model.minimize(10);
    const { products } = counted;
    const second = model.minimize(1);
    expect(counted.products).toBe(products);
    expect(second.predicted).toBeLessThan(first.predicted);
  });
});

describe("Steihaug's path", () => {
  it("takes what rounding leaves of a null space for a direction without a minimum", () => {
    const H = Float64Array.from({ length: 49 }, (_, k) => (k % 8 === 0 && k < 48 ? 1 : 0));
    const g = Float64Array.of(0.62, 1.36, 1.27, 0.96, 0.55, 0.54, -0.15);
    const { step, predicted, isOnBoundary } = new SteihaugModel(productOf(H, 7).product, g, 1e-10).minimize(
      Number.POSITIVE_INFINITY,
    );
    expect(isOnBoundary).toBe(true);
    expect(norm(step)).toBeLessThan(100);
    expect(predicted).toBeGreaterThan(2);
  });

  it("falls along its whole length, and a smaller ball needs no new product", () => {
    for (const seed of [1, 2, 3, 4]) {
      const n = 20;
      const H = randomSymmetric(n, seed);
      const g = normal(n, seed);
      const { product, counted } = productOf(H, n);
      const model = new SteihaugModel(product, g, 1e-10);
      const far = model.minimize(100);
      const { products } = counted;
      let last = far.predicted * (1 + 1e-12);
      for (const radius of [50, 10, 1, 0.1]) {
        const { step, predicted, isOnBoundary } = model.minimize(radius);
        expect(predicted).toBeLessThanOrEqual(last);
        expect(norm(step)).toBeLessThan(radius * (1 + 1e-12));
        expect(Math.abs(fall(H, g, step) - predicted)).toBeLessThan(1e-11 * Math.max(1, radius) ** 2);
        if (isOnBoundary) expect(norm(step)).toBeCloseTo(radius, 10);
        // at least as good as the best step along the gradient
        const along = -fall(H, new Float64Array(n), g) * 2;
        const cauchy = along > 0 ? Math.min(dot(g, g) / along, radius / norm(g)) : radius / norm(g);
        expect(predicted).toBeGreaterThan(
          fall(
            H,
            g,
            g.map((entry) => -cauchy * entry),
          ) - 1e-9,
        );
        last = predicted;
      }
      expect(counted.products).toBe(products);
      expect(model.curvature).toBeLessThan(0);
    }
  });
});

interface SubproblemCase {
  readonly kind: string;
  readonly case: string;
  readonly B: readonly (readonly number[])[];
  readonly g: readonly number[];
  readonly radius: number;
  readonly p: readonly string[];
  readonly model_value: string;
}

describe("reference subproblems", () => {
  const cases = readCase<{ quasi_newton: readonly SubproblemCase[] }>("optim/second-order.json").quasi_newton.filter(
    ({ kind }) => kind === "trust_region_subproblem",
  );
  it.each(cases.map((each) => [each.case, each] as const))("%s", (_, { B, g, radius, p, model_value }) => {
    const H = Float64Array.from(B.flat());
    const gradient = Float64Array.from(g);
    for (const model of [
      new DenseModel(H, gradient),
      new LanczosModel(productOf(H, g.length).product, gradient, 1e-14),
      new SteihaugModel(productOf(H, g.length).product, gradient, 1e-14),
    ]) {
      const { step, predicted } = model.minimize(radius);
      for (const [i, wanted] of p.entries()) expect(Math.abs(step[i]! - Number(wanted))).toBeLessThan(1e-10);
      expect(Math.abs(predicted + Number(model_value))).toBeLessThan(1e-10);
    }
  });
});
