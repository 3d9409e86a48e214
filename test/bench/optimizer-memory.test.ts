import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

/** One vector of 1,000 numbers, kept at every step, would be 15 MB. */
const bytesAllowed = 500_000;

async function bytesKept(): Promise<Record<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), "nabla-optimizer-memory-"));
  try {
    const outfile = join(folder, "memory.mjs");
    const entryPoints = [fileURLToPath(new URL("optimizer-memory.ts", import.meta.url))];
    await build({ entryPoints, outfile, bundle: true, platform: "node", format: "esm", logLevel: "error" });
    return JSON.parse(execFileSync(process.execPath, ["--expose-gc", outfile], { encoding: "utf8" }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("a run of 1,000 parameters", () => {
  it("keeps no memory for its steps", { timeout: 120_000 }, async () => {
    const bytes = await bytesKept();
    const growing = Object.entries(bytes).filter(([, kept]) => kept > bytesAllowed);
    expect(Object.fromEntries(growing)).toEqual({});
  });
});
