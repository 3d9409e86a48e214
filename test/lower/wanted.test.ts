import { describe, expect, it } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { checkModel } from "../../src/check/check.ts";
import { compileModel } from "../../src/compile/compile.ts";
import type { FunctionName } from "../../src/compile/derive.ts";
import { javaScriptEngine } from "../../src/compile/functions.ts";
import { webAssembly } from "../../src/compile/web-assembly.ts";
import { compileClosures } from "../../src/emit/closures/closures.ts";
import { compileJavaScript } from "../../src/emit/javascript.ts";
import { boundBuffers } from "../../src/emit/signature.ts";
import { Integer } from "../../src/ir/integer.ts";
import { lower } from "../../src/lower/lower.ts";
import type { Statement } from "../../src/lower/program/loops.ts";
import { visitStatement } from "../../src/lower/program/rewrite-statements.ts";
import { loadModel } from "../../src/model/load.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { boundOf, functionOf, packedLength, resultOf, type Subject, sizesOf, vectorsOf } from "../emit/run.ts";
import { workOf } from "./operations.ts";

// Elements of arrays that sums over part of a range read in that part alone.

const energy = "1 / sqrt(sum(k in 0..d: (q[i,k] - q[j,k])^2) + 1)";

const distance = "sum(k in 0..d: (q[i,k] - q[j,k])^2)";
const weights = "[i in 0..n, j in 0..n: exp(q[i,0])]";

const triplets =
  "loss = sum(i in 0..n, j in 0..n, k in 0..n: if y[i] == y[j] and y[i] != y[k] then relu(D[i,j] - D[i,k] + 1)^2 else 0)";

const models: Readonly<Record<string, string>> = {
  "rows that end at data": `param x: [d, n], v: [n]\ndata len: int[d] within 0..n
loss = sum(i in 0..d: { let l = len[i] + 1; return sum(softmax(sin(x[i, :l])) * v[:l])^2 + logsumexp(x[i, :l] * v[:l]) })`,
  "rows that begin and end at data": `param x: [n], w: [n]\ndata at: int[d] within 0..n, len: int[d] within 0..n+1
loss = sum(i in 0..d: tanh(sum(j in min(at[i], len[i])..len[i]: x[j] * exp(w[j]))))`,
  "all triplets of classes": `param D: [n, n]\ndata y: int[n] within 0..n
${triplets}`,
  "all pairs": `param q: [n, d]\nloss = sum(i in 0..n, j in 0..n: ${energy})`,
  "all pairs with weights": `param q: [n, d]\nlet w = ${weights}
loss = sum(i in 0..n, j in 0..n: w[i,j] * ${energy})`,
  "squares of what all pairs miss": `param q: [n, d]\nlet w = ${weights}
loss = sum(i in 0..n, j in 0..n: (w[i,j] - ${energy})^2)`,
  "all pairs of different points": `param q: [n, d]
loss = sum(i in 0..n, j in 0..n: if i == j then 0 else 1 / ${distance})`,
  "shares of all pairs": `param q: [n, d]\nlet D = [i in 0..n, j in 0..n: ${distance}]\nlet Z = sum((1 - eye(n)) / (1 + D))
loss = sum(i in 0..n, j in 0..n: sin(i - 2 * j) * log1p(D[i,j])) + log(Z)`,
  "shares of half of the pairs": `param q: [n, d]\nlet D = [i in 0..n, j in 0..n: ${distance}]
loss = sum(i in 0..n, j in 0..i: log1p(D[i,j])) + log(sum(i in 0..n, j in 0..i: 1 / (1 + D[i,j])))`,
  "pairs below the diagonal": `param q: [n, d]\nloss = sum(i in 0..n, j in 0..i: ${energy})`,
  "pairs above the diagonal": `param q: [n, d]\nloss = sum(i in 0..n, j in i+1..n: ${energy})`,
  "pairs in a band": `param q: [n, d]\nloss = sum(i in 2..n, j in i-2..i: ${energy})`,
  "pairs of both sides": `param q: [n, d]\nlet e = [i in 0..n, j in 0..n: ${energy}]
loss = sum(i in 0..n, j in 0..i: e[i,j]^2) + sum(i in 0..n, j in i+1..n: e[i,j]^3)`,
  "pairs that all are read too": `param q: [n, d]\nlet e = [i in 0..n, j in 0..n: ${energy}]
loss = sum(i in 0..n, j in 0..i: e[i,j]^2) + sum(e)`,
  "pairs that are an output": `param q: [n, d]\nlet e = [i in 0..n, j in 0..n: ${energy}]
loss = sum(i in 0..n, j in 0..i: e[i,j]^2)\noutput e, f = e + 1`,
  "pairs read at other places": `param q: [n, d]\nlet e = [i in 0..n, j in 0..n: ${energy}]
loss = sum(i in 1..n, j in 0..i: e[i-1,j]^2) + sum(i in 0..n, j in 0..i: e[j,i])`,
  "sums of pairs, again in part": `param q: [n, d]\nlet e = [i in 0..n, j in 0..n: ${energy}]
let s = [i in 0..n: sum(j in 0..i: e[i,j]^2)]\nloss = sum(i in 1..n: tanh(s[i]) * s[i])`,
  "pairs in a matrix that is factored": `param q: [n, d]\nlet K = [i in 0..n, j in 0..n: exp(-${distance})] + eye(n)
let L = cholesky(K)\nloss = sum(solveTriangular(L, q)^2) + sum(log(diagonal(L)))`,
  "pairs in a matrix that is inverted": `param q: [n, d]\nlet K = [i in 0..n, j in 0..n: exp(-${distance})] + eye(n)
loss = sum(q * solve(K, q, positiveDefinite = true)) + logdet(K, positiveDefinite = true)`,
  "running sums of pairs": `param q: [n, d]\nlet e = [i in 0..n, j in 0..n: ${energy}]
let s = [i in 0..n, j in 0..n: sum(k in 0..j+1: e[i,k])]\nloss = sum(i in 0..n, j in 0..i: tanh(s[i,j]))`,
};

type Compile = typeof compileClosures;

/** What a function gives when arrays of its own hold this before. */
function resultsOver(rubbish: number, compile: Compile, subject: Subject, length: number): number[][] {
  const { program } = subject.lowered;
  const bound = boundOf(subject);
  for (const [k, buffer] of boundBuffers(program, subject.signature).entries()) {
    if (buffer.role === "workspace") bound[k]!.fill(rubbish);
  }
  const vectors = vectorsOf(subject, length);
  return resultOf(compile(program, subject.signature).bind(sizesOf(subject), bound)(...vectors), vectors);
}

describe.each(Object.entries(models))("%s", (_, text) => {
  const model = loadModel({ name: "pairs", text });
  const names: FunctionName[] = ["lossAndGradient", "hvp", "outputs"];

  it.each(names.slice(0, model.outputs.size > 0 ? 3 : 2))("read nothing that is not computed: %s", (name) => {
    const subject = functionOf(model, name);
    for (const compile of [compileJavaScript, compileClosures]) {
      const [clean, marked] = [0, Number.NaN].map((rubbish) =>
        resultsOver(rubbish, compile, subject, packedLength(model)),
      );
      expect(clean!.flat().every(Number.isFinite)).toBe(true);
      expect(marked).toEqual(clean);
    }
  });

  it.each([javaScriptEngine, webAssembly({ use: "always" })])("have right derivatives: engine %#", async (engine) => {
    const { laws } = await checkModel(model, { points: 6, engine });
    expect(laws.filter(({ passed }) => !passed)).toEqual([]);
  });
});

describe("rows that end at data", () => {
  it("are gone through as far as they go", () => {
    const { program } = functionOf(loadModel({ name: "rows", text: models["rows that end at data"]! }), "loss").lowered;
    const ends: number[] = [];
    const note = (statement: Statement) => {
      if (statement.kind === "for" && statement.to.some((end) => end.equals(Integer.named("n"))))
        ends.push(statement.to.length);
    };
    for (const part of program.parts) for (const statement of part) visitStatement(statement, { statement: note });
    expect(ends).not.toHaveLength(0);
    expect(ends).toEqual(ends.map(() => 2));
  });

  it("and sums over neighbours in the steps of a loop take time for their terms", () => {
    const text = `param h: [n, d]\ndata from: int[m] within 0..n, to: int[m] within 0..n
loss = sum(scan(t in 0..3, h = h: [i in 0..n, c in 0..d: sum(k in 0..m: if to[k] == i then sin(h[from[k], c]) else 0)]))`;
    const { program } = functionOf(loadModel({ name: "neighbours", text }), "lossAndGradient").lowered;
    const depth = (body: readonly Statement[]): number =>
      Math.max(0, ...body.map((each) => ("body" in each ? depth(each.body) + (each.kind === "for" ? 1 : 0) : 0)));
    // steps, neighbours, columns
    expect(Math.max(...program.parts.map(depth))).toBe(3);
  });
});

describe("half of all pairs", () => {
  const work = (range: string, others = "q") => {
    const term = energy.replace("q[j,k]", `${others}[j,k]`);
    return workOfText(`param q: [n, d], r: [n, d]\nloss = sum(i in 0..n, ${range}: ${term})`);
  };
  const workOfText = (text: string) => {
    const model = loadModel({ name: "pairs", text });
    const loss = simplify([model.loss!])[0]!;
    const variables = model.parameters.map(({ expr }) => expr);
    const roots = simplify([loss, ...gradient(loss, variables)], { last: true });
    const targets = roots.map((node, k) => ({ name: `o${k}`, node }));
    const sizes = { n: 40, d: 2 };
    return workOf(lower(targets), new Map(Object.entries(sizes))).operations;
  };

  it("take half of the work", () => {
    const all = work("j in 0..n", "r");
    expect(work("j in 0..i")).toBeLessThan(0.6 * all);
    expect(work("j in i+1..n")).toBeLessThan(0.6 * all);
  });

  it("are all that is computed of a matrix that is factored", () => {
    const workOn = (other: string) => {
      const K = `exp(-s * ${distance.replace("q[j,k]", `${other}[j,k]`)})`;
      return workOfText(`param s: []\ndata q: [n, d], r: [n, d]
let K = [i in 0..n, j in 0..n: ${K}] + eye(n)\nloss = sum(log(diagonal(cholesky(K))))`);
    };
    expect(workOn("q")).toBeLessThan(0.85 * workOn("r"));
  });

  it("are all that is computed of terms that are the same in both orders", () => {
    expect(work("j in 0..n")).toBeLessThan(1.02 * work("j in 0..i"));
  });
});

it("are asked for around a loop where all that it makes is wanted on the same condition", () => {
  const model = loadModel({ name: "triplets", text: `param D: [n, n]\ndata y: int[n]\n${triplets}` });
  const source = compileModel(model).source("lossAndGradient");
  expect(source.match(/if \(\(\w+ - \w+\) >= 0 && /g)).toHaveLength(1);
  expect(source).toMatch(/for [^\n]*\n\s*let \w+ = 0;\n\s*const \w+ = y\[\w+\];\n\s*if \(\(\w+ - \w+\) >= 0/);
});
