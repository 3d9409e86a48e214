import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";
import { expectReference, type Reference } from "./references.ts";

/** Functions of slices and lookups, constants of which one is small, and what overflows or cancels beside what it is near. Values, gradients and products from mpmath, at 300 digits. */
const references: readonly Reference[] = [
  {
    name: "classes between thresholds",
    text: "param e: [n], c: [k]\ndata y: int[n] within 0..k-1\nlet s = [i,j: sigmoid(c[j]-e[i])]\nloss = -sum(i: log(s[i,y[i]+1]-s[i,y[i]]))",
    at: { e: [40.0, -35.0, 2.0, 0.5], c: [-1.0, 0.5, 2.0], y: [0, 1, 0, 1] },
    along: { e: [1.0, -1.0, 1.0, -1.0], c: [1.0, -1.0, 1.0] },
    loss: 78.654490923801,
    gradient: {
      e: [1.0, -0.9999999999999996, 0.7701486030160769, -0.31757447619364365],
      c: [0.6218597067553032, -0.31757447619364404, -0.7568593573840929],
    },
    product: {
      e: [1.400870405233729e-17, -1.706609525148813e-16, 0.2982929041406657, -0.2982929041406657],
      c: [1.4788418963142875, -3.255976696769241, 1.7771348004549534],
    },
  },
  {
    name: "thresholds of a normal variable",
    text: "param e: [n], c: [k]\ndata y: int[n] within 0..k-1\nloss = -sum(i: log(normalCdf(c[y[i]+1]-e[i])-normalCdf(c[y[i]]-e[i])))",
    at: { e: [30.0, -25.0, 2.0, 0.5], c: [-1.0, 0.5, 2.0], y: [0, 1, 0, 1] },
    along: { e: [1.0, -1.0, 1.0, -1.0], c: [1.0, -1.0, 1.0] },
    loss: 772.2765531916178,
    gradient: {
      e: [29.533820844167984, -25.53909598608139, 1.9109517359831114, -0.6219509777741192],
      c: [0.06770594254206079, -5.052447836012013, -0.2989837228256327],
    },
    product: {
      e: [1.9977175049114693, -5.922594151364031e-16, 1.6262656158124646, -0.5250447309770007],
      c: [0.26793376618526543, -4.442605857438456, 1.0757337015062576],
    },
  },
  {
    name: "intervals of a normal variable",
    text: "param m, l\ndata a: [n], b: [n]\nlet s = exp(l)\nloss = -sum(log(normalCdf((b-m)/s)-normalCdf((a-m)/s)))",
    at: { m: 0.25, l: -2.0, a: [-2.0, 0.5, 3.0], b: [-1.0, 0.75, 3.5] },
    along: { m: 1.0, l: -1.0 },
    loss: 259.62489949246344,
    gradient: { m: [-97.97555210364764], l: [-504.2809949312531] },
    product: { m: [-35.79181271782974], l: [-811.2724979691823] },
  },
  {
    name: "classes by lookup",
    text: "param Z: [n, k]\ndata y: int[n] within 0..k\nlet e = exp(Z)\nlet p = [i,j: e[i,j]/sum(c: e[i,c])]\nloss = -sum(i: log(p[i,y[i]]))",
    at: {
      Z: [
        [800.0, -5.0, 1.0],
        [-900.0, 3.0, 2.0],
      ],
      y: [1, 0],
    },
    along: {
      Z: [
        [1.0, -1.0, 1.0],
        [-1.0, 1.0, -1.0],
      ],
    },
    loss: 1708.3132616875182,
    gradient: { Z: [1.0, -1.0, 0.0, -1.0, 0.7310585786300049, 0.2689414213699951] },
    product: { Z: [0.0, -0.0, 0.0, -0.0, 0.3932238664829637, -0.3932238664829637] },
  },
  {
    name: "probabilities with a floor",
    text: "param z: [n]\ndata y: [n]\nlet p = sigmoid(z)\nloss = -sum(y*log(p+1e-12)+(1-y)*log(1-p+1e-12))",
    at: { z: [40.0, -45.0, 300.0], y: [0.0, 1.0, 1.0] },
    along: { z: [1.0, -1.0, 1.0] },
    loss: 55.26203795488568,
    gradient: { z: [4.248336206854387e-6, -2.8625184986092698e-8, -5.148200222406865e-131] },
    product: { z: [-4.2483181584938605e-6, 2.8625184166691484e-8, 5.148200222406865e-131] },
  },
  {
    name: "slices of hazards",
    text: "param z: [n]\ndata y: [n]\nlet h = sigmoid(z)\nloss = sum(i in 1..n: y[i]*log(h[i]*(1-h[i-1])))",
    at: { z: [25.0, -20.0, 3.0], y: [1.0, 2.0, 1.0] },
    along: { z: [1.0, -1.0, 1.0] },
    loss: -90.04858735778498,
    gradient: { z: [-1.999999999972224, 1.9999999938165391, 0.04742587317756678] },
    product: { z: [-2.777588772915654e-11, 6.183460841825548e-9, -0.04517665973091213] },
  },
  {
    name: "shares near one",
    text: "param Z: [n, k]\ndata y: int[n] within 0..k\nlet p = softmax(Z, axis=1)\nloss = -sum(i: log(1-p[i,y[i]])) - sum(log(1-p))",
    at: {
      Z: [
        [40.0, -5.0, 1.0],
        [-35.0, 3.0, 2.0],
      ],
      y: [0, 1],
    },
    along: {
      Z: [
        [1.0, -1.0, 1.0],
        [-1.0, 1.0, -1.0],
      ],
    },
    loss: 80.93483369227921,
    gradient: {
      Z: [
        2.0, -0.004945246313269549, -1.9950547536867305, -1.1025668215194274e-16, 1.1931757358900146,
        -1.1931757358900146,
      ],
    },
    product: {
      Z: [
        1.717511148329636e-19, 0.00986603716544019, -0.00986603716544019, -7.143326337017361e-17, 1.179671599448891,
        -1.179671599448891,
      ],
    },
  },
  {
    name: "products of a large and a small factor",
    text: "param a: [n], b: [n]\nlet s = exp(a)\nlet t = exp(b)\nloss = sum(log(t/s)+(s^2+0.25)/(2*t^2)-0.5)",
    at: { a: [20.0, 19.5, 1.0], b: [20.25, 20.0, 1.5] },
    along: { a: [1.0, -1.0, 1.0], b: [-1.0, 1.0, -1.0] },
    loss: 0.42736815457374205,
    gradient: {
      a: [-0.3934693402873666, -0.6321205588285577, -0.6321205588285577],
      b: [0.3934693402873666, 0.6321205588285577, 0.6196737917365917],
    },
    product: {
      a: [2.4261226388505337, -1.4715177646857693, 1.4715177646857693],
      b: [-2.4261226388505337, 1.4715177646857693, -1.4964112988697014],
    },
  },
  {
    name: "squares over a scale that vanishes",
    text: "param m, l, ln\ndata y: [n]\nlet v = exp(ln)\nlet z = (y-m)/exp(l)\nloss = sum((v+1)/2*log(1+z^2/v))",
    at: { m: 0.1, l: -200.0, ln: 1.0, y: [-1.0, 2.5, 0.4] },
    along: { m: 1.0, l: -1.0, ln: 1.0 },
    loss: 2224.5245937395753,
    gradient: { m: [-10.563300649031378], l: [-11.154845485377136], ln: [1620.6803648840544] },
    product: { m: [-52.75512932502828], l: [-8.154845485377136], ln: [1618.5353960686207] },
  },
];

describe("what is read elsewhere", () => {
  it.each(references)("has value and derivatives: $name", (reference) => {
    expectReference(reference);
  });
});

describe("the root of a sum of squares", () => {
  it.each([
    ["param X: [n, d]", "sum(i, j: sqrt(sum(c: (X[i,c] - X[j,c])^2)))"],
    ["param X: [n, d]", "sum(i, j: sqrt((X[i,0] - X[j,0])^2 + (X[i,1] - X[j,1])^2))"],
    ["param X: [n, d]", "sum(i: sqrt(3 * mean(j in 0..n: sum(c: (X[i,c] - X[j,c])^2))))"],
  ])("has the slope 0 at its origin: %s %s", (declared, loss) => {
    const { gradient, hvp } = compileText(`${declared}\nloss = ${loss}`);
    for (const X of [
      [
        [1, 2],
        [1, 2],
      ],
      [
        [1, 2],
        [4, 6],
      ],
    ]) {
      const at = { X };
      expect([...(gradient(at).X as Float64Array)].every(Number.isFinite)).toBe(true);
      expect(
        [
          ...(hvp(at, {
            X: [
              [1, 0],
              [2, 1],
            ],
          }).X as Float64Array),
        ].every(Number.isFinite),
      ).toBe(true);
    }
    expect([
      ...(gradient({
        X: [
          [1, 2],
          [1, 2],
        ],
      }).X as Float64Array),
    ]).toEqual([0, 0, 0, 0]);
  });
});
