import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, it } from "vitest";
import { type ProgramRow, programFiles } from "../cases/program-rows.ts";
import { describeBrowsers, visit } from "./browsers.ts";
import type { Judged } from "./programs-page.ts";

/** `ALL_PROGRAMS=1` evaluates every program; one in ten shows that an engine computes as others do. */
const every = process.env.ALL_PROGRAMS === undefined ? 10 : 1;

const rows = programFiles
  .flatMap((file) => {
    const text = readFileSync(new URL(`../cases/${file}`, import.meta.url), "utf8");
    return (JSON.parse(text) as { readonly programs: readonly ProgramRow[] }).programs;
  })
  .filter((_, k) => k % every === 0);

describeBrowsers("tensor programs", (browser) => {
  it("have the derivatives of mpmath, in JavaScript and in WebAssembly", async () => {
    const entryPoints = [fileURLToPath(new URL("programs-page.ts", import.meta.url))];
    const bundled = await build({ entryPoints, bundle: true, format: "esm", platform: "browser", write: false });
    const files = {
      "page.html": '<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>',
      "page.js": bundled.outputFiles[0]!.text,
      "programs.json": JSON.stringify(rows),
    };
    const judged = await visit<Judged[]>(browser, { files, headers: {} });
    expect(judged).toHaveLength(2 * rows.reduce((count, { texts }) => count + texts.length, 0));
    const failed = judged.filter(({ gradient, hvp }) => !(gradient < 1e-10 && hvp < 1e-9));
    expect(failed).toEqual([]);
  });
});
