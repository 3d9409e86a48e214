import type { Oracle } from "../../src/optimize/oracle.ts";

/** Rosenbrock's function of two variables, 100 (y - x^2)^2 + (1 - x)^2: minimum 0 at (1, 1). */
export const rosenbrock: Required<Pick<Oracle, "loss" | "lossAndGradient" | "hvp" | "hessian">> = {
  loss([x, y]) {
    return 100 * (y! - x! ** 2) ** 2 + (1 - x!) ** 2;
  },
  lossAndGradient(point, g) {
    const [x, y] = point as unknown as [number, number];
    g[0] = -400 * x * (y - x ** 2) - 2 * (1 - x);
    g[1] = 200 * (y - x ** 2);
    return this.loss(point);
  },
  hvp([x, y], [u, v], h) {
    h[0] = (1200 * x! ** 2 - 400 * y! + 2) * u! - 400 * x! * v!;
    h[1] = -400 * x! * u! + 200 * v!;
  },
  hessian([x, y], H) {
    H.set([1200 * x! ** 2 - 400 * y! + 2, -400 * x!, -400 * x!, 200]);
  },
};

export const rosenbrockStart = [-1.2, 1];

/** A loss that is a sum over coordinates, with its derivatives. */
export function separable(
  loss: (x: number) => number,
  slope: (x: number) => number,
  curvature: (x: number) => number,
): Oracle & Required<Pick<Oracle, "hvp" | "hessian">> {
  return {
    loss: (x) => x.reduce((sum, entry) => sum + loss(entry), 0),
    lossAndGradient(x, g) {
      for (let i = 0; i < g.length; i++) g[i] = slope(x[i]!);
      return this.loss(x);
    },
    hvp(x, v, h) {
      for (let i = 0; i < h.length; i++) h[i] = curvature(x[i]!) * v[i]!;
    },
    hessian(x, H) {
      H.fill(0);
      for (let i = 0; i < x.length; i++) H[i * (x.length + 1)] = curvature(x[i]!);
    },
  };
}
