import { describe, expect, it } from "vitest";
import { closureEngine, javaScriptEngine } from "../../src/compile/functions.ts";
import { webAssembly } from "../../src/compile/web-assembly.ts";
import { compileText } from "../../src/language/all.ts";
import { expectReference, type Reference } from "../rewrite/references.ts";

/** Steep functions of arrays in which some elements are 0 and do not vary: values, gradients and products from mpmath at 60 digits. */
const references: readonly Reference[] = [
  {
    name: "a root of a list that begins with 0",
    text: "param r: [n]\nloss = sum(sqrt(concat([0], r)))^2",
    at: { r: [0.5, 1.25, 2] },
    along: { r: [-2, 1, 2] },
    loss: 10.493416490252569,
    gradient: { r: [4.58113883008419, 2.8973665961010275, 2.290569415042095] },
    product: { r: [8.794733192202056, -1.3914021704740869, -1.3290569415042095] },
  },
  {
    name: "a root of a list that begins with data",
    text: "param r: [n]\ndata c: [1]\nloss = sum(sqrt(concat(c, r)))^2",
    at: { r: [0.5, 1.25, 2], c: [0] },
    along: { r: [-2, 1, 2] },
    loss: 10.493416490252569,
    gradient: { r: [4.58113883008419, 2.8973665961010275, 2.290569415042095] },
    product: { r: [8.794733192202056, -1.3914021704740869, -1.3290569415042095] },
  },
  {
    name: "a cube root of a pad",
    text: "param r: [n]\nloss = sum(cbrt(pad(r, 1)))^2",
    at: { r: [0.5, 1.25, 2] },
    along: { r: [-2, 1, 2] },
    loss: 9.802152348590434,
    gradient: { r: [3.313264664381047, 1.7987167946874647, 1.3148699534218842] },
    product: { r: [8.463882784518761, -1.1609912359814718, -1.0240057357694603] },
  },
  {
    name: "a power of a product with data",
    text: "param k, a\ndata t: [n], y: [n]\nloss = sum((y - (k*t)^a)^2)",
    at: { k: 1.5, a: 0.6, t: [0, 0.5, 1.5], y: [0.1, 1, 2] },
    along: { k: -2, a: 1 },
    loss: 0.17448008879620114,
    gradient: { k: [-0.5925105908208428], a: [-0.9081005008596184] },
    product: { k: [-2.2597451002597215], a: [2.3708131013010227] },
  },
  {
    name: "roots of products with rows",
    text: "param w: [d]\ndata X: [n, d]\nloss = sum(sqrt(X @ w))^2",
    at: {
      w: [0.5, 1.5],
      X: [
        [0, 0],
        [1, 2],
        [0.5, 0],
        [0, 1],
      ],
    },
    along: { w: [-2, 1] },
    loss: 12.9281492597344,
    gradient: { w: [5.517488477398961, 6.779603347356613] },
    product: { w: [6.283090826432126, -2.0943636088107085] },
  },
  {
    name: "distances in weighted units",
    text: "param w: [d]\ndata X: [n, d]\nloss = sum(i in 0..n, j in 0..n: exp(-sqrt(sum(k: w[k] * (X[i,k] - X[j,k])^2))))",
    at: {
      w: [0.5, 1.5],
      X: [
        [0, 0],
        [1, 2],
        [0.5, 0],
        [0, 1],
      ],
    },
    along: { w: [-2, 1] },
    loss: 7.361861870106997,
    gradient: { w: [-0.7623900850486881, -0.8896900537257979] },
    product: { w: [-1.4035380930815577, 0.3528889847680234] },
  },
  {
    name: "powers of distances, of points from themselves too",
    text: "param x: [n, d], a\nloss = sum(i in 0..n, j in 0..n: sum(k: (x[i,k] - x[j,k])^2)^a)^2",
    at: {
      x: [
        [0.1, 0],
        [1, 2],
        [0.5, -0.3],
      ],
      a: 0.3,
    },
    along: {
      x: [
        [-2, 1],
        [2, -1],
        [1, -2],
      ],
      a: 1,
    },
    loss: 61.87327015126211,
    gradient: {
      x: [
        -25.58657949935113, 2.3715217529818284, 8.506111510784976, 25.67338265238567, 17.080467988566156,
        -28.044904405367497,
      ],
      a: [140.41613663847104],
    },
    product: {
      x: [
        -60.90742923799536, -42.806364038912186, 89.37142129991108, 166.69410044424677, -28.46399206191571,
        -123.88773640533458,
      ],
      a: [883.4789422282205],
    },
  },
  {
    name: "roots of differences",
    text: "param z: [n]\nloss = sum(i in 0..n, j in 0..n: sqrt(abs(z[i] - z[j])))^2",
    at: { z: [0.1, 0.7, -0.4] },
    along: { z: [-2, 1, 2] },
    loss: 25.613969973426627,
    gradient: { z: [1.2472299299261107, 22.7185045531487, -23.96573448307481] },
    product: { z: [89.25314668499225, -40.56961212954193, -48.683534555450315] },
  },
  {
    name: "roots of sums of the first few, none and of zeros among them",
    text: "param r: [n]\ndata t: [n]\nloss = sum(i in 0..n: sqrt(sum(j in 0..i: r[j]*t[j])))^2",
    at: { r: [0.5, 1.25, 2], t: [0, 1, 2] },
    along: { r: [-2, 1, 2] },
    loss: 1.25,
    gradient: { r: [0, 1, 0] },
    product: { r: [0, 0, 0] },
  },
  {
    name: "norms of groups that a mask leaves out",
    text: "param x: [n, d], b\ndata m: [n]\nloss = sum(i in 0..n: sqrt(m[i]*b + sum(k: m[i]*x[i,k]^2)))^2",
    at: {
      x: [
        [0.1, 0],
        [1, 2],
        [0.5, -0.3],
      ],
      b: 2,
      m: [0, 1, 1],
    },
    along: {
      x: [
        [-2, 1],
        [2, -1],
        [1, -2],
      ],
      b: 1,
    },
    loss: 17.434442537939226,
    gradient: {
      x: [0, 0, 3.156348933991318, 6.312697867982636, 2.7295817388759027, -1.6377490433255415],
      b: [4.307756205871562],
    },
    product: {
      x: [0, 0, 7.020767453326526, -1.7402097633035378, 4.400085038134876, -10.282879891733453],
      b: [-0.7050436469449844],
    },
  },
  {
    name: "an entropy",
    text: "param k\ndata t: [n]\nlet q = k * t\nloss = sum(xlogy(q, q))^2",
    at: { k: 1.5, t: [0, 0.5, 1.5] },
    along: { k: -2 },
    loss: 2.5883385770670757,
    gradient: { k: [9.886443831347718] },
    product: { k: [-46.342793718041264] },
  },
  {
    name: "an arc cosine at 1",
    text: "param k\ndata u: [n]\nloss = sum(acos(1 - k*u))^2",
    at: { k: 0.5, u: [0, 0.3, 1] },
    along: { k: -2 },
    loss: 2.5664315037757364,
    gradient: { k: [5.524351457596476] },
    product: { k: [-3.605041487552162] },
  },
  {
    name: "a complement of a square",
    text: "param k\ndata u: [n]\nloss = sum(sqrt(1 - (1 - k*u)^2))^2",
    at: { k: 0.5, u: [0, 0.3, 1] },
    along: { k: -2 },
    loss: 1.939914379544733,
    gradient: { k: [2.956711088287144] },
    product: { k: [7.501057407902718] },
  },
  {
    name: "a loop",
    text: "param k\ndata t: [n]\nloss = scan(i in 0..n, s = 0: s + sqrt(k * t[i]))^2",
    at: { k: 1.5, t: [0, 0.5, 1.5] },
    along: { k: -2 },
    loss: 5.598076211353316,
    gradient: { k: [3.732050807568877] },
    product: { k: [0] },
  },
  {
    name: "a definition",
    text: "param k\ndata t: [n]\ndef f(a: [n], b) = sum(sqrt(a * b)) + sum(a)*b + sum(a^2)*b^2 + sum(a^3)*b^3 + sum(sin(a*b))\nloss = f(t, k)^2 + f(t, 2*k)",
    at: { k: 1.5, t: [0, 0.5, 1.5] },
    along: { k: -2 },
    loss: 715.0707173053495,
    gradient: { k: [1841.2933675675354] },
    product: { k: [-8334.820672323478] },
  },
  {
    name: "a slope in the model",
    text: "param k, b\ndata t: [n]\nlet f = sum(sqrt(k * b * t))\nlet g = grad(f, k)\nloss = g^2 + b*f",
    at: { k: 1.5, b: 2, t: [0, 0.5, 1.5] },
    along: { k: -2, b: 1 },
    loss: 7.936147365758756,
    gradient: { k: [1.4013655193966261], b: [5.641106290354994] },
    product: { k: [0.5339147273128791], b: [-1.2619461354403247] },
  },
  {
    name: "a sum of products",
    text: "param a, b\ndata t: [n]\nloss = sum(sqrt(a*t + b*t^2))",
    at: { a: 1.5, b: 2, t: [0, 0.5, 1.5] },
    along: { a: -2, b: 1 },
    loss: 3.716110200103211,
    gradient: { a: [0.5122819323447918], b: [0.5448161007672088] },
    product: { a: [0.08311954680248329], b: [0.057597280878731255] },
  },
  {
    name: "a power of what begins at 0",
    text: "param a, k, b\ndata t: [n]\nloss = sum(a*(1 - exp(-k*t))^b)",
    at: { a: 1.5, k: 2, b: 0.7, t: [0, 0.5, 1.5] },
    along: { a: -2, k: 1, b: 2 },
    loss: 2.53538038152178,
    gradient: { a: [1.6902535876811866], k: [0.3012533661742928], b: [-0.572977865323964] },
    product: { a: [-0.5631349096490902], k: [-0.0038673639222377536], b: [1.5539768359904573] },
  },
  {
    name: "norms of rows of data, by powers",
    text: "param w: [d], p\ndata X: [n, d]\nloss = sum(i in 0..n: sum(j: abs(X[i,j]*w[j])^p)^(1/p))",
    at: {
      w: [0.5, 1.5],
      p: 1.5,
      X: [
        [0, 0],
        [1, 2],
        [0.5, 0],
        [0, 1],
      ],
    },
    along: { w: [-2, 1], p: 2 },
    loss: 4.884584449045707,
    gradient: { w: [0.8993880026595814, 2.9565936318106103], p: [-0.33024182596103135] },
    product: { w: [-2.296727723647301, 0.3252534732677252], p: [3.1919656221250694] },
  },
  {
    name: "roots of sums of groups, of empty ones too",
    text: "param r: [n]\ndata g: int[n]\nloss = sum(c in 0..5: sqrt(sum(i: if g[i] == c then r[i] else 0)))^2",
    at: { r: [0.5, 1.25, 2], g: [0, 2, 2] },
    along: { r: [-2, 1, 2] },
    loss: 6.299509756796392,
    gradient: { r: [3.5495097567963922, 1.392232270276368, 1.392232270276368] },
    product: { r: [6.275716324421889, -0.9654948191418291, -0.9654948191418291] },
  },
];

const infinity = Number.POSITIVE_INFINITY;

describe("steep slopes", () => {
  it.each(references)("count for nothing where the operand does not vary: $name", (reference) => {
    for (const engine of [javaScriptEngine, closureEngine, webAssembly({ use: "always" })])
      expectReference(reference, engine);
  });

  it.each(references)("count for nothing there at every level: $name", ({ text, at, gradient, along, product }) => {
    for (const rewrites of ["exact", "none"] as const) {
      const compiled = compileText(text, { rewrites, wrt: Object.keys(gradient) });
      const numbers = (x: object) => Object.values(x).flatMap((each) => [...each]);
      const close = (values: object) => numbers(values).map((value) => expect.closeTo(value, 8));
      expect(numbers(compiled.gradient(at))).toEqual(close(gradient));
      expect(numbers(compiled.hvp(at, along))).toEqual(close(product));
    }
  });

  it("are infinite where the operand varies and happens to be 0", () => {
    const { gradient } = compileText("param r: [n]\nloss = sum(sqrt(concat([0], r)))^2");
    expect([...gradient({ r: [0, 1] }).r!]).toEqual([infinity, 1]);
  });

  it("count again in the derivative in what an earlier derivative took for data", () => {
    const text = "param k\ndata t: [n]\nloss = grad(sum(sqrt(k * t)), k)";
    const at = { k: 4, t: [0, 4] };
    expect([...compileText(text, { wrt: ["t"] }).gradient(at).t!]).toEqual([infinity, 0.0625]);
    expect(compileText(text).loss(at)).toBe(0.5);
  });

  it("leave no condition where operands vary everywhere, or where slopes are finite", () => {
    for (const loss of ["sum(sqrt(r))", "sum(sqrt(1 + t * r^2))", "sum((t * r)^3)", "sum(exp(t * r))"]) {
      const code = compileText(`param r: [n]\ndata t: [n]\nloss = ${loss}`).source("gradient");
      expect(code).not.toContain("?");
    }
  });
});
