import { describe, expect, it } from "vitest";
import { compileClosures, compileClosuresOver } from "../../src/emit/closures/closures.ts";
import { compileJavaScript } from "../../src/emit/javascript.ts";
import { complexPairs, dualPairs, type Pair, type PairCompiled } from "../../src/emit/pairs/arrays.ts";
import { compileComplex, compileDual } from "../../src/emit/pairs/pairs.ts";
import type { Signature } from "../../src/emit/signature.ts";
import { Integer } from "../../src/ir/integer.ts";
import type { Buffer, Program, Statement, Temporary, Value } from "../../src/lower/program/loops.ts";
import { continuationOf } from "../../src/ops/continuation.ts";
import { add, mul } from "../../src/ops/elementary/algebra.ts";
import { less, lessEqual } from "../../src/ops/elementary/comparison.ts";
import { tanh } from "../../src/ops/elementary/hyperbolic.ts";

// Programs written by hand, for what lowering seldom makes.

const at = Integer.constant;
const array = (id: number, role: Buffer["role"], length: number): Buffer => {
  return { id, role, name: `${role}${id}`, dtype: "real", shape: [at(length)] };
};
const [x, first, second] = [array(0, "input", 2), array(1, "output", 2), array(2, "output", 2)];
const signature: Signature = {
  name: "f",
  packed: [
    { name: "x", buffers: [{ buffer: x, offset: at(0) }], isSingle: true },
    {
      name: "y",
      buffers: [
        { buffer: first, offset: at(0) },
        { buffer: second, offset: at(2) },
      ],
      isSingle: false,
    },
  ],
  separate: [],
};

const load = (k: number): Value => ({ kind: "load", buffer: x, address: at(k) });
const number = (value: number): Value => ({ kind: "constant", value, dtype: "real" });
const temporary = (id: number): Temporary => ({ kind: "temporary", id, dtype: "real" });
const store = (buffer: Buffer, k: number, value: Value): Statement => ({
  kind: "store",
  buffer,
  address: at(k),
  value,
});
const combine = (id: number, how: "sum" | "prod" | "max" | "min", value: Value): Statement => {
  return { kind: "combine", temporary: temporary(id), combine: how, value };
};
const start = (id: number, value: Value): Statement => ({ kind: "start", temporary: temporary(id), value });
const assign = (id: number, value: Value): Statement => ({ kind: "assign", temporary: temporary(id), value });
const condition = (primitive: typeof less.primitive, ...operands: Value[]): Value => {
  return { kind: "apply", primitive, operands, dtype: "bool" };
};
const apply = (primitive: typeof add.primitive, ...operands: Value[]): Value => {
  return { kind: "apply", primitive, operands, dtype: "real" };
};

/** What the four results are, and how they change when x changes by (1, 10), at x = (3, 3). */
const cases: readonly {
  readonly title: string;
  readonly body: Statement[];
  readonly value: number[];
  readonly change: number[];
}[] = [
  {
    title: "fills a part of a packed vector and leaves the others",
    body: [
      store(first, 0, load(0)),
      store(first, 1, load(1)),
      { kind: "fill", buffer: second, value: 5 },
      { kind: "accumulate", buffer: second, address: at(1), combine: "sum", value: load(1) },
    ],
    value: [3, 3, 5, 8],
    change: [1, 10, 0, 10],
  },
  {
    title: "names the value that a variable had",
    body: [
      start(0, load(0)),
      { kind: "let", temporary: temporary(1), value: temporary(0) },
      combine(0, "sum", load(1)),
      store(first, 0, temporary(1)),
      store(first, 1, temporary(0)),
      { kind: "assign", temporary: temporary(0), value: number(7) },
      store(second, 0, temporary(0)),
      store(second, 1, temporary(1)),
    ],
    value: [3, 6, 7, 3],
    change: [1, 11, 0, 1],
  },
  {
    title: "keeps the first of tied extremes",
    body: [
      start(0, load(0)),
      combine(0, "max", load(1)),
      store(first, 0, temporary(0)),
      start(1, load(1)),
      combine(1, "min", load(0)),
      store(first, 1, temporary(1)),
      store(second, 0, number(0)),
      store(second, 1, number(0)),
    ],
    value: [3, 3, 0, 0],
    change: [1, 10, 0, 0],
  },
  {
    title: "multiplies into variables and elements, and takes the larger of an element and a value",
    body: [
      start(0, number(2)),
      combine(0, "prod", load(0)),
      combine(0, "prod", load(1)),
      store(first, 0, temporary(0)),
      store(first, 1, load(1)),
      { kind: "accumulate", buffer: first, address: at(1), combine: "prod", value: load(0) },
      store(second, 0, load(0)),
      {
        kind: "accumulate",
        buffer: second,
        address: at(0),
        combine: "max",
        value: apply(mul.primitive, load(1), number(2)),
      },
      store(second, 1, load(0)),
      {
        kind: "accumulate",
        buffer: second,
        address: at(1),
        combine: "min",
        value: apply(add.primitive, load(1), load(0), load(0)),
      },
    ],
    value: [18, 9, 6, 3],
    change: [2 * 33, 33, 20, 1],
  },
  {
    title: "runs the side that a value chooses, by first parts",
    body: [
      start(0, number(0)),
      {
        kind: "if",
        condition: condition(less.primitive, load(0), load(1)),
        body: [assign(0, number(7))],
        otherwise: [assign(0, apply(mul.primitive, load(0), load(1))), combine(0, "sum", load(1))],
      },
      store(first, 0, temporary(0)),
      {
        kind: "if",
        condition: condition(lessEqual.primitive, load(0), load(1)),
        body: [
          { kind: "let", temporary: temporary(1), value: apply(add.primitive, load(1), load(1)) },
          store(first, 1, temporary(1)),
        ],
        otherwise: [],
      },
      { kind: "fill", buffer: second, value: 0 },
    ],
    value: [12, 6, 0, 0],
    change: [43, 20, 0, 0],
  },
  {
    title: "repeats while a value holds",
    body: [
      start(0, load(0)),
      start(1, number(0)),
      {
        kind: "while",
        condition: condition(less.primitive, temporary(0), number(20)),
        body: [assign(0, apply(mul.primitive, temporary(0), load(1))), combine(1, "sum", number(1))],
      },
      {
        kind: "while",
        condition: condition(less.primitive, temporary(0), load(0)),
        body: [assign(0, number(1))],
      },
      store(first, 0, temporary(0)),
      store(first, 1, temporary(1)),
      { kind: "fill", buffer: second, value: 0 },
    ],
    value: [27, 2, 0, 0],
    change: [9 + 2 * 90, 0, 0, 0],
  },
];

const programOf = (body: readonly Statement[]): Program => {
  return { sizes: [], buffers: [x, first, second], parts: [body], routines: [], inputOf: () => undefined };
};

describe("a program written by hand", () => {
  describe.each(cases)("$title", ({ body, value, change }) => {
    it.each([
      ["generated", compileJavaScript],
      ["as closures", compileClosures],
    ] as const)("over reals, %s", (_, compile) => {
      const y = new Float64Array(4).fill(9);
      compile(programOf(body), signature).bind([], [])(Float64Array.of(3, 3), y);
      expect(Array.from(y)).toEqual(value);
    });

    const engines: [string, (program: Program, signature: Signature) => PairCompiled, number][] = [
      ["dual, generated", compileDual, 1],
      ["dual, as closures", (...args) => compileClosuresOver(dualPairs, ...args), 1],
      ["complex, generated", compileComplex, 2 ** -100],
      ["complex, as closures", (...args) => compileClosuresOver(complexPairs, ...args), 2 ** -100],
    ];
    it.each(engines)("over pairs: %s", (_, compile, step) => {
      const y = { first: new Float64Array(4).fill(9), second: new Float64Array(4).fill(9) };
      const point = { first: Float64Array.of(3, 3), second: Float64Array.of(step, 10 * step) };
      compile(programOf(body), signature).bind([], [])(point, y);
      expect(Array.from(y.first)).toEqual(value);
      expect(Array.from(y.second, (part) => part / step)).toEqual(change);
    });
  });
});

describe("complex numbers far from the real axis", () => {
  /** y = (x0 x1, tanh(x0 x1), x0 / x1, ...) with large imaginary parts. */
  const body: Statement[] = [
    store(first, 0, apply(mul.primitive, load(0), load(1))),
    store(first, 1, apply(tanh.primitive, apply(mul.primitive, load(0), load(1)))),
    { kind: "fill", buffer: second, value: 0 },
  ];

  it("are multiplied and continued as complex numbers are", () => {
    const [a, b] = [
      { re: 0.5, im: 0.25 },
      { re: -0.75, im: 2 },
    ];
    const product = { re: a.re * b.re - a.im * b.im, im: b.im * a.re + a.im * b.re };
    const expected = [product, continuationOf(tanh.primitive)(product)];
    for (const compile of [compileComplex, engineOf(complexPairs)]) {
      const y = { first: new Float64Array(4), second: new Float64Array(4) };
      compile(programOf(body), signature).bind([], [])(
        { first: Float64Array.of(a.re, b.re), second: Float64Array.of(a.im, b.im) },
        y,
      );
      const got = expected.map((_, k): Pair => ({ first: y.first[k]!, second: y.second[k]! }));
      expect(got).toEqual(expected.map(({ re, im }) => ({ first: re, second: im })));
    }
  });
});

function engineOf(pairs: typeof complexPairs): (program: Program, signature: Signature) => PairCompiled {
  return (program, signature) => compileClosuresOver(pairs, program, signature);
}
