import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { checkModule } from "../../src/emit/typescript.ts";

vi.setConfig({ testTimeout: 30_000 });
afterEach(() => vi.doUnmock("ts-morph"));

const source = join(import.meta.dirname, "../../src");

describe("checkModule", () => {
  it("formats the text", async () => {
    expect(await checkModule("export const x=1;\n")).toBe("export const x = 1;\n");
  });

  it("reports what the strictest options find", async () => {
    await expect(checkModule("export const f = (x: number[]): number => x[0];\n")).rejects.toThrow(
      "'undefined' is not",
    );
    await expect(checkModule("export const f = (x: { y?: number }) => { x.y = undefined; };\n")).rejects.toThrow(
      "exactOptionalPropertyTypes",
    );
  });

  it("says how to install ts-morph when it is missing", async () => {
    vi.resetModules();
    vi.doMock("ts-morph", () => {
      throw new Error("Cannot find package 'ts-morph'");
    });
    const { checkModule: check } = await import("../../src/emit/typescript.ts");
    await expect(check("")).rejects.toThrow("npm install --save-dev ts-morph");
  });

  it("is in the only file that loads ts-morph", () => {
    const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
    const loading = files.filter((name) => /(import\(|from )"ts-morph"/.test(readFileSync(join(source, name), "utf8")));
    expect(loading).toEqual([join("emit", "typescript.ts")]);
  });
});
