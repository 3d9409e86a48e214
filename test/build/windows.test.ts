import { describe, expect, it } from "vitest";
import { type CompiledModel, compileModel } from "../../src/compile/compile.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { loadModel } from "../../src/model/load.ts";
import { complexStep, type Inputs, outputAt } from "./evaluate.ts";
import { accumulate, Draws, elements, letters, list, type Move, toeplitz } from "./toeplitz.ts";

const load = (text: string) => loadModel({ name: "case.nabla", text });

/** One model for all shapes: strides, paddings, dilations and groups are sizes too. */
function symbolicModel(dimensions: number, isFirst: boolean, isGrouped: boolean): CompiledModel {
  const spatial = letters.slice(0, dimensions).map((letter) => `H${letter}`);
  const window = letters.slice(0, dimensions).map((letter) => `F${letter}`);
  const image = isFirst ? ["M", "C", ...spatial] : ["M", ...spatial, "C"];
  const filter = isFirst ? ["K", "I", ...window] : [...window, "I", "K"];
  if (!isGrouped) filter[filter.indexOf("I")] = "C";
  const options = [
    `stride = ${list(dimensions, (letter) => `s${letter}`)}`,
    `padding = ${list(dimensions, (letter) => `[p${letter}, q${letter}]`)}`,
    `dilation = ${list(dimensions, (letter) => `d${letter}`)}`,
    ...(isGrouped ? ["groups = G"] : []),
    ...(isFirst ? ["channels = first"] : []),
  ];
  const sizes = letters.slice(0, dimensions).flatMap((letter) => ["s", "p", "q", "d"].map((name) => name + letter));
  const text = `
    size ${[...sizes, ...(isGrouped ? ["G"] : [])].join(", ")}
    param x: [${image.join(", ")}], f: [${filter.join(", ")}]
    data r: [N]
    let z = conv${dimensions}d(x, f, ${options.join(", ")})
    loss = sum(i in 0..N: flatten(z)[i] * r[i])
    output result = z`;
  return compileModel(load(text));
}

const kinds = [1, 2, 3].flatMap((dimensions) =>
  [false, true].flatMap((isFirst) =>
    [false, true].map((isGrouped): [string, number, boolean, boolean] => [
      `conv${dimensions}d, channels ${isFirst ? "first" : "last"}${isGrouped ? ", in groups" : ""}`,
      dimensions,
      isFirst,
      isGrouped,
    ]),
  ),
);

describe("a convolution", () => {
  // 12 kinds of 25 shapes each; whole numbers this small are exact in every order of the sums
  it.each(kinds)(
    "%s is its Toeplitz matrix exactly, in value and both gradients",
    (_, dimensions, isFirst, isGrouped) => {
      const model = symbolicModel(dimensions, isFirst, isGrouped);
      const draws = new Draws(dimensions * 4 + (isFirst ? 2 : 0) + (isGrouped ? 1 : 0) + 1);
      for (let shape = 0; shape < 25; shape++) {
        const moves = letters.slice(0, dimensions).map((): Move => {
          const window = draws.from(1, 3);
          const dilation = draws.from(1, 2);
          const [before, after] = [draws.from(0, 3), draws.from(0, 3)];
          const reach = dilation * (window - 1) + 1;
          const size = draws.from(Math.max(1, reach - before - after), 6 - dimensions + 1 + reach - 1);
          return { size, window, stride: draws.from(1, 3), dilation, before, after };
        });
        const groups = isGrouped ? draws.from(1, 3) : 1;
        const setting = {
          batch: draws.from(1, 2),
          moves,
          groups,
          inputs: draws.from(1, 2),
          outputs: draws.from(1, 2),
          isFirst,
        };
        const { shapes, entries } = toeplitz(setting);
        const [x, f, r] = [shapes.image, shapes.filter, shapes.result].map((own) => draws.numbers(elements(own)));
        const sizes = Object.fromEntries(
          moves.flatMap((move, k) => [
            [`s${letters[k]}`, move.stride],
            [`p${letters[k]}`, move.before],
            [`q${letters[k]}`, move.after],
            [`d${letters[k]}`, move.dilation],
          ]),
        );
        const bound = model.bind({ r: r! }, { ...sizes, ...(isGrouped ? { G: groups } : {}) });
        const at = { x: { data: x!, shape: shapes.image }, f: { data: f!, shape: shapes.filter } };
        const wanted = {
          result: accumulate(
            r!.length,
            entries.map((e) => [e.result, x![e.image]! * f![e.filter]!]),
          ),
          x: accumulate(
            x!.length,
            entries.map((e) => [e.image, r![e.result]! * f![e.filter]!]),
          ),
          f: accumulate(
            f!.length,
            entries.map((e) => [e.filter, r![e.result]! * x![e.image]!]),
          ),
        };
        const { gradient } = bound.lossAndGradient(at);
        const positive = (values: ArrayLike<number>) => Array.from(values, (value) => value + 0);
        expect(positive(bound.outputs(at, ["result"]).result!), JSON.stringify(setting)).toEqual(wanted.result);
        expect(positive(gradient.x!), JSON.stringify(setting)).toEqual(wanted.x);
        expect(positive(gradient.f!), JSON.stringify(setting)).toEqual(wanted.f);
      }
    },
  );
});

/** The value of an expression in x, and in f where it is used. */
const valuesOf = (expression: string, inputs: Inputs, declared: string) =>
  outputAt(load(`data ${declared}\noutput z = ${expression}`), "z", inputs);

const image = [
  [[1], [2], [3]],
  [[4], [5], [6]],
  [[7], [8], [9]],
];

describe("a transposed convolution", () => {
  it.each([
    ["conv2d", "stride = 2, padding = 1", "extra = [1, 1]"],
    ["conv2d", "stride = [1, 2], dilation = 2, padding = [[2, 1], [0, 1]]", "extra = 0"],
    ["conv2d", "stride = 3, channels = first", "extra = 0"],
  ])("is the gradient of %s(x, f, %s) in x", (name, options, extra) => {
    const isFirst = options.includes("first");
    const text = `
      data x: [2, ${isFirst ? "2, 8, 8" : "7, 8, 2"}], f: ${isFirst ? "[3, 2, 2, 2]" : "[2, 3, 2, 3]"}
      let z = ${name}(x, f, ${options})
      output slope = grad(sum(z * sin(z)), x)
      output transposed = ${name.replace("conv", "convTranspose")}(grad(sum(z * sin(z)), z), f, ${options}, ${extra})`;
    const draws = new Draws(7);
    const model = load(text);
    const numbers = (k: number) => draws.numbers(model.data[k]!.expr.shape.reduce((all, size) => all * size.value!, 1));
    const bound = compileModel(model).bind({
      x: { data: numbers(0), shape: isFirst ? [2, 2, 8, 8] : [2, 7, 8, 2] },
      f: { data: numbers(1), shape: isFirst ? [3, 2, 2, 2] : [2, 3, 2, 3] },
    });
    const { slope, transposed } = bound.outputs({}, ["slope", "transposed"]);
    expect(transposed!.length).toBe(slope!.length);
    for (const [at, value] of slope!.entries()) expect(Math.abs(transposed![at]! - value)).toBeLessThan(1e-10);
  });

  it("spreads each element over a window", () => {
    const at = { x: [[1], [2]], f: [[[1]], [[10]], [[100]]] };
    expect(valuesOf("convTranspose1d(x, f)", at, "x: [n, 1], f: [3, 1, 1]")).toEqual([1, 12, 120, 200]);
    expect(valuesOf("convTranspose1d(x, f, stride = 2)", at, "x: [n, 1], f: [3, 1, 1]")).toEqual([1, 10, 102, 20, 200]);
    expect(valuesOf("convTranspose1d(x, f, padding = 1)", at, "x: [n, 1], f: [3, 1, 1]")).toEqual([12, 120]);
    expect(valuesOf("convTranspose1d(x, f, padding = [0, 1], extra = 2)", at, "x: [n, 1], f: [3, 1, 1]")).toEqual([
      1, 12, 120, 200, 0,
    ]);
  });
});

describe("padding", () => {
  it.each([
    ["padding = same", 3, [12, 123, 230]],
    ["padding = valid", 3, [123]],
    ["padding = [0, 1]", 3, [123, 230]],
    ["padding = [[0, 1]]", 3, [123, 230]],
    ["padding = 1", 3, [12, 123, 230]],
    ["padding = same, stride = 2", 3, [12, 230]],
    ["padding = same, stride = 2", 4, [123, 340]],
    ["padding = same, stride = 3", 4, [12, 340]],
    ["padding = same, dilation = 2", 3, [13, 20, 130]],
  ])("of %s for %i elements keeps what NumPy and JAX keep", (options, length, wanted) => {
    const x = Array.from({ length }, (_, k) => [k + 1]);
    // correlation with 100, 10, 1 writes the digits that a window meets
    const at = { x, f: [[[100]], [[10]], [[1]]] };
    expect(valuesOf(`conv1d(x, f, ${options})`, at, "x: [n, 1], f: [3, 1, 1]")).toEqual(wanted);
    expect(valuesOf(`conv1d(x, f, ${options})`, at, `x: [${length}, 1], f: [3, 1, 1]`)).toEqual(wanted);
    expect(valuesOf(`conv1d(x, f, ${options})`, at, "x: [n, 1], f: [k, 1, 1]")).toEqual(wanted);
  });
});

describe("pooling", () => {
  it.each([
    ["maxPool2d(x, window = 2)", [5]],
    ["maxPool2d(x, window = 2, stride = 1)", [5, 6, 8, 9]],
    ["maxPool2d(x, window = 2, padding = 1)", [1, 3, 7, 9]],
    ["maxPool2d(-x, window = 2, padding = 1)", [-1, -2, -4, -5]],
    ["maxPool2d(-x, window = 3, padding = same, stride = 1)", [-1, -1, -2, -1, -1, -2, -4, -4, -5]],
    ["maxPool2d(x, window = 2, dilation = 2)", [9]],
    ["maxPool2d(pad(-x, [1, 1, 0]), window = 2)", [0, 0, 0, -5]],
    ["maxPool1d(reverse(pad(-x[0], [[0, 3], 0]), axis = 0), window = 2)", [0, 0, -1]],
    ["avgPool1d(pad(x[0], [[0, 3], 0]), window = 2)", [1.5, 1.5, 0]],
    ["maxPool2d(x, window = [1, 3])", [3, 6, 9]],
    ["maxPool2d(transpose(x, axis = [2, 0, 1]), window = [3, 1], channels = first)", [7, 8, 9]],
    ["maxPool1d(x, window = 3)", [3, 6, 9]],
    ["avgPool2d(x, window = 2)", [3]],
    ["avgPool2d(x, window = 2, padding = 1)", [1 / 4, 5 / 4, 11 / 4, 28 / 4]],
    ["avgPool1d(x, window = 3, stride = 1, padding = 1)", [1, 2, 5 / 3, 3, 5, 11 / 3, 5, 8, 17 / 3]],
    ["maxPool3d(stack(x, x + 10), window = [2, 1, 3], stride = 1)", [13, 16, 19]],
    ["avgPool3d(stack(x, x + 10), window = [2, 1, 3], stride = 1)", [7, 10, 13]],
  ])("%s", (expression, wanted) => {
    const got = valuesOf(expression, { x: image }, "x: [rows, columns, 1]");
    expect(got).toHaveLength(wanted.length);
    for (const [at, value] of wanted.entries()) expect(got[at]).toBeCloseTo(value, 14);
  });

  it("shares the slope of tied elements, and gives absent ones none", () => {
    const model = load(
      "param x: [n, 1]\nloss = sum(maxPool1d(x, window = 3, stride = 3, padding = 1))\noutput g = grad(loss, x)",
    );
    expect(outputAt(model, "g", { x: [[-2], [-2], [-5]] })).toEqual([0.5, 0.5, 0]);
  });

  it("finds its winners again where they are sums, at windows of any size", () => {
    const x = Array.from({ length: 4 }, (_, i) => [0, 1, 2, 3, 4, 5].map((j) => Math.sin(3 * i + 7 * j + 1)));
    const f = [
      [[0.77], [-0.82], [-0.97]],
      [[0.42], [0.13], [0.14]],
      [[0.02], [0.28], [-0.68]],
    ];
    const slope = (rewrites: "all" | "none") =>
      compileModel(
        load(`size o
          param x: [1, 4, 6]
          data f: [1, 3, a, b]
          let spread = convTranspose2d(x, f, extra = [1, 0], channels = first)
          loss = logsumexp(softplus(maxPool2d(spread, window = [o, 1], stride = 1, dilation = 2, channels = first)))`),
        { rewrites },
      )
        .bind({ f: [f] }, { o: 3 })
        .gradient({ x: [x] }).x!;
    const plain = slope("none");
    for (const [at, value] of slope("all").entries()) expect(value).toBeCloseTo(plain[at]!, 12);
  });
});

describe("conv2d", () => {
  it("is the very node that its index formula is", () => {
    const model = load(`
      size s, p
      param f: [F, F, C, K]
      data x: [B, H, W, C]
      output formula = [m in 0..B, i in 0..(H + 2*p - F)//s + 1, j in 0..(W + 2*p - F)//s + 1, k in 0..K:
        sum(u, v, c: f[u, v, c, k] * pad(x, [0, p, p, 0])[m, s*i + u, s*j + v, c])]
      output call = conv2d(x, f, padding = p, stride = s)
      output plain = [i in 0..H - F + 1, j in 0..W - F + 1, k: sum(u, v, c: f[u, v, c, k] * x[0, i + u, j + v, c])]
      output alone = conv2d(x[0], f)`);
    expect(model.outputs.get("call")).toBe(model.outputs.get("formula"));
    expect(model.outputs.get("alone")).toBe(model.outputs.get("plain"));
  });

  it("takes iterators around its image and its filter", () => {
    const model = load(`
      data x: [B, 3, 3, 1], f: [E, 2, 2, 1, 1]
      output all = [e, m: sum(conv2d(x[m], f[e]))]
      output each = [e, m: sum(conv2d(x, f[e])[m])]`);
    const draws = new Draws(3);
    const nested = (shape: readonly number[]): Inputs[string] =>
      shape.length === 0 ? draws.from(-4, 4) : Array.from({ length: shape[0]! }, () => nested(shape.slice(1)));
    const at = { x: nested([2, 3, 3, 1]), f: nested([3, 2, 2, 1, 1]) };
    expect(outputAt(model, "all", at)).toEqual(outputAt(model, "each", at));
  });

  it.each([
    ["a strided convolution", "conv2d(x, f, stride = 2, padding = 1)"],
    ["a depthwise one", "conv2d(x, reshape(f, [2, 2, 1, 4]), groups = 2)"],
    ["a dilated one", "conv2d(x, f, dilation = 2, padding = same)"],
    ["a transposed one", "convTranspose2d(x, f, stride = 2)"],
    ["average pooling", "avgPool2d(conv2d(x, f), window = 2, stride = 1, padding = 1)"],
    ["max pooling", "maxPool2d(conv2d(x, f), window = 2, stride = 1, padding = 1)"],
  ])("has the derivatives of the complex step to third order: %s", (_, expression) => {
    const model = load(`
      param x: [4, 4, 2], f: [2, 2, 2, 2]
      data u: [4, 4, 2], v: [2, 2, 2, 2]
      let z = ${expression}
      loss = sum(tanh(z / 8)^2 + sin(z / 8))
      let slope = dot(grad(loss, x), u) + dot(grad(loss, f), v)
      let curvature = dot(grad(slope, x), u) + dot(grad(slope, f), v)
      output gx = grad(loss, x)
      output hx = grad(slope, x)
      output hf = grad(slope, f)
      output third = grad(curvature, x)
      output first_scalar = loss
      output second_scalar = slope
      output third_scalar = curvature
      output crossed = dot(grad(dot(grad(loss, x), u), f), v) - dot(grad(dot(grad(loss, f), v), x), u)`);
    const draws = new Draws(11);
    const nested = (shape: readonly number[]): Inputs[string] =>
      shape.length === 0 ? draws.from(-40, 40) / 16 : Array.from({ length: shape[0]! }, () => nested(shape.slice(1)));
    const inputs: Inputs = {
      x: nested([4, 4, 2]),
      f: nested([2, 2, 2, 2]),
      u: nested([4, 4, 2]),
      v: nested([2, 2, 2, 2]),
    };
    const agrees = (name: string, scalar: string, leaf: string) => {
      const wanted = complexStep(model, model.outputs.get(scalar)!, leaf, inputs);
      const scale = Math.max(1, ...wanted.map(Math.abs));
      for (const [at, value] of outputAt(model, name, inputs).entries()) {
        expect(Math.abs(value - wanted[at]!), `${name}[${at}]`).toBeLessThan(1e-12 * scale);
      }
    };
    agrees("gx", "first_scalar", "x");
    agrees("hx", "second_scalar", "x");
    agrees("hf", "second_scalar", "f");
    agrees("third", "third_scalar", "x");
    expect(Math.abs(outputAt(model, "crossed", inputs)[0]!)).toBeLessThan(1e-12);
  });
});

describe("a word of an option", () => {
  it("is meant even where a name of the model is the same", () => {
    const text = (name: string) =>
      `data x: [2, 3, 3], f: [1, 2, 2, 2]\nlet ${name} = 2 * x\noutput z = conv2d(${name}, f, channels = first, padding = same)`;
    const inputs: Inputs = {
      x: [0, 1].map((c) => [0, 1, 2].map((i) => [c + i, c - i, i])),
      f: [
        [
          [
            [1, 2],
            [3, 4],
          ],
          [
            [5, 6],
            [7, 8],
          ],
        ],
      ],
    };
    expect(outputAt(load(text("first")), "z", inputs)).toEqual(outputAt(load(text("other")), "z", inputs));
    expect(outputAt(load(text("same")), "z", inputs)).toEqual(outputAt(load(text("other")), "z", inputs));
  });
});

describe("what is wrong with windows", () => {
  it.each([
    [
      "conv2d(x, f)",
      "x: [4, 4, 1], f: [5, 5, 1, 2]",
      "H' = floor((H + 2p - F)/s) + 1 with H = 4, p = 0, F = 5, s = 1 is 0",
    ],
    [
      "conv2d(x, f, padding = [[1, 0], [0, 0]])",
      "x: [2, 4, 1], f: [5, 5, 1, 2]",
      "H = 2, p = 1, q = 0, d = 1, F = 5, s = 1 is -1",
    ],
    ["conv2d(x, f, stride = 0)", "x: [H, W, C], f: [F, F, C, K]", '"stride" of conv2d is 1 or more, got 0'],
    ["conv2d(x, f, dilation = [1, 0])", "x: [H, W, C], f: [F, F, C, K]", '"dilation" of conv2d is 1 or more, got 0'],
    ["conv2d(x, f, padding = -1)", "x: [H, W, C], f: [F, F, C, K]", '"padding" of conv2d is 0 or more, got -1'],
    ["conv2d(x, f, padding = [1])", "x: [H, W, C], f: [F, F, C, K]", "an entry for each of 2 axes, got 1"],
    [
      "conv2d(x, f, padding = [[1, 2, 3], [1, 2, 3]])",
      "x: [H, W, C], f: [F, F, C, K]",
      "a number or a pair for an axis, got 3",
    ],
    ["conv2d(x, f, stride = [1, 2, 3])", "x: [H, W, C], f: [F, F, C, K]", "one for each of 2 axes, got 3"],
    ["conv2d(x, f, stride = 1.5)", "x: [H, W, C], f: [F, F, C, K]", "needs a size"],
    ["conv2d(x, f, padding = sam)", "x: [H, W, C], f: [F, F, C, K]", 'Did you mean "same"?'],
    ["conv2d(x, f, channels = 1)", "x: [H, W, C], f: [F, F, C, K]", '"channels" of conv2d is first or last'],
    [
      "conv2d(x, f, channels = middle)",
      "x: [H, W, C], f: [F, F, C, K]",
      'takes no "middle": the words it takes are last, first',
    ],
    ["conv2d(x, f, groups = 2)", "x: [4, 4, 4], f: [2, 2, 4, 2]", "needs 8 channels"],
    ["conv2d(x, f, groups = 2)", "x: [4, 4, 4], f: [2, 2, 2, 3]", "needs 2 outputs, a multiple of the groups, got 3"],
    ["conv2d(x, f)", "x: [4, 4, 3], f: [2, 2, 2, 2]", "conv2d needs a filter [rows, columns, 3, outputs]"],
    ["conv2d(x, f, channels = first)", "x: [3, 4, 4], f: [2, 2, 2, 2]", "[outputs, 3, rows, columns]"],
    ["conv2d(x, f)", "x: [4, 4], f: [2, 2, 2, 2]", "needs an image [.., rows, columns, channels], got [4, 4]"],
    ["conv3d(x, f)", "x: [4, 4, 4, 2], f: [2, 2, 2, 2]", "needs a filter [depth, rows, columns, inputs, outputs]"],
    [
      "conv2d(x, f, padding = same, stride = 3)",
      "x: [H, W, C], f: [2, 2, C, K]",
      "for padding = same, a window less a stride of conv2d is 0 or more, got -1",
    ],
    ["maxPool2d(x)", "x: [H, W, C], f", 'maxPool2d needs "window = ..."'],
    ["maxPool2d(x, window = 0)", "x: [H, W, C], f", '"window" of maxPool2d is 1 or more, got 0'],
    [
      "maxPool2d(x, window = 2, padding = 2)",
      "x: [H, W, C], f",
      "a window less its padding of maxPool2d is 1 or more, got 0",
    ],
    ["maxPool2d(x, window = 5)", "x: [4, 8, 1], f", "no place for a window along the rows"],
    ["convTranspose1d(x, f, padding = 4)", "x: [2, 1], f: [3, 1, 1]", "leaves nothing along the length"],
    ["convTranspose1d(x, f)", "x: [2, 1], f: [3, 1, 2]", "the filter of the convolution that it transposes"],
  ])("%s of %s is refused", (expression, declared, message) => {
    expect(() => load(`param ${declared}\nloss = sum(${expression}) + sum(f)`)).toThrow(message);
  });

  it("tells the numbers when data are bound", () => {
    const model = compileModel(
      load("size s\nparam f: [F, F, 1, 1]\ndata x: [H, H, 1]\nloss = sum(conv2d(x, f, stride = s))"),
    );
    const f = { data: new Array(25).fill(0), shape: [5, 5, 1, 1] };
    const x = { data: new Array(9).fill(0), shape: [3, 3, 1] };
    expect(() => model.bind({ x }, { s: 1 }).loss({ f })).toThrow(
      "H + 2p - F in H' = floor((H + 2p - F)/s) + 1 with H = H, p = 0, F = F, s = s: needed 0 and above, got -2",
    );
    expect(() => model.bind({ x }, { s: 0 }).loss({ f })).toThrow(
      '"stride" of conv2d must be 1 or more, so s - 1: needed 0 and above, got -1',
    );
  });

  it.each([
    [
      "maxPool1d(x, window = 2, stride = 1, padding = p)",
      3,
      2,
      "a window less its padding of maxPool1d must be 1 or more",
    ],
    ["avgPool1d(x, window = w, padding = 2)", 3, 2, "a window less its padding of avgPool1d must be 1 or more"],
    ["maxPool1d(x, window = 2, dilation = d, padding = 1)", 1, 2, "each window of maxPool1d along the length"],
    ["maxPool1d(x, window = 3, dilation = 3, padding = [1, 5])", 2, 2, "each window of maxPool1d along the length"],
    [
      "conv1d(x, ones(w, 1, 1), padding = same, stride = 3)",
      3,
      2,
      "a window less a stride of conv1d must be 0 or more",
    ],
  ])("refuses %s of %i elements, where sizes are %i, and no other", (expression, length, size, message) => {
    const names = ["p", "w", "d"].filter((name) => new RegExp(`[=(] ?${name}\\b`).test(expression));
    const declared = names.length > 0 ? `size ${names}\n` : "";
    const model = compileModel(load(`${declared}param x: [n, 1]\nloss = sum(${expression})`));
    const lossOf = (count: number, value: number) =>
      model
        .bind({}, Object.fromEntries(names.map((name) => [name, value])))
        .loss({ x: { data: new Array(count).fill(1), shape: [count, 1] } });
    expect(() => lossOf(length, size)).toThrow(message);
    expect(lossOf(3, names.includes("w") ? 3 : 1)).toBeGreaterThan(0);
  });

  it("leaves no NaN where an image is interpreted around its absent pixels", () => {
    const model = load("data x: [n, 1], f: [3, 1, 1]\noutput z = conv1d(1 / x, f, padding = 1)");
    const [z] = interpret(
      [model.outputs.get("z")!],
      {
        sizes: new Map([["n", 1]]),
        values: new Map(model.data.map(({ expr }) => [expr, expr.shape.length === 2 ? [2] : [4, 4, 4]])),
      },
      realField,
    );
    expect(z).toEqual([2]);
  });
});
