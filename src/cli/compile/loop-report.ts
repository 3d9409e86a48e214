import { placesText } from "../../emit/report/loop-notes.ts";
import type { EngineReport, FunctionReport, LoopReport, ModelReport } from "../../emit.ts";
import { columns, type Style } from "../terminal/style.ts";

/** Reasons under a loop stand so far in. */
const margin = "      ";

/** The report for people: each function with its loops, what they cost, where they come from and why they are as they are. */
export function reportText(report: ModelReport, style: Style): string {
  const sizes = Object.entries(report.sizes).map(([name, value]) => `${name} = ${countText(value)}`);
  const taken = sizes.length > 0 ? [`at ${sizes.join(", ")} (--size NAME=NUMBER for others)`, ""] : [];
  return [...taken, ...report.functions.flatMap((each) => functionLines(each, style))].join("\n");
}

function functionLines({ name, operations, bytes, loops, engines }: FunctionReport, style: Style): string[] {
  const rows = columns(loops.map(row));
  return [
    `${style.bold(name)}: ${costText(operations, bytes)}`,
    ...loops.flatMap(({ depth, layouts }, k) => [
      rows[k]!,
      ...layouts.map((layout) => style.dim(`${margin}${"  ".repeat(depth)}${layout}`)),
    ]),
    `  ${enginesText(engines)}`,
    "",
  ];
}

function row({ depth, over, operations, bytes, places }: LoopReport): string[] {
  return [`  ${"  ".repeat(depth)}for ${over}`, costText(operations, bytes), placesText(places)];
}

/** In memory, by the engine `webAssembly()`; an emitted file chooses by its own count of operations. */
function enginesText({ javaScript, webAssembly, closures, chosen, reason }: EngineReport): string {
  const times = `JavaScript ${timeText(javaScript)}, WebAssembly ${timeText(webAssembly)}, interpreted ${timeText(closures)} a call`;
  return `${chosen} in memory: about ${times}; ${reason}`;
}

/** Nanoseconds with the unit that suits them. */
function timeText(nanoseconds: number): string {
  const power = Math.min(3, Math.max(0, Math.floor(Math.log10(nanoseconds) / 3)));
  return `${Number((nanoseconds / 1000 ** power).toPrecision(2))} ${["ns", "us", "ms", "s"][power]}`;
}

const costText = (operations: number, bytes: number) =>
  `${countText(operations)} operations, ${countText(bytes)} bytes`;

/** 1234567 as 1.23M: what is estimated has three digits. */
function countText(count: number): string {
  if (count < 1000) return String(count);
  const thousands = Math.min(4, Math.floor(Math.log10(count) / 3));
  const scaled = count / 1000 ** thousands;
  return `${Number(scaled.toPrecision(3))}${" kMGT"[thousands]}`;
}
