import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { formatModel } from "../../src/language/all.ts";
import { type Block, blocksOf, programsOf, statedOutput } from "./blocks.ts";
import { expectLines } from "./lines.ts";
import { pages } from "./pages.ts";
import { commandsOf, modelMessages, PageRunner } from "./run-page.ts";

// Documentation cannot rot: what a page shows is run, and what it says is printed is compared. Blocks of a page are run
// from top to bottom in one folder.

// commands load compilers, and pages are tested beside everything else
vi.setConfig({ testTimeout: 60_000 });

const root = new URL("../../", import.meta.url);
const scripts = new Set(
  Object.keys(
    (JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as { scripts: Record<string, string> }).scripts,
  ),
);

/** Commands of other programs that pages may show; they are not run here. */
const otherCommands = /^(npm (ci|test|install|run [\w:]+)|npx (vite|esbuild|tsc)|node|git clone|cd|dot)( |$)/;

describe.each(pages())("$path", ({ text }) => {
  const runner = new PageRunner();
  const blocks = blocksOf(text);
  const programs = programsOf(blocks);

  it("has no block that nothing checks", () => {
    const known = ["ts", "nabla", "json", "sh", "mermaid", "html"];
    expect(blocks.filter(({ language }) => !known.includes(language))).toEqual([]);
  });

  for (const block of blocks) {
    const at = `at line ${block.line}`;
    switch (block.language) {
      case "ts": {
        const program = programs.find(({ blocks: [first] }) => first === block);
        if (!program) break;
        it(`prints what the program ${at} says`, async () => {
          const printed = await runner.runProgram(program);
          for (const [k, part] of program.blocks.entries()) {
            expectLines(printed[k]!, statedOutput(part), `the block at line ${part.line}`);
          }
        });
        break;
      }
      case "nabla":
        it(`says what is said of the model ${at}`, () => {
          runner.write(block);
          expect(modelMessages(block)).toEqual(statedOutput(block));
          if (block.output === undefined) expect(block.text).toBe(formatted(block));
        });
        break;
      case "json":
        it(`has JSON ${at}`, () => {
          runner.write(block);
          for (const line of jsonTexts(block)) JSON.parse(line);
        });
        break;
      case "sh":
        it(`shows commands that exist, and what they print, ${at}`, async () => {
          const commands = commandsOf(block);
          for (const { words } of commands) {
            if (words[0] !== "nabla") expect(words.join(" ")).toMatch(otherCommands);
            if (words[0] === "npm" && words[1] === "run") expect(scripts).toContain(words[2]);
          }
          expectLines(await runner.runCommands(commands), statedOutput(block));
        });
        break;
    }
  }
});

/** Models are shown in their canonical form. */
function formatted({ text }: Block): string {
  return formatModel(text).trimEnd();
}

/** One JSON text, or one a line. */
function jsonTexts({ text, file }: Block): string[] {
  return file?.endsWith(".jsonl") ? text.split("\n") : [text];
}
