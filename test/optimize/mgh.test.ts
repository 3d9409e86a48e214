import { describe, expect, it } from "vitest";
import { mghOracle, mghProblems } from "./mgh.ts";

/** Losses at the standard starts as they are published, where they are. */
const published: Readonly<Record<string, number>> = {
  Rosenbrock: 24.2,
  "Freudenstein and Roth": 400.5,
  "Powell badly scaled": 1.13526172,
  "Brown badly scaled": 9.99998e11,
  Beale: 14.203125,
  "Jennrich and Sampson": 4171.3062,
  "helical valley": 2500,
  Bard: 41.68169586,
  Gaussian: 3.8881e-6,
  Meyer: 1.6936078e9,
  Gulf: 12.11070583,
  Box: 1031.15381,
  "Powell singular": 215,
  Wood: 19192,
  "Kowalik and Osborne": 5.313172e-3,
  "Brown and Dennis": 7926693.3,
  "Osborne 1": 0.879026,
  "Biggs EXP6": 0.77907,
  "Osborne 2": 2.09342,
  "Watson 6": 30,
  "penalty I 4": 885.06264,
  "penalty I 10": 148032.56535,
  "penalty II 4": 2.34000881,
  "penalty II 10": 162.6527766,
  "variably dimensioned 10": 2198551.1625,
  "trigonometric 10": 7.0757595e-3,
  "Brown almost linear 10": 273.248048,
};

describe("the More-Garbow-Hillstrom problems", () => {
  it("are all 35", () => expect(new Set(mghProblems.map(({ number }) => number)).size).toBe(35));
  it("have the published losses at their starts", () => {
    for (const problem of mghProblems) {
      const wanted = published[problem.name];
      if (wanted === undefined) continue;
      const loss = mghOracle(problem).loss(Float64Array.from(problem.start));
      expect(Math.abs(loss - wanted) / wanted, problem.name).toBeLessThan(1e-4);
    }
  });
});
