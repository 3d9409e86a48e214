import { describe, expect, it } from "vitest";
import { derivatives } from "./cases.ts";

// Values from mpmath at 40 digits, such as diff(lambda x: x / (1 + exp(-x)), -740, 2).
const atLeft = [-3.09967e-319, -3.09547e-319, -3.09127e-319] as const;

describe("where e^x has lost digits to underflow", () => {
  it.each(["silu", "mish"])("%s and its slopes keep theirs", (name) => {
    const { value, first, second } = derivatives({ ast: [name, "x"], vars: ["x"] });
    const got = [value(-740), first[0]!(-740), second[0]![0]!(-740)];
    for (const [k, expected] of atLeft.entries()) expect(Math.abs(got[k]! - expected)).toBeLessThanOrEqual(2 ** -1073);
  });

  it("the second slope of silu is even", () => {
    const { second } = derivatives({ ast: ["silu", "x"], vars: ["x"] });
    expect(Math.abs(second[0]![0]!(740) - atLeft[2])).toBeLessThanOrEqual(2 ** -1073);
  });

  it.each(["silu", "mish"])("%s and its slopes are finite at the ends of the line", (name) => {
    const { value, first, second } = derivatives({ ast: [name, "x"], vars: ["x"] });
    const largest = Number.MAX_VALUE;
    expect([value(largest), first[0]!(largest), second[0]![0]!(largest)].map((v) => v + 0)).toEqual([largest, 1, 0]);
    expect([value(-largest), first[0]!(-largest), second[0]![0]!(-largest)].map((v) => v + 0)).toEqual([0, 0, 0]);
  });

  const infinity = Number.POSITIVE_INFINITY;
  it.each([
    ["silu", [0, 0, 0], [infinity, 1, 0]],
    ["mish", [0, 0, 0], [infinity, 1, 0]],
    ["gelu", [0, 0, 0], [infinity, 1, 0]],
  ])("%s and its slopes have their limits at -Infinity and Infinity", (name, left, right) => {
    const { value, first, second } = derivatives({ ast: [name, "x"], vars: ["x"] });
    const at = (x: number) => [value(x), first[0]!(x), second[0]![0]!(x)].map((v) => v + 0);
    expect([at(-infinity), at(infinity)]).toEqual([left, right]);
  });
});
