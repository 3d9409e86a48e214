import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadModel } from "../../src/language/all.ts";
import { reserved } from "../../src/model/syntax/parser.generated.js";

// The two tables of the card: statements make one model together, and expressions stand in a model with these names.

const page = readFileSync(new URL("../../docs/language.md", import.meta.url), "utf8");

const names = `
param w: [d], x: [n], y: [n], u: [n], v: [n]
data X: [n, d], A: [n, n], rows: int[n] within 0..n, i: int, j: int within 0..n, p: bool, q: bool
data xs: [T], a, b: [n], key: int, image: [h, h, 3], filter: [3, 3, 3, k]
def g(x) = sum(x^2)
let f = sum(w^2)
let r = { a = 1; b = 2 }
`;

/** The code of the second cell of each row of the table under a head. */
function examples(head: string): { row: string; code: string[] }[] {
  const lines = page.slice(page.indexOf(head)).split("\n").slice(2);
  const rows = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith("|")),
  );
  return rows.map((line) => {
    const [, row = "", example = ""] = line.split(/(?<!\\)\|/);
    return { row: row.trim(), code: [...example.matchAll(/`([^`]+)`/g)].map((match) => match[1]!) };
  });
}

describe("the card of docs/language.md", () => {
  it("shows statements that make a model", () => {
    const statements = examples("| statement | example |").flatMap(({ code }) => code);
    const model = loadModel({ name: "card.nabla", text: `${statements.join("\n")}\n` });
    expect(model.name).toBe("ridge");
    expect([...model.outputs.keys()]).toEqual(["fit"]);
  });

  it.each(examples("| expression | example |"))("shows expressions: $row", ({ code }) => {
    const expressions = code.filter((text) => !/^[=!<>]+$/.test(text));
    for (const expression of expressions) {
      const varied = expression.replace(/(?<=jvp\(|jacobian\()y/, "(X @ w)").replace("w, v)", "w, w)");
      const text = `${names}let shown = ${varied}\nloss = f\n`;
      expect(() => loadModel({ name: "card.nabla", text }), expression).not.toThrow();
    }
  });

  it("lists the words that cannot be names", () => {
    const [, list] = /Words that cannot be names: `([^`]*)`/.exec(page.replace(/\s+/g, " "))!;
    expect(list!.split(" ").sort()).toEqual([...reserved].sort());
  });
});
