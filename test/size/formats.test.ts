import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { script } from "./bundle.ts";

/** The language itself and nothing of a host: no URL, no console, no timers. */
const run = (code: string): unknown => runInNewContext(code, {});

describe("the core as a script", () => {
  it("runs where there is nothing but the language", async () => {
    const code = await script("index.ts");
    const program = `
      const { compile, model, vec } = nabla;
      const { hvp } = compile(model({ w: vec("n") }, ({ w }) => w.exp().sum()), { wrt: ["w"] });
      hvp({ w: [0, 1] }, { w: [1, 2] }).w[0];`;
    expect(run(code + program)).toBe(1);
  });

  it("says what is wrong", async () => {
    const code = await script("index.ts");
    const program = 'nabla.model({ w: nabla.vec("n") }, ({ v }) => v.sum());';
    expect(() => run(code + program)).toThrow('unknown name "v"');
  });
});

describe("the language as a script", () => {
  it("runs where there is nothing but the language", async () => {
    const code = await script("language/all.ts");
    const program = 'nabla.compileText("param x\\nloss = x^3 / 6").hvp({ x: 2 }, { x: 1 }).x[0];';
    expect(run(code + program)).toBe(2);
  });
});
