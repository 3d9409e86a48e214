import { describe, expect, it, vi } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import { loadModel } from "../../src/model/load.ts";
import { accumulate, countOf, Draws, elements, letters, list, type Move, toeplitz } from "./toeplitz.ts";

// Convolutions of random shapes against their matrices, where whole numbers are exact in every order of the sums: second
// derivatives, and transposed convolutions with their gradients.

vi.setConfig({ testTimeout: 120_000 });

const kinds = [1, 2, 3].flatMap((dimensions) =>
  [false, true].map((isFirst): [string, number, boolean] => [
    `${dimensions}d, channels ${isFirst ? "first" : "last"}`,
    dimensions,
    isFirst,
  ]),
);

/** A window along each axis with a stride, a dilation and padding of its own, and channels. */
function drawn(draws: Draws, dimensions: number, isFirst: boolean, mostGroups: number) {
  const moves = letters.slice(0, dimensions).map((): Move => {
    const [window, dilation, stride] = [draws.from(1, 3), draws.from(1, 2), draws.from(1, 3)];
    const [before, after] = [draws.from(0, 2), draws.from(0, 2)];
    const reach = dilation * (window - 1) + 1;
    const size = draws.from(Math.max(1, reach - before - after), 5 - dimensions + reach);
    return { size, window, stride, dilation, before, after };
  });
  const channels = { inputs: draws.from(1, 2), outputs: draws.from(1, 2), groups: draws.from(1, mostGroups) };
  return { batch: draws.from(1, 2), moves, ...channels, isFirst };
}

const sizesOf = (moves: readonly Move[]) =>
  Object.fromEntries(
    moves.flatMap(({ stride, before, after, dilation }, k) => [
      [`s${letters[k]}`, stride],
      [`p${letters[k]}`, before],
      [`q${letters[k]}`, after],
      [`d${letters[k]}`, dilation],
    ]),
  );

/** Declarations and options for strides, paddings and dilations that are sizes. */
function written(dimensions: number, isFirst: boolean) {
  const own = letters.slice(0, dimensions);
  const spatial = own.map((letter) => `H${letter}`);
  const window = own.map((letter) => `F${letter}`);
  return {
    sizes: own.flatMap((letter) => ["s", "p", "q", "d"].map((name) => name + letter)),
    tensor: (channel: string) => (isFirst ? ["M", channel, ...spatial] : ["M", ...spatial, channel]).join(", "),
    filter: (input: string, output: string) =>
      (isFirst ? [output, input, ...window] : [...window, input, output]).join(", "),
    options: [
      `stride = ${list(dimensions, (letter) => `s${letter}`)}`,
      `padding = ${list(dimensions, (letter) => `[p${letter}, q${letter}]`)}`,
      `dilation = ${list(dimensions, (letter) => `d${letter}`)}`,
      ...(isFirst ? ["channels = first"] : []),
    ].join(", "),
  };
}

const positive = (values: ArrayLike<number>) => Array.from(values, (value) => value + 0);

describe("the second derivative of a convolution", () => {
  it.each(kinds)("is that of its Toeplitz matrix exactly, from both sides: %s", (_, dimensions, isFirst) => {
    const { sizes, tensor, filter, options } = written(dimensions, isFirst);
    const model = compileModel(
      loadModel({
        name: "second.nabla",
        text: `size ${sizes.join(", ")}, G
          param x: [${tensor("C")}], f: [${filter("I", "K")}]
          data r: [N]
          let z = conv${dimensions}d(x, f, ${options}, groups = G)
          loss = sum(i in 0..N: r[i] * flatten(z)[i]^2)`,
      }),
    );
    const draws = new Draws(100 + 2 * dimensions + Number(isFirst));
    for (let shape = 0; shape < 12; shape++) {
      const setting = drawn(draws, dimensions, isFirst, 3);
      const { shapes, entries } = toeplitz(setting);
      const count = elements(shapes.result);
      const vectors = () => ({ x: draws.numbers(elements(shapes.image)), f: draws.numbers(elements(shapes.filter)) });
      const [at, u, v] = [vectors(), vectors(), vectors()];
      const r = draws.numbers(count);
      const product = (a: readonly number[], b: readonly number[]) =>
        accumulate(
          count,
          entries.map((e) => [e.result, a[e.image]! * b[e.filter]!]),
        );
      const sum = (a: readonly number[], b: readonly number[]) => a.map((entry, k) => entry + b[k]!);
      const change = (along: typeof u) => sum(product(along.x, at.f), product(at.x, along.f));
      const [z, zu, zv] = [product(at.x, at.f), change(u), change(v)];
      const zuv = sum(product(u.x, v.f), product(v.x, u.f));
      const wanted = r.reduce((total, weight, k) => total + 2 * weight * (zu[k]! * zv[k]! + z[k]! * zuv[k]!), 0);
      const bound = model.bind({ r }, { ...sizesOf(setting.moves), G: setting.groups });
      const tensors = (values: typeof u) => ({
        x: { data: values.x, shape: shapes.image },
        f: { data: values.f, shape: shapes.filter },
      });
      const paired = (along: typeof u, other: typeof u) => {
        const product = bound.hvp(tensors(at), tensors(along));
        const terms = (name: "x" | "f") =>
          other[name].reduce((total, entry, k) => total + entry * product[name]![k]!, 0);
        return terms("x") + terms("f");
      };
      expect([paired(u, v), paired(v, u)], JSON.stringify(setting)).toEqual([wanted, wanted]);
    }
  });
});

describe("a transposed convolution", () => {
  it.each(kinds)(
    "is the transposed Toeplitz matrix exactly, in value and both gradients: %s",
    (_, dimensions, isFirst) => {
      const { sizes, tensor, filter, options } = written(dimensions, isFirst);
      const extra = list(dimensions, (letter) => `e${letter}`);
      const model = compileModel(
        loadModel({
          name: "transposed.nabla",
          text: `size ${sizes.join(", ")}, ${letters
            .slice(0, dimensions)
            .map((letter) => `e${letter}`)
            .join(", ")}
          param z: [${tensor("K")}], f: [${filter("C", "K")}]
          data r: [N]
          let x = convTranspose${dimensions}d(z, f, ${options}, extra = ${extra})
          loss = sum(i in 0..N: r[i] * flatten(x)[i])
          output result = x`,
        }),
      );
      const draws = new Draws(200 + 2 * dimensions + Number(isFirst));
      for (let shape = 0; shape < 12; shape++) {
        const setting = drawn(draws, dimensions, isFirst, 1);
        const { shapes, entries } = toeplitz(setting);
        const [z, f, r] = [shapes.result, shapes.filter, shapes.image].map((own) => draws.numbers(elements(own)));
        // rows of the image behind the last window
        const left = setting.moves.map((move, k) => {
          const { size, before, after, dilation, window, stride } = move;
          return [`e${letters[k]}`, size + before + after - dilation * (window - 1) - 1 - stride * (countOf(move) - 1)];
        });
        const bound = model.bind({ r: r! }, { ...sizesOf(setting.moves), ...Object.fromEntries(left) });
        const at = { z: { data: z!, shape: shapes.result }, f: { data: f!, shape: shapes.filter } };
        const wanted = {
          result: accumulate(
            r!.length,
            entries.map((e) => [e.image, z![e.result]! * f![e.filter]!]),
          ),
          z: accumulate(
            z!.length,
            entries.map((e) => [e.result, r![e.image]! * f![e.filter]!]),
          ),
          f: accumulate(
            f!.length,
            entries.map((e) => [e.filter, r![e.image]! * z![e.result]!]),
          ),
        };
        const { gradient } = bound.lossAndGradient(at);
        expect(positive(bound.outputs(at, ["result"]).result!), JSON.stringify(setting)).toEqual(wanted.result);
        expect(positive(gradient.z!), JSON.stringify(setting)).toEqual(wanted.z);
        expect(positive(gradient.f!), JSON.stringify(setting)).toEqual(wanted.f);
      }
    },
  );
});
