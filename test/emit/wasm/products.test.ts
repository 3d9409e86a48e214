import { describe, it } from "vitest";
import { bothEngines } from "./both.ts";

/** Products that become panels and tiles, with the shapes that they read. */
const products = [
  "A: [m, k], B: [k, n]; A @ B",
  "A: [k, m], B: [k, n]; transpose(A) @ B",
  "A: [m, k], B: [n, k]; A @ transpose(B)",
  "A: [k, m], B: [n, k]; transpose(A) @ transpose(B)",
  "A: [3, m, k], B: [3, k, n]; [b in 0..3, i in 0..m, j in 0..n: sum(l: A[b,i,l] * B[b,l,j])]",
  "A: [3, m, k], B: [k, n]; [b in 0..3, i in 0..m, j in 0..n: sum(l: A[b,i,l] * B[l,j])]",
  "A: [m, k], B: [3, k, n]; [i in 0..m, b in 0..3, j in 0..n: sum(l: A[i,l] * B[b,l,j])]",
  "A: [m, k], B: [k, n]; tanh(A) @ exp(B)",
  "A: [m, k, 3], B: [3, k, n]; [i in 0..m, j in 0..n: sum(l, p: A[i,l,p] * B[p,l,j])]",
  "A: [m + 2, k + 2], B: [3, 3, n]; [x in 0..m, y in 0..k, c in 0..n: sum(u, v: A[x+u, y+v] * B[u,v,c])]",
  "A: [2*m + 2, 2*k + 2], B: [3, 3, n]; [x in 0..m, y in 0..k, c in 0..n: sum(u, v: A[2*x+u, 2*y+v] * B[u,v,c])]",
  // few terms, and axes that belong to one factor alone
  "A: [m, 5], B: [3, 2, 7, 5]; [i, x, y, c: sum(u: A[i,u] * B[x,y,c,u])]",
  "A: [k, m, 5], B: [4, 6, 5]; [j, i, x, c: sum(u: A[j,i,u] * B[x,c,u])]",
  "A: [m, k], B: [3, n]; [x in 0..m, y in 0..k, c in 0..n: sum(u in 0..3: pad(A, 1)[x+1, y+u] * B[u,c])]",
];

const sizes = [
  { m: 4, k: 4, n: 4 },
  { m: 9, k: 5, n: 11 },
  { m: 6, k: 13, n: 7 },
  { m: 1, k: 2, n: 3 },
  { m: 5, k: 0, n: 6 },
  { m: 12, k: 7, n: 1 },
  // more rows than a block has, and one that no tile has
  { m: 41, k: 6, n: 5 },
];

describe.each(products)("the product %s", (product) => {
  const [declared, body] = product.split("; ");
  const text = `size m, k, n\nparam ${declared}\nlet P = ${body}\nloss = sum(P * P)\noutput C = P`;
  const engines = bothEngines(text);

  it.each(sizes)("with its derivatives, for %o", (values) => {
    const shapes = [...declared!.matchAll(/(\w): \[([^\]]*)\]/g)].map(([, name, shape]) => {
      return [name!, shape!.split(", ").map((size) => sizeOf(size, values))] as const;
    });
    engines.expectAgreement(shapes, {}, values);
  });
});

/** "2*m + 2" at given sizes. */
function sizeOf(text: string, values: Readonly<Record<string, number>>): number {
  const [scaled, added = "0"] = text.split(" + ");
  const [factor, name] = scaled!.includes("*") ? scaled!.split("*") : ["1", scaled!];
  return Number(factor) * (values[name!] ?? Number(name)) + Number(added);
}
