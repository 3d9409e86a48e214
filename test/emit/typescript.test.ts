import { afterEach, describe, expect, it, vi } from "vitest";
import { checkModule, withoutTypes } from "../../src/emit/module/typescript.ts";

vi.setConfig({ testTimeout: 30_000 });
afterEach(() => vi.doUnmock("ts-morph"));

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
    await expect(checkModule("export const f = (x: Record<string, number>) => x.y;\n")).rejects.toThrow(
      "index signature",
    );
    await expect(checkModule("export enum E {\n  a,\n}\n")).rejects.toThrow("erasableSyntaxOnly");
    await expect(checkModule("export const f = (x: number) => [x];\n")).rejects.toThrow("isolatedDeclarations");
  });

  it("says how to install ts-morph when it is missing", async () => {
    vi.resetModules();
    vi.doMock("ts-morph", () => {
      throw new Error("Cannot find package 'ts-morph'");
    });
    const { checkModule: check } = await import("../../src/emit/module/typescript.ts");
    await expect(check("")).rejects.toThrow("npm install --save-dev ts-morph");
  });
});

describe("withoutTypes", () => {
  it("keeps statements and comments", async () => {
    expect(await withoutTypes("/** One. */\nexport const f = (x: number): number => x!;\n")).toBe(
      "/** One. */\nexport const f = (x) => x;\n",
    );
  });
});
