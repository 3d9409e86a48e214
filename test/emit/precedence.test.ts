import { describe, expect, it } from "vitest";
import { printApply } from "../../src/emit/print/kernel.ts";
import { formOf, operandOf, parenthesised } from "../../src/emit/print/precedence.ts";
import { printNumber } from "../../src/emit/print/text.ts";
import type { Value } from "../../src/lower/program/loops.ts";
import { add, div, mul, neg, square, sub } from "../../src/ops/elementary/algebra.ts";
import { less } from "../../src/ops/elementary/comparison.ts";
import { pow } from "../../src/ops/elementary/powers.ts";
import { sin } from "../../src/ops/elementary/trigonometric.ts";

describe("parenthesised", () => {
  it.each(["x", "1.5", "1e-7", "Math.exp(a + b)", "x[i + 1]!", "f(a)[2]", "(a + b)"])("leaves %s as it is", (text) => {
    expect(parenthesised(text)).toBe(text);
  });

  it.each([
    "-x",
    "-1",
    "a + b",
    "a+b",
    "a * b",
    "x2e - 7",
    "2 ** x",
    "!c",
    "a ? b : c",
    "a && b",
    "(a) + (b)",
    "x[0]! > 1",
  ])("wraps %s", (text) => {
    expect(parenthesised(text)).toBe(`(${text})`);
  });
});

describe("an operand", () => {
  it.each([
    [add, 0, "a + b", "a + b"],
    [add, 1, "a + b", "(a + b)"],
    [add, 1, "a * b", "a * b"],
    [add, 1, "-2", "(-2)"],
    [sub, 0, "a - b", "a - b"],
    [sub, 1, "a - b", "(a - b)"],
    [mul, 0, "a / b", "a / b"],
    [mul, 1, "a / b", "(a / b)"],
    [mul, 0, "a + b", "(a + b)"],
    [mul, 0, "-2", "-2"],
    [mul, 0, "-x", "(-x)"],
    [div, 1, "a * b", "(a * b)"],
    [less, 0, "a + b", "a + b"],
    [less, 1, "a < b", "(a < b)"],
    [pow, 0, "-2", "(-2)"],
  ] as const)("of $0.primitive.name keeps its meaning", ({ primitive }, position, text, printed) => {
    expect(operandOf(formOf(primitive, 2), position, text)).toBe(printed);
  });

  const leaves: readonly Value[] = [
    { kind: "temporary", id: 1, dtype: "real" },
    ...[2, 0.5, -0.5, -3, -0, 1e-7, -1e-7].map((value): Value => ({ kind: "constant", value, dtype: "real" })),
  ];
  const apply = ({ primitive }: typeof add, ...operands: Value[]): Value => {
    return { kind: "apply", primitive, operands, dtype: "real" };
  };
  const binary = [add, sub, mul, div, pow];
  const unary = [neg, sin, square];
  const over = (values: readonly Value[]): Value[] => [
    ...unary.flatMap((made) => values.map((x) => apply(made, x))),
    ...binary.flatMap((made) =>
      values.flatMap((x) => leaves.slice(0, 3).flatMap((y) => [apply(made, x, y), apply(made, y, x)])),
    ),
  ];
  /** As printers do it, with what is known of operands or with their texts alone. */
  const printed = (value: Value, isKnown: boolean): string => {
    if (value.kind === "constant") return printNumber(value.value);
    if (value.kind !== "apply") return "t1";
    const texts = value.operands.map((operand) => printed(operand, isKnown));
    return printApply(value.primitive, texts, ({ name }) => name, isKnown ? value.operands : undefined);
  };

  it("is written alike whether its text is read or what it says is known", () => {
    const values = over(over(leaves));
    expect(values.length).toBeGreaterThan(5000);
    for (const value of values) expect(printed(value, true)).toBe(printed(value, false));
  });
});
