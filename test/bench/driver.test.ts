import { describe, expect, it } from "vitest";
import { runBundled } from "./measure/bundled.ts";

describe("the driver", () => {
  it("takes less than a tenth of what oracle and method take, at 1,000 parameters", { timeout: 120_000 }, async () => {
    const times = await runBundled<Record<string, { driven: number; bare: number }>>(
      new URL("driver.ts", import.meta.url),
    );
    expect(Object.keys(times)).toHaveLength(6);
    for (const [name, { driven, bare }] of Object.entries(times)) expect(driven / bare, name).toBeLessThan(1.1);
  });
});
