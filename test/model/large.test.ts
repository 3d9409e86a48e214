import { describe, expect, it } from "vitest";
import { LimitError, NablaError } from "../../src/ir/errors.ts";
import { parseModel } from "../../src/model/syntax/parse.ts";
import { longestText } from "../../src/model/syntax/read.ts";
import { sourceOf } from "./tree.ts";

const filled = (piece: string, size: number) => piece.repeat(Math.ceil(size / piece.length));
const parse = (text: string) => parseModel(sourceOf(text));

describe("parseModel on a large text", () => {
  it("reads 10 MB of statements", { timeout: 60_000 }, () => {
    const line = "let fit = b[0] + b[1] * exp(-b[3] * x) + b[2] * exp(-b[4] * x)\n";
    expect(parse(filled(line, 10e6)).statements.length).toBe(Math.ceil(10e6 / line.length));
  });

  it("reads a sum of 10 MB", { timeout: 60_000 }, () => {
    expect(parse(`loss = x${filled(" + x1", 10e6)}`).statements.length).toBe(1);
  });

  it.each([
    ["closing brackets", filled(")", 2e6)],
    ["lines that are all wrong", filled("2x\n", 2e6)],
    ["foreign characters", filled("−", 2e6)],
    ["quotes", filled('"', 2e6)],
    ["semicolons", filled(";", 2e6)],
    ["empty lines before an error", `${filled("\n", 2e6)}let a = 2x`],
    ["space before an error", `let a = 1${filled(" ", 2e6)}x`],
    ["space behind nested choices", `let a = ${"if x then y else 1 + ".repeat(1000)}x${filled(" ", 2e6)})`],
    ["calls that break off", `let a = ${"f(i in g(".repeat(499)}2x${"))".repeat(499)}`],
    ["choices that break off", `let a = ${"(if a then b else if c then ".repeat(900)}2x`],
  ])("fails soon on %s", { timeout: 30_000 }, (_, text) => {
    expect(() => parse(text)).toThrow(NablaError);
  });

  it("reads a comment of 10 million letters of any alphabet", () => {
    const [comment] = parse(`loss = x #${filled("é", 10e6)}\n`).comments;
    expect(comment!.text.length).toBe(10e6 + 1);
  });

  it("refuses a text beyond its limit", () => {
    expect(() => parse(filled("\n", longestText + 1))).toThrow(LimitError);
  });

  it("refuses brackets without end at the one too many", () => {
    expect(() => parse(filled("(", 10e6))).toThrow(/1:1001: brackets stand more than 1000 deep/);
  });
});
