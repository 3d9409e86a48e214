import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { blocksOf } from "./blocks.ts";

describe("docs/systems.md", () => {
  const text = readFileSync(new URL("../../docs/systems.md", import.meta.url), "utf8");
  const sections = text.split(/^## (?=\d)/m).slice(1);

  it("has a section for each of the twenty-seven systems, in order", () => {
    expect(sections.map((section) => Number.parseInt(section, 10))).toEqual(
      Array.from({ length: 27 }, (_, k) => k + 1),
    );
  });

  it("has in each a program that states what it prints", () => {
    const silent = sections.filter((section) =>
      blocksOf(section).every(
        ({ language, text: code, output }) => language !== "ts" || !(output ?? /console\.log\(.*\); \/\/ /.test(code)),
      ),
    );
    expect(silent.map((section) => section.split("\n")[0])).toEqual([]);
  });
});
