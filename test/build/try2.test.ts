import { it } from "vitest";
import { loadModel } from "../../src/model/load.ts";
const repeat = (n: number, f: (k: number) => string) => Array.from({ length: n }, (_, k) => f(k));
const texts: Record<string, string> = {
  sum1e5: `data x: [n]\nloss = ${repeat(100000, (k) => `x[${k}]`).join(" + ")}`,
  lets2e4: `param x\nlet a0 = x\n${repeat(20000, (k) => `let a${k + 1} = a${k} * x + 1`).join("\n")}\nloss = a20000`,
  parens: `param x\nloss = ${"(".repeat(990)}x${")".repeat(990)}`,
  calls: `param x\nloss = ${"sin(".repeat(990)}x${")".repeat(990)}`,
  arrays: `param x\nloss = sum(${"[".repeat(60)}x${"]".repeat(60)})`,
  arrays900: `param x\nloss = sum(${"[".repeat(900)}x${"]".repeat(900)})`,
  sums: `param x: [n]\nloss = ${repeat(150, (k) => `sum(i${k}: x[i${k}] + `).join("")}1${")".repeat(150)}`,
  comps: `param x: [n]\nlet a = ${repeat(50, (k) => `[i${k}: x[i${k}] + `).join("")}1${"]".repeat(50)}\nloss = 1`,
  blocks: `param x\nloss = ${repeat(900, () => "{ let a = x; return a + ").join("")}1${" }".repeat(900)}`,
  ifs: `param x\nloss = ${repeat(900, () => "if x > 1 then (").join("")}x${") else 0".repeat(900)}`,
  elses: `param x\nloss = ${repeat(3000, (k) => `if x > ${k} then ${k} else `).join("")}0`,
  powers: `param x\nloss = ${repeat(20000, () => "x").join("^")}`,
  minus: `param x\nloss = ${"- ".repeat(20000)}x`,
  doubling: `param x\ndef f0(x) = x + 1\n${repeat(60, (k) => `def f${k + 1}(x) = f${k}(f${k}(x))`).join("\n")}\nloss = f60(x)`,
  chain: `param x\ndef f0(x) = x + 1\n${repeat(2000, (k) => `def f${k + 1}(x) = f${k}(x) * 2`).join("\n")}\nloss = f2000(x)`,
  grads: `param x\nloss = ${"grad(".repeat(12)}x^14${", x)".repeat(12)}`,
  proto: "param __proto__, constructor, toString: [n]\nlet hasOwnProperty = __proto__ + constructor\nloss = hasOwnProperty + sum(toString)\noutput valueOf = loss",
  unicode: "param α: [ν]\nlet β = α^2\nloss = sum(β)",
  matmul1k: `param A: [n, n], x: [n]\nloss = sum(${repeat(2000, () => "A").join(" @ ")} @ x)`,
  ors: `data b: bool, x\nloss = if ${repeat(20000, () => "b").join(" or ")} then x else 0`,
};
it("tries", () => {
  const out: string[] = [];
  for (const [name, text] of Object.entries(texts)) {
    const t0 = performance.now();
    try {
      const m = loadModel({ name: name + ".nabla", text });
      out.push(`=== ${name}: OK ${(performance.now() - t0).toFixed(0)} ms ${m.graph.length} nodes ${m.requirements.length} req ${m.warnings.length} warnings`);
    } catch (e) { out.push(`=== ${name} ${(performance.now() - t0).toFixed(0)} ms\n${(e as Error).message.slice(0, 600)}`); if (!(e as any).kind) out.push((e as Error).stack!.slice(0, 1500)); }
  }
  console.log(out.join("\n"));
}, 300000);
