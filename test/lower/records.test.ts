import { describe, expect, it } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { forVectors } from "../../src/emit/wasm/vector-loop.ts";
import { lower } from "../../src/lower/lower.ts";
import type { Program } from "../../src/lower/program/loops.ts";
import { visitStatement } from "../../src/lower/program/rewrite-statements.ts";
import { loadModel } from "../../src/model/load.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { bothEngines, numbers } from "../emit/wasm/both.ts";

/** Losses of rows of a few numbers each, whose elements are computed one by one. */
const losses: Readonly<Record<string, string>> = {
  "cross products":
    "sum([o, i in 0..3: x[o, mod(i+1, 3)] * y[o, mod(i+2, 3)] - x[o, mod(i+2, 3)] * y[o, mod(i+1, 3)]]^3)",
  "elements put together": `sum([o: {
    let z = concat([x[o, 0] * y[o, 1], exp(x[o, 1])], [sin(x[o, 2]), x[o, 0]])
    return z[0] * z[3] + z[1]^2 * z[2]
  }])`,
  "slices of rows": "sum(concat(x[:, 0..2] * y[:, 1..3], x[:, 1..2]^2, axis = 1)^3)",
  "rotations of rows": "sum([o, i in 0..3: tanh(x[o, mod(i + 2, 3)]) * y[o, i]]^2)",
};

const textOf = (loss: string) => `param x: [n, 3]\ndata y: [n, 3]\nloss = ${loss}\noutput rows = x + y`;

function programOf(loss: string): Program {
  const model = loadModel({ name: "rows", text: textOf(loss) });
  const [x] = model.parameters.map(({ expr }) => expr);
  const roots = simplify([model.loss!, ...gradient(model.loss!, [x!])], { level: "all", last: true });
  return lower(
    roots.map((node, k) => ({ name: `root ${k}`, node })),
    { forVectors },
  );
}

describe("rows of a few numbers", () => {
  it.each(Object.entries(losses))("agree in both engines: %s", (_, loss) => {
    const { expectAgreement } = bothEngines(textOf(loss));
    for (const n of [1, 2, 3, 4, 7, 9]) {
      expectAgreement([["x", [n, 3]]], { y: { data: numbers(3 * n, 4), shape: [n, 3] } }, { n });
    }
  });

  it.each(Object.entries(losses))("take one loop, and no memory between: %s", (_, loss) => {
    const { parts, buffers } = programOf(loss);
    expect(buffers.filter(({ role }) => role === "workspace")).toEqual([]);
    let loops = 0;
    for (const statement of parts.flat()) {
      visitStatement(statement, { statement: ({ kind }) => (kind === "for" ? loops++ : undefined) });
    }
    expect(loops).toBe(1);
  });
});
