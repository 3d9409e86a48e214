import { it } from "vitest";
import { loadModel } from "../../src/model/load.ts";
const texts: Record<string, string> = {
"two-errors": `data X: [n, d], y: [n], lambda
param w: [d], b
# two mistakes in one line
loss = mean(softplus(-y * (X @ y + b))) + lamda * dot(w, w)`,
"unknown-name": "param w: [n]\nloss = sum(wieght^2)",
"glued": "data x\nloss = log10x",
"call-of-array": "data x: [n]\nloss = sum(i in 0..n: x(i))",
"one-based": "data x: [n]\nloss = sum(i in 1..n + 1: x[i])",
"one-based-to-n": "data x: [5]\nloss = sum(i in 1..6: x[i])",
"outside": "data x: [n]\nloss = sum(i in 0..n: x[i + 1])",
"grad-expression": "param w: [n]\nlet f = sum(w^2)\nloss = sum(grad(f, 2*w))",
"unknown-index": "data x: [n]\nloss = sum(x[i])",
"negative-index": "data x: [n]\nloss = x[-1]",
"incompatible": "data a: [n], b: [m]\nloss = sum(a + b)",
"dims": "data X: [n, d], w: [d, k], v: [d]\nloss = sum(X @ w + v)",
"recursion": "data x\ndef f(x) = x * f(x - 1)\nloss = f(x)",
"mutual": "data x\ndef f(x) = g(x)\ndef g(x) = f(x)\nloss = f(x)",
"arity": "data x\ndef f(x, y) = x * y\nloss = f(x)",
"twice": "data x\nparam x: [n]\nloss = x",
"later": "loss = a + 1\nlet a = 2",
"vector-loss": "param w: [n]\nloss = w^2",
"no-loss": "param w: [n]\nlet a = w",
"int-param": "param w: int[n]\nloss = sum(w)",
"scan": "data x: [n]\nloss = scan(h in x, s = 0: { s = s + h })",
"root": "output s = root(s = 0.1: s^2 - 2)",
"argmin-opt": "output s = argmin(s = 0.1: s^2 - 2)",
"unknown-function": "data x\nloss = sotfplus(x)",
"function-as-value": "data x\nloss = sin + x",
"unknown-option": "data X: [n, d]\nloss = sum(softmax(X, dim = 1))",
"axis-range": "data X: [n, d]\nloss = sum(sum(X, axis = 2))",
"axis-negative": "data X: [n, d]\nloss = sum(sum(X, axis = -1))",
"real-index": "data x: [n]\nloss = x[1.5]",
"real-index2": "data x: [n], i\nloss = x[i]",
"too-many-indices": "data x: [n]\nloss = x[0, 1]",
"condition-as-number": "data x\nloss = if x then 1 else 0",
"number-as-condition": "data x, y\nloss = x and y",
"compare-int-slash": "data x\nloss = x // 2",
"range-as-value": "data n: int\nlet r = 0..n\nloss = 1",
"range-int": "data x: [n]\nloss = sum(i in n: x[i])",
"field": "let r = { a = 1; b = 2 }\nloss = r.c",
"field-of-array": "data x: [n]\nloss = x.size",
"ragged": "data x: [n]\nlet a = [i in 0..n: [j in 0..i + 1: x[j]]]\nloss = 1",
"ragged-slice": "data x: [n]\nlet a = [i in 0..n: sum(x[0..i])]\nloss = 1",
"range-unknown": "loss = sum(i: i^2)",
"range-ambiguous": "data x: [n], y: [m]\nloss = sum(i: x[i] * y[i])",
"declared-shape": "data x: [n]\nlet y: [n, n] = x\nloss = 1",
"start-shape": "param w: [3] = [1, 2]\nloss = sum(w)",
"start-depends": "data x\nparam w = x\nloss = w",
"const-depends": "data x\nconst c = x + 1\nloss = c",
"size-slip": "size n, d\ndata X: [n, d], y: [m]\nloss = sum(X) + sum(y)",
"transpose-vector": "data x: [n]\nloss = x' @ x",
"matmul-scalar": "data x: [n], a\nloss = sum(a @ x)",
"reshape": "data x: [4]\nloss = sum(reshape(x, [3]))",
"max-axis-scalar": "data x\nloss = max(x, 0, axis = 1)",
"grad-of-vector": "param w: [n]\nloss = sum(grad(w^2, w))",
"grad-int": "data k: int, w\nloss = grad(w * k, k)",
"hvp-shape": "param w: [n], v: [m]\nloss = sum(hvp(sum(w^2), w, v))",
"def-error": "data x: [n], y: [m]\ndef f(a, b) = a + b\nloss = sum(f(x, y))",
"def-type": "data x: [n]\ndef f(a: [3]) = sum(a)\nloss = f(x)",
"binder-not": "data x: [n]\nloss = norm(i: x[i])",
"within-real": "data x: int[n] within 5\nloss = sum(x)",
"poison": "let a = unknown1 + 1\nlet b = a * 2\nloss = b + unknown2",
"iterators-twice": "data x: [n]\nloss = sum(i, i: x[i])",
"length-mismatch": "data x: [3], y: [4]\nloss = sum(x * y)",
"concat": "data A: [n, d], B: [n, k]\nloss = sum(concat(A, B))",
"list": "data a: [n], b: [m]\nloss = sum([a, b])",
"deriv-none": "param x\nloss = x\noutput g = grad(floor(x), x)",
"slice-out": "data x: [4]\nloss = sum(x[2..6])",
"pad": "data x: [4]\nloss = sum(pad(x, [1, 1]))",
"outside-cond": "data x: [n]\nloss = sum(i in 0..n: if i > 1 then x[i - 3] else 0)",
"shape-name": "const lambda = 0.5\ndata x: [lambda]\nloss = sum(x)",
};
it("tries", () => {
  const out: string[] = [];
  for (const [name, text] of Object.entries(texts)) {
    try {
      const m = loadModel({ name: name + ".nabla", text });
      out.push(`=== ${name}: OK ${m.warnings.map((w) => w.message).join("\n")} ${m.requirements.map((r) => r.summary)}`);
    } catch (e) { out.push(`=== ${name}\n${(e as Error).message}`); if (!(e as any).kind) out.push((e as Error).stack!); }
  }
  console.log(out.join("\n"));
});
