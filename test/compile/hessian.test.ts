import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";

const text = `param W: [k, d], b: [k], s, v: [d]
data X: [n, d]
loss = sum(i: softplus(sum(j: tanh(dot(W[j], X[i])) * b[j]) * exp(s))) + sum(i: sin(dot(X[i], v) * s)) * dot(b, b)`;

const numbers = (count: number, phase: number) => Array.from({ length: count }, (_, k) => Math.sin(phase + 1.7 * k));
const matrix = (rows: number, columns: number, phase: number) =>
  Array.from({ length: rows }, (_, k) => numbers(columns, phase + k));
const inputs = { X: matrix(5, 3, 0), W: matrix(2, 3, 1), b: numbers(2, 2), s: 0.3, v: numbers(3, 4) };
const shapes = { W: [2, 3], b: [2], s: [], v: [3] };

describe("the blocks of a Hessian", () => {
  const { hessian, hvp } = compileText(text);
  const blocks = hessian(inputs) as Record<string, Record<string, Float64Array>>;
  const names = Object.keys(shapes) as (keyof typeof shapes)[];
  const length = (name: keyof typeof shapes) => shapes[name].reduce((product, size) => product * size, 1);
  const pairs = names.flatMap((row) => names.map((column) => [row, column] as const));

  it.each(pairs)("in %s and %s are the products with unit vectors", (row, column) => {
    const block = blocks[row]![column]!;
    expect(block).toHaveLength(length(row) * length(column));
    for (let k = 0; k < length(column); k++) {
      const unit = Object.fromEntries(names.map((name) => [name, new Float64Array(length(name))]));
      unit[column]![k] = 1;
      const product = hvp(inputs, shaped(unit))[row] as Float64Array;
      for (const [at, value] of product.entries()) expect(block[at * length(column) + k]).toBeCloseTo(value, 11);
    }
  });

  it.each(pairs.filter(([row, column]) => row !== column))(
    "in %s and %s are each other's transposes",
    (row, column) => {
      const [block, other] = [blocks[row]![column]!, blocks[column]![row]!];
      for (let i = 0; i < length(row); i++) {
        for (let j = 0; j < length(column); j++) expect(block[i * length(column) + j]).toBe(other[j * length(row) + i]);
      }
    },
  );
});

/** Directions in the shapes of the parameters. */
function shaped({ W, s, ...rest }: Record<string, Float64Array>) {
  return { ...rest, W: { data: W!, shape: [2, 3] }, s: s![0]! };
}
