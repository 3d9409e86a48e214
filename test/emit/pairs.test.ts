import { describe, expect, it, vi } from "vitest";
import type { CompilableModel } from "../../src/compile/compile.ts";
import type { FunctionName } from "../../src/compile/derive.ts";
import { compileClosuresOver } from "../../src/emit/closures/closures.ts";
import { compileJavaScript } from "../../src/emit/javascript.ts";
import { complexPairs, dualPairs, type PairArray, type PairCompiled } from "../../src/emit/pairs/arrays.ts";
import { compileComplex, compileDual } from "../../src/emit/pairs/pairs.ts";
import type { Signature } from "../../src/emit/signature.ts";
import type { Program } from "../../src/lower/program/loops.ts";
import { logistic, long, randomModel } from "./models.ts";
import { asPairs, boundOf, functionOf, packedLength, type Subject, sizesOf, vectorsOf } from "./run.ts";

vi.setConfig({ testTimeout: 30_000 });

type Compile = (program: Program, signature: Signature) => PairCompiled;

const engines: Readonly<Record<string, { readonly compile: Compile; readonly step: number }>> = {
  "printed complex": { compile: compileComplex, step: 2 ** -100 },
  "complex closures": { compile: (...args) => compileClosuresOver(complexPairs, ...args), step: 2 ** -100 },
  "printed dual": { compile: compileDual, step: 1 },
  "dual closures": { compile: (...args) => compileClosuresOver(dualPairs, ...args), step: 1 },
};
const names = Object.keys(engines);

/** Calls with the point moved by step * direction in its second part; returns the number first, then every vector. */
function run(compile: Compile, subject: Subject, length: number, seed: number, step: number): PairArray[] {
  const code = compile(subject.lowered.program, subject.signature);
  const bound = code.bind(sizesOf(subject), asPairs(boundOf(subject, seed)));
  const vectors = asPairs(vectorsOf(subject, length, seed));
  const direction = directionOf(length);
  for (const [k, { name }] of subject.signature.packed.entries()) {
    if (name === "x") vectors[k]!.second.set(direction.map((v) => v * step));
  }
  const returned = bound(...vectors);
  const scalars = returned
    ? [{ first: Float64Array.of(returned.first), second: Float64Array.of(returned.second) }]
    : [];
  return [...scalars, ...vectors];
}

const directionOf = (length: number) => Float64Array.from({ length }, (_, t) => Math.cos(3 * t + 1));

function runReal(subject: Subject, length: number, seed: number, direction?: Float64Array): Float64Array[] {
  const code = compileJavaScript(subject.lowered.program, subject.signature);
  const vectors = vectorsOf(subject, length, seed);
  for (const [k, { name }] of subject.signature.packed.entries()) {
    if (name === "v" && direction) vectors[k]!.set(direction);
  }
  const returned = code.bind(sizesOf(subject), boundOf(subject, seed))(...vectors);
  return [...(returned === undefined ? [] : [Float64Array.of(returned)]), ...vectors].map((array) =>
    Float64Array.from(array),
  );
}

/** Rounding of some hundred operations, relative to the largest entry. */
const tolerance = 2000 * 2 ** -53;

function expectClose(got: ArrayLike<number>, expected: ArrayLike<number>, label: string): void {
  const scale = Math.max(1, ...Array.from(expected, Math.abs));
  for (let at = 0; at < expected.length; at++) {
    const isClose = Object.is(got[at], expected[at]) || Math.abs(got[at]! - expected[at]!) <= tolerance * scale;
    if (!isClose) expect.fail(`${label}, element ${at}: ${got[at]} in place of ${expected[at]}`);
  }
}

const longModel = long();
const models = Array.from({ length: 40 }, (_, k) => randomModel(k + 1));
const subjects = (name: FunctionName): [string, CompilableModel, number][] =>
  models.map((model, k) => [`seed ${k + 1}, ${name}`, model, k + 1]);

describe.each(names)("%s numbers", (name) => {
  const { compile, step } = engines[name]!;

  it.each(["lossAndGradient", "hvp", "outputs"] as const)("have the real run as their first part: %s", (fn) => {
    for (const [label, model, seed] of subjects(fn)) {
      const subject = functionOf(model, fn);
      const length = packedLength(model);
      const real = runReal(subject, length, seed);
      const pairs = run(compile, subject, length, seed, step);
      for (const [k, { first }] of pairs.entries()) expectClose(first, real[k]!, label);
    }
  });

  it("turn the gradient into the Hessian times a direction", () => {
    for (const [label, model, seed] of subjects("lossAndGradient")) {
      const length = packedLength(model);
      const pairs = run(compile, functionOf(model, "lossAndGradient"), length, seed, step);
      const product = runReal(functionOf(model, "hvp"), length, seed, directionOf(length));
      // returned loss, point, gradient; point, direction, product
      expectClose(
        pairs[2]!.second.map((change) => change / step),
        product[2]!,
        label,
      );
    }
  });

  it("run programs in parts", () => {
    const model = longModel;
    const real = runReal(functionOf(model, "lossAndGradient"), 6, 0);
    const pairs = run(compile, functionOf(model, "lossAndGradient"), 6, 0, step);
    for (const [k, { first }] of pairs.entries()) expectClose(first, real[k]!, "long");
  });

  it("turn the loss into the slope along a direction", () => {
    const model = logistic();
    const [pair] = run(compile, functionOf(model, "loss"), 3, 0, step);
    const gradient = runReal(functionOf(model, "gradient"), 3, 0)[1]!;
    const slope = directionOf(3).reduce((sum, v, t) => sum + v * gradient[t]!, 0);
    expectClose([pair!.second[0]! / step], [slope], "logistic");
  });
});

describe.each([
  ["printed complex", "complex closures"],
  ["printed dual", "dual closures"],
])("%s numbers and %s", (printed, closures) => {
  it("agree in every bit of both parts", () => {
    for (const [label, model, seed] of subjects("lossAndGradient")) {
      const subject = functionOf(model, "lossAndGradient");
      const [a, b] = [printed, closures].map((name) => {
        // far from the real axis, where no part is negligible
        return run(engines[name]!.compile, subject, packedLength(model), seed, 0.25);
      });
      for (const [k, { first, second }] of a!.entries()) {
        expect(Array.from(first, positiveZero), label).toEqual(Array.from(b![k]!.first, positiveZero));
        expect(Array.from(second, positiveZero), label).toEqual(Array.from(b![k]!.second, positiveZero));
      }
    }
  });
});

/** Printed code leaves out what is zero; only the sign of a zero can tell. */
const positiveZero = (x: number) => x + 0;
