import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { figure, type Panel, type Point } from "./chart.ts";
import { complexStep, drift, spectrum, trajectories, units } from "./pictures.ts";

const folder = new URL("../../docs/pictures/", import.meta.url);

/** `npm run pictures` writes; otherwise a picture has to be there. Numbers differ between machines: bytes are not compared. */
function publish(name: string, panels: readonly Panel[], columns?: number): void {
  const text = figure(panels, columns);
  expect(text).not.toMatch(/NaN|Infinity|undefined/);
  const file = new URL(`${name}.svg`, folder);
  if (process.env.MODE === "pictures") {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
  }
  expect(existsSync(file)).toBe(true);
}

const end = (points: readonly Point[]) => points.at(-1)!;
const away = ([x, y]: Point) => Math.hypot(x - 1, y - 1);

describe("the pictures of docs/optimisation.md", () => {
  it("rosenbrock.svg: second-order methods arrive, in a hundredth of the steps", () => {
    const { paths, panels } = trajectories();
    publish("rosenbrock", panels, 3);
    for (const name of ["newton", "newton-cg", "trust-exact"] as const) {
      expect(away(end(paths[name]))).toBeLessThan(1e-6);
      expect(paths[name].length).toBeLessThan(80);
    }
    expect(away(end(paths["sgd, 2000 steps"]))).toBeGreaterThan(0.05);
  });

  it("units.svg: Newton's way is one, that of gradient descent depends on the unit of the loss", () => {
    const { found, panels } = units();
    publish("units", panels);
    for (const [k, [x, y]] of found.newton.nats.entries()) {
      expect(Math.abs(x - found.newton.bits[k]![0])).toBeLessThan(1e-8);
      expect(Math.abs(y - found.newton.bits[k]![1])).toBeLessThan(1e-8);
    }
    expect(Math.abs(end(found.sgd.nats)[0] - end(found.sgd.bits)[0])).toBeGreaterThan(1e-3);
  });

  it("spectrum.svg: the density by products has the ends and the mean of the spectrum", () => {
    const { found, panels } = spectrum();
    publish("spectrum", panels);
    for (const which of ["start", "trained"] as const) {
      const { density, eigenvalues } = found[which];
      const largest = eigenvalues.at(-1)!;
      expect(Math.abs(density.nodes.at(-1)! / largest - 1)).toBeLessThan(1e-6);
      const mean = density.weights.reduce((sum, w, i) => sum + w * density.nodes[i]!, 0);
      const wanted = eigenvalues.reduce((sum, value) => sum + value, 0) / eigenvalues.length;
      // one eigenvalue is most of the trace: 40 probes leave a deviation of sqrt(2 / 40)
      expect(Math.abs(mean / wanted - 1)).toBeLessThan(0.6);
    }
    expect(found.losses[1]!).toBeLessThan(0.2 * found.losses[0]!);
  });

  it("drift.svg: the average follows the gradient where the drift is taken off it", () => {
    const { found, panels } = drift();
    publish("drift", panels);
    const mean = (points: readonly Point[]) => points.slice(10, 80).reduce((sum, [, lag]) => sum + lag, 0) / 70;
    expect(mean(found.followed)).toBeLessThan(0.5 * mean(found.left));
  });

  it("complex-step.svg: differences have a best step, the complex step has none to find", () => {
    const { found, panels } = complexStep();
    publish("complex-step", panels);
    const [forward, central, complex] = found.map(({ points }) => points);
    const least = (points: readonly Point[]) => Math.min(...points.map(([, error]) => error));
    expect(least(forward!)).toBeGreaterThan(1e-10);
    expect(least(central!)).toBeGreaterThan(1e-13);
    for (const [h, error] of complex!) if (h < 1e-9) expect(error).toBeLessThan(1e-14);
  });
});
