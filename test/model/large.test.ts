import { describe, expect, it } from "vitest";
import { LimitError, NablaError } from "../../src/ir/errors.ts";
import { longestText, parseModel } from "../../src/model/parse.ts";
import { sourceOf } from "./tree.ts";

const megabytes = 10e6;
const filled = (piece: string, size = megabytes) => piece.repeat(Math.ceil(size / piece.length));
const parse = (text: string) => parseModel(sourceOf(text));

describe("parseModel on 10 MB", () => {
  it("reads many statements", { timeout: 60_000 }, () => {
    const line = "let fit = b[0] + b[1] * exp(-b[3] * x) + b[2] * exp(-b[4] * x)\n";
    expect(parse(filled(line)).statements.length).toBe(Math.ceil(megabytes / line.length));
  });

  it("reads one long sum", { timeout: 60_000 }, () => {
    expect(parse(`loss = x${filled(" + x1")}`).statements.length).toBe(1);
  });

  it.each([
    ["closing brackets", filled(")")],
    ["lines that are all wrong", filled("2x\n")],
    ["foreign characters", filled("−")],
    ["quotes", filled('"')],
    ["semicolons", filled(";")],
    ["empty lines before an error", `${filled("\n")}let a = 2x`],
    ["space before an error", `let a = 1${filled(" ", 1e6)}x`],
    ["space behind nested choices", `let a = ${"if x then y else 1 + ".repeat(1000)}x${filled(" ", 1e6)})`],
    ["calls that break off", `let a = ${"f(i in g(".repeat(499)}2x${"))".repeat(499)}`],
    ["choices that break off", `let a = ${"(if a then b else if c then ".repeat(900)}2x`],
  ])("fails soon on %s", { timeout: 30_000 }, (_, text) => {
    expect(() => parse(text)).toThrow(NablaError);
  });

  it("refuses a text beyond its limit", () => {
    expect(() => parse(filled("\n", longestText + 1))).toThrow(LimitError);
  });

  it("refuses brackets without end at the one too many", () => {
    expect(() => parse(filled("("))).toThrow(/1:1001: brackets stand more than 1000 deep/);
  });
});
