import { transformSync } from "esbuild";
import { describe, expect, it } from "vitest";
import { model, type sum } from "../../src/build/api/api.ts";
import { param, vec } from "../../src/build/api/declare.ts";
import { compileModel } from "../../src/compile/compile.ts";
import { emitModule } from "../../src/emit.ts";
import { UsageError } from "../../src/ir/errors.ts";
import { formatModel } from "../../src/model/format/format.ts";
import { loadModel } from "../../src/model/load.ts";

const hostile = [
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "*/ throw new Error('ran') /*",
  "'; throw new Error('ran'); '",
  '"; throw new Error("ran"); "',
  ["`$", "{(() => { throw new Error('ran') })()}`"].join(""),
  "\\",
  "\u2028",
  "\n throw new Error('ran')",
  "</script>",
  "a b",
  "",
  "0",
  "é",
  "eval",
  "arguments",
  "x",
  "g",
  "sizes",
  "bind",
  "loss",
];

const entries = (name: string, value: unknown) => Object.fromEntries([[name, value]]) as never;

/** Runs an emitted module. */
function run(text: string) {
  const { code } = transformSync(text, { loader: "ts", format: "cjs", target: "es2022" });
  const module = {
    exports: {} as Record<string, (...all: unknown[]) => Record<string, (...all: unknown[]) => unknown>>,
  };
  new Function("module", "exports", code)(module, module.exports);
  return module.exports;
}

describe("names that look like code", () => {
  it.each(hostile.map((name) => [JSON.stringify(name), name] as const))("%s is an ordinary name", (_, name) => {
    const spec = Object.fromEntries([
      [name, param(["n"])],
      ["weight", vec("n")],
    ]);
    const built = model(
      spec as never,
      (leaves: never) => {
        const x = (leaves as Record<string, ReturnType<typeof sum>>)[name]!;
        const w = (leaves as Record<string, ReturnType<typeof sum>>).weight!;
        return Object.fromEntries([
          ["loss", x.square().mul(w).sum()],
          [name === "loss" ? "other" : name, x.mul(2)],
        ]) as never;
      },
      { name },
    );
    const compiled = compileModel(built, { wrt: [name] });
    const bound = compiled.bind({ weight: [1, 2, 3] });
    const at = entries(name, Float64Array.of(1, 2, 3));
    expect(bound.lossAndGradient(at).loss).toBe(36);
    expect([...bound.lossAndGradient(at).gradient[name]!]).toEqual([2, 8, 18]);
    expect([...bound.hvp(at, entries(name, [1, 1, 1]))[name]!]).toEqual([2, 4, 6]);
    expect([...bound.outputs(at)[name === "loss" ? "other" : name]!]).toEqual([2, 4, 6]);
    expect(compiled.source("hvp").length).toBeGreaterThan(0);
    const module = run(emitModule(built, { wrt: [name], functions: ["loss", "lossAndGradient", "hvp"] }));
    const again = module.bind!({ weight: [1, 2, 3] });
    expect(again.loss!(at)).toBe(36);
    expect([...(again.lossAndGradient!(at) as { gradient: Record<string, Float64Array> }).gradient[name]!]).toEqual([
      2, 8, 18,
    ]);
  });

  it.each(["*/ throw new Error('ran') //.nabla", ["`$", "{process.exit()}`.nabla"].join(""), "\n.nabla"])(
    "%j as a file name is inert",
    (name) => {
      const loaded = loadModel({
        name,
        text: "param x: [3]\nloss = sum(x^2)\noutput y = 2 * x # */ throw new Error('ran')",
      });
      expect(run(emitModule(loaded)).bind!().loss!({ x: [1, 2, 3] })).toBe(14);
      expect(
        compileModel(loaded)
          .bind()
          .loss({ x: [1, 2, 3] }),
      ).toBe(14);
    },
  );

  it("sizes may have any name", () => {
    for (const name of hostile.filter((each) => each !== "")) {
      // a text of digits is a slip for the number
      if (/^\d+$/.test(name)) {
        expect(() => param([name])).toThrow(UsageError);
        continue;
      }
      const built = model({ x: param([name]) }, ({ x }) => x.sum());
      expect(
        compileModel(built)
          .bind()
          .loss({ x: [1, 2, 3] }),
      ).toBe(6);
      expect(run(emitModule(built)).bind!().loss!({ x: [1, 2, 3] })).toBe(6);
    }
  });
});

describe("names in scripts that write with marks", () => {
  it.each(["हिन्दी", "தமிழ்", "ไทยน้ำ", "עִבְרִית", "العَرَبِيَّة", "q̇", "व_२"])("%s is an ordinary name", (name) => {
    const text = `param ${name}: [n]\nlet ${name}ा = 2 * ${name}\nloss = sum(i: ${name}ा[i]^2) / n\n`;
    const loaded = loadModel({ name: `${name}.nabla`, text });
    const { gradient } = compileModel(loaded).bind();
    expect({ ...gradient(entries(name, [1, 2])) }).toEqual({ [name]: Float64Array.of(4, 8) });
    expect(run(emitModule(loaded)).bind!().loss!(entries(name, [1, 2]))).toBe(10);
    expect(formatModel({ name: "m.nabla", text })).toBe(text);
  });

  it.each(["u\u0308", "x\ufe0f", "x\u034f", "x\u20e3"])("%j is refused for what it hides", (name) => {
    expect(() => loadModel({ name: "m.nabla", text: `param ${name}\nloss = 1` })).toThrow("has no meaning here");
  });
});
