import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { NablaError } from "../../src/ir/errors.ts";
import { loadModel } from "../../src/model/load.ts";

const folder = new URL("invalid-meaning/", import.meta.url);
const separator = "\n----\n";

/** Models that parse and mean nothing, or something doubtful, each with the whole message it must get. */
const cases = readdirSync(folder).map((file) => {
  const [text, message] = readFileSync(new URL(file, folder), "utf8").split(separator) as [string, string];
  return { name: file.replace(/\.txt$/, ""), text: `${text}\n`, message: message.trimEnd() };
});

/** The message of the error, or the warnings of a model that has none. */
function messageOf(name: string, text: string): string {
  try {
    const { warnings } = loadModel({ name: `${name}.nabla`, text });
    return warnings.map(({ message }) => message).join("\n\n");
  } catch (error) {
    if (error instanceof NablaError) return error.message;
    throw error;
  }
}

describe("the message for a model without meaning", () => {
  it.each(cases)("is as reviewed for $name", ({ name, text, message }) => {
    expect(messageOf(name, text)).toBe(message);
  });
});
