import { expect } from "vitest";

/**
 * Printed lines against those that a page states: words must be the same, numbers the same up to rounding. A line `...`
 * stands for lines that are not shown, and `...` within a line for what is not.
 */
export function expectLines(printed: readonly string[], stated: readonly string[], where?: string): void {
  const stretches = stretchesOf(stated);
  const shown: string[] = [];
  let rest = printed;
  for (const [k, stretch] of stretches.entries()) {
    if (k > 0) shown.push("...");
    // the first begins the output, the last ends it, and each stands below the one before
    const isLast = k === stretches.length - 1;
    const from = k === 0 ? 0 : Math.max(0, isLast ? rest.length - stretch.length : placeOf(stretch, rest));
    const found = rest.slice(from, isLast ? undefined : from + stretch.length);
    shown.push(
      ...found.map((line, at) => (stretch[at] !== undefined && agree(line, stretch[at]) ? stretch[at] : line)),
    );
    rest = rest.slice(from + stretch.length);
  }
  expect(shown, where).toEqual(stated);
}

/** The lines between those that are `...`. */
function stretchesOf(stated: readonly string[]): string[][] {
  const stretches: string[][] = [[]];
  for (const line of stated) {
    if (line === "...") stretches.push([]);
    else stretches.at(-1)!.push(line);
  }
  return stretches;
}

/** Where a stretch begins in the output; the end of it where it is nowhere. */
function placeOf(stretch: readonly string[], lines: readonly string[]): number {
  const at = lines.findIndex((_, from) => stretch.every((line, k) => agree(lines[from + k] ?? "", line)));
  return at < 0 ? lines.length : at;
}

const number = /(?<![\w.])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.])/g;

/** A row of the report of "nabla check": its last number is a rounding error in units of the tolerance. */
const reportRow = /^( {2}[\w: ]+? +\d+) {2}(none|[\d.e-]+)$/;

/** Functions of the platform may differ in the last bits, and order of summation may change. */
const tolerance = 1e-12;

function agree(line: string, stated: string): boolean {
  if (stated.includes("...")) return new RegExp(`^${stated.split("...").map(escaped).join(".*")}$`).test(line);
  const [row, statedRow] = [reportRow.exec(line), reportRow.exec(stated)];
  if (row && statedRow) return row[1] === statedRow[1] && (row[2] === "none" || Number(row[2]) < 1);
  if (line.replace(number, "#") !== stated.replace(number, "#")) return false;
  const wanted = stated.match(number) ?? [];
  return (line.match(number) ?? []).every((text, k) => {
    const [got, expected] = [Number(text), Number(wanted[k])];
    return Math.abs(got - expected) <= tolerance * Math.abs(expected);
  });
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
