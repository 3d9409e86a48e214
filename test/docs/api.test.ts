import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as arrays from "../../src/arrays.ts";
import * as batch from "../../src/batch.ts";
import * as check from "../../src/check.ts";
import * as core from "../../src/index.ts";
import * as wholeLanguage from "../../src/language/all.ts";
import * as features from "../../src/language/features.ts";
import * as language from "../../src/language.ts";
import * as linearAlgebra from "../../src/linear-algebra.ts";
import * as loops from "../../src/loops.ts";
import * as random from "../../src/random.ts";
import * as sparse from "../../src/sparse.ts";
import * as special from "../../src/special.ts";
import * as tape from "../../src/tape.ts";
import * as threads from "../../src/threads-node.ts";
import * as wasm from "../../src/wasm.ts";
import * as windows from "../../src/windows.ts";

const page = readFileSync(new URL("../../docs/typescript.md", import.meta.url), "utf8");

describe("docs/typescript.md", () => {
  it.each(
    Object.entries({
      nabla: core,
      "nabla/language": language,
      "nabla/language/all": wholeLanguage,
      "nabla/language/features": features,
      "nabla/batch": batch,
      "nabla/arrays": arrays,
      "nabla/check": check,
      "nabla/linear-algebra": linearAlgebra,
      "nabla/loops": loops,
      "nabla/random": random,
      "nabla/sparse": sparse,
      "nabla/special": special,
      "nabla/tape": tape,
      "nabla/threads": threads,
      "nabla/wasm": wasm,
      "nabla/windows": windows,
    }),
  )("mentions everything that %s exports", (_, entry) => {
    const silent = Object.keys(entry).filter((name) => !new RegExp(`\\b${name}\\b`).test(page));
    expect(silent).toEqual([]);
  });
});
