import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cholesky, choleskyWithShift, solveCholesky } from "../../src/numeric/dense/cholesky.ts";
import { applyQTransposed, pivotedQR, rankOf, solveLeastSquares } from "../../src/numeric/dense/least-squares.ts";
import { multiply, multiplyTransposed } from "../../src/numeric/dense/matrices.ts";
import {
  gaussQuadrature,
  symmetricEigen,
  symmetricEigenvalues,
  tridiagonalEigen,
} from "../../src/numeric/dense/symmetric-eigen.ts";
import {
  solveLower,
  solveLowerTransposed,
  solveUpper,
  solveUpperTransposed,
} from "../../src/numeric/dense/triangular.ts";
import { maxNorm, norm } from "../../src/numeric/vectors.ts";

const entries = (length: number) =>
  fc.array(fc.integer({ min: -64, max: 64 }), { minLength: length, maxLength: length }).map((integers) => {
    return Float64Array.from(integers, (integer) => integer / 8);
  });
const square = fc.integer({ min: 1, max: 12 }).chain((n) => entries(n * n).map((A) => ({ n, A })));
const rectangle = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
  .chain(([m, n]) => fc.tuple(entries(m * n), entries(m)).map(([A, b]) => ({ m, n, A, b })));

const product = (A: Float64Array, B: Float64Array, m: number, k: number, n: number) => {
  const C = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) for (let l = 0; l < k; l++) C[i * n + j]! += A[i * k + l]! * B[l * n + j]!;
  }
  return C;
};
const transposed = (A: Float64Array, m: number, n: number) =>
  Float64Array.from({ length: m * n }, (_, at) => A[(at % m) * n + Math.floor(at / m)]!);
const symmetric = (A: Float64Array, n: number) => A.map((entry, at) => entry + transposed(A, n, n)[at]!);
const distance = (x: Float64Array, y: Float64Array) => maxNorm(x.map((entry, i) => entry - y[i]!));
const timesVector = (A: Float64Array, m: number, n: number, x: Float64Array) => {
  const y = new Float64Array(m);
  multiply(y, A, m, n, x);
  return y;
};

describe("cholesky", () => {
  it("factors B B' + I, and its solution has a residual at the level of rounding", () => {
    fc.assert(
      fc.property(square, ({ n, A: B }) => {
        const A = product(B, transposed(B, n, n), n, n, n);
        for (let i = 0; i < n; i++) A[i * n + i]! += 1;
        const L = new Float64Array(n * n);
        expect(cholesky(L, A, n)).toBe(n);
        expect(distance(product(L, transposed(L, n, n), n, n, n), A)).toBeLessThan(1e-13 * maxNorm(A));
        const b = Float64Array.from({ length: n }, (_, i) => i - 2);
        const x = new Float64Array(n);
        solveCholesky(x, L, n, b);
        expect(distance(timesVector(A, n, n, x), b)).toBeLessThan(1e-13 * maxNorm(A) * (maxNorm(x) + 1) * n);
      }),
    );
  });

  it("names the first row without a positive pivot", () => {
    const L = new Float64Array(9);
    expect(cholesky(L, Float64Array.of(4, 0, 0, 2, 1, 0, 0, 0, 5), 3)).toBe(1);
    expect(cholesky(L, Float64Array.of(Number.NaN, 0, 0, 2, 1, 0, 0, 0, 5), 3)).toBe(0);
    expect(cholesky(L, Float64Array.of(4, 0, 0, 2, 1, 0, 0, 0, 5), 3, 1)).toBe(3);
  });

  it("finds a shift that is enough, and none where none is needed", () => {
    fc.assert(
      fc.property(square, ({ n, A }) => {
        const S = symmetric(A, n);
        const L = new Float64Array(n * n);
        const shift = choleskyWithShift(L, S, n);
        const least = symmetricEigenvalues(S, n)[0]!;
        expect(least + shift).toBeGreaterThan(0);
        if (least > 1e-9) expect(shift).toBe(0);
        const shifted = S.map((entry, at) => entry + (at % (n + 1) === 0 ? shift : 0));
        expect(distance(product(L, transposed(L, n, n), n, n, n), shifted)).toBeLessThan(
          1e-12 * (maxNorm(shifted) + 1),
        );
      }),
    );
  });
});

describe("triangular solves", () => {
  it("undo the products with L, L', U and U'", () => {
    const n = 4;
    const L = Float64Array.of(2, 0, 0, 0, 1, 4, 0, 0, -3, 2, 1, 0, 5, 1, 2, 8);
    const U = transposed(L, n, n);
    const x = Float64Array.of(1, -2, 3, 4);
    const solve = (by: typeof solveLower, A: Float64Array, b: Float64Array) => {
      const out = new Float64Array(n);
      by(out, A, n, b);
      return out;
    };
    expect(solve(solveLower, L, timesVector(L, n, n, x))).toEqual(x);
    expect(solve(solveLowerTransposed, L, timesVector(U, n, n, x))).toEqual(x);
    expect(solve(solveUpper, U, timesVector(U, n, n, x))).toEqual(x);
    expect(solve(solveUpperTransposed, U, timesVector(L, n, n, x))).toEqual(x);
  });
});

describe("pivotedQR", () => {
  it("gives Q' A P = R with a diagonal that does not grow, for every shape", () => {
    fc.assert(
      fc.property(rectangle, ({ m, n, A }) => {
        const qr = pivotedQR(A, m, n);
        const rank = Math.min(m, n);
        for (let j = 0; j < n; j++) {
          const column = Float64Array.from({ length: m }, (_, i) => A[i * n + qr.pivots[j]!]!);
          applyQTransposed(qr, column);
          const wanted = Float64Array.from({ length: m }, (_, i) => (i <= j ? qr.factors[i * n + j]! : 0));
          expect(distance(column, wanted)).toBeLessThan(1e-13 * (maxNorm(A) + 1));
        }
        const R = Array.from({ length: rank }, (_, k) => Math.abs(qr.factors[k * n + k]!));
        for (let k = 1; k < rank; k++) expect(R[k]!).toBeLessThanOrEqual(R[k - 1]! * (1 + 1e-7));
      }),
    );
  });

  it("solves least squares: the residual is orthogonal to every column", () => {
    fc.assert(
      fc.property(rectangle, ({ m, n, A, b }) => {
        const x = new Float64Array(n);
        solveLeastSquares(x, pivotedQR(A, m, n), b.slice());
        const residual = timesVector(A, m, n, x).map((entry, i) => entry - b[i]!);
        const normal = new Float64Array(n);
        multiplyTransposed(normal, A, m, n, residual);
        expect(maxNorm(normal)).toBeLessThan(1e-11 * (maxNorm(A) + 1) ** 2 * (maxNorm(x) + 1));
      }),
    );
  });

  it("sees the rank, and leaves what it cannot determine at 0", () => {
    const A = Float64Array.of(1, 2, 3, 2, 4, 6, 3, 6, 9.5, 4, 8, 12);
    const qr = pivotedQR(A, 4, 3);
    expect(rankOf(qr)).toBe(2);
    const x = new Float64Array(3);
    expect(solveLeastSquares(x, qr, timesVector(A, 4, 3, Float64Array.of(2, 0, 1)))).toBe(2);
    expect(x.filter((entry) => entry === 0)).toHaveLength(1);
    expect(distance(timesVector(A, 4, 3, x), timesVector(A, 4, 3, Float64Array.of(2, 0, 1)))).toBeLessThan(1e-13);
  });
});

describe("symmetricEigen", () => {
  it("gives A v = lambda v, orthonormal v, ascending lambda", () => {
    fc.assert(
      fc.property(square, ({ n, A }) => {
        const S = symmetric(A, n);
        const { values, vectors } = symmetricEigen(S, n);
        for (let k = 0; k < n; k++) {
          const v = vectors.subarray(k * n, (k + 1) * n);
          const scaled = v.map((entry) => values[k]! * entry);
          expect(distance(timesVector(S, n, n, v), scaled)).toBeLessThan(1e-13 * (maxNorm(S) + 1) * n);
          if (k > 0) expect(values[k]!).toBeGreaterThanOrEqual(values[k - 1]!);
        }
        const gram = product(vectors, transposed(vectors, n, n), n, n, n);
        for (let i = 0; i < n; i++) gram[i * n + i]! -= 1;
        expect(maxNorm(gram)).toBeLessThan(1e-13 * n);
        expect(distance(symmetricEigenvalues(S, n), values)).toBeLessThan(1e-13 * (maxNorm(S) + 1) * n);
      }),
    );
  });

  it("knows the spectrum of the second difference, 2 - 2 cos(k pi / (n + 1))", () => {
    const n = 40;
    const { values, vectors } = tridiagonalEigen(new Float64Array(n).fill(2), new Float64Array(n - 1).fill(-1));
    for (let k = 1; k <= n; k++) expect(values[k - 1]).toBeCloseTo(2 - 2 * Math.cos((k * Math.PI) / (n + 1)), 13);
    expect(norm(vectors.subarray(0, n))).toBeCloseTo(1, 14);
  });

  it("says NaN where an entry is NaN, and keeps tiny and huge scales apart", () => {
    expect(symmetricEigenvalues(Float64Array.of(1, Number.NaN, Number.NaN, 1), 2)).toEqual(
      Float64Array.of(Number.NaN, Number.NaN),
    );
    for (const scale of [1e-160, 1e160]) {
      const values = symmetricEigenvalues(
        Float64Array.of(2, 1, 0, 1, 2, 0, 0, 0, 7).map((entry) => entry * scale),
        3,
      );
      expect(Array.from(values, (value) => value / scale)).toEqual([1, 3, 7].map((value) => expect.closeTo(value, 13)));
    }
  });
});

describe("gaussQuadrature", () => {
  it("makes Gauss-Legendre of five points from the Legendre recurrence", () => {
    const off = Float64Array.from({ length: 4 }, (_, i) => (i + 1) / Math.sqrt(4 * (i + 1) ** 2 - 1));
    const { nodes, weights } = gaussQuadrature(new Float64Array(5), off);
    // Abramowitz and Stegun, table 25.4, halved: the weights of a probability
    expect(Array.from(nodes)).toEqual(
      [-0.906179845938664, -0.538469310105683, 0, 0.538469310105683, 0.906179845938664].map((x) =>
        expect.closeTo(x, 14),
      ),
    );
    expect(Array.from(weights, (weight) => 2 * weight)).toEqual(
      [0.236926885056189, 0.478628670499366, 0.568888888888889, 0.478628670499366, 0.236926885056189].map((x) =>
        expect.closeTo(x, 14),
      ),
    );
  });
});
