import { describe, expect, it } from "vitest";
import * as arrays from "../../src/arrays.ts";
import { f, model } from "../../src/build/api/api.ts";
import { data, int, param } from "../../src/build/api/declare.ts";
import type { Tensor } from "../../src/build/api/tensor.ts";
import * as core from "../../src/index.ts";
import { showGraph } from "../../src/ir/show.ts";
import * as linearAlgebra from "../../src/linear-algebra.ts";
import * as loops from "../../src/loops.ts";
import { loadModel, wholeLanguage } from "../../src/model/load.ts";
import * as random from "../../src/random.ts";
import * as special from "../../src/special.ts";
import * as windows from "../../src/windows.ts";

interface Leaves {
  readonly x: Tensor;
  readonly A: Tensor;
  readonly image: Tensor;
  readonly k: Tensor;
  readonly S: Tensor;
}

const declarations = "param x: [3]\ndata A: [2, 3], image: [4, 4, 1], k: int[3], S: [2, 2]";

/** Each as the language writes it, and as a function of an entry. */
const rows: readonly (readonly [text: string, build: (leaves: Leaves) => Tensor])[] = [
  ["erf(x)", ({ x }) => special.erf(x)],
  ["erfc(x)", ({ x }) => special.erfc(x)],
  ["erfcx(x)", ({ x }) => special.erfcx(x)],
  ["logErfc(x)", ({ x }) => special.logErfc(x)],
  ["erfinv(x)", ({ x }) => special.erfinv(x)],
  ["normalPdf(x)", ({ x }) => special.normalPdf(x)],
  ["normalCdf(x)", ({ x }) => special.normalCdf(x)],
  ["logNormalCdf(x)", ({ x }) => special.logNormalCdf(x)],
  ["gelu(x)", ({ x }) => special.gelu(x)],
  ["lgamma(x)", ({ x }) => special.lgamma(x)],
  ["digamma(x)", ({ x }) => special.digamma(x)],
  ["trigamma(x)", ({ x }) => special.trigamma(x)],
  ["lambertw(x)", ({ x }) => special.lambertw(x)],
  ["wrightomega(x)", ({ x }) => special.wrightomega(x)],
  ["expint(1, x)", ({ x }) => special.expint(1, x)],
  ["expintEi(x)", ({ x }) => special.expintEi(x)],
  ["expintScaled(1, x)", ({ x }) => special.expintScaled(1, x)],
  ["ellipk(x)", ({ x }) => special.ellipk(x)],
  ["ellipe(x)", ({ x }) => special.ellipe(x)],
  ["voigt(x, 2, 1)", ({ x }) => special.voigt(x, 2, 1)],
  ["voigtDispersion(x, 2, 1)", ({ x }) => special.voigtDispersion(x, 2, 1)],
  ["betainc(2.5, 0.5, x)", ({ x }) => special.betainc(2.5, 0.5, x)],
  ["gammainc(2.5, x)", ({ x }) => special.gammainc(2.5, x)],
  ["gammaincc(x, 3)", ({ x }) => special.gammaincc(x, 3)],
  ["logGammainc(x, x)", ({ x }) => special.logGammainc(x, x)],
  ["logGammaincc(2.5, x)", ({ x }) => special.logGammaincc(2.5, x)],
  ["polygamma(2, x)", ({ x }) => special.polygamma(2, x)],
  ["besselJ(2, x)", ({ x }) => special.besselJ(2, x)],
  ["besselY(0, x)", ({ x }) => special.besselY(0, x)],
  ["besselI(1, x)", ({ x }) => special.besselI(1, x)],
  ["besselK(1, x)", ({ x }) => special.besselK(1, x)],
  ["besselI0e(x)", ({ x }) => special.besselI0e(x)],
  ["besselI1e(x)", ({ x }) => special.besselI1e(x)],
  ["besselK0e(x)", ({ x }) => special.besselK0e(x)],
  ["besselK1e(x)", ({ x }) => special.besselK1e(x)],
  ["logBesselI0(x)", ({ x }) => special.logBesselI0(x)],
  ["besselIRatio(x)", ({ x }) => special.besselIRatio(x)],
  ["uniform(7, [3], stream = 1)", () => random.uniform(7, [3], { stream: 1 })],
  ["normal(7)", () => random.normal(7)],
  ["bernoulli(7, 0.5, [2])", () => random.bernoulli(7, 0.5, [2])],
  ["randomInt(7, 0, 5, [2])", () => random.randomInt(7, 0, 5, [2])],
  ["dropout(7, x, 0.25)", ({ x }) => random.dropout(7, x, 0.25)],
  ["roll(x, 1)", ({ x }) => arrays.roll(x, 1)],
  ["tile(A, 2, axis = 0)", ({ A }) => arrays.tile(A, 2, { axis: 0 })],
  ["repeatElements(x, 2)", ({ x }) => arrays.repeatElements(x, 2)],
  ["split(x, 3)", ({ x }) => arrays.split(x, 3)],
  ["tril(A, diagonal = 1)", ({ A }) => arrays.tril(A, { diagonal: 1 })],
  ["triu(A)", ({ A }) => arrays.triu(A)],
  ["diag(x)", ({ x }) => arrays.diag(x)],
  ["diff(x)", ({ x }) => arrays.diff(x)],
  ["linspace(0, 1, 5)", () => arrays.linspace(0, 1, 5)],
  ["cummax(x)", ({ x }) => loops.cummax(x)],
  ["cummin(x)", ({ x }) => loops.cummin(x)],
  ["logcumsumexp(x)", ({ x }) => loops.logcumsumexp(x)],
  ["cross(x, A)", ({ x, A }) => arrays.cross(x, A)],
  ["kron(A, A)", ({ A }) => arrays.kron(A, A)],
  ["take(A, [1, 0])", ({ A }) => arrays.take(A, [1, 0])],
  ["takeAlongAxis(x, k)", ({ x, k }) => arrays.takeAlongAxis(x, k)],
  ["scatterAdd(x, k, 4)", ({ x, k }) => arrays.scatterAdd(x, k, 4)],
  ["oneHot(k, 4)", ({ k }) => arrays.oneHot(k, 4)],
  ['einsum("i,ji->j", x, A)', ({ x, A }) => arrays.einsum("i,ji->j", x, A)],
  ["arange(1, 8, 3)", () => arrays.arange(1, 8, 3)],
  ["arange(4)", () => arrays.arange(4)],
  ["full([2, 3], 7)", () => arrays.full([2, 3], 7)],
  ["zerosLike(A)", ({ A }) => arrays.zerosLike(A)],
  ["onesLike(A)", ({ A }) => arrays.onesLike(A)],
  ["fullLike(A, 5)", ({ A }) => arrays.fullLike(A, 5)],
  ["expandDims(A, axis = 1)", ({ A }) => arrays.expandDims(A, { axis: 1 })],
  ["squeeze(image, axis = 2)", ({ image }) => arrays.squeeze(image, { axis: 2 })],
  ["broadcastTo(x, [2, 3])", ({ x }) => arrays.broadcastTo(x, [2, 3])],
  ["swapAxes(image, 0, 2)", ({ image }) => arrays.swapAxes(image, 0, 2)],
  ["flip(A, axis = [0, 1])", ({ A }) => arrays.flip(A, { axis: [0, 1] })],
  ["quantile(x, 0.3)", ({ x }) => linearAlgebra.quantile(x, 0.3)],
  ["median(x)", ({ x }) => linearAlgebra.median(x)],
  ["slogdet(S).logabsdet", ({ S }) => linearAlgebra.slogdet(S).logabsdet],
  ["maxPool2d(image, window = 2)", ({ image }) => windows.maxPool2d(image, { window: 2 })],
  ["avgPool2d(image, window = 2, stride = 1)", ({ image }) => windows.avgPool2d(image, { window: 2, stride: 1 })],
  [
    "conv2d(image, [[[[1]], [[2]]]], padding = same)",
    ({ image }) => windows.conv2d(image, [[[[1]], [[2]]]], { padding: "same" }),
  ],
  [
    "convTranspose2d(image, [[[[1]], [[2]]]], stride = 2)",
    ({ image }) => windows.convTranspose2d(image, [[[[1]], [[2]]]], { stride: 2 }),
  ],
];

const built = (build: (leaves: Leaves) => Tensor) =>
  model({ x: param([3]), A: data([2, 3]), image: data([4, 4, 1]), k: int([3]), S: data([2, 2]) }, (leaves) => ({
    z: build(leaves),
  }));

describe("a function of an entry", () => {
  it.each(rows)("is that of the language: %s", (text, build) => {
    const ours = built(build).outputs.get("z")!;
    const theirs = loadModel({ name: "entry.nabla", text: `${declarations}\noutput z = ${text}` }).outputs.get("z")!;
    expect(showGraph([ours])).toBe(showGraph([theirs]));
  });

  it("or a method there is for every function of the language", () => {
    const { functions, records } = wholeLanguage.vocabulary;
    const entries = { ...core, ...arrays, ...linearAlgebra, ...loops, ...random, ...special, ...windows };
    const missing = [...functions.keys(), ...records.keys()].filter(
      (name) => !(name in entries || name in core.Tensor.prototype),
    );
    expect(missing).toEqual([]);
  });

  it("is unknown to a model that does not import it, and the error says where functions are", () => {
    expect(() => built(({ x }) => f("lgamma", x))).toThrow('imported: import { erf } from "nabla/special"');
    expect(() => built(({ x }) => f("sofplus", x))).toThrow('Did you mean "softplus"?');
  });
});
