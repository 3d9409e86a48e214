import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as check from "../../src/check.ts";
import * as core from "../../src/index.ts";
import * as language from "../../src/language.ts";
import * as sparse from "../../src/sparse.ts";
import * as tape from "../../src/tape.ts";
import * as wasm from "../../src/wasm.ts";

const page = readFileSync(new URL("../../docs/typescript.md", import.meta.url), "utf8");

/** Exported with the errors, and of use inside only. */
const inner = new Set(["nearestName", "throwErrors"]);

describe("docs/typescript.md", () => {
  it.each(
    Object.entries({
      nabla: core,
      "nabla/language": language,
      "nabla/check": check,
      "nabla/sparse": sparse,
      "nabla/tape": tape,
      "nabla/wasm": wasm,
    }),
  )("mentions everything that %s exports", (_, entry) => {
    const silent = Object.keys(entry).filter((name) => !inner.has(name) && !new RegExp(`\\b${name}\\b`).test(page));
    expect(silent).toEqual([]);
  });
});
