import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ModelErrors, type NablaError } from "../../src/ir/errors.ts";
import { slips } from "../../src/model/help/slips.ts";
import { parseModel } from "../../src/model/syntax/parse.ts";

const folder = new URL("invalid/", import.meta.url);
const separator = "\n----\n";

/** Models that are wrong, each with the whole message it must get. */
const cases = readdirSync(folder).map((file) => {
  const [text, message] = readFileSync(new URL(file, folder), "utf8").split(separator) as [string, string];
  return { name: file.replace(/\.txt$/, ""), text: `${text}\n`, message: message.trimEnd() };
});

function errorOf(name: string, text: string): NablaError {
  try {
    parseModel({ name: `${name}.nabla`, text });
  } catch (error) {
    return error as NablaError;
  }
  throw new Error(`${name} has no error`);
}

describe("the message for a wrong model", () => {
  it.each(cases)("is as reviewed for $name", ({ name, text, message }) => {
    expect(errorOf(name, text).message).toBe(message);
  });

  it("has a reviewed case for each slip", () => {
    const texts = cases.map(({ message }) => message).join("\n");
    const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const unseen = slips.filter(({ summary, wayOut }) =>
      [summary, wayOut].some((text) => !new RegExp(text.split(/\$\d/).map(escaped).join(".*")).test(texts)),
    );
    expect(unseen).toEqual([]);
  });

  it("points into the text", () => {
    for (const { name, text } of cases) {
      const error = errorOf(name, text);
      for (const { span } of error instanceof ModelErrors ? error.errors : [error]) {
        expect(span!.start).toBeLessThanOrEqual(text.length);
        expect(span!.end).toBeGreaterThan(span!.start);
      }
    }
  });
});
