import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
/** Before all tests: the parser, so that they run on a fresh clone. */
export default function setup() {
    execFileSync(process.execPath, [fileURLToPath(new URL("../../grammar/generate.mjs", import.meta.url))]);
}
