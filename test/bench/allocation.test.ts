import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

/** A number that a call returns may be boxed: 16 bytes. Half as much again is left to V8's own bookkeeping. */
const bytesAllowed = 24;

async function bytesPerCall(): Promise<Record<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), "nabla-allocation-"));
  try {
    const outfile = join(folder, "allocation.mjs");
    const entryPoints = [fileURLToPath(new URL("allocation.ts", import.meta.url))];
    await build({ entryPoints, outfile, bundle: true, platform: "node", format: "esm", logLevel: "error" });
    const flags = ["--expose-gc", "--min-semi-space-size=64", "--max-semi-space-size=128"];
    return JSON.parse(execFileSync(process.execPath, [...flags, outfile], { encoding: "utf8" }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("a bound function", () => {
  it("allocates nothing over 1e5 calls", { timeout: 120_000 }, async () => {
    const bytes = await bytesPerCall();
    const wasteful = Object.entries(bytes).filter(([, allocated]) => allocated > bytesAllowed);
    expect(Object.fromEntries(wasteful), "bytes a call").toEqual({});
  });
});
