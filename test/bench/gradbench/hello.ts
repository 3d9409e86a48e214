import { gradientOf, lazily, lossOf } from "./models.ts";
import type { Eval } from "./tool.ts";

const square = lazily("hello", "param x\nloss = x^2");

/** x^2 and its slope. */
export const hello: Eval<number> = {
  square: (x) => lossOf(square().bind(), Float64Array.of(x)),
  double: (x) => {
    const { run, output } = gradientOf(square().bind(), Float64Array.of(x));
    return { run, output: () => output()[0] };
  },
};
