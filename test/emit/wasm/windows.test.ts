import { describe, expect, it } from "vitest";
import { compileModel } from "../../../src/compile/compile.ts";
import { webAssembly } from "../../../src/compile/web-assembly.ts";
import type { Program } from "../../../src/lower/program/loops.ts";
import { statementsOf, visitStatement } from "../../../src/lower/program/rewrite-statements.ts";
import { loadModel } from "../../../src/model/load.ts";
import { watched } from "../watched.ts";
import { bothEngines, numbers } from "./both.ts";

const filters = `size w, k, side
param F: [w, w, k]
data images: [n, 12, 12]
let z = [i, x in 0..side, y in 0..side, c: sum(u, v: F[u, v, c] * images[i, 2*x + u, 2*y + v])]
loss = sum(z^2)
`;
const images = (n: number) => ({ data: numbers(n * 144, 3), shape: [n, 12, 12] });

/** Loops that end at the first of several limits. */
function openEnds(program: Program): number {
  let count = 0;
  for (const outermost of statementsOf(program))
    visitStatement(outermost, { statement: (each) => (count += Number(each.kind === "for" && each.to.length > 1)) });
  return count;
}

const filter = `param A: [s, s], q, r
data y: [t, m], H: [m, s]
let run = scan(z in y, x = zeros(s), P = identity(s): {
  let Pp = A @ P @ A' + exp(q) * identity(s)
  let S = H @ Pp @ H' + exp(r) * identity(m)
  let e = z - H @ A @ x
  let K = Pp @ H' @ inverse(S)
  x = A @ x + K @ e
  P = (identity(s) - K @ H) @ Pp
  cost = logdet(S) + dot(e, solve(S, e))
})
loss = 0.5 * sum(run.cost) + (if q > 9 then sum(while(w = A, test = sum(w) > 1, limit = m: w / 2)) else 0)
output last = run.x
`;
const filtered = (s: number, m: number, t: number) => ({
  y: { data: numbers(t * m, 3), shape: [t, m] },
  H: { data: numbers(m * s, 4), shape: [m, s] },
});

describe("products of small matrices within loops", () => {
  it("know the sizes, which stay open where they are large", () => {
    const { engine, programs } = watched(webAssembly({ use: "always" }));
    const model = compileModel(loadModel({ name: "filter", text: filter }), { engine });
    const sizesOf = (s: number, m: number) => {
      const point = numbers(s * s + 2, 1);
      model.bind(filtered(s, m, 30), { s, m, t: 30 }).flat.lossAndGradient(point, new Float64Array(point.length));
      return programs.at(-1)!.sizes;
    };
    expect(sizesOf(4, 2)).toEqual(["t"]);
    expect(sizesOf(4, 3)).toEqual(["t"]);
    expect([...sizesOf(20, 18)].sort()).toEqual(["m", "s", "t"]);
  });

  // what the sizes are for is seen in loops as JavaScript has them, or as vectors ask for them
  it.each(["auto", "always"] as const)("know them for products with the Hessian too: %s", (use) => {
    const { engine, programs } = watched(webAssembly({ use }));
    const text = `param A: [s, s], B: [s, m]
data y: [t, m]
let run = scan(z in y, x = zeros(s), P = identity(s): {
  P = A @ P @ A' + B @ B'
  x = P @ (A @ x + B @ (z - B' @ x))
})
loss = sum(run.x^2)`;
    const y = { data: numbers(180, 3), shape: [90, 2] };
    const bound = compileModel(loadModel({ name: "turns", text }), { engine }).bind({ y }, { s: 4 });
    const [x, v] = [numbers(24, 1), numbers(24, 2)];
    bound.flat.hvp(x, v, new Float64Array(24));
    expect(programs.map(({ sizes }) => sizes)).toEqual([["t"]]);
  });

  const engines = bothEngines(filter);
  it.each([
    { s: 4, m: 2, t: 9 },
    { s: 3, m: 3, t: 1 },
    { s: 1, m: 1, t: 5 },
    { s: 5, m: 2, t: 0 },
  ])("give what they give in JavaScript, for %o", ({ s, m, t }) => {
    const variables = [["A", [s, s]] as const, ["q", []] as const, ["r", []] as const];
    engines.expectAgreement(variables, filtered(s, m, t), { s, m, t });
  });
});

describe("windows as wide as a size says", () => {
  it("ask no pixel whether they end inside, once their size is known and small", () => {
    const { engine, programs } = watched(webAssembly({ use: "always" }));
    const model = compileModel(loadModel({ name: "filters", text: filters }), { engine });
    const ends = [3, 4, 3].map((w) => {
      const bound = model.bind({ images: images(2) }, { w, k: 4, side: 4 });
      bound.flat.lossAndGradient(numbers(w * w * 4, 1), new Float64Array(w * w * 4));
      return openEnds(programs.at(-1)!);
    });
    expect(ends).toEqual([0, 0, 0]);
    // each width once
    expect(programs.length).toBe(2);
    const wide = compileModel(loadModel({ name: "wide", text: filters.replaceAll("12", "60") }), { engine });
    const data = { data: numbers(3600, 3), shape: [1, 60, 60] };
    const bound = wide.bind({ images: data }, { w: 20, k: 4, side: 17 });
    bound.flat.lossAndGradient(numbers(1600, 1), new Float64Array(1600));
    expect(openEnds(programs.at(-1)!)).toBeGreaterThan(0);
  });

  const engines = bothEngines(filters);
  it.each([
    { w: 3, k: 4, side: 5, n: 2 },
    { w: 4, k: 3, side: 4, n: 1 },
    { w: 1, k: 1, side: 6, n: 3 },
    { w: 12, k: 5, side: 1, n: 2 },
  ])("give what they give in JavaScript, for %o", ({ w, k, side, n }) => {
    engines.expectAgreement([["F", [w, w, k]]], { images: images(n) }, { w, k, side });
  });
});
