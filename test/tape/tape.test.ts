import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";
import { type Component, complexField, dualField, type Field, realField, Tape } from "../../src/tape.ts";

/** Builds a loss on a tape from parameters and data by name. */
type Build = <T>(tape: Tape<T>, of: Readonly<Record<string, Component<T>>>) => Component<T>;

const logistic: Build = (tape, { w, b, X, y }) => {
  const margin = tape.apply("add", tape.contract("ij,j->i", X!, w!), b!);
  const losses = tape.apply("softplus", tape.apply("neg", tape.apply("mul", y!, margin)));
  return tape.apply("add", tape.contract("i->", losses), tape.contract("j,j->", w!, w!));
};

const network: Build = (tape, { V, b, w, X, y, ones }) => {
  const bias = tape.contract("i,k->ik", ones!, b!);
  const hidden = tape.apply("tanh", tape.apply("add", tape.contract("ij,jk->ik", X!, V!), bias));
  const error = tape.apply("sub", tape.contract("ik,k->i", hidden, w!), y!);
  return tape.contract("i->", tape.apply("mul", error, error));
};

const wave = (count: number, phase: number) => Array.from({ length: count }, (_, k) => Math.sin(phase + 1.3 * k));
const shapes: Readonly<Record<string, readonly number[]>> = { w: [3], b: [], X: [4, 3], y: [4] };
const models = [
  {
    name: "logistic regression",
    text: "param w: [d], b\ndata X: [n, d], y: [n]\nloss = sum(softplus(-y * (X @ w + b))) + sum(w^2)",
    build: logistic,
    parameters: { w: shapes.w!, b: shapes.b! },
    data: { X: shapes.X!, y: shapes.y! },
    extra: {},
  },
  {
    name: "a network with a hidden layer",
    text: "param V: [d, k], b: [k], w: [k]\ndata X: [n, d], y: [n]\nloss = sum((tanh(X @ V + b) @ w - y)^2)",
    build: network,
    parameters: { V: [3, 2], b: [2], w: [2] },
    data: { X: shapes.X!, y: shapes.y! },
    extra: { ones: [1, 1, 1, 1] },
  },
];

const count = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Gradient entries on a tape, packed, for a point that the field's numbers say. */
function gradientOn<T>(
  { build, parameters, data, extra }: (typeof models)[number],
  field: Field<T>,
  at: (k: number) => T,
): T[] {
  const tape = new Tape(field);
  const of: Record<string, Component<T>> = {};
  let start = 0;
  for (const [name, shape] of Object.entries(parameters)) {
    of[name] = tape.given(
      Array.from({ length: count(shape) }, () => at(start++)),
      shape,
    );
  }
  for (const [name, shape] of Object.entries(data))
    of[name] = tape.given(wave(count(shape), name.length).map(field.of), shape);
  for (const [name, list] of Object.entries(extra)) of[name] = tape.given((list as number[]).map(field.of));
  tape.backward(build(tape, of));
  return Object.keys(parameters).flatMap((name) => of[name]!.grad);
}

/** Sums in another order: some roundings of numbers of size 10. */
const near = (actual: readonly number[], expected: ArrayLike<number>) => {
  expect(actual.length).toBe(expected.length);
  for (const [k, value] of actual.entries()) expect(Math.abs(value - expected[k]!)).toBeLessThan(1e-12);
};

describe.each(models)("a tape of $name", (model) => {
  const n = Object.values(model.parameters).reduce((total, shape) => total + count(shape), 0);
  const [x, v] = [Float64Array.from(wave(n, 0.5)), Float64Array.from(wave(n, 2))];
  const data = Object.fromEntries(
    Object.entries(model.data).map(([name, shape]) => [
      name,
      { data: wave(count(shape), name.length), shape: [...shape] },
    ]),
  );
  const sizes: Readonly<Record<string, number>> = model.text.includes("k]") ? { k: 2 } : {};
  const { flat } = compileText(model.text).bind(data, sizes);
  const [g, h] = [new Float64Array(n), new Float64Array(n)];
  flat.gradient(x, g);
  flat.hvp(x, v, h);

  it("adds up the compiled gradient", () => {
    near(
      gradientOn(model, realField, (k) => x[k]!),
      g,
    );
  });

  it("gives the compiled Hessian-vector product over dual numbers", () => {
    const duals = gradientOn(model, dualField, (k) => ({ value: x[k]!, tangent: v[k]! }));
    near(
      duals.map(({ value }) => value),
      g,
    );
    near(
      duals.map(({ tangent }) => tangent),
      h,
    );
  });

  it("gives it over complex numbers too, as Im of the gradient", () => {
    const step = 2 ** -100;
    const values = gradientOn(model, complexField, (k) => ({ re: x[k]!, im: step * v[k]! }));
    near(
      values.map(({ im }) => im / step),
      h,
    );
  });
});

describe("Tape", () => {
  it("computes again from other values", () => {
    const tape = new Tape(realField);
    const w = tape.given([3], []);
    const cube = tape.apply("mul", tape.apply("mul", w, w), w);
    tape.backward(cube);
    expect([cube.values, w.grad]).toEqual([[27], [27]]);
    w.values[0] = 2;
    tape.forward();
    tape.backward(cube);
    expect([cube.values, w.grad]).toEqual([[8], [12]]);
  });

  it("keeps the side that is not taken out of the sum", () => {
    const tape = new Tape(realField);
    const x = tape.given([0, 4]);
    const isPositive = tape.apply("greater", x, tape.constant(0));
    tape.backward(tape.contract("i->", tape.apply("select", isPositive, tape.apply("sqrt", x), tape.constant(0))));
    expect(x.grad[1]).toBe(0.25);
  });

  it("gives nothing to what does not lead to the output, whatever was computed of it", () => {
    const tape = new Tape(realField);
    const x = tape.given([3], []);
    tape.apply("sqrt", tape.apply("sub", x, tape.constant(3)));
    tape.apply("sqrt", tape.apply("neg", x));
    tape.backward(tape.apply("square", x));
    expect(x.grad).toEqual([6]);
  });

  it("says what it cannot do", () => {
    const tape = new Tape(realField);
    const x = tape.given([1, 2]);
    expect(() => tape.backward(x)).toThrow("needs a scalar");
    expect(() => tape.apply("nothing", x)).toThrow('no primitive "nothing"');
    expect(() => tape.apply("mul", x)).toThrow("mul takes");
    expect(() => tape.apply("add", x, tape.given([1, 2, 3]))).toThrow("one shape");
    expect(() => tape.contract("ij->i", x)).toThrow("got a shape [2]");
    expect(() => tape.contract("i->j", x)).toThrow("axis of no factor");
    expect(() => tape.given([1], [2])).toThrow("needs 2 values");
  });
});
