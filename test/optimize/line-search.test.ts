import { describe, expect, it } from "vitest";
import { backtracking, type Conditions, hagerZhang, type Line, moreThuente, searchAlong } from "../../src/optimize.ts";

/** A function of one number with its derivative, as a line from 0 that counts its trials. */
function lineOf(phi: (t: number) => number, slope: (t: number) => number): Line & { readonly trials: number[] } {
  const trials: number[] = [];
  return {
    trials,
    start: { step: 0, value: phi(0), slope: slope(0) },
    at(step) {
      trials.push(step);
      return { step, value: phi(step), slope: slope(step) };
    },
  };
}

const wolfe: Conditions = { decrease: 1e-4, curvature: 0.1, slack: 1e-10 };
const armijo: Conditions = { decrease: 1e-4, curvature: Number.POSITIVE_INFINITY, slack: 0 };
const searches = { moreThuente, hagerZhang };

/** The functions 1-3 and 4 of More and Thuente (1994), section 5, and others. */
const lines: Readonly<Record<string, () => ReturnType<typeof lineOf>>> = {
  "-t/(t^2 + 2)": () =>
    lineOf(
      (t) => -t / (t * t + 2),
      (t) => (t * t - 2) / (t * t + 2) ** 2,
    ),
  "(t + 0.004)^5 - 2 (t + 0.004)^4": () =>
    lineOf(
      (t) => (t + 0.004) ** 5 - 2 * (t + 0.004) ** 4,
      (t) => 5 * (t + 0.004) ** 4 - 8 * (t + 0.004) ** 3,
    ),
  "a parabola": () =>
    lineOf(
      (t) => (t - 3) ** 2,
      (t) => 2 * (t - 3),
    ),
  "e^t - 30 t": () =>
    lineOf(
      (t) => Math.exp(t) - 30 * t,
      (t) => Math.exp(t) - 30,
    ),
  "waves on a slope": () =>
    lineOf(
      (t) => 0.01 * (t - 40) ** 2 + Math.cos(t + 1),
      (t) => 0.02 * (t - 40) - Math.sin(t + 1),
    ),
};

describe.each(Object.entries(searches))("the search %s", (_name, strategy) => {
  for (const [what, make] of Object.entries(lines)) {
    it.each([1e-3, 0.1, 1, 10, 1e3])(`finds a step with Wolfe's conditions on ${what} from %d`, (first) => {
      const line = make();
      const found = searchAlong(line, strategy, first, wolfe);
      expect(found.kind).toBe("accepted");
      if (found.kind !== "accepted") return;
      const { start } = line;
      expect(found.trial.value).toBeLessThanOrEqual(start.value + 1e-4 * found.trial.step * start.slope);
      expect(Math.abs(found.trial.slope)).toBeLessThanOrEqual(-0.1 * start.slope);
      expect(line.trials.length).toBeLessThanOrEqual(25);
      expect(line.trials.at(-1)).toBe(found.trial.step);
    });
  }

  it("needs two trials for the minimiser of a parabola", () => {
    const line = lines["a parabola"]!();
    expect(searchAlong(line, strategy, 4, { ...wolfe, curvature: 1e-9 }).kind).toBe("accepted");
    expect(line.trials).toHaveLength(2);
    expect(line.trials[1]).toBeCloseTo(3, 12);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])("steps back from where the loss is %d", (bad) => {
    // -log(1 - t) - 4 t: beyond 1 there is nothing; the minimiser is 3/4
    const line = lineOf(
      (t) => (t < 1 ? -Math.log(1 - t) - 4 * t : bad),
      (t) => (t < 1 ? 1 / (1 - t) - 4 : bad),
    );
    for (const first of [0.9, 1, 50, 1e9]) {
      const found = searchAlong(line, strategy, first, wolfe);
      expect(found.kind).toBe("accepted");
      if (found.kind === "accepted") expect(Math.abs(found.trial.step - 0.75)).toBeLessThan(0.25);
    }
  });

  it("says that a loss is unbounded, by its value or by its slope at the farthest step", () => {
    const falling = lineOf(
      (t) => -t,
      () => -1,
    );
    expect(searchAlong(falling, strategy, 1, wolfe).kind).toBe("unbounded");
    const cubic = lineOf(
      (t) => (t > 1e5 ? Number.NEGATIVE_INFINITY : -t - t ** 3),
      (t) => -1 - 3 * t * t,
    );
    expect(searchAlong(cubic, strategy, 1, wolfe).kind).toBe("unbounded");
    expect(falling.trials.length + cubic.trials.length).toBeLessThan(60);
  });

  it("is stuck, after a limited number of trials, where the gradient lies", () => {
    const lying = lineOf(
      (t) => t,
      () => -1,
    );
    expect(searchAlong(lying, strategy, 1, wolfe).kind).toBe("stuck");
    expect(lying.trials.length).toBeLessThanOrEqual(60);
  });

  it("decides by slopes where rounding hides the loss", () => {
    // 1 + (t - 1)^2 1e-18 is 1 in float64, with slopes that are right
    const line = lineOf(
      () => 1,
      (t) => 2e-18 * (t - 1),
    );
    const found = searchAlong(line, hagerZhang, 0.1, wolfe);
    expect(found.kind).toBe("accepted");
    if (found.kind === "accepted") expect(Math.abs(found.trial.step - 1)).toBeLessThan(0.1);
  });
});

describe("backtracking", () => {
  it("takes the first step where it has enough decrease, and shortens it by parabolas where not", () => {
    const line = lines["a parabola"]!();
    expect(searchAlong(line, backtracking, 2, armijo)).toMatchObject({ kind: "accepted", trial: { step: 2 } });
    const found = searchAlong(line, backtracking, 8, armijo);
    expect(found).toMatchObject({ kind: "accepted" });
    if (found.kind === "accepted") expect(found.trial.step).toBeCloseTo(3, 12);
  });
});
