import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatModel, printModel } from "../../src/model/format/format.ts";
import { layOut } from "../../src/model/format/layout.ts";
import { printExpression } from "../../src/model/format/print.ts";
import { help } from "../../src/model/help/help.ts";
import { parseModel } from "../../src/model/syntax/parse.ts";
import { readExpression } from "../../src/model/syntax/read.ts";
import { arbitraryExpression, arbitraryModel } from "./arbitrary.ts";
import { examples } from "./examples.ts";
import { meaning, sourceOf, spellings } from "./tree.ts";

const parsed = (text: string) => parseModel(sourceOf(text));

/** The text with comments behind some of its spaces and lines, and the comments. */
const withComments = (text: string, places: readonly boolean[]) => {
  const comments: string[] = [];
  let k = 0;
  const commented = text.replace(/[ \n]/g, (space) => {
    if (!places[k++ % places.length]) return space;
    comments.push(`# ${comments.length}`);
    return `${space}# ${comments.length - 1}\n`;
  });
  return { commented, comments };
};

/** Where parentheses stand around an expression, save "if" and "not", which are set in them for the reader. */
function parenthesesOf(text: string): [number, number][] {
  const open: number[] = [];
  const pairs: [number, number][] = [];
  for (const { 0: sign, index } of text.matchAll(/[()]/g)) {
    if (sign === "(") open.push(index);
    else pairs.push([open.pop()!, index]);
  }
  return pairs.filter(
    ([start]) => !/[\p{L}\p{M}\p{N}_]$/u.test(text.slice(0, start)) && !/^\((if|not) /.test(text.slice(start)),
  );
}

describe("printExpression", () => {
  it("keeps the tree of any expression", () => {
    fc.assert(
      fc.property(arbitraryExpression, (expression) => {
        const text = layOut(printExpression(expression), Infinity);
        expect(meaning(readExpression(sourceOf(text), help))).toBe(meaning(expression));
      }),
    );
  });
});

describe("formatModel", () => {
  it("keeps the tree of any model", () => {
    fc.assert(
      fc.property(arbitraryModel, (model) => {
        expect(meaning(parsed(printModel(model)))).toBe(meaning(model));
      }),
      { numRuns: 500 },
    );
  });

  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(arbitraryModel, (model) => {
        const text = printModel(model);
        expect(formatModel(text)).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it("keeps comments wherever they may stand, in their order", () => {
    fc.assert(
      fc.property(arbitraryModel, fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }), (model, places) => {
        const { commented, comments } = withComments(printModel(model), places);
        const formatted = formatModel(commented);
        const tree = parsed(formatted);
        expect(meaning(tree)).toBe(meaning(model));
        expect(tree.comments.map(({ text }) => text)).toEqual(comments);
        expect(formatModel(formatted)).toBe(formatted);
      }),
      { numRuns: 300 },
    );
  });

  it("writes no parentheses that the tree does not need", () => {
    fc.assert(
      fc.property(arbitraryModel, (model) => {
        const text = printModel(model);
        for (const [start, end] of parenthesesOf(text)) {
          const without = `${text.slice(0, start)} ${text.slice(start + 1, end)} ${text.slice(end + 1)}`;
          expect(() => {
            if (meaning(parsed(without)) !== meaning(model)) throw new Error("another tree");
          }, without).toThrow();
        }
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    "2^-x",
    "(-x)^2",
    "-x^2",
    "a - (b - c)",
    "(a < b) == c",
    "(2^x)^y",
    "not a == b",
    "(a + b)'",
    "1 + (if a then b else c)",
  ])("leaves %s as it is", (text) => {
    expect(formatModel(`let x = ${text}\n`)).toBe(`let x = ${text}\n`);
  });

  it("sets out any layout in one", () => {
    const untidy = [
      "",
      "#  title",
      "model   m",
      "",
      "",
      "",
      "size n,k=2 ~ 10 # sizes",
      "param w:[ n,2*k ]=0,b:real in kg*m / s ^ 2 within 0 .. 1",
      "",
      "# the loss",
      "",
      "# really",
      "loss=(((w[ i , : ])))+2*(b*3)^2-(a-b) -- c # end",
      "def f(x,y : int[n] )={let a=x;return a+y # sum",
      "# last",
      "}",
      "let q=[ # first",
      "  1,",
      "  # second",
      "  2",
      "]; let r=if a then b else if c then d else e",
      "",
      "let s = if a # why",
      "  then b else c",
      "",
      "# over",
    ].join("\r\n");
    expect(formatModel(untidy)).toBe(
      [
        "#  title",
        "model m",
        "",
        "size n, k = 2 ~ 10  # sizes",
        "param w: [n, 2*k] = 0, b: real in kg*m/s^2 within 0..1",
        "",
        "# the loss",
        "",
        "# really",
        "loss = w[i, :] + 2 * (b * 3)^2 - (a - b) - -c  # end",
        "def f(x, y: int[n]) = {",
        "  let a = x",
        "  return a + y  # sum",
        "  # last",
        "}",
        "let q = [  # first",
        "  1,",
        "  # second",
        "  2]",
        "let r = if a then b",
        "  else if c then d",
        "  else e",
        "",
        "let s = if a  # why",
        "  then b",
        "  else c",
        "",
        "# over",
        "",
      ].join("\n"),
    );
  });

  it("sets products in an index close, and sums of two", () => {
    const close = "let a = x[2*i+1, a*b + c*d + 1, f(i+1)] + y[(a + b)*c]\nlet b = sum(i in 0..n//2+1: 2 * i + 1)\n";
    expect(formatModel(close)).toBe(close.replace("(a + b)", "(a+b)"));
  });

  it("fills lines of 100 columns, and breaks them at operators and commas", () => {
    const terms = Array.from({ length: 100 }, (_, k) => `term${k}`);
    for (const text of [
      `let a = ${terms.join(" + ")}`,
      `let a = f(${terms.join(", ")})`,
      `param ${terms.join(", ")}`,
    ]) {
      const lines = formatModel(text).trimEnd().split("\n");
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
      expect(Math.min(...lines.slice(0, -1).map((line) => line.length))).toBeGreaterThan(100 - "+ term99, ".length);
      expect(lines.slice(1).every((line) => /^ {2}(\+ )?term/.test(line))).toBe(true);
    }
  });

  it("sets out a long expression in linear time and no depth", { timeout: 120_000 }, () => {
    for (const tail of [" + x", "^x", "'", "[0]"]) {
      const text = `let a = x${tail.repeat(200_000)}`;
      expect(formatModel(text).length).toBeGreaterThanOrEqual(text.length);
    }
  });

  it("keeps the tree of every spelling", () => {
    const text = formatModel(spellings);
    expect(meaning(parsed(text))).toBe(meaning(parseModel(spellings)));
    expect(formatModel(text)).toBe(text);
    expect(text).toContain("let rows: [3, 2] = A[:, 1:-1]\n");
    expect(text).toContain("def squared(t) = t^2\n");
    expect(text).toContain("q = [1, 2, 3], r = sum(A.T, axis = -1)\n");
  });

  it.each(examples)("leaves the example $name as it is", (example) => {
    expect(formatModel(example)).toBe(example.text);
  });
});
