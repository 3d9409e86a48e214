import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";
import { expectReference, type Reference } from "../rewrite/references.ts";

/** Where data are 0. Values, gradients and products from mpmath. */
const references: readonly Reference[] = [
  {
    name: "a response that begins steeply, at no dose",
    text: "param a, b, ec, h\ndata dose: [n], y: [n]\nlet fit = a + (b - a) / (1 + (dose / ec)^h)\nloss = sum((fit - y)^2)",
    at: { a: 1, b: 2, ec: 0.3, h: 0.7, dose: [0, 0.5, 3], y: [1.9, 1.6, 1.1] },
    along: { a: 0.25, b: 0.794, ec: 0.551, h: -0.55 },
    loss: 0.04991557608761303,
    gradient: {
      a: [-0.11118679241105048],
      b: [0.06695386478008493],
      ec: [-0.1700534794491502],
      h: [0.004264274654565162],
    },
    product: { a: [2.2580393588631367], b: [2.4252864166156964], ec: [1.7812078626428292], h: [-0.8453095884041647] },
  },
  {
    name: "a response that begins flat, at no dose",
    text: "param a, b, ec, h\ndata dose: [n], y: [n]\nlet fit = a + (b - a) / (1 + (dose / ec)^h)\nloss = sum((fit - y)^2)",
    at: { a: 1, b: 2, ec: 0.3, h: 2.5, dose: [0, 0.5, 3], y: [1.9, 1.6, 1.1] },
    along: { a: -0.346, b: 0.975, ec: -0.363, h: 0.577 },
    loss: 0.16526497213107202,
    gradient: {
      a: [-0.790415467705442],
      b: [0.03282088613904673],
      ec: [-1.0904737945321072],
      h: [0.06793561239329826],
    },
    product: { a: [-2.119684806343937], b: [2.110678270029308], ec: [-2.749681249529361], h: [0.23130542429167977] },
  },
  {
    name: "a response that is all but a step, at no dose",
    text: "param a, b, ec, h\ndata dose: [n], y: [n]\nlet fit = a + (b - a) / (1 + (dose / ec)^h)\nloss = sum((fit - y)^2)",
    at: { a: 1, b: 2, ec: 30, h: 0.01, dose: [0, 0.5, 3], y: [1.9, 1.6, 1.1] },
    along: { a: 0.74, b: -0.426, ec: 0.206, h: 0.555 },
    loss: 0.18269595791199267,
    gradient: {
      a: [0.31315680469576096],
      b: [0.518824475575743],
      ec: [5.2662412068077514e-5],
      h: [0.2833935950473981],
    },
    product: { a: [1.0053876628087188], b: [0.507978074876819], ec: [0.0030577522916803903], h: [1.6719556866967342] },
  },
  {
    name: "adsorption without pressure",
    text: "param l: [3]\ndata p: [n], y: [n]\nlet q = exp(l[0]), b = exp(l[1]), t = exp(l[2])\nloss = sum((q * b * p / (1 + (b * p)^t)^(1 / t) - y)^2)",
    at: { l: [0.3, 0.2, -0.4], p: [0, 1], y: [0.4, 0.4] },
    along: { l: [-0.346, 0.975, -0.363] },
    loss: 0.17655429338135623,
    gradient: { l: [0.1360393778996116, 0.06346700964085573, 0.14021714687878956] },
    product: { l: [-0.18437003031125518, -0.10649519204117454, -0.14322926612718467] },
  },
];

describe("powers of products", () => {
  it.each(references)("have values and derivatives where a factor is 0: $name", (reference) => {
    expectReference(reference);
  });

  it.each([
    ["sqrt(a * b)", [4, 0], [0, Number.POSITIVE_INFINITY]],
    ["sqrt(a / b)", [0, 4], [Number.POSITIVE_INFINITY, 0]],
    ["(a * b)^1.5", [-4, 0], [0, 0]],
    ["(a * b)^1.5", [-4, -1], [(-12 / 4) * 1, -12]],
    ["(a / b)^0.5", [1, 4], [0.25, -1 / 16]],
  ])("have the slopes of both factors: %s", (text, [a, b], slopes) => {
    const { gradient } = compileText(`param a, b\nloss = ${text}`);
    const found = gradient({ a: a!, b: b! });
    expect([found.a![0]! + 0, found.b![0]! + 0]).toEqual(slopes.map((slope) => expect.closeTo(slope, 12)));
  });
});
