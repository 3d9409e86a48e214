import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { pathSums, roundingSums } from "../../src/check/absolute.ts";
import { checkModel, formatReport } from "../../src/check.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { loadModel } from "../../src/model/load.ts";

vi.setConfig({ testTimeout: 60_000 });

const folder = new URL("../../grammar/examples/", import.meta.url);
const examples = readdirSync(folder).filter((name) => name.endsWith(".nabla"));
/** Where sizes that are drawn seldom fit each other. */
const sizes: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "cnn.nabla": { B: 2, C: 2, F: 3, H: 6, K: 2 },
};

describe("nabla check", () => {
  it.each(examples)("trusts %s, and takes no minute to say so", async (name) => {
    const model = loadModel({ name, text: readFileSync(new URL(name, folder), "utf8") });
    const report = await checkModel(model, { points: 2, sizes: sizes[name] ?? {} });
    expect(report.passed, formatReport(report)).toBe(true);
  });

  it("finds the same bits where a size happens to be 1", async () => {
    const text = `param H: [m, n], r: [m], A: [m, m]
      let S = H @ H' + exp(r) * eye(m)
      loss = sum(solve(S, H, positiveDefinite = true)^2) + sum(solve(A, H)) + sum(solveTriangular(S, H, lower = true)^2)`;
    const report = await checkModel(loadModel({ name: "columns.nabla", text }), { sizes: { n: 1, m: 5 }, points: 5 });
    expect(report.passed, formatReport(report)).toBe(true);
  });
});

/** Losses in x and y that change by nothing along (1, 1), and by 6 if nothing cancelled. */
const cancelling: Readonly<Record<string, string>> = {
  sums: "3 * x - 3 * y",
  scans: "scan(i in 0..3, s = 0: s + x - y)",
  "stacks of scans": "sum(map(i in 0..3: x - y))",
  whiles: "while(s = 0, k = 0, test = k < 3, limit = 9: { s = s + x - y; k = k + 1 }).s",
  "choices by one number": "if x + y > 0 then sum(scan(i in 0..3, s = zeros(1): s + x - y)) else 0",
  "loops within loops": "scan(i in 0..1, s = 0: s + scan(j in 0..3, t = 0: t + x - y))",
  definitions: "long(x) - long(y)",
};
const long = `def once(x) = sin(x) * cos(x) + tanh(x) * x - sin(x) * cos(x) + exp(x) * sin(x) - exp(x) * sin(x) - tanh(x) * x
  def long(x) = 3 * x + once(x) + once(2 * x) + once(3 * x) - once(x) - once(2 * x) - once(3 * x)`;

describe("path sums", () => {
  it.each(Object.entries(cancelling))("see what cancels in %s", (_, text) => {
    const { loss, parameters } = loadModel({ name: "sums.nabla", text: `${long}\nparam x, y\nloss = ${text}` });
    const changes = new Map(parameters.map(({ expr }) => [expr, expr.graph.constant(1)]));
    const values = new Map(parameters.map(({ expr }) => [expr, [0.5]]));
    const roots = [pathSums([loss!], changes)[0]!, roundingSums([loss!])[0]!];
    const [paths, rounding] = interpret(roots, { sizes: new Map(), values }, realField);
    expect(paths![0]!).toBeGreaterThanOrEqual(6);
    // values are rounded on the way as well
    expect(rounding![0]!).toBeGreaterThan(2);
    for (const [scale] of [paths!, rounding!]) expect(scale!).toBeLessThan(1000);
  });
});
