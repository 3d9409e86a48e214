import { describe, expect, it } from "vitest";
import { closureEngine } from "../../src/compile/functions.ts";
import { compileText } from "../../src/language/all.ts";

/** What stands in one side of a choice, of `s`, which is above 0 there; as many are NaN below as have a root. */
const sides: Readonly<Record<string, string>> = {
  "a loop": "scan(k in 0..3, c = s: sqrt(c * p) + 0.1 * c^2)",
  "a loop over data": "scan(b in xs, c = s: sqrt(c * b) + 0.1 * c^2 * p)",
  "a loop backwards": "reverseScan(b in xs, c = s: sqrt(c * b) * p)",
  "a loop that begins with a number": "scan(b in xs, c = 1: sqrt(c * b * s) * p)",
  "a loop that begins with a literal": "scan(b in xs, c = [1, 2]: [sqrt(c[1] * b * s), c[0] * p])[1]",
  "a loop of vectors": "dot(scan(b in xs, c = xs * s: sqrt(c * b) + 0.1 * p), xs)",
  "carries of two shapes":
    "scan(b in xs, c = s, d = [s, 1]: {c = sqrt(c*b) + 0.1*d[0]^2*p; d = [sqrt(d[1]*c), d[0]]}).c",
  "all steps of a loop": "sum(k: scan(b in xs, c = s: {c = sqrt(c * b) + 0.1 * c^2 * p; t = c * p}).t[k])",
  "one step of a loop": "scan(b in xs, c = s: {c = sqrt(c * b) + 0.1 * c^2 * p; t = sqrt(c) * p}).t[1]",
  "a loop in a loop": "scan(k in 0..2, c = s: scan(b in xs, e = c: sqrt(e * b) * p))",
  "a choice in a loop": "scan(b in xs, c = s: if b > 1 then sqrt(c * b) * p else c^1.5)",
  "a loop in each element": "sum(map(b in xs: scan(k in 0..2, c = s: sqrt(c * b) * p)))",
  while: "while(y = s, test = abs(y * y - s) > 1e-12, limit = 40: (y + s / y) / 2) * p",
  "while in a loop": "scan(b in xs, c = s: while(y = c, test = y > 1, limit = 5: sqrt(y) * p * b * 0.9))",
  "a root": "root(z = 1: z^3 + sqrt(s) * z - p)",
  "a root in a loop": "scan(b in xs, c = s: root(z = 1: z^3 + sqrt(c) * z - p * b))",
  "a loop in a root": "root(z = 1: z^3 + z * scan(b in xs, c = s: sqrt(c * b)) - p)",
  "a root of two unknowns": "sum(root(z = [1, 1]: [z[0]^3 + sqrt(s) * z[0] - p, z[1] + z[0] - sqrt(s)]))",
  "a minimum": "argmin(z = 1: z^4 + sqrt(s) * z^2 - p * z)",
  "a fixed point": "fixedPoint(z = 1: sqrt(s) * cos(z) / 2 + p / 5)",
  "a sorted vector": "sort([sqrt(s), p, s^2])[1] * p",
  "a median": "median([sqrt(s), p, s^2]) * p",
  "a system": "solve([[2, sqrt(s)], [p, 3]], [sqrt(s), 1])[0]",
  "a right side": "solve([[2, p], [p, 3]], [sqrt(s), 1])[0]",
  "a factor": "cholesky([[2, sqrt(s) / 9], [sqrt(s) / 9, 3]])[1, 1] * p",
  "a product": "prod(k: sqrt(s * xs[k]))",
  "sums so far": "sum(cumsum(sqrt(s * xs))^2) * p",
};

const otherwise = "log(2 - s) * p";
const xs = [0.7, 1.4, 1.1];
const a = [-1.3, 1.7, 0.4, -0.2];
const along = [1, 2, -1, 0.5];
const [p, alongP] = [1.3, 0.7];

type Slopes = readonly number[];

/** Gradient, product and third slopes of a function of a and p. */
function slopesOf(a: string, total: string): (a: readonly number[], along: readonly number[]) => Slopes {
  const head = `param ${a}, p: []\ndata xs: [m]\nlet f = ${total}`;
  const [first, third] = [
    compileText(`${head}\nloss = f`),
    compileText(`${head}\nloss = sum((grad(sum(grad(f, a)), a) + grad(grad(f, p), a))^2)`, {
      engine: closureEngine,
      rewrites: "none",
    }),
  ];
  return (a, along) => {
    const point = { a, p, xs };
    const all = [first.gradient(point), first.hvp(point, { a: along, p: alongP }), third.gradient(point)];
    return all.flatMap((found) => [...(found.a as Float64Array), Number(found.p)]);
  };
}

describe("a side that a choice leaves out in some elements", () => {
  it.each(Object.entries(sides))("has derivatives of every order as alone: %s", (_, side) => {
    const choice = (s: string) => `if s > 0 then ${side} else ${otherwise}`.replace(/\bs\b/g, s);
    const together = slopesOf("a: [n]", `sum(i: ${choice("a[i]")})`)(a, along);
    const ofOne = slopesOf("a: [1]", choice("a[0]"));
    const alone = a.map((s, k) => ofOne([s], [along[k]!]));
    const orders = [0, 2, 4];
    const wanted = orders.flatMap((at) => [
      ...alone.map((each) => each[at]!),
      alone.reduce((sum, each) => sum + each[at + 1]!, 0),
    ]);
    for (const [k, value] of wanted.entries()) {
      expect(Math.abs(together[k]! - value), `${k}`).toBeLessThan(1e-9 * Math.max(1, Math.abs(value)));
    }
  });

  it("reaches no choice within, whose slopes are sums", () => {
    const inner = "if r > 1 then scan(b in xs, c = r: sqrt(c - 0.9) * b + 1) else sqrt(r)";
    const within = (s: string) =>
      `sum(j in 0..2: if s > 0 then (${inner}) * (j + 1) else log(2 - s))`
        .replace(/\br\b/g, "sum(cumsum(sqrt(s * xs))^2)")
        .replace(/\bs\b/g, s);
    const together = compileText(`param a: [n]\ndata xs: [m]\nloss = sum(i: ${within("a[i]")})`);
    const alone = compileText(`param s\ndata xs: [m]\nloss = ${within("s")}`);
    const point = { a: [-1.3, 1.7, 0.4], xs };
    const [g, h] = [together.gradient(point), together.hvp(point, { a: [1, 2, 3] })];
    for (const [k, s] of point.a.entries()) {
      expect(g.a![k]).toBeCloseTo(alone.gradient({ s, xs }).s![0]!, 10);
      expect(h.a![k]).toBeCloseTo(alone.hvp({ s, xs }, { s: k + 1 }).s![0]!, 10);
    }
  });
});
