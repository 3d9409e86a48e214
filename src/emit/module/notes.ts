import type { Buffer, Statement } from "../../lower/program/loops.ts";
import type { LoopNotes } from "../print/real-printer.ts";
import { commentText } from "../print/text.ts";
import { placesOf, placesText, purposesOf } from "../report/loop-notes.ts";
import type { ModuleProgram } from "./content.ts";

/** Notes above the loops of a program. */
export function loopNotes(code: ModuleProgram): LoopNotes {
  const purposes = code.describe && purposesOf(code.program);
  let before: string | undefined;
  return (loop, indent, lines) => {
    const note = noteFor(loop, purposes?.get(loop), code);
    // a loop and the one for what it leaves over have one note
    const isContinued = note === before && isEndOfLoop(lines[lines.length - 1] ?? "", indent);
    if (note && !isContinued) lines.push(`${indent}// ${commentText(note)}`);
    before = note ?? before;
  };
}

/** True for the last line of a loop, or the call of a shared one. */
const isEndOfLoop = (line: string, indent: string) =>
  line === `${indent}}` || /^\w+\(.*\);$/.test(line.slice(indent.length));

/** "towards the loss and the gradient in w: logistic.nabla:7:8, 8:12": what for, and what of the model it computes. */
function noteFor(
  loop: Statement,
  outputs: readonly Buffer[] | undefined,
  { describe, program }: ModuleProgram,
): string | undefined {
  if (!outputs || outputs.length === 0 || !describe) return undefined;
  const described = outputs.map(describe);
  const byText = new Map<string, string[]>();
  for (const { text, by = [] } of described) byText.set(text, (byText.get(text) ?? []).concat(by));
  const count = [...byText.values()].reduce((sum, by) => sum + Math.max(1, by.length), 0);
  const isAll = count > 2 && program.buffers.every((buffer) => buffer.role !== "output" || outputs.includes(buffer));
  const texts = [...byText].map(([text, by]) =>
    by.length > 0 ? `${text}${by.length > 1 ? "s" : ""} in ${inWords(by)}` : text,
  );
  const list = isAll ? "all results" : inWords(texts);
  const own = placesOf(loop);
  const places = own.length > 0 ? own : [...new Set(described.flatMap(({ source }) => source ?? []))];
  return `towards ${list}${places.length > 0 ? `: ${placesText(places.map(fileName))}` : ""}`;
}

/** "a, b and c". */
function inWords(words: readonly string[]): string {
  const last = words[words.length - 1]!;
  return words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${last}` : last;
}

/** A place without the folders of its file: what is written does not depend on where from. */
const fileName = (place: string): string => place.replace(/^.*[\\/]/, "");
