import { it } from "vitest";
import { readFileSync, readdirSync } from "node:fs";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { compileModel } from "../../src/compile/compile.ts";
import { loadModel } from "../../src/model/load.ts";
import { evaluate } from "./evaluate.ts";
it("masks", () => {
  for (const text of [
    "param w, x: [n]\nloss = sum(i in 0..n: if i > 0 then log(w * x[i - 1]) else 0)",
    "param w, x: [n]\nloss = sum(i in 0..n: sum(j in 0..i: log(w * x[i - j - 1])))",
    "param w, x: [n]\nloss = sum(i in 1..n: logsumexp(j in 0..i: w * x[j]))",
    "param w, x: [n]\nloss = sum(i in 0..n: if x[i] > 0 then sqrt(w * x[i]) else 0)",
  ]) {
    const m = loadModel({ name: "m", text });
    const xs = text.includes("logsumexp") ? [1, 2, 1000] : text.includes("sqrt") ? [1, 0, 4] : [1, 2, 3];
    console.log(evaluate(m, gradient(m.loss!, m.parameters.map((p) => p.expr)), { w: 2, x: xs }));
    const b = compileModel(m).bind({}, { n: 3 });
    console.log(b.gradient({ w: 2, x: Float64Array.from(xs) }));
  }
});
