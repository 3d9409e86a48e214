import { transformSync } from "esbuild";
import { describe, expect, it, vi } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import { closureEngine } from "../../src/compile/functions.ts";
import { emitModule } from "../../src/emit.ts";
import { iterators } from "../../src/ir/contraction.ts";
import { Integer } from "../../src/ir/integer.ts";
import { ShortBodies } from "../../src/lower/passes/short-bodies.ts";
import { largestPart, operationsOf } from "../../src/lower/passes/survey.ts";
import type { Buffer, Loop, Program, Statement, Temporary, Value } from "../../src/lower/program/loops.ts";
import { visitStatement } from "../../src/lower/program/rewrite-statements.ts";
import { loadModel } from "../../src/model/load.ts";
import { add, mul, neg } from "../../src/ops/elementary/algebra.ts";
import { sin } from "../../src/ops/elementary/trigonometric.ts";

vi.setConfig({ testTimeout: 120_000 });

const chain = (count: number, step: (k: number) => string) =>
  Array.from({ length: count }, (_, k) => step(k)).join("\n");

/** Models whose loops have bodies of thousands of operations. */
const models: readonly (readonly [name: string, text: string, data: Record<string, unknown>])[] = [
  [
    "rows, with conditions that are asked again much later",
    `param a: [n], b
data x: [n]
let s0 = a * x
let late = s0 > 0.1
${chain(260, (k) => `let s${k + 1} = sin(s${k} + ${k / 100} * x) + b * select(s${k} > 0.2, s${k}, x * s${k})`)}
loss = sum(select(late, s260, 2 * s260)^2) + sum(s100)`,
    { x: [0.3, -0.7, 1.1, 0.2, 0.9] },
  ],
  [
    "rounds of a loop that carry numbers",
    `param a, r, c: [n]
let run = scan(w in c, p = a, q = r: {
  let s0 = p * w
${chain(260, (k) => `  let s${k + 1} = sin(s${k} + ${k / 100} * q) + w * s${k}`)}
  p = s260 - q
  q = p + 0.1 * s130
})
loss = run.p^2 + run.q`,
    {},
  ],
];

const pointOf: Record<string, unknown> = {
  a: [0.4, -0.2, 0.3, 0.8, -0.5],
  b: 0.3,
  c: [0.5, -0.4, 0.2],
  r: 0.7,
};

/** The functions of a text, by the lines that each takes. */
const functionsOf = (text: string): number[] => text.split(/^function /m).map((part) => part.split("\n").length);

describe.each(models)("a model of %s", (name, text, data) => {
  const model = loadModel({ name: "long.nabla", text });
  const point = Object.fromEntries(
    model.parameters.map(({ name: parameter }) => {
      const value = pointOf[parameter];
      return [parameter, name.startsWith("rounds") && parameter === "a" ? 0.6 : value];
    }),
  );
  const inMemory = compileModel(model);
  const run = (bound: { lossAndGradient: (at: never) => unknown; hvp: (at: never, along: never) => unknown }) =>
    JSON.stringify([bound.lossAndGradient(point as never), bound.hvp(point as never, point as never)], (_, value) =>
      value instanceof Float64Array ? Array.from(value) : value,
    );
  const expected = run(compileModel(model, { engine: closureEngine }).bind(data as never));

  it("is printed in functions that V8 optimises, which compute every bit", () => {
    for (const of of ["loss", "gradient", "hvp"] as const) {
      const lines = functionsOf(inMemory.source(of));
      expect(Math.max(...lines)).toBeLessThan(1.5 * largestPart);
    }
    expect(functionsOf(inMemory.source("hvp")).length).toBeGreaterThan(4);
    expect(run(inMemory.bind(data as never))).toBe(expected);
  });

  it("is emitted in such functions, without a diagnostic", async () => {
    const code = await emitModule(model);
    expect(Math.max(...functionsOf(code))).toBeLessThan(1.5 * largestPart);
    const { code: javaScript } = transformSync(code, { loader: "ts", format: "esm" });
    const module = await import(`data:text/javascript,${encodeURIComponent(javaScript)}`);
    expect(run(module.bind(data))).toBe(expected);
  });
});

it("computes several rows in each part of a body that only sums", () => {
  const [[, text]] = models as [(typeof models)[number]];
  const source = compileModel(loadModel({ name: "rows.nabla", text })).source("loss");
  const rowsRead = source
    .split(/^function /m)
    .filter((part) => part.startsWith("loss_part"))
    .map((part) => new Set(part.match(/\bx_1\[i\d+( \+ \d)?\]/g)).size);
  expect(rowsRead.length).toBeGreaterThan(2);
  expect(rowsRead.filter((rows) => rows === 4).length).toBeGreaterThan(1);
});

const array = (id: number, role: Buffer["role"], length: number): Buffer => {
  return { id, role, name: role, dtype: "real", shape: [Integer.constant(length)] };
};
const [input, result] = [array(0, "input", 8), array(1, "output", 8)];
const real = (id: number): Temporary => ({ kind: "temporary", id, dtype: "real" });
const apply = (primitive: typeof sin.primitive, ...operands: Value[]): Value => {
  return { kind: "apply", primitive, operands, dtype: "real" };
};
const define = (temporary: Temporary, value: Value): Statement => ({ kind: "let", temporary, value });
const at = (buffer: Buffer, address: Integer): Value => ({ kind: "load", buffer, address });

/** `count` operations that begin with a value, and their last temporary; numbers from `first` on. */
function steps(from: Value, first: number, count: number): readonly [Statement[], Temporary] {
  const statements = Array.from({ length: count }, (_, k) =>
    define(real(first + k), apply(k % 9 === 0 ? sin.primitive : neg.primitive, k === 0 ? from : real(first + k - 1))),
  );
  return [statements, real(first + count - 1)];
}

const loopOver = (body: Statement[]): Loop => {
  return { kind: "for", variable: 3, from: [Integer.zero], to: [Integer.constant(8)], step: 1, body };
};
const programOf = (statements: readonly Statement[]): Program => {
  return { sizes: [], buffers: [input, result], parts: [statements], routines: [], inputOf: () => undefined };
};

describe("a long body", () => {
  const added: Buffer[] = [];
  const within = (statements: readonly Statement[]) =>
    new ShortBodies(programOf(statements), () => 2 + added.length, added).within(statements);
  const bodyOf = (statements: readonly Statement[]) =>
    (within(statements).find(({ kind }) => kind === "for") as Loop).body;
  const i = iterators(3);

  it("stays whole where it fits one function", () => {
    const [body] = steps(at(input, i), 10, largestPart / 2);
    const short = [loopOver(body)];
    expect(within(short)).toEqual(short);
  });

  it("leaves sums of variables around it to the end, and reads what it carries where it stands", () => {
    const [sum, carried] = [real(1), real(2)];
    const [first, middle] = steps(apply(add.primitive, at(input, i), carried), 10, 700);
    const [second, last] = steps(apply(mul.primitive, middle, carried), 1000, 700);
    const body = bodyOf([
      { kind: "start", temporary: sum, value: real(0) },
      { kind: "start", temporary: carried, value: real(0) },
      loopOver([
        ...first,
        { kind: "combine", temporary: sum, combine: "sum", value: middle },
        { kind: "assign", temporary: carried, value: apply(neg.primitive, middle) },
        ...second,
        { kind: "combine", temporary: sum, combine: "sum", value: carried },
        { kind: "store", buffer: result, address: i, value: last },
      ]),
    ]);
    const kinds = body.map(({ kind }) => kind);
    // the carried number is read before the first part, and again once it has changed
    expect(kinds.filter((kind) => kind === "part").length).toBeGreaterThan(1);
    expect(kinds.indexOf("let")).toBeLessThan(kinds.indexOf("part"));
    expect(kinds.lastIndexOf("let")).toBeGreaterThan(kinds.indexOf("assign"));
    expect(kinds.slice(-2)).toEqual(["combine", "combine"]);
    for (const statement of body) {
      if (statement.kind !== "part") continue;
      expect(statement.body.reduce((total, inner) => total + operationsOf([inner]), 0)).toBeLessThan(1.5 * largestPart);
      visitStatement(statement, {
        value: (value) => expect(value.kind === "temporary" && [1, 2].includes(value.id)).toBe(false),
      });
    }
    // the second sum takes the number as it was carried then
    const [before, after] = body.slice(-2) as [Statement, Statement];
    expect(before.kind === "combine" && after.kind === "combine" && before.value !== after.value).toBe(true);
  });

  it("keeps a loop that changes variables around it where they are", () => {
    const sum = real(1);
    const [first, middle] = steps(at(input, i), 10, 900);
    const [second, last] = steps(middle, 1000, 900);
    const inner: Statement = {
      ...loopOver([{ kind: "combine", temporary: sum, combine: "sum", value: apply(mul.primitive, middle, sum) }]),
      variable: 4,
    };
    const body = bodyOf([
      { kind: "start", temporary: sum, value: real(0) },
      loopOver([...first, inner, ...second, { kind: "store", buffer: result, address: i, value: last }]),
    ]);
    expect(body.some(({ kind }) => kind === "for")).toBe(true);
    expect(body.filter(({ kind }) => kind === "part").length).toBeGreaterThan(1);
  });
});
