import { describe, expect, it } from "vitest";
import { runBundled } from "../measure/bundled.ts";

/** One vector of 1,000 numbers, kept at every step, would be 15 MB; a number kept at each of a million steps 8 MB. */
const bytesAllowed = 500_000;

describe("a long run", () => {
  it("keeps no memory for its steps", { timeout: 120_000 }, async () => {
    const bytes = await runBundled<Record<string, number>>(new URL("optimizers.ts", import.meta.url), ["--expose-gc"]);
    expect(Object.keys(bytes)).toHaveLength(13);
    const growing = Object.entries(bytes).filter(([, kept]) => !(kept <= bytesAllowed));
    expect(Object.fromEntries(growing)).toEqual({});
  });
});
