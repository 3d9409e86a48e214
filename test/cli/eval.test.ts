import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { engineNames } from "../../src/cli/eval/request.ts";
import { examples, folderWith, run } from "./run.ts";

interface Answer {
  readonly id: unknown;
  readonly loss?: number | string;
  readonly gradient?: Record<string, unknown>;
  readonly hvp?: Record<string, unknown>;
  readonly hessian?: Record<string, Record<string, unknown>>;
  readonly outputs?: Record<string, unknown>;
  readonly error?: { kind: string; message: string; line: number | null; column: number | null };
}

/** Sends lines, objects as JSON, and reads the answers. */
async function batch(lines: readonly unknown[], words: readonly string[] = []): Promise<Answer[]> {
  const texts = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
  const { code, output, errors } = await run(["eval", "--batch", ...words], { input: `${texts.join("\n")}\n` });
  expect(errors).toBe("");
  expect(code).toBe(0);
  return output
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Answer);
}

const close = (value: number) => expect.closeTo(value, 12);

/** f = a^2 b + sum(c_ij^3) / 6, by hand. */
const byHand = {
  model: "param a: [], b, c: [2, n]\nloss = a^2 * b + sum(c^3) / 6\noutput twice = 2 * c\noutput big: bool = a > b",
  inputs: { a: 3, b: 2, c: [[1], [2]] },
  direction: { a: 1, b: 10, c: [[1], [-1]] },
  want: ["loss", "gradient", "hvp", "hessian", "outputs"],
};

describe("eval --batch", () => {
  it.each(engineNames)("answers every want by the engine %s, in the shapes of the tensors", async (engine) => {
    const [answer] = await batch([{ id: 7, engine, ...byHand }]);
    expect(answer).toEqual({
      id: 7,
      loss: close(19.5),
      gradient: { a: close(12), b: close(9), c: [[close(0.5)], [close(2)]] },
      hvp: { a: close(64), b: close(6), c: [[close(1)], [close(-2)]] },
      hessian: {
        a: { a: close(4), b: close(6), c: [[0], [0]] },
        b: { a: close(6), b: close(0), c: [[0], [0]] },
        c: { a: [[0], [0]], b: [[0], [0]], c: [[[[close(1)], [0]]], [[[0], [close(2)]]]] },
      },
      outputs: { twice: [[2], [4]], big: 1 },
    });
  });

  it.each(engineNames)("gives products along directions of any length by the engine %s", async (engine) => {
    for (const power of [900, -900, 0]) {
      const direction = { a: 2 ** power, b: 10 * 2 ** power };
      const request = { model: "param a, b\nloss = a^4/12 + a*b^3", inputs: { a: 3, b: 2 }, direction, want: ["hvp"] };
      const [answer] = await batch([{ ...request, engine }]);
      // a^2 da + 3 b^2 db, and 3 b^2 da + 6 a b db
      expect((answer!.hvp!.a as number) / 2 ** power).toBeCloseTo(129, 10);
      expect((answer!.hvp!.b as number) / 2 ** power).toBeCloseTo(372, 10);
    }
  });

  it("answers the model of the README alike by every engine", async () => {
    const model = readFileSync(join(examples, "logistic.nabla"), "utf8");
    const inputs = {
      X: [
        [1, -0.5],
        [0.25, 2],
        [-1.5, 0.75],
      ],
      y: [1, -1, 1],
      w: [0.3, -0.2],
      b: 0.1,
    };
    const request = { model, inputs, direction: { w: [1, 2], b: -1 }, want: byHand.want };
    const [first, ...others] = await batch(engineNames.map((engine) => ({ ...request, engine })));
    const numbers = (answer: Answer) =>
      JSON.stringify(answer)
        .match(/-?[0-9.]+(e-?[0-9]+)?/g)!
        .map(Number);
    for (const other of others) expect(numbers(other!)).toEqual(numbers(first!).map(close));
    expect(others).toHaveLength(3);
  });

  it.each([
    ["tied elements", "loss = max(x^2)^2 + min(x * x)^3"],
    ["rows and runs of them", "loss = sum(max(outer(x, x)^2, axis = 1)^2) + sum(cummax(x^2)^2)"],
    ["a loop", "loss = scan(i in 0..3, s = 1: s * max(x^2) + min(i, j: (x[i] - x[j])^2 + x[i]^2))"],
    [
      "a function that is called",
      `def f(a: [n]) = max(a^2) * ${"sum(a) * ".repeat(12)}1\nloss = f(x) + f(x * x) * f(f(x) * x)`,
    ],
    ["windows", "loss = sum(maxPool1d([i in 0..3, k in 0..1: x[i]^2], window = 2, stride = 1)^2)"],
  ])("shares among winners alike by every engine: %s", async (_, text) => {
    const request = {
      model: `param x: [3]\n${text}`,
      inputs: { x: [1, -1, 1] },
      direction: { x: [1, 2, 4] },
      want: ["gradient", "hvp"],
    };
    const [first, ...others] = await batch(engineNames.map((engine) => ({ ...request, engine })));
    const products = (answer: Answer) => (answer.hvp!.x as number[]).map((value) => Number(value.toPrecision(10)));
    for (const other of others) expect(products(other!)).toEqual(products(first!));
  });

  it("differentiates in what wrt names, data too, and takes the rest as it is", async () => {
    const model = "param a, b\ndata c: [n]\nloss = a * b * sum(c)";
    const inputs = { a: 2, b: 3, c: [1, 1] };
    const [answer] = await batch([{ model, inputs, wrt: ["c", "a"], want: ["gradient"] }]);
    expect(answer).toEqual({ id: null, gradient: { a: 6, c: [6, 6] } });
  });

  it("wants loss and gradient by default, hvp where there is a direction, outputs where there is no loss", async () => {
    const model = "param x\nloss = x^2";
    const answers = await batch([
      { id: 1, model, inputs: { x: 3 } },
      { id: 2, model, inputs: { x: 3 }, direction: { x: 1 } },
      { id: 3, model: "param x\noutput y = x + 1", inputs: { x: 3 } },
      { id: 4, model, inputs: { x: 3 }, want: [] },
    ]);
    expect(answers).toEqual([
      { id: 1, loss: 9, gradient: { x: 6 } },
      { id: 2, loss: 9, gradient: { x: 6 }, hvp: { x: 2 } },
      { id: 3, outputs: { y: 4 } },
      { id: 4 },
    ]);
  });

  it("takes sizes by name beside the tensors, and checks them", async () => {
    const model = "size n, m\nparam x: [n]\nloss = m * sum(x)";
    const answers = await batch([
      { model, inputs: { x: [1, 2], m: 3, n: 2 } },
      { model, inputs: { x: [1, 2], m: 3, n: 3 } },
      { model, inputs: { x: [1, 2] } },
      { model, inputs: { x: [1, 2], m: 1.5 } },
    ]);
    expect(answers[0]).toEqual({ id: null, loss: 9, gradient: { x: [3, 3] } });
    expect(answers.slice(1).map(({ error }) => error)).toMatchObject([
      { kind: "data", message: expect.stringContaining("n = 3") },
      {
        kind: "data",
        message: expect.stringContaining('the size "m" follows from no argument: give it by name among the inputs'),
      },
      { kind: "data", message: expect.stringContaining('the size "m" needs a whole number') },
    ]);
  });

  it("takes sizes that the model declares and no result needs", async () => {
    const model = "size n, m\nparam x\nlet y = [i in 0..n: x]\nloss = x^2";
    expect(await batch([{ model, inputs: { x: 1, n: 2, m: 3 } }])).toEqual([{ id: null, loss: 1, gradient: { x: 2 } }]);
  });

  it.each(engineNames)("sees the curvature of a power of a sum where its term is 0, by %s", async (engine) => {
    const request = { model: "param x\nloss = (x^2 + 4)^1.5", inputs: { x: 0 }, direction: { x: 0.5 }, want: ["hvp"] };
    const [answer] = await batch([{ ...request, engine }]);
    expect((answer!.hvp as { x: number }).x).toBeCloseTo(3, 14);
  });

  it("evaluates a parameter at its start, and data at its value, where they are left out", async () => {
    const model = "param x: [n] = 2\ndata a: [n], b = 10\nloss = sum(a * x) + b";
    expect(await batch([{ model, inputs: { a: [1, 2, 3] } }])).toEqual([
      { id: null, loss: 22, gradient: { x: [1, 2, 3] } },
    ]);
  });

  it.each(engineNames)("answers with nothing where nothing varies and nothing is put out, by %s", async (engine) => {
    const request = { model: "param x\nloss = x", inputs: { x: 1 }, wrt: [], direction: {}, want: byHand.want, engine };
    expect(await batch([request])).toEqual([{ id: null, loss: 1, gradient: {}, hvp: {}, hessian: {}, outputs: {} }]);
  });

  it("asks of an output only what it reads", async () => {
    const model = "param x, y\ndata z: [n]\nloss = x * sum(z)\noutput double = 2 * y";
    expect(await batch([{ model, inputs: { y: 4 }, want: ["outputs"] }])).toEqual([
      { id: null, outputs: { double: 8 } },
    ]);
  });

  it("carries numbers that JSON lacks as strings, both ways, and the sign of zero", async () => {
    const model = "param x: [n], s\nloss = s * sum(x)\noutput y = x * s";
    const line = `{"model": ${JSON.stringify(model)}, "inputs": {"x": ["NaN", "Infinity", "-Infinity", -0, 1e400], "s": 1}, "want": ["loss", "outputs"]}`;
    const { output } = await run(["eval", "--batch"], { input: line });
    expect(output).toBe('{"id":null,"loss":"NaN","outputs":{"y":["NaN","Infinity","-Infinity",-0.0,"Infinity"]}}\n');
    const [scalar] = await batch([{ model: "param x\nloss = x", inputs: { x: "-Infinity" }, want: ["loss"] }]);
    expect(scalar!.loss).toBe("-Infinity");
  });

  it("keeps empty tensors in their shape", async () => {
    const model = "param x: [2, n]\nloss = sum(x)";
    expect(await batch([{ model, inputs: { x: [[], []] } }])).toEqual([
      { id: null, loss: 0, gradient: { x: [[], []] } },
    ]);
  });

  it("sends back any id, also for a request that fails", async () => {
    const ids = [0, "a", null, { deep: [1] }, "\u2028\ud800", "*/ process.exit()"];
    const answers = await batch(ids.map((id) => ({ id, model: "los" })));
    expect(answers.map(({ id }) => id)).toEqual(ids);
    expect(answers.every(({ error }) => error!.kind === "syntax")).toBe(true);
  });

  it.each<[string, unknown, string, string]>([
    ["text", "not json", "usage", "not JSON"],
    ["an empty line", "", "usage", "not JSON"],
    ["a number", "42", "usage", "needs an object, got a number"],
    ["null", "null", "usage", "needs an object, got null"],
    ["a list", [1], "usage", "needs an object, got an array"],
    ["no model", {}, "usage", 'needs "model"'],
    ["a model that is no text", { model: 3 }, "usage", '"model" needs the model\'s text, got a number'],
    ["inputs that are no object", { model: "param x\nloss = x", inputs: [1] }, "usage", '"inputs" needs'],
    ["an unknown want", { model: "param x\nloss = x", want: ["los"] }, "usage", 'Did you mean "loss"?'],
    ["an unknown engine", { model: "param x\nloss = x", engine: "wasm" }, "usage", "interpreter"],
    ["a misspelt field", { model: "param x\nloss = x", wants: ["loss"] }, "usage", 'Did you mean "want"?'],
    ["an unknown input", { model: "param alpha\nloss = alpha", inputs: { alhpa: 1 } }, "data", 'Did you mean "alpha"?'],
    ["a missing input", { model: "param x\nloss = x" }, "data", '"x" has no value'],
    [
      "a wrong shape",
      { model: "param x: [n]\nloss = sum(x)", inputs: { x: 1 } },
      "data",
      "needs the shape [n], got a number",
    ],
    ["uneven rows", { model: "param x: [n, m]\nloss = sum(x)", inputs: { x: [[1], [1, 2]] } }, "data", "uneven"],
    ["text in a tensor", { model: "param x: [n]\nloss = sum(x)", inputs: { x: [1, "two"] } }, "data", '"x" at [1]'],
    ["null in a tensor", { model: "param x: [n]\nloss = sum(x)", inputs: { x: [null] } }, "data", '"x" at [0]'],
    ["a fraction for an int", { model: "data k: int\nloss = 1.0 * k", inputs: { k: 0.5 } }, "data", "whole number"],
    ["an unknown wrt", { model: "param x\nloss = x", inputs: { x: 1 }, wrt: ["y"] }, "usage", 'wrt has "y"'],
    ["an int wrt", { model: "data k: int\nloss = 1.0 * k", inputs: { k: 1 }, wrt: ["k"] }, "usage", "only reals vary"],
    ["no direction", { model: "param x\nloss = x", inputs: { x: 1 }, want: ["hvp"] }, "usage", "needs a direction"],
    [
      "half a direction",
      { model: "param x, y\nloss = x*y", inputs: { x: 1, y: 1 }, direction: { x: 1 } },
      "data",
      'has no "y"',
    ],
    [
      "a direction too far",
      { model: "param x\nloss = x", inputs: { x: 1 }, direction: { x: 1, z: 1 } },
      "data",
      'has "z"',
    ],
    [
      "a direction of another shape",
      { model: "param x: [n]\nloss = sum(x)", inputs: { x: [1] }, direction: { x: [1, 2] } },
      "data",
      "direction.x",
    ],
    ["no loss", { model: "output y = 1", want: ["loss"] }, "usage", "has no loss"],
    ["a wrong model", { model: "param w: [d]\nloss = sum(v)" }, "name", 'unknown name "v"'],
  ])("answers %s with an error, and goes on", async (_, line, kind, message) => {
    const answers = await batch([line, { id: "next", model: "param x\nloss = x", inputs: { x: 1 }, want: ["loss"] }]);
    expect(answers[0]!.error).toMatchObject({ kind, message: expect.stringContaining(message) });
    expect(answers[1]).toEqual({ id: "next", loss: 1 });
  });

  it("says where in the model's text an error is", async () => {
    const [answer] = await batch([{ model: "param w: [d]\nloss = sum(w) + lamda" }]);
    expect(answer!.error).toMatchObject({ kind: "name", line: 2, column: 17 });
    expect(Object.keys(answer!.error!)).toEqual(["kind", "message", "line", "column"]);
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty", "ünï", "变量", "process"])(
    "takes the name %s for a name",
    async (name) => {
      const model = `param ${name}: [n]\nloss = sum(${name}^2)\noutput out_${name} = ${name}`;
      const texts = engineNames.map(
        (engine) =>
          `{"model": ${JSON.stringify(model)}, "inputs": {"${name}": [1, 2]}, "direction": {"${name}": [1, 0]}, "engine": "${engine}", "want": ["loss", "gradient", "hvp", "hessian", "outputs"]}`,
      );
      const { output } = await run(["eval", "--batch"], { input: texts.join("\n") });
      const expected = `{"id":null,"loss":5,"gradient":{"${name}":[2,4]},"hvp":{"${name}":[2,0]},"hessian":{"${name}":{"${name}":[[2,0],[0,2]]}},"outputs":{"out_${name}":[1,2]}}`;
      expect(output.trimEnd().split("\n")).toEqual(engineNames.map(() => expected));
    },
  );

  it("survives what is deep, long or too large", async () => {
    const deep = `${"[".repeat(50_000)}1${"]".repeat(50_000)}`;
    const model = "param x: [n]\nloss = sum(x^2)";
    const long = Array.from({ length: 200_000 }, (_, k) => k % 3);
    const answers = await batch([
      `{"id": ${deep}, "model": "los"}`,
      `{"model": ${JSON.stringify(model)}, "inputs": {"x": ${deep}}}`,
      { model: `loss = ${"(".repeat(100_000)}` },
      { id: "long", model, inputs: { x: long }, want: ["loss"] },
      { model: "size n\nparam x: [n] = 1\nloss = sum(x)", inputs: { n: 1e15 }, engine: "interpreter" },
      { id: "next", model, inputs: { x: [1] }, want: ["loss"] },
    ]);
    expect(answers.map(({ error }) => error?.kind)).toEqual(["limit", "data", "limit", undefined, "limit", undefined]);
    expect(answers[3]).toEqual({ id: "long", loss: long.reduce((sum, x) => sum + x * x, 0) });
    expect(answers[5]).toEqual({ id: "next", loss: 1 });
  });

  it("asks for something", async () => {
    const folder = folderWith({ "square.nabla": "param x\nloss = x^2", "data.json": '{"x": 4}' });
    for (const list of ["", ","]) {
      const { code, errors } = await run(["eval", "square.nabla", "-d", "data.json", "--want", list], { folder });
      expect(code).toBe(2);
      expect(errors).toContain(`--want needs one of loss, gradient, hvp, hessian, outputs, got "${list}"`);
    }
  });

  it("takes options and MODEL for what lines leave out", async () => {
    const folder = folderWith({ "square.nabla": "param x\nloss = x^2", "data.json": '{"x": 4}' });
    const words = ["eval", "square.nabla", "--batch", "--data", "data.json", "--want", "loss", "--engine", "dual"];
    const { output } = await run(words, {
      folder,
      input: '{"id": 1}\n{"id": 2, "inputs": {"x": 5}, "want": ["gradient"]}\n',
    });
    expect(output).toBe('{"id":1,"loss":16}\n{"id":2,"gradient":{"x":10}}\n');
  });

  it("writes each answer before it reads the next line, and waits for a slow reader", async () => {
    const events: string[] = [];
    async function* lines() {
      for (const k of [1, 2, 3]) {
        events.push(`read ${k}`);
        yield Buffer.from(`{"id": ${k}, "model": "param x\\nloss = x", "inputs": {"x": 0}, "want": ["loss"]}\n`);
      }
    }
    const { main } = await import("../../src/cli/run.ts");
    const silent = { write: async () => undefined, isTerminal: false, columns: 80 };
    const slow = {
      ...silent,
      write: async (text: string) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        events.push(`wrote ${(JSON.parse(text) as Answer).id}`);
      },
    };
    await main(["eval", "--batch"], {
      input: lines(),
      output: slow,
      errors: silent,
      environment: {},
      folder: ".",
      interrupted: async () => undefined,
    });
    expect(events).toEqual(["read 1", "wrote 1", "read 2", "wrote 2", "read 3", "wrote 3"]);
  });

  it("compiles a repeated model once", async () => {
    const model = readFileSync(join(examples, "gmm.nabla"), "utf8");
    const inputs = { alpha: [0, 1], mu: [[0], [1]], q: [[0], [0]], l: [[], []], x: [[0.5], [2]] };
    const began = performance.now();
    await batch([{ model, inputs }]);
    const once = performance.now() - began;
    const many = await batch(Array.from({ length: 200 }, () => ({ model, inputs })));
    const perLine = (performance.now() - began - once) / 200;
    expect(many).toHaveLength(200);
    // compiling takes tens of milliseconds, evaluating a fraction of one
    expect(perLine).toBeLessThan(once / 4);
  });
});

describe("eval", () => {
  it("quotes nothing of a file that is no JSON", async () => {
    const folder = folderWith({
      "m.nabla": "param w\nloss = w",
      "d.csv": `w,y\n${"1,2\n".repeat(30)}`,
      "e.json": "{ w: 1 }",
    });
    for (const file of ["d.csv", "e.json"]) {
      const { errors } = await run(["eval", "m.nabla", "-d", file], { folder });
      expect(errors.split("\n")[0]).toMatch(/^error: [de]\.\w+ is not JSON: [^"]*\.$/);
    }
  });

  const files = {
    "line.nabla":
      "model line\nparam w: [d], b\ndata X: [n, d], y: [n]\nloss = mean((X @ w + b - y)^2)\noutput fit = X @ w + b",
    "data.json": '{"X": [[1, 2], [3, 4]], "y": [1, 2]}',
    "point.json": '{"w": [0.5, 0.25], "b": 0}',
    "along.json": '{"w": [1, 0], "b": 0}',
  };
  const words = ["eval", "line.nabla", "-d", "data.json", "-d", "point.json"];

  it("answers in JSON as a batch does, without an id", async () => {
    const { code, output } = await run(
      [...words, "--direction", "along.json", "--want", "loss,gradient,hvp,outputs", "--json"],
      {
        folder: folderWith(files),
      },
    );
    expect(code).toBe(0);
    expect(JSON.parse(output)).toEqual({
      loss: close(0.125),
      gradient: { w: [close(1.5), close(2)], b: close(0.5) },
      hvp: { w: [close(10), close(14)], b: close(4) },
      outputs: { fit: [1, 2.5] },
    });
  });

  it("prints a table for people, with norms of long tensors", async () => {
    const { output } = await run(words, { folder: folderWith(files) });
    expect(output).toBe("loss             0.125\ngradient.w  [2]  1.5  2\ngradient.b       0.5\n");
  });

  it("reads the model or the data from standard input", async () => {
    const folder = folderWith(files);
    const asModel = await run(["eval", "-", "-d", "data.json", "-d", "point.json"], {
      folder,
      input: files["line.nabla"],
    });
    const asData = await run(["eval", "line.nabla", "-d", "-", "-d", "point.json"], {
      folder,
      input: files["data.json"],
    });
    expect([asModel.output, asData.output]).toEqual(Array(2).fill((await run(words, { folder })).output));
    expect(await run(["eval", "-", "-d", "-"], { folder })).toMatchObject({
      code: 2,
      errors: expect.stringContaining("only once"),
    });
  });

  it("takes a name from one file only", async () => {
    const { code, errors } = await run([...words, "-d", "point.json"], { folder: folderWith(files) });
    expect(code).toBe(1);
    expect(errors).toBe('error: "w" is given twice: point.json has it again.\n');
  });

  it("prints errors as JSON where JSON is asked for", async () => {
    const { code, output, errors } = await run(["eval", "line.nabla", "--json"], { folder: folderWith(files) });
    expect(code).toBe(1);
    expect(errors).toBe("");
    expect(JSON.parse(output)).toMatchObject({ error: { kind: "data", line: null, column: null } });
  });
});
