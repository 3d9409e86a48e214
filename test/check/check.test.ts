import { describe, expect, it } from "vitest";
import { arbitraries, checkModel, formatReport } from "../../src/check.ts";
import type { CompilableModel } from "../../src/compile/compile.ts";
import { Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { relu } from "../../src/ops/activation.ts";
import { mul } from "../../src/ops/algebra.ts";
import { sum } from "../../src/ops/contractions.ts";
import { unary } from "../../src/ops/define.ts";
import { log } from "../../src/ops/exponential.ts";
import { cos, sin } from "../../src/ops/trigonometric.ts";
import { embedding, logarithms, logistic, modelOf, network, rosenbrock } from "./models.ts";

const good: Record<string, () => CompilableModel> = {
  logistic,
  rosenbrock,
  "a network of two layers": () => network(2),
  "a network with kinks": () => network(1, relu),
  "a lookup": embedding,
  "a loss for positive parameters": logarithms,
};

describe("checkModel", () => {
  it.each(Object.entries(good))("trusts %s", async (_, build) => {
    const report = await checkModel(build(), { points: 10 });
    expect(report.passed, formatReport(report)).toBe(true);
    expect(report.laws.every(({ comparisons }) => comparisons > 0)).toBe(true);
  });
});
