import { describe, expect, it } from "vitest";
import { forVectors } from "../../src/emit/wasm/vector-loop.ts";
import { Integer } from "../../src/ir/integer.ts";
import type { Primitive } from "../../src/ir/primitive.ts";
import { loadModel } from "../../src/language/all.ts";
import { Frames } from "../../src/lower/bodies/frames.ts";
import { LoopBuilder } from "../../src/lower/builder/builder.ts";
import { BufferTable, lower } from "../../src/lower/lower.ts";
import type { Buffer, Loop, Statement, Temporary, Value } from "../../src/lower/program/loops.ts";
import { visitStatement } from "../../src/lower/program/rewrite-statements.ts";
import { zero } from "../../src/lower/program/values.ts";
import { inStrips } from "../../src/lower/schedule/strips.ts";
import { add, mul } from "../../src/ops/elementary/algebra.ts";
import { exp } from "../../src/ops/elementary/exponential.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { bothEngines, numbers } from "../emit/wasm/both.ts";

/** Losses of a model with parameters w and a constant b, of n rows with d numbers each. */
const models: Readonly<Record<string, string>> = {
  "a logistic regression": "mean(softplus(-y * (X @ w + b))) + dot(w, w)",
  "a Poisson regression": "mean(exp(X @ w / d) - y * (X @ w))",
  "a distance with a scale of its own for each row": "sum(sqrt(1 + ((X @ w - y) / (2 + y))^2))",
  "rows that are looked up": "sum(i: softplus(y[g[i]] * sum(j: X[i, j] * w[j]) + b))",
  "two products a row": "sum(i: tanh(sum(j: X[i, j] * w[j])) * sum(j: X[i, j] * w[j]^2))",
  "values of rows that are kept": "sum(i: softplus(sum(j: X[i, j] * w[j]))) + max(i: tanh(sum(j: X[i, j] * w[j])))",
  "conditions of rows": "sum(i: if sum(j: X[i, j] * w[j]) > y[i] then y[i] * sum(j: X[i, j] * w[j]^3) else exp(b))",
};

const textOf = (loss: string, sizes = "n, d") =>
  `size ${sizes}\nparam w: [d], b: []\ndata X: [n, d], y: [n], g: int[n] within 0..n\nloss = ${loss}`;

const dataOf = (n: number, d: number) => ({
  X: { data: numbers(n * d, 3), shape: [n, d] },
  y: { data: numbers(n, 5), shape: [n] },
  g: { data: Int32Array.from({ length: n }, (_, k) => (k * k + 1) % n), shape: [n] },
});

function layoutsOf(
  loss: string,
  sizes?: string,
): { readonly layouts: readonly string[]; readonly loops: readonly Loop[] } {
  const model = loadModel({ name: "rows", text: textOf(loss, sizes) });
  const [node] = simplify([model.loss!], { level: "all", last: true });
  const loops: Loop[] = [];
  const statement = (inner: Statement) => {
    if (inner.kind === "for") loops.push(inner);
  };
  for (const each of lower([{ name: "loss", node: node! }], { forVectors }).parts.flat())
    visitStatement(each, { statement });
  return { layouts: loops.flatMap(({ making }) => making?.layouts ?? []), loops };
}

describe("rows in strips", () => {
  it.each(Object.entries(models))("give the results of rows one by one: %s", (_, loss) => {
    const engines = bothEngines(textOf(loss));
    for (const [n, d] of [
      [1, 1],
      [3, 5],
      [4, 2],
      [5, 7],
      [33, 4],
      [70, 9],
      [403, 331],
    ] as const)
      engines.expectAgreement(
        [
          ["w", [d]],
          ["b", []],
        ],
        dataOf(n, d),
        { n, d },
      );
  });

  it.each(Object.entries(models))("are taken in strips: %s", (_, loss) => {
    expect(layoutsOf(loss).layouts).toContain("strips");
  });

  it("go row by row where they come from afar, which sizes may say", () => {
    const steps = (sizes: string) =>
      layoutsOf(models["a logistic regression"]!, sizes).loops.filter(({ making }) => making?.layouts.includes("rows"));
    expect(steps("n = 1000, d = 20")).toHaveLength(1);
    expect(steps("n = 10000, d = 100")).toHaveLength(0);
  });

  describe("need rows that do not depend on each other", () => {
    const [n, d] = [Integer.named("n"), Integer.named("d")];
    const [row, column] = [0, 1].map((variable) => Integer.iterator(variable)) as [Integer, Integer];
    const buffer = (id: number, name: string, role: Buffer["role"], shape: readonly Integer[]): Buffer => {
      return { id, name, role, dtype: "real", shape };
    };
    const [X, w] = [buffer(0, "X", "input", [n, d]), buffer(1, "w", "input", [d])];
    const work = buffer(2, "work", "workspace", [n.plus(1)]);
    const load = (from: Buffer, address: Integer): Value => ({ kind: "load", buffer: from, address });
    const apply = (primitive: Primitive, ...operands: Value[]): Value => {
      return { kind: "apply", primitive, operands, dtype: "real" };
    };

    /** Whether a loop over rows, with these statements behind the product of a row, is taken in strips. */
    function isInStrips(behind: (sum: Temporary, total: Temporary) => readonly Statement[]): boolean {
      const builder = new LoopBuilder(new Frames(), () => undefined, { ordered: false });
      for (const extent of [n, d]) builder.openLoop(extent);
      const [sum, total] = [builder.temporary("real"), builder.temporary("real")];
      const over = (variable: number, extent: Integer, body: Statement[]): Statement => {
        return { kind: "for", variable, from: [Integer.zero], to: [extent], step: 1, body };
      };
      const product = apply(mul.primitive, load(X, row.times(d).plus(column)), load(w, column));
      const rows = over(0, n, [
        { kind: "start", temporary: sum, value: zero },
        over(1, d, [{ kind: "combine", temporary: sum, combine: "sum", value: product }]),
        ...behind(sum, total),
      ]);
      return inStrips([rows], builder, new BufferTable(new Frames())).length > 1;
    }
    const store = (at: Integer, value: Value): Statement => ({ kind: "store", buffer: work, address: at, value });
    const collect = (temporary: Temporary, value: Value): Statement => {
      return { kind: "combine", temporary, combine: "sum", value };
    };

    it("as sums and elements of their own", () => {
      expect(isInStrips((sum, total) => [collect(total, apply(exp.primitive, sum))])).toBe(true);
      expect(isInStrips((sum) => [store(row, apply(exp.primitive, sum))])).toBe(true);
      expect(isInStrips((sum, total) => [store(row, sum), collect(total, load(work, row))])).toBe(true);
    });

    it("not as a sum that is read on the way", () => {
      expect(isInStrips((sum, total) => [collect(total, sum), store(row, total)])).toBe(false);
    });

    it("not as elements that the next row reads", () => {
      expect(isInStrips((sum) => [store(row.plus(1), apply(add.primitive, sum, load(work, row)))])).toBe(false);
    });

    it("not as a number that the next row has from this one", () => {
      expect(isInStrips((sum, total) => [{ kind: "assign", temporary: total, value: sum }])).toBe(false);
    });
  });
});
