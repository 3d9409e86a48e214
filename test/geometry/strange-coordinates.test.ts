import { describe, expect, it } from "vitest";
import { pivotedQR, solveLeastSquares } from "../../src/numeric/dense/least-squares.ts";
import { fillNormal } from "../../src/numeric/random.ts";
import { dot, norm } from "../../src/numeric/vectors.ts";

/** The coordinates of v in the basis, whose vectors are given one after the other. */
function coordinates(basis: readonly Float64Array[], v: Float64Array): Float64Array {
  const n = v.length;
  const matrix = new Float64Array(n * n);
  for (const [j, b] of basis.entries()) for (let i = 0; i < n; i++) matrix[i * n + j] = b[i]!;
  const x = new Float64Array(n);
  solveLeastSquares(x, pivotedQR(matrix, n, n), v.slice());
  return x;
}

/** b_1 = d / sqrt(eta <g, d>) and n - 1 vectors that g takes to 0. */
function basisFor(g: Float64Array, d: Float64Array, eta: number): Float64Array[] {
  const n = g.length;
  const length = Math.sqrt(eta * dot(g, d));
  const largest = g.reduce((best, entry, i) => (Math.abs(entry) > Math.abs(g[best]!) ? i : best), 0);
  const others = Array.from({ length: n }, (_, j) => j).filter((j) => j !== largest);
  const inKernel = others.map((j) => {
    const b = new Float64Array(n);
    b[j] = 1;
    b[largest] = -g[j]! / g[largest]!;
    return b;
  });
  return [d.map((entry) => entry / length), ...inKernel];
}

const covectorIn = (basis: readonly Float64Array[], g: Float64Array) => basis.map((b) => dot(g, b));

describe("the direction of a gradient", () => {
  const draws = Array.from({ length: 40 }, (_, seed) => {
    const n = 2 + (seed % 6);
    const g = new Float64Array(n);
    const d = new Float64Array(n);
    fillNormal(g, 1, seed);
    fillNormal(d, 2, seed);
    if (dot(g, d) < 0) for (let i = 0; i < n; i++) d[i] = -d[i]!;
    return { g, d, eta: 2 ** ((seed % 9) - 4) };
  });

  it("is any direction of ascent: a basis exists in which eta times its coordinates are those of d", () => {
    for (const { g, d, eta } of draws) {
      const basis = basisFor(g, d, eta);
      const ofGradient = covectorIn(basis, g).map((entry) => eta * entry);
      const ofDirection = coordinates(basis, d);
      const error = norm(ofDirection.map((entry, i) => entry - ofGradient[i]!));
      expect(error).toBeLessThanOrEqual(1e-12 * norm(ofDirection));
    }
  });

  it("is not that of its coordinates in another basis, which other bases show", () => {
    const { g, d, eta } = draws[3]!;
    const basis = basisFor(g, d, eta).map((b, i) => (i === 0 ? b : b.map((entry, j) => entry + 0.1 * d[j]!)));
    const ofGradient = covectorIn(basis, g).map((entry) => eta * entry);
    const ofDirection = coordinates(basis, d);
    expect(norm(ofDirection.map((entry, i) => entry - ofGradient[i]!))).toBeGreaterThan(1e-3 * norm(ofDirection));
  });

  it("gives one change of the loss in every basis: coordinates go there and back, and the pairing stays", () => {
    for (const { g, d, eta } of draws) {
      const basis = basisFor(g, d, eta);
      const v = d.map((entry, i) => entry + g[i]!);
      const inBasis = coordinates(basis, v);
      const back = new Float64Array(v.length);
      for (const [j, b] of basis.entries()) for (let i = 0; i < v.length; i++) back[i] = back[i]! + inBasis[j]! * b[i]!;
      expect(norm(back.map((entry, i) => entry - v[i]!))).toBeLessThanOrEqual(1e-12 * norm(v));
      const pairing = dot(Float64Array.from(covectorIn(basis, g)), inBasis);
      expect(Math.abs(pairing - dot(g, v))).toBeLessThanOrEqual(1e-12 * norm(g) * norm(v));
    }
  });
});
