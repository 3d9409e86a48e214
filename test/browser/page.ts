import type { Engine } from "../../src/compile/functions.ts";
import { compileText } from "../../src/language.ts";
import { threaded } from "../../src/threads.ts";
import { webAssembly } from "../../src/wasm.ts";
import { data, type Flat, type Results, resultsOf, text } from "./logistic.ts";

// The script of a page: computes with every engine and with a file that was emitted, and posts what came, as JSON.

/** What the page posts: results or an error by way, what was said on the console, and whether threads share memory. */
export interface Posted {
  readonly results: Readonly<Record<string, Results | { readonly error: string }>>;
  readonly notes: readonly string[];
  readonly isolated: boolean;
}

interface Page {
  readonly document: { readonly title: string };
  readonly crossOriginIsolated: boolean;
}

type BoundFile = {
  lossAndGradientFlat: Flat["lossAndGradient"];
  hvpFlat: Flat["hvp"];
};

const page = globalThis as unknown as Page;
const notes: string[] = [];
console.warn = (...parts: unknown[]) => notes.push(parts.join(" "));

const results: Record<string, Results | { error: string }> = {};
const threads = threaded({ threads: 2, use: "always", fused: false, worker: "/worker.js" });
const engines: Readonly<Record<string, Engine | undefined>> = {
  default: undefined,
  wasm: webAssembly({ use: "always", fused: false }),
  threads,
};

for (const [name, engine] of Object.entries(engines))
  await record(name, () => resultsOf(compileText(text, engine === undefined ? {} : { engine }).bind(data).flat));
await record("file", async () => {
  const address = "/logistic.js";
  const { bind } = (await import(address)) as { bind(inputs: unknown): BoundFile };
  const bound = bind(data);
  return resultsOf({ lossAndGradient: bound.lossAndGradientFlat, hvp: bound.hvpFlat });
});
threads.close();
await fetch("/result", {
  method: "POST",
  body: JSON.stringify({ results, notes, isolated: page.crossOriginIsolated } satisfies Posted),
});

async function record(name: string, run: () => Results | Promise<Results>): Promise<void> {
  try {
    results[name] = await run();
  } catch (error) {
    results[name] = { error: String(error) };
  }
}
