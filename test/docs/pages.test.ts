import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { formatModel } from "../../src/language.ts";
import { type Block, blocksOf, programsOf, statedOutput } from "./blocks.ts";
import { pages } from "./pages.ts";
import { commandsOf, modelMessages, PageRunner } from "./run-page.ts";

// Documentation cannot rot: what a page shows is run, and what it says is printed is compared. Blocks of a page are run
// from top to bottom in one folder.

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

/** Lines agree when their words do, and their numbers up to rounding. `...` stands for what is not shown. */
function expectLines(printed: readonly string[], stated: readonly string[], where?: string): void {
  // stretches of stated lines, each found below the one before; the first begins the output and the last ends it
  const shown: string[] = [];
  let rest = printed;
  for (const [k, stretch] of stretchesOf(stated).entries()) {
    if (k > 0) shown.push("...");
    const isLast = stated.lastIndexOf("...") < 0 || shown.length + stretch.length === stated.length;
    const from = k === 0 ? 0 : isLast ? rest.length - stretch.length : placeOf(stretch, rest);
    const found = rest.slice(Math.max(0, from), isLast ? undefined : from + stretch.length);
    shown.push(
      ...found.map((line, at) => (stretch[at] !== undefined && agree(line, stretch[at]) ? stretch[at] : line)),
    );
    rest = rest.slice(Math.max(0, from) + stretch.length);
  }
  expect(shown, where).toEqual(stated);
}

function stretchesOf(stated: readonly string[]): string[][] {
  const stretches: string[][] = [[]];
  for (const line of stated) {
    if (line === "...") stretches.push([]);
    else stretches.at(-1)!.push(line);
  }
  return stretches;
}

/** Where a stretch of lines begins in the output; the end of it where it is nowhere. */
function placeOf(stretch: readonly string[], lines: readonly string[]): number {
  const at = lines.findIndex((_, from) => stretch.every((line, k) => agree(lines[from + k] ?? "", line)));
  return at < 0 ? lines.length : at;
}

const number = /(?<![\w.])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.])/g;

/** A row of the report of "nabla check": its last number is a rounding error in units of the tolerance. */
const reportRow = /^( {2}[\w: ]+? +\d+) {2}(none|[\d.e-]+)$/;

function agree(line: string, stated: string): boolean {
  if (stated.includes("...")) return new RegExp(`^${stated.split("...").map(escaped).join(".*")}$`).test(line);
  const [row, statedRow] = [reportRow.exec(line), reportRow.exec(stated)];
  if (row && statedRow) return row[1] === statedRow[1] && (row[2] === "none" || Number(row[2]) < 1);
  if (line.replace(number, "#") !== stated.replace(number, "#")) return false;
  const wanted = stated.match(number) ?? [];
  return (line.match(number) ?? []).every((text, k) => {
    const [got, expected] = [Number(text), Number(wanted[k])];
    return Math.abs(got - expected) <= 1e-12 * Math.abs(expected);
  });
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
