import { describe, expect, it } from "vitest";
import { operandOf, parenthesised } from "../../src/emit/precedence.ts";
import { add, div, mul, sub } from "../../src/ops/algebra.ts";
import { less } from "../../src/ops/comparison.ts";
import { pow } from "../../src/ops/powers.ts";

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
    expect(operandOf(primitive, position, text)).toBe(printed);
  });
});
