import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { transform } from "esbuild";
import { describe, expect, it } from "vitest";
import { mostAxes } from "../../src/build/terms/builder.ts";
import { abiVersion } from "../../src/emit/generator.ts";
import { emitModule } from "../../src/emit.ts";
import { graphHeader } from "../../src/ir/show.ts";
import { loadModel } from "../../src/language/all.ts";
import { deepestIf } from "../../src/model/syntax/actions.ts";
import { longestText } from "../../src/model/syntax/read.ts";
import { deepestNesting } from "../../src/model/syntax/scan.ts";
import { bundle } from "../size/bundle.ts";
import { blocksOf } from "./blocks.ts";

// Figures that pages state and no block on them shows.

const root = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");

/** The cells of the row of a table that begins with `first`. */
function row(page: string, first: string): string[] {
  const line = read(page)
    .split("\n")
    .find((candidate) => candidate.startsWith(`| ${first} |`));
  return (line ?? "").split("|").map((cell) => cell.trim());
}

describe("docs/limits-and-stability.md", () => {
  const page = "docs/limits-and-stability.md";

  it.each([
    { what: "text of a model", limit: `${longestText / 1e6} million characters` },
    { what: "brackets within brackets", limit: deepestNesting.toLocaleString("en") },
    { what: "`if` within `if` (not `else if`)", limit: deepestIf.toLocaleString("en") },
    { what: "axes of a tensor, iterators in scope included", limit: String(mostAxes) },
  ])("states the limit of $what", ({ what, limit }) => {
    expect(row(page, what)[2]).toBe(limit);
  });

  it("states the versions of what outlives a release", () => {
    expect(read(page)).toContain(`\`${graphHeader}\``);
    expect(read(page)).toContain(`an ABI number, now ${abiVersion}`);
  });
});

describe("docs/browser.md", () => {
  it("lists what the package exports", () => {
    const { exports } = JSON.parse(read("package.json")) as { exports: Record<string, unknown> };
    for (const path of Object.keys(exports).filter((name) => name !== "./package.json")) {
      expect(row("docs/browser.md", `\`${path.replace(/^\./, "nabla")}\``)).toHaveLength(5);
    }
  });

  it.each([
    { name: "nabla", entry: "index.ts" },
    { name: "nabla/core", entry: "core.ts" },
    { name: "nabla/language", entry: "language.ts" },
    { name: "language()` of `nabla/language", entry: "language.ts", names: ["language"] },
    { name: "nabla/language/all", entry: "language/all.ts" },
  ])("states the size of $name, and not a much larger one", async ({ name, entry, names }) => {
    const { gzipped } = await bundle(entry, names);
    const sizes = read("docs/browser.md").slice(read("docs/browser.md").indexOf("Sizes, bundled"));
    const line = sizes.split("\n").find((each) => each.startsWith(`| \`${name}\` |`));
    const stated = Number(/(\d+) kB/.exec(line ?? "")?.[1]);
    expect(gzipped / 1000).toBeLessThanOrEqual(stated);
    expect(gzipped / 1000).toBeGreaterThan(stated / 1.3);
  });

  it("states the size of a compiled file", async () => {
    const { text } = blocksOf(read("README.md")).find(({ file }) => file === "logistic.nabla")!;
    const module = emitModule(loadModel({ name: "logistic.nabla", text }));
    const { code } = await transform(module, { loader: "ts", minify: true });
    expect(read("docs/browser.md")).toContain("at most 6 kB minified and gzipped");
    expect(gzipSync(code, { level: 9 }).length).toBeLessThanOrEqual(6000);
  });
});
