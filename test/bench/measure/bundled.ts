import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** Runs a TypeScript program in a process of its own and reads the JSON that it prints. */
export async function runBundled<Result>(program: URL, flags: readonly string[] = []): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "nabla-bench-"));
  try {
    const outfile = join(folder, "program.mjs");
    const entryPoints = [fileURLToPath(program)];
    await build({ entryPoints, outfile, bundle: true, platform: "node", format: "esm", logLevel: "error" });
    return JSON.parse(execFileSync(process.execPath, [...flags, outfile], { encoding: "utf8" })) as Result;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
