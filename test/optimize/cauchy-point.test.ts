import { describe, expect, it } from "vitest";
import { fillNormal } from "../../src/numeric/random.ts";
import { dot, norm } from "../../src/numeric/vectors.ts";
import { cauchyPoint, subspaceDirection } from "../../src/optimize/descent/cauchy-point.ts";
import { CompactModel, extendProducts, type PairProducts } from "../../src/optimize/descent/compact-model.ts";
import type { Pair } from "../../src/optimize/descent/curvature-pairs.ts";

const n = 6;

function normal(seed: number, stream: number): Float64Array {
  const x = new Float64Array(n);
  fillNormal(x, seed, stream);
  return x;
}

/** Pairs of a convex quadratic with some noise in y, of very different lengths, and their model. */
function modelOf(seed: number, count: number) {
  let pairs: readonly Pair[] = [];
  let products: PairProducts = { ss: [], sy: [], yy: [] };
  for (let k = 0; k < count; k++) {
    const s = normal(seed, k).map((entry) => entry * 10 ** -k);
    const y = s.map((entry, i) => (1 + i) * entry + 0.05 * entry * Math.sin(seed + k + i));
    pairs = [...pairs, { s, y, product: dot(s, y) }];
    products = extendProducts(products, pairs, false);
  }
  return { pairs, model: new CompactModel(pairs, products) };
}

/** B by BFGS's updates, one after the other, from theta I. */
function updated(pairs: readonly Pair[], theta: number): Float64Array[] {
  const B = Array.from({ length: n }, (_, i) => new Float64Array(n).fill(theta, i, i + 1));
  for (const { s, y, product } of pairs) {
    const Bs = Float64Array.from(B, (row) => dot(row, s));
    const sBs = dot(s, Bs);
    for (const [i, row] of B.entries()) {
      for (let j = 0; j < n; j++) row[j] = row[j]! - (Bs[i]! * Bs[j]!) / sBs + (y[i]! * y[j]!) / product;
    }
  }
  return B;
}

const draws = Array.from({ length: 30 }, (_, seed) => ({ seed, ...modelOf(seed, seed % 5) }));

describe("the compact form", () => {
  it("is the matrix that BFGS's updates make", () => {
    for (const { seed, pairs, model } of draws) {
      const v = normal(seed, 50);
      const inW = new Float64Array(model.width);
      model.transposed(inW, v);
      model.timesMiddle(inW, inW);
      const row = new Float64Array(model.width);
      for (const [i, wanted] of updated(pairs, model.theta).entries()) {
        model.row(row, i);
        expect(Math.abs(model.theta * v[i]! - dot(row, inW) - dot(wanted, v))).toBeLessThanOrEqual(1e-8 * norm(v));
      }
      const image = new Float64Array(n);
      model.image(image, v);
      for (const [i, wanted] of updated(pairs, model.theta).entries())
        expect(Math.abs(image[i]! - dot(wanted, v))).toBeLessThanOrEqual(1e-8 * norm(v));
    }
  });
});

describe("the system of the free coordinates", () => {
  it("is solved for every choice of them", () => {
    for (const { seed, model } of draws) {
      const v = normal(seed, 70).slice(0, model.width);
      if (v.length < model.width) continue;
      for (let choice = 0; choice < 2 ** n; choice++) {
        const isFree = Uint8Array.from({ length: n }, (_, i) => (choice >> i) & 1);
        const x = new Float64Array(model.width);
        model.solveFree(x, v, isFree);
        const image = new Float64Array(model.width);
        const row = new Float64Array(model.width);
        for (const [i, free] of isFree.entries()) {
          model.row(row, i);
          const along = dot(row, x);
          if (free === 1) for (let k = 0; k < image.length; k++) image[k] = image[k]! + along * row[k]!;
        }
        model.timesMiddle(image, image.slice());
        const left = x.map((entry, k) => entry - image[k]! / model.theta - v[k]!);
        expect(norm(left)).toBeLessThanOrEqual(1e-8 * (norm(v) + norm(x)));
      }
    }
  });
});

describe("the generalised Cauchy point", () => {
  it("is the first local minimiser along the projected gradient, and the subspace step ends where the free gradient is 0", () => {
    for (const { seed, pairs, model } of draws) {
      const B = updated(pairs, model.theta);
      const g = normal(seed, 60);
      const x = new Float64Array(n);
      const box = {
        lower: normal(seed, 61).map((entry) => -0.3 * Math.abs(entry)),
        upper: normal(seed, 62).map((entry) => 0.3 * Math.abs(entry)),
      };
      const at = (t: number) => g.map((entry, i) => Math.min(Math.max(-t * entry, box.lower[i]!), box.upper[i]!));
      const value = (p: Float64Array) =>
        dot(g, p) +
        dot(
          p,
          Float64Array.from(B, (row) => dot(row, p)),
        ) /
          2;
      let t = 0;
      const dt = 1e-4;
      while (value(at(t + dt)) < value(at(t))) t += dt;
      const cauchy = cauchyPoint(model, x, g, box);
      // the grid is within dt of the minimiser, of a path of speed |g|
      expect(norm(cauchy.way.map((entry, i) => entry - at(t)[i]!))).toBeLessThanOrEqual(2 * dt * norm(g));
      expect(value(cauchy.way)).toBeLessThanOrEqual(value(at(t)) + 1e-12);

      const direction = new Float64Array(n);
      subspaceDirection(direction, model, { point: x, gradient: g }, cauchy, box);
      expect(dot(direction, g)).toBeLessThan(0);
      const isInside = direction.every((d, i) => d > box.lower[i]! && d < box.upper[i]!);
      if (!isInside) continue;
      const left = Float64Array.from(B, (row, i) => dot(row, direction) + g[i]!);
      expect(norm(left)).toBeLessThanOrEqual(1e-8 * norm(g));
    }
  });
});
