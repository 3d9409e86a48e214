import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LimitError, ModelErrors, ModelSyntaxError, NablaError } from "../../src/ir/errors.ts";
import { help } from "../../src/model/help/help.ts";
import { parseModel } from "../../src/model/syntax/parse.ts";
import { binaryPrecedence, unaryPrecedence } from "../../src/model/syntax/precedence.ts";
import { readExpression, readTemplate } from "../../src/model/syntax/read.ts";
import type { Expression, Model } from "../../src/model/syntax/syntax.ts";
import { examples } from "./examples.ts";
import { meaning, sourceOf } from "./tree.ts";

const model = (text: string): Model => parseModel(sourceOf(text));
const expression = (text: string): Expression => readExpression(sourceOf(text), help);
const nested = (opener: string, closer: string, depth: number) => `${opener.repeat(depth)}x${closer.repeat(depth)}`;

/** Texts that must have one tree; the second shows it by its parentheses or its plainer form. */
const same: readonly (readonly [string, string])[] = [
  ["a + b * c", "a + (b * c)"],
  ["a - b - c", "(a - b) - c"],
  ["a / b // c @ d", "((a / b) // c) @ d"],
  ["a ^ b ^ c", "a ^ (b ^ c)"],
  ["-a ^ b", "-(a ^ b)"],
  ["a ^ -b ^ c * d", "(a ^ (-(b ^ c))) * d"],
  ["-a * b", "(-a) * b"],
  ["- - a", "-(-a)"],
  ["a * -b + c", "(a * (-b)) + c"],
  ["0..n + 1", "0..(n + 1)"],
  ["a < b + 1 and c == d or e", "((a < (b + 1)) and (c == d)) or e"],
  ["not a == b", "not (a == b)"],
  ["not a and b", "(not a) and b"],
  ["a == not b", "a == (not b)"],
  ["a'[i].b ^ 2", "(((a')[i]).b) ^ 2"],
  ["1..n", "1 .. n"],
  ["1.5..2", "1.5 .. 2"],
  ["0...5", "0 .. .5"],
  ["1 + if a then b else c + d", "1 + (if a then b else (c + d))"],
  ["if a then b else (if c then d else e)", "if a then b else if c then d else e"],
  ["f(\n  a,\n  b\n)", "f(a, b)"],
  ["a # one\n  + b # two", "a + b"],
  ["{ let a = 1; return a }", "{\n let a = 1\n return a\n}"],
  ["{ a = 1; b = 2 }", "{\n a = 1\n b = 2\n}"],
];

describe("readExpression", () => {
  it.each(same)("reads %j as %j", (text, plain) => {
    expect(meaning(expression(text))).toBe(meaning(expression(plain)));
  });

  it("knows the precedence of every operator that the grammar has", () => {
    const binary = [...binaryPrecedence.keys()];
    for (const operator of binary) expect(expression(`a ${operator} b`)).toMatchObject({ kind: "binary", operator });
    for (const operator of unaryPrecedence.keys()) {
      expect(expression(`${operator} b`)).toMatchObject({ kind: "unary", operator });
    }
  });

  it("gives every part the span of its text", () => {
    const text = "f(x) + (a - b)[i, :]'";
    const { left, right } = expression(text) as Extract<Expression, { kind: "binary" }>;
    const textOf = ({ span }: Expression) => text.slice(span.start, span.end);
    expect(textOf(left)).toBe("f(x)");
    expect(textOf(right)).toBe("(a - b)[i, :]'");
    expect(right).toMatchObject({ kind: "transpose", target: { kind: "index", target: { kind: "binary" } } });
  });

  it("keeps how a number is spelled", () => {
    expect(expression("1.50e-3")).toMatchObject({ kind: "number", text: "1.50e-3", value: 0.0015 });
  });

  it("tells binders from calls", () => {
    expect(expression("sum(i in 0..n, j: x[i, j])")).toMatchObject({
      kind: "binder",
      bindings: [
        { kind: "iterator", name: { name: "i" }, domain: { operator: ".." } },
        { kind: "iterator", name: { name: "j" }, domain: undefined },
      ],
    });
    expect(expression("root(s = 0.1: s^2 - 2)")).toMatchObject({ kind: "binder", bindings: [{ kind: "named" }] });
    expect(expression("argmax(x, axis = 1)")).toMatchObject({ kind: "call", arguments: [{}, { kind: "named" }] });
  });

  it("refuses more than an expression", () => {
    expect(() => expression("a; b")).toThrow(ModelSyntaxError);
  });
});

describe("readTemplate", () => {
  it("puts hole k where value k stands", () => {
    expect(readTemplate(["sin(", ") + ", ""], help)).toMatchObject({
      left: { arguments: [{ kind: "hole", index: 0 }] },
      right: { kind: "hole", index: 1 },
    });
  });

  it("takes no text for a hole", () => {
    const imitation = `$${"{0}"}`;
    expect(() => readTemplate([imitation], help)).toThrow(ModelSyntaxError);
    expect(() => readTemplate([`${imitation} + `, ""], help)).toThrow(ModelSyntaxError);
    expect(() => expression(imitation)).toThrow(ModelSyntaxError);
  });
});

describe("parseModel", () => {
  it.each(examples)("reads the example $name", (example) => {
    // data sets of a collection carry its name in front
    expect(example.name.replace(".nabla", "").endsWith(parseModel(example).name!.name)).toBe(true);
  });

  it("keeps everything a declaration can say", () => {
    const text = "data label: int[n, 2*m] in kg*m/s^-2 within 0..k = 3";
    expect(model(text).statements).toMatchObject([
      {
        kind: "declarations",
        keyword: "data",
        declarations: [
          {
            name: { name: "label" },
            type: { element: "int", shape: [{ name: "n" }, { kind: "binary" }] },
            unit: {
              factors: [
                { operator: "*", base: { name: "kg" }, exponent: 1 },
                { operator: "*", base: { name: "m" }, exponent: 1 },
                { operator: "/", base: { name: "s" }, exponent: -2 },
              ],
            },
            within: { operator: ".." },
            value: { text: "3" },
          },
        ],
      },
    ]);
  });

  it("reads float as real", () => {
    expect(meaning(model("data x: float, y: float[n]"))).toBe(meaning(model("data x: real, y: real[n]")));
  });

  it("keeps a size's value and its hint apart", () => {
    expect(model("size n, m = 2 * k, d ~ 1000").statements).toMatchObject([
      { sizes: [{ value: undefined }, { value: { operator: "*" } }, { value: undefined, hint: { value: 1000 } }] },
    ]);
  });

  it("ends a statement at its line or at a semicolon, but not before an operator", () => {
    const lines = "let a = 1\n  + 2\nlet b = 3; let c = 4\nparam x,\n  y\nlet d = if a\n  then b\n  else c";
    expect(model(lines).statements.map(({ kind }) => kind)).toEqual([
      "definitions",
      "definitions",
      "definitions",
      "declarations",
      "definitions",
    ]);
  });

  it("does not mind tabs, carriage returns, and a mark of byte order", () => {
    expect(meaning(model("\uFEFFlet\ta =\t1\r\nlet b = 2\r\n"))).toBe(meaning(model("let a = 1\nlet b = 2\n")));
  });

  it("takes a carriage return by itself for the end of a line", () => {
    const text = "param x # one\rlet y = 2 * x\r# alone\rloss = y^2\r\noutput z = 2 y";
    const faultless = parseModel({ name: "m.nabla", text: text.replace("2 y", "2 * y") });
    expect(faultless.statements.length).toBe(4);
    expect(faultless.comments.map(({ text, ownLine }) => [text, ownLine])).toEqual([
      ["# one", false],
      ["# alone", true],
    ]);
    expect(() => parseModel({ name: "m.nabla", text })).toThrow("m.nabla:5:12: ");
    expect(() => readExpression({ name: "e", text: "1 # one\r + (" }, help)).toThrow("e:2:4: ");
  });

  it("keeps comments in order, and whether they stand alone", () => {
    const { comments } = model("# one\nlet a = [1, # two\n  2] # three\n");
    expect(comments.map(({ text, ownLine }) => [text, ownLine])).toEqual([
      ["# one", true],
      ["# two", false],
      ["# three", false],
    ]);
  });

  it("takes any letters for names, and any names", () => {
    for (const name of ["β", "x₁", "变量", "__proto__", "constructor", "toString", "model", "real", "for"]) {
      expect(model(`let ${name} = ${name}`).statements).toMatchObject([
        { definitions: [{ name: { name }, value: { name } }] },
      ]);
    }
  });

  it("reports one error for each statement that has one, in order", () => {
    const broken = "let a = 2x\nlet b = 1\nlet c = )\nparm d\nlet e = (1\nlet f = f = 2; .5";
    const linesOf = (error: unknown) => (error as ModelErrors).errors.map(({ position }) => position!.line);
    expect(() => model(broken)).toThrow(ModelErrors);
    expect(() => model(broken)).toThrow(expect.toSatisfy((error) => String(linesOf(error)) === "1,3,4,5,6,6"));
  });

  it("throws only its own errors, with a place, whatever it is given", () => {
    const words = fc.constantFrom(
      ..."let param data loss def size unit = == ( ) [ ] { } : , ; + - * // ** ^ ' . .. if then else not and in return".split(
        " ",
      ),
      ...'x y 1 2.5 # \n | & ! ? " 0,5 2x − é ² \u00A0 $ {0}'.split(" "),
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 30 }), (parts) => {
        const text = parts.join(" ");
        try {
          model(text);
        } catch (error) {
          expect(error).toBeInstanceOf(NablaError);
          expect((error as NablaError).kind).toBe("syntax");
          expect((error as NablaError).position).toBeDefined();
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["parentheses", nested("(", ")", 1000), nested("(", ")", 1001)],
    ["calls", nested("f(a = ", ")", 1000), nested("f(a = ", ")", 1001)],
    ["bodies", nested("f(i: ", ")", 1000), nested("f(i: ", ")", 1001)],
    ["arrays", nested("[", "]", 1000), nested("[", "]", 1001)],
    ["indices", nested("x[", "]", 1000), nested("x[", "]", 1001)],
    ["blocks", nested("{ return ", "}", 1000), nested("{ return ", "}", 1001)],
    ["choices", nested("if x then ", " else y", 500), nested("if x then ", " else y", 501)],
  ])("takes %s as deep as the limit, and refuses more at their place", (_, deep, deeper) => {
    expect(() => model(`loss = ${deep}`)).not.toThrow();
    expect(() => model(`loss = ${deeper}`)).toThrow(LimitError);
  });
});
