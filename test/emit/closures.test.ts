import { describe, expect, it, vi } from "vitest";
import type { FunctionName } from "../../src/compile/derive.ts";
import { compileClosures } from "../../src/emit/closures/closures.ts";
import { compileJavaScript } from "../../src/emit/javascript.ts";
import { logistic, long, randomModel, rosenbrock } from "./models.ts";
import { boundOf, functionOf, packedLength, resultOf, type Subject, sizesOf, vectorsOf } from "./run.ts";

vi.setConfig({ testTimeout: 30_000 });

type Compile = typeof compileClosures;

function run(compile: Compile, subject: Subject, length: number, seed: number): number[][] {
  const code = compile(subject.lowered.program, subject.signature);
  const bound = code.bind(sizesOf(subject), boundOf(subject, seed));
  const vectors = vectorsOf(subject, length, seed);
  return resultOf(bound(...vectors), vectors);
}

const functions: readonly FunctionName[] = ["loss", "lossAndGradient", "hvp", "lossGradientHvp", "outputs", "hessian"];

const models = Array.from({ length: 40 }, (_, k) => randomModel(k + 1));

describe("closures", () => {
  it.each(functions)("give every bit of what generated JavaScript gives: %s", (name) => {
    for (const [k, model] of models.entries()) {
      const seed = k + 1;
      const subject = functionOf(model, name);
      const length = packedLength(model);
      expect(run(compileClosures, subject, length, seed), `seed ${seed}`).toEqual(
        run(compileJavaScript, subject, length, seed),
      );
    }
  });

  it("give every bit of a program in parts", () => {
    const subject = functionOf(long(), "lossAndGradient");
    expect(subject.lowered.program.parts.length).toBeGreaterThan(1);
    expect(run(compileClosures, subject, 6, 1)).toEqual(run(compileJavaScript, subject, 6, 1));
  });

  it("answer through admission when they are called with other vectors", () => {
    const subject = functionOf(logistic(), "lossAndGradient");
    const code = compileClosures(subject.lowered.program, subject.signature);
    const admitted: number[] = [];
    const bound = code.bind(sizesOf(subject), boundOf(subject), {
      admit: (x) => {
        admitted.push(x!.length);
        return x!.length === 3 ? undefined : () => 42;
      },
    });
    const [x, g] = [new Float64Array(3), new Float64Array(3)];
    const loss = bound(x, g);
    expect(bound(x, g)).toBe(loss);
    expect(bound(new Float64Array(4), g)).toBe(42);
    expect(admitted).toEqual([3, 4]);
  });

  it("do not grow the stack with the length of a program", () => {
    const subject = functionOf(rosenbrock(), "hvp");
    const { program } = subject.lowered;
    const long = { ...program, parts: new Array(20_000).fill(program.parts[0]!) };
    const code = compileClosures(long, subject.signature).bind(sizesOf(subject), boundOf(subject));
    expect(() => code(...vectorsOf(subject, 5))).not.toThrow();
  });
});
