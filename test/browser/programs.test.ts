import { expect, it } from "vitest";
import { programs } from "../cases/read-programs.ts";
import { describeBrowsers, pageOf, visit } from "./browsers.ts";
import type { Judged } from "./programs-page.ts";

/** `ALL_PROGRAMS=1` evaluates every program; one in ten shows that an engine computes as others do. */
const every = process.env.ALL_PROGRAMS === undefined ? 10 : 1;

const rows = programs.filter((_, k) => k % every === 0);

describeBrowsers("tensor programs", (browser) => {
  it("have the derivatives of mpmath, in JavaScript and in WebAssembly", async () => {
    const files = { ...(await pageOf("programs-page.ts")), "programs.json": JSON.stringify(rows) };
    const judged = await visit<Judged[]>(browser, { files, headers: {} });
    expect(judged).toHaveLength(2 * rows.reduce((count, { texts }) => count + texts.length, 0));
    const failed = judged.filter(({ gradient, hvp }) => !(gradient < 1e-10 && hvp < 1e-9));
    expect(failed).toEqual([]);
  });
});
