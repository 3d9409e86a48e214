import { describe, expect, it } from "vitest";
import { type CompileOptions, compileModel } from "../../src/compile/compile.ts";
import { webAssembly } from "../../src/compile/web-assembly.ts";
import { loadModel } from "../../src/model/load.ts";

const step = (v: string) =>
  `[i in 0..n: sin(${v}[mod(i + 1, n)] - ${v}[i]) + ${v}[mod(i - 1, n)] * ${v}[mod(i + n - 1, n)]]`;

const models: Record<string, string> = {
  "neighbours on a ring": `loss = sum(${step("x")})`,
  "steps on a ring": `let u = scan(t in 0..3, u = x: ${step("u")})\nloss = sum(u^2)`,
  "neighbours on a torus": `let y = [i in 0..n, j in 0..n: x[i] * j]
loss = sum(i in 0..n, j in 0..n: y[mod(i + 1, n), mod(j + n - 1, n)]^2 * x[j])`,
  "circular products": "loss = sum([i in 0..n: sum(k in 0..n: x[k] * sin(x[mod(i - k, n)]))]^2)",
  "ranks of a table": "loss = sum(i in 0..n: x[mod(7 * i, n)] * i + x[mod(i, 2) * (n - 1)]^2)",
};

const compiled = (name: string, options?: CompileOptions) =>
  compileModel(loadModel({ name: "ring", text: `param x: [n]\n${models[name]}` }), options);

describe("reads at remainders", () => {
  it.each(Object.keys(models))("have the values and derivatives that they have as they stand: %s", (name) => {
    for (const n of [0, 1, 2, 3, 7]) {
      const results = (options?: CompileOptions) => {
        const { flat } = compiled(name, options).bind({}, { n });
        const x = new Float64Array(n).map((_, i) => Math.sin(3 * i + 1));
        const [g, h] = [x.slice(), x.slice()];
        const loss = flat.lossAndGradient(x, g);
        flat.hvp(x, x.map(Math.cos), h);
        return [loss, ...g, ...h];
      };
      const expected = results({ rewrites: "none" });
      for (const got of [results(), results({ engine: webAssembly({ use: "always" }) })]) {
        for (const [k, value] of expected.entries()) expect(got[k]).toBeCloseTo(value, 10);
      }
    }
  });

  it.each(["neighbours on a ring", "steps on a ring"])("need no quotient where they wrap around once: %s", (name) => {
    const source = compiled(name).source("loss").split("function loss")[1]!;
    expect(source).not.toMatch(/Math\.floor\(\(/);
  });
});
