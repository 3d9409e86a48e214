import { transformSync } from "esbuild";
import { describe, expect, it } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import { compileClosures, compileClosuresOver } from "../../src/emit/closures/closures.ts";
import { compileJavaScript } from "../../src/emit/javascript.ts";
import { complexPairs, dualPairs, type PairCompiled } from "../../src/emit/pairs/arrays.ts";
import { compileComplex, compileDual } from "../../src/emit/pairs/pairs.ts";
import { emitModule } from "../../src/emit.ts";
import { loadModel } from "../../src/model/load.ts";
import { Philox } from "../../src/numeric/random.ts";
import { asPairs, boundOf, functionOf, sizesOf, vectorsOf } from "../emit/run.ts";
import { complexStep, outputAt } from "./evaluate.ts";

const load = (text: string) => loadModel({ name: "random.nabla", text });
const drawn = (expression: string, key = 7) => outputAt(load(`data key: int\noutput z = ${expression}`), "z", { key });

describe("a random number", () => {
  it("is that of the generator of the optimisers, for its key, stream and place", () => {
    const random = new Philox();
    const wanted = Array.from({ length: 6 }, (_, place) => random.at(2 ** 31 - 2, 3, place).uniform(0));
    expect(drawn("uniform(key, [2, 3], stream = 3)", 2 ** 31 - 2)).toEqual(wanted);
    expect(drawn("flatten(uniform(key, [3, 2], stream = 3))", 2 ** 31 - 2)).toEqual(wanted);
    expect(drawn("uniform(key, stream = 3)", 2 ** 31 - 2)).toEqual(wanted.slice(0, 1));
  });

  it("is the program's for keys below 0 as well", () => {
    const model = load("data key: int\noutput z = uniform(key, [3], stream = 2)");
    for (const key of [-1, -7, -(2 ** 31) + 1]) {
      const { z } = compileModel(model).bind({ key }).outputs({});
      expect(outputAt(model, "z", { key })).toEqual(Array.from(z!));
    }
  });

  it("is the same to the bit in every engine", () => {
    const model = load(`
      param mu, sigma
      let keeps = bernoulli(5, 0.3, [4])
      let z = mu + sigma * normal(12345, [3, 4], stream = 2)
      loss = sum(i, j: if keeps[j] then z[i, j] else 2 * z[i, j]) + sum(mu * uniform(99, [5])) + mu * randomInt(3, 2, 9)`);
    const subject = functionOf(model, "loss");
    const { program } = subject.lowered;
    const { signature } = subject;
    const point = [0.25, 1.5];
    const vectors = () => {
      const given = vectorsOf(subject, 2, 1);
      given[0]!.set(point);
      return given;
    };
    const wanted = compileJavaScript(program, signature).bind(sizesOf(subject), boundOf(subject))(...vectors());
    expect(Number.isFinite(wanted)).toBe(true);
    expect(compileClosures(program, signature).bind(sizesOf(subject), boundOf(subject))(...vectors())).toBe(wanted);
    const pairs: readonly PairCompiled[] = [
      compileComplex(program, signature),
      compileDual(program, signature),
      compileClosuresOver(complexPairs, program, signature),
      compileClosuresOver(dualPairs, program, signature),
    ];
    for (const engine of pairs) {
      const bound = engine.bind(sizesOf(subject), asPairs(boundOf(subject)));
      expect(bound(...asPairs(vectors()))?.first).toBe(wanted);
    }
    const { code } = transformSync(emitModule(model), { loader: "ts", format: "cjs", target: "es2022" });
    const module = { exports: {} as { bind(): { loss(params: object): number } } };
    new Function("module", "exports", code)(module, module.exports);
    expect(module.exports.bind().loss({ mu: 0.25, sigma: 1.5 })).toBe(wanted);
  });

  it("keeps to the uniform distribution", () => {
    const count = 40_000;
    const bins = new Array<number>(50).fill(0);
    const numbers = drawn(`uniform(key, [${count}])`);
    for (const u of numbers) {
      expect(u >= 0 && u < 1).toBe(true);
      bins[Math.floor(u * 50)]!++;
    }
    // chi squared with 49 degrees of freedom lies below 95 but for one in ten thousand keys
    expect(bins.reduce((sum, got) => sum + (got - count / 50) ** 2 / (count / 50), 0)).toBeLessThan(95);
    for (const lag of [1, 2, 7]) {
      const product = numbers.slice(lag).reduce((sum, u, k) => sum + (u - 0.5) * (numbers[k]! - 0.5), 0);
      // a correlation has the standard deviation 1/sqrt(count); four of them
      expect(Math.abs((12 * product) / count)).toBeLessThan(4 / Math.sqrt(count));
    }
  });

  it("keeps to the normal distribution", () => {
    const count = 40_000;
    const numbers = drawn(`normal(key, [${count}])`);
    const moment = (power: number) => numbers.reduce((sum, z) => sum + z ** power, 0) / count;
    // standard deviations of the moments of a normal sample: sqrt(1, 2, 15, 96)/sqrt(count); four of them
    expect(Math.abs(moment(1))).toBeLessThan(4 / Math.sqrt(count));
    expect(Math.abs(moment(2) - 1)).toBeLessThan((4 * Math.SQRT2) / Math.sqrt(count));
    expect(Math.abs(moment(3))).toBeLessThan((4 * Math.sqrt(15)) / Math.sqrt(count));
    expect(Math.abs(moment(4) - 3)).toBeLessThan((4 * Math.sqrt(96)) / Math.sqrt(count));
  });

  it.each(["uniform(key + 1, [5000])", "uniform(key, [5000], stream = 1)", "uniform(-key, [5000])"])(
    "has nothing to do with that of another key or stream: %s",
    (other) => {
      const [a, b] = [drawn("uniform(key, [5000])"), drawn(other)];
      const product = a.reduce((sum, u, k) => sum + (u - 0.5) * (b[k]! - 0.5), 0);
      expect(Math.abs((12 * product) / 5000)).toBeLessThan(4 / Math.sqrt(5000));
    },
  );

  it("holds as often as it should, and takes every whole number of a range", () => {
    const held = drawn("bernoulli(key, 0.3, [10000])").reduce((sum, value) => sum + value, 0);
    expect(Math.abs(held / 10_000 - 0.3)).toBeLessThan(4 * Math.sqrt(0.21 / 10_000));
    expect(drawn("bernoulli(key, [0, 1, 0, 1])")).toEqual([0, 1, 0, 1]);
    const dice = drawn("randomInt(key, -2, 4, [6000])");
    for (const side of [-2, -1, 0, 1, 2, 3]) {
      const share = dice.filter((value) => value === side).length / 6000;
      expect(Math.abs(share - 1 / 6)).toBeLessThan(4 * Math.sqrt(5 / 36 / 6000));
    }
    expect(new Set(dice).size).toBe(6);
  });

  it("takes a key from an iterator", () => {
    const text = "data keys: int[n]\noutput z = [k in 0..n: uniform(keys[k], [2])]";
    const each = [3, 4].flatMap((key) => drawn("uniform(key, [2])", key));
    expect(outputAt(load(text), "z", { keys: [3, 4] })).toEqual(each);
  });
});

describe("dropout", () => {
  const text = `
    param x: [n]
    data step: int
    loss = sum(sin(dropout(7, x, 0.4, stream = step))^2)
    output kept = dropout(7, x, 0.4, stream = step)
    output slope = grad(loss, x)
    output curvature = sum(grad(loss, x)^3)
    output second = grad(sum(grad(loss, x)^3), x)`;
  const x = Array.from({ length: 200 }, (_, k) => (k - 99.5) / 64);

  it("keeps a share of the elements, scaled, others at each step", () => {
    const kept = (step: number) => outputAt(load(text), "kept", { x, step });
    const first = kept(0);
    for (const [k, value] of first.entries()) if (value !== 0) expect(value).toBe(x[k]! / (1 - 0.4));
    expect(Math.abs(first.filter((value) => value !== 0).length / 200 - 0.6)).toBeLessThan(4 * Math.sqrt(0.24 / 200));
    expect(kept(0)).toEqual(first);
    expect(kept(1)).not.toEqual(first);
  });

  it("has the derivatives of what it keeps, compiled, to second order", () => {
    const model = load(text);
    const few = x.slice(90, 110);
    const { gradient } = compileModel(model).bind({ step: 0 }).lossAndGradient({ x: few });
    const wanted = complexStep(model, model.loss!, "x", { x: few, step: 0 });
    for (const [k, value] of wanted.entries()) expect(gradient.x![k]).toBeCloseTo(value, 13);
    const second = complexStep(model, model.outputs.get("curvature")!, "x", { x: few, step: 0 });
    const got = outputAt(model, "second", { x: few, step: 0 });
    for (const [k, value] of second.entries()) expect(got[k]).toBeCloseTo(value, 12);
  });
});

describe("what random numbers refuse", () => {
  it.each([
    ["uniform(0.5)", "the key of uniform is an int, got a real"],
    ["uniform([1, 2], [3])", "the key of uniform is one number, got [2]"],
    ["uniform(key, [3], stream = x)", "the stream of uniform is an int"],
    ["bernoulli(key, 1.5, [3])", "a probability from 0 to 1, got 1.5"],
    ["dropout(key, x, 1)", "the rate is below 1"],
    ["randomInt(key, 3, 3)", "numbers to choose from, got 3..3"],
    ["rand(key)", 'Write "uniform(key, [n])"'],
  ])("%s", (expression, message) => {
    expect(() => load(`data key: int, x\noutput z = ${expression}`)).toThrow(message);
  });

  it.each([
    ["randomInt(key, 0, n, [3])", 3],
    ["randomInt(key, n, 2 * n, [3])", 3],
    ["randomInt(key, 3, n + 3, [n])", 0],
    ["[i in 0..n: randomInt(i, 0, n)]", 0],
    ["if n > 0 then randomInt(key, 0, n) else 5", 1],
  ])("%s where there is nothing to choose from, unless it draws none", (expression, least) => {
    const model = compileModel(load(`size n\ndata key: int\noutput z = ${expression}`));
    const drawnFor = (n: number) => model.bind({ key: 4 }, { n }).outputs({}).z!;
    for (const number of drawnFor(2)) expect(number % 1).toBe(0);
    if (least === 3)
      expect(() => drawnFor(0)).toThrow("randomInt needs numbers to choose from: needed 1 and above, got 0");
    else expect(drawnFor(0)).toHaveLength(least);
  });
});
