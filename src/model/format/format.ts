import type { Source } from "../../ir/source.ts";
import { parseModel } from "../syntax/parse.ts";
import type { Model } from "../syntax/syntax.ts";
import { type Break, layOut, type Piece } from "./layout.ts";
import { printStatement } from "./print.ts";
import { weave } from "./weave.ts";

/** The columns that a line fills when its breaks allow it. */
const width = 100;

/**
 * A model's text in its one canonical layout. Comments, the spelling of numbers and single empty lines stay; the tree
 * does not change, and formatting again changes nothing. Throws as parseModel does.
 */
export function formatModel(source: Source | string): string {
  return printModel(parseModel(typeof source === "string" ? { name: "model", text: source } : source));
}

/** The canonical text of a tree. */
export function printModel(model: Model): string {
  const text = layOut(weave(modelPieces(model), model.comments, model.source.text), width);
  return text === "" ? "" : `${text.trimEnd()}\n`;
}

function modelPieces({ name, statements }: Model): Piece[] {
  const lines = [
    ...(name ? [{ span: name.span, pieces: [`model ${name.name}`] }] : []),
    ...statements.map((statement) => ({ span: statement.span, pieces: printStatement(statement) })),
  ];
  const breaks = [...lines, undefined].map(
    (line, k): Break => ({
      kind: "break",
      flat: "",
      when: "always",
      after: lines[k - 1]?.span.end ?? 0,
      before: line?.span.start ?? Infinity,
    }),
  );
  return breaks.flatMap((break_, k) => [break_, ...(lines[k]?.pieces ?? [])]);
}
