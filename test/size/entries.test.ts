import { readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { inverse as Inverse } from "../../src/linear-algebra.ts";
import { bundle } from "../cli/run.ts";

interface Places {
  readonly node: string;
  readonly default: string;
}

const { exports } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  readonly exports: Readonly<Record<string, Places | string>>;
};
const entries = Object.entries(exports).flatMap(([name, places]) =>
  typeof places === "string" ? [] : [{ name, places }],
);

const folder = dirname(dirname(dirname(bundle())));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const forNode = (name: string): Promise<Record<string, unknown>> =>
  import(join(folder, (exports[name] as Places).node));

describe("the entries that Node loads", () => {
  it.each(entries)("export of $name what the modules for bundlers do", async ({ name, places }) => {
    const source = places.default.replace("./dist/", "../../src/").replace(/js$/, "ts");
    const modules = (await import(source)) as object;
    expect(Object.keys(await forNode(name)).sort()).toEqual(Object.keys(modules).sort());
  });

  it("are of one piece: what one makes another takes", async () => {
    const { compile, mat, model } = (await forNode(".")) as unknown as typeof import("../../src/index.ts");
    const { inverse } = (await forNode("./linear-algebra")) as unknown as { inverse: typeof Inverse };
    const inverted = model({ A: mat("n", "n") }, ({ A }) => inverse(A).sum());
    const A = [
      [2, 0],
      [0, 4],
    ];
    expect(compile(inverted).loss({ A })).toBeCloseTo(0.75, 14);
  });
});
