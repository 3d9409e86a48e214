import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { transformSync } from "esbuild";
import { describe, expect, it } from "vitest";
import { reserved, statementWords } from "../../src/model/syntax/parser.generated.js";

const parser = readFileSync(new URL("../../src/model/syntax/parser.generated.js", import.meta.url), "utf8");

describe("the generated parser", () => {
  it("takes at most 5.5 kB, minified and compressed", () => {
    const { code } = transformSync(parser, { minify: true, format: "esm" });
    expect(gzipSync(code, { level: 9 }).length).toBeLessThanOrEqual(5632);
  });

  it("imports nothing", () => {
    expect(parser).not.toMatch(/^\s*import\b|\brequire\(/m);
  });

  it("reserves the words that begin a statement", () => {
    for (const word of statementWords) expect(reserved).toContain(word);
  });
});
