import { describe, expect, it } from "vitest";
import { reportModel } from "../../src/emit.ts";
import { compileText, loadModel } from "../../src/language/all.ts";
import { webAssembly } from "../../src/wasm.ts";

const text = `param spent: [clock]
data X: [n, clock], began: [n]
let residual = X @ spent - began
loss = sum(residual^2) + sum(exp(spent))
output all = residual`;
const data = {
  X: Array.from({ length: 7 }, (_, i) => Array.from({ length: 6 }, (_, j) => ((i * 5 + j * 3) % 7) / 4)),
  began: [1, 2, 3, 4, 5, 6, 7],
};
const params = { spent: [0.5, -0.25, 1, 0, 0.75, -1] };

describe("profile", () => {
  it("tells how often each loop was run, what it took and where it comes from", () => {
    const compiled = compileText(text, { name: "chain.nabla", profile: true });
    const bound = compiled.bind(data);
    expect(compiled.profile()).toEqual([]);
    for (let call = 0; call < 5; call++) bound.lossAndGradient(params);
    bound.outputs(params);
    const times = compiled.profile();
    const of = (name: string) => times.filter((time) => time.function === name);
    expect(of("lossAndGradient").map(({ places, runs }) => [places.join(" "), runs])).toEqual(
      expect.arrayContaining([
        [expect.stringContaining("chain.nabla:3:16"), 5],
        [expect.stringContaining("chain.nabla:4:"), 5],
      ]),
    );
    expect(of("lossAndGradient")).toHaveLength(2);
    expect(of("outputs").map(({ runs }) => runs)).toEqual([1]);
    const spent = times.map(({ milliseconds }) => milliseconds);
    expect(spent).toEqual([...spent].sort((a, b) => b - a));
    expect(Math.min(...spent)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...spent)).toBeGreaterThan(0);
  });

  it("counts the pieces of a loop as one, under all places that they compute", () => {
    const text = `param w: [3], start: [n]
data x: [T, n]
let run = scan(row in x, s = start: {
  s = tanh(s) + row * w[1]
  seen = sum(s^2)
})
loss = sum(run.seen)`;
    const compiled = compileText(text, { name: "steps.nabla", profile: true });
    const bound = compiled.bind({
      x: [
        [1, 2, 3, 4, 5],
        [6, 7, 8, 9, 10],
      ],
    });
    for (let call = 0; call < 3; call++) bound.loss({ w: [1, 2, 3], start: [1, 2, 3, 4, 5] });
    const steps = compiled.profile().filter(({ over }) => over === "T");
    const [scan] = steps.filter(({ places }) => places.some((place) => place.startsWith("steps.nabla:4:")));
    expect(scan).toMatchObject({ function: "loss", runs: 3 });
    expect(scan!.places).toContain("steps.nabla:3:11");
    const [report] = reportModel(loadModel({ name: "steps.nabla", text }), { functions: ["loss"] }).functions;
    const within = report!.loops.filter(({ depth, places }) => depth === 1 && places.join().includes("steps.nabla:4:"));
    expect(within.map(({ over }) => over)).toEqual(["n"]);
  });

  it("changes no bit of the results", () => {
    const [plain, timed] = [false, true].map((profile) => compileText(text, { profile }).bind(data));
    expect(timed!.lossAndGradient(params)).toEqual(plain!.lossAndGradient(params));
    expect(timed!.hvp(params, params)).toEqual(plain!.hvp(params, params));
  });

  it("is asked for when a model is compiled, and times JavaScript alone", () => {
    expect(() => compileText(text).profile()).toThrow("{ profile: true }");
    expect(() => compileText(text, { profile: true, engine: webAssembly() })).toThrow("no other engine");
  });
});
