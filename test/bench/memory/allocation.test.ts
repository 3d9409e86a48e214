import { describe, expect, it } from "vitest";
import { runBundled } from "../measure/bundled.ts";

/** A number that a call returns may be boxed: 16 bytes. Half as much again is left to V8's own bookkeeping. */
const bytesAllowed = 24;
/** With threads a clock is asked a few times for each loop, and what it returns may be boxed as well. */
const bytesWithClock = 128;
/** The second look at what WebAssembly returns takes the blocks of a Hessian as a list. */
const bytesOfBlocks = 256;
const flags = ["--expose-gc", "--min-semi-space-size=64", "--max-semi-space-size=128"];

describe("a bound function", () => {
  it("allocates nothing over 1e5 calls", { timeout: 300_000 }, async () => {
    const bytes = await runBundled<Record<string, number>>(new URL("allocation.ts", import.meta.url), flags);
    const allowed = (name: string) =>
      /^wasm.*flat\.hessian$/.test(name) ? bytesOfBlocks : name.startsWith("threads") ? bytesWithClock : bytesAllowed;
    const wasteful = Object.entries(bytes).filter(([name, allocated]) => allocated > allowed(name));
    expect(Object.fromEntries(wasteful), "bytes a call").toEqual({});
  });
});
