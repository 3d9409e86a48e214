import { readFileSync } from "node:fs";
import { transform } from "esbuild";
import { beforeAll, expect, it } from "vitest";
import { closureEngine } from "../../src/compile/functions.ts";
import { emitModule } from "../../src/emit.ts";
import { compileText, loadModel } from "../../src/language.ts";
import { workerScript } from "../../src/threads.ts";
import { webAssembly } from "../../src/wasm.ts";
import { blocksOf } from "../docs/blocks.ts";
import { describeBrowsers, pageOf, visit } from "./browsers.ts";
import { data, type Results, resultsOf, text } from "./logistic.ts";
import type { Posted } from "./page.ts";

const isolation = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };
const policy = (scripts: string) => ({ "content-security-policy": `default-src 'self'; script-src 'self' ${scripts}` });
let files: Readonly<Record<string, string>>;

beforeAll(async () => {
  const module = emitModule(loadModel({ name: "logistic", text }), { webAssembly: true });
  files = {
    ...(await pageOf("page.ts")),
    "logistic.js": (await transform(module, { loader: "ts" })).code,
    "worker.js": workerScript,
  };
});

/** Largest difference in units of the largest entry. */
function expectClose(results: Posted["results"][string] | undefined, expected: Results): void {
  if (results === undefined || "error" in results) throw new Error(results?.error ?? "the page has no such results");
  for (const key of ["gradient", "product"] as const) {
    const scale = Math.max(...expected[key].map(Math.abs));
    for (const [k, value] of expected[key].entries())
      expect(Math.abs(results[key][k]! - value) / scale, `${key}[${k}]`).toBeLessThan(1e-13);
  }
  expect(Math.abs(results.loss - expected.loss) / expected.loss).toBeLessThan(1e-13);
}

const forbidden = "code generation from strings is forbidden here";
const ways = ["default", "wasm", "threads", "file"];

describeBrowsers("a page", (browser) => {
  const plain = resultsOf(compileText(text, { engine: closureEngine }).bind(data).flat);
  const vector = resultsOf(compileText(text, { engine: webAssembly({ use: "always", fused: false }) }).bind(data).flat);

  it.each([
    { name: "no policy", headers: isolation, isolated: true, interpreted: false, compiled: true },
    { name: "no policy and no isolation", headers: {}, isolated: false, interpreted: false, compiled: true },
    {
      name: "neither eval nor WebAssembly",
      headers: { ...isolation, ...policy("") },
      isolated: true,
      interpreted: true,
    },
    {
      name: "WebAssembly but no eval",
      headers: { ...isolation, ...policy("'wasm-unsafe-eval'") },
      isolated: true,
      interpreted: true,
      compiled: true,
    },
  ])("computes as Node does, with $name", async ({ headers, isolated, interpreted, compiled = false }) => {
    const posted = await visit<Posted>(browser, { files, headers });
    expect(Object.keys(posted.results)).toEqual(ways);
    for (const way of ways) expectClose(posted.results[way], plain);
    expect(posted.isolated).toBe(isolated);
    expect(
      posted.notes.some((note) => note.includes(forbidden)),
      posted.notes.join("\n"),
    ).toBe(interpreted);
    if (compiled) expectClose(posted.results.wasm, vector);
    expect(new Set(posted.notes).size, "a note is said once").toBe(posted.notes.length);
  });

  it("runs the page of docs/browser.md where only its own files may run", async () => {
    const page = readFileSync(new URL("../../docs/browser.md", import.meta.url), "utf8");
    const block = (name: string) => blocksOf(page).find(({ file }) => file === name)!.text;
    const model = emitModule(loadModel({ name: "logistic", text: block("logistic.nabla") }));
    const script = `${block("page.js")}\nawait fetch("/result", { method: "POST", body: JSON.stringify({ loss }) });`;
    const plainly = async (typescript: string) =>
      (await transform(typescript, { loader: "ts", target: "es2022" })).code;
    const documented = {
      "page.html": block("page.html"),
      "page.js": await plainly(script),
      "logistic.js": await plainly(model),
    };
    const posted = await visit<{ loss: number }>(browser, { files: documented, headers: policy("") });
    expect(posted.loss).toBeCloseTo(0.810539, 6);
  });
});
