import { describe, expect, it } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import { webAssembly } from "../../src/compile/web-assembly.ts";
import { forVectors } from "../../src/emit/wasm/vector-loop.ts";
import { lower } from "../../src/lower/lower.ts";
import type { Statement } from "../../src/lower/program/loops.ts";
import { visitStatement } from "../../src/lower/program/rewrite-statements.ts";
import { loadModel } from "../../src/model/load.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { bothEngines, numbers } from "../emit/wasm/both.ts";

/** Sums over the rows of one array for each row of another. */
const models: Readonly<Record<string, string>> = {
  "smallest distances": "sum(i: min(j: sum(l: (x[j, l] - y[i, l])^2)))",
  "largest products of exponentials": "sum(i: max(j: sum(l: exp(x[j, l] * y[i, l] / 8))))",
  "a kernel between rows": "sum(i in 0..n, j in 0..k: exp(-sum(l: abs(x[j, l] - y[i, l]))))",
  "sums within sums": "sum(i in 0..n: max(j in 0..k: sum(l in 0..d: sum(m in 0..d: (x[j, l] - y[i, m])^2))))",
};

const textOf = (loss: string) => `param x: [k, d]\ndata y: [n, d]\nloss = ${loss}`;

function loopsFor(loss: string, isForVectors = true): readonly Statement[] {
  const model = loadModel({ name: "rows", text: textOf(loss) });
  const [node] = simplify([model.loss!], { level: "all", last: true });
  return lower([{ name: "loss", node: node! }], { forVectors: isForVectors ? forVectors : undefined }).parts.flat();
}

/** Loops that do nothing but copy an array to another. */
function copies(statements: readonly Statement[]): number {
  return statements.filter((statement) => {
    const own: Statement[] = [];
    visitStatement(statement, { statement: (inner) => own.push(inner) });
    const [stored, ...others] = own.filter(({ kind }) => kind !== "for");
    return stored?.kind === "store" && stored.value.kind === "load" && others.length === 0;
  }).length;
}

describe("turned arrays", () => {
  it.each(Object.entries(models))("give the results of the others: %s", (_, loss) => {
    const engines = bothEngines(textOf(loss));
    for (const [k, d, n] of [
      [1, 1, 1],
      [2, 3, 4],
      [5, 1, 3],
      [9, 4, 2],
      [17, 5, 9],
    ] as const) {
      engines.expectAgreement([["x", [k, d]]], { y: { data: numbers(n * d, 3), shape: [n, d] } }, { k, d, n });
    }
  });

  it("are copied once, before the loop over the rows of the other array", () => {
    for (const loss of Object.values(models)) expect(copies(loopsFor(loss))).toBe(1);
  });

  it("are for printers with vectors alone", () => {
    for (const loss of Object.values(models)) expect(copies(loopsFor(loss, false))).toBe(0);
  });

  it.each([
    ["few rows read it", "sum(i in 0..2: min(j: sum(l: (x[j, l] - y[i, l])^2)))"],
    ["rows have other lengths", "sum(i: min(j in 0..4: sum(l in 0..j+1: (x[j, l] - y[i, l])^2)))"],
    ["a condition keeps iterations apart", "sum(i: max(j: sum(l: if l > j then x[j, l] * y[i, l] else 0)))"],
  ])("are not made where %s", (_, loss) => {
    expect(copies(loopsFor(loss))).toBe(0);
  });

  it("compute what scalar loops compute, bit for bit: no sum changes its order", () => {
    const text =
      "param x: [k, d]\ndata y: [n, d]\noutput near = [i in 0..n: min(j in 0..k: sum(l: (x[j, l] - y[i, l])^2))]";
    const compiled = compileModel(loadModel({ name: "rows", text }), { engine: webAssembly({ use: "always" }) });
    const [k, d, n] = [11, 3, 10];
    const [x, y] = [numbers(k * d, 1), numbers(n * d, 2)];
    const { near } = compiled.bind({ y: { data: y, shape: [n, d] } }, { k }).outputs({ x });
    const expected = Array.from({ length: n }, (_, i) =>
      Math.min(
        ...Array.from({ length: k }, (_, j) => {
          let sum = 0;
          for (let l = 0; l < d; l++) sum += (x[j * d + l]! - y[i * d + l]!) ** 2;
          return sum;
        }),
      ),
    );
    expect([...near!]).toEqual(expected);
  });
});
