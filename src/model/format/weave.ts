import type { Comment } from "../syntax/syntax.ts";
import type { Break, Piece } from "./layout.ts";

/**
 * Sets comments between pieces, each at the first break that it stands before in the text, and keeps one empty line
 * where the text has some. A comment ends its line, so that break is then always taken.
 */
export function weave(pieces: readonly Piece[], comments: readonly Comment[], text: string): Piece[] {
  const woven: Piece[] = [];
  let next = 0;
  for (const piece of pieces) {
    if (typeof piece === "string" || piece.kind !== "break" || piece.before === undefined) {
      woven.push(piece);
      continue;
    }
    let end = piece.after;
    let rest = piece;
    for (; next < comments.length && comments[next]!.span.start < piece.before; next++) {
      const comment = comments[next]!;
      const behindCode = !comment.ownLine && rest === piece && woven.length > 0;
      if (!behindCode) woven.push(spaced({ ...piece, when: "always", outdent: false }, text, end, comment.span.start));
      woven.push({ kind: "remark", text: behindCode ? `  ${comment.text}` : comment.text });
      if (end !== undefined) end = Math.max(end, comment.span.end);
      rest = { ...piece, when: "always" };
    }
    woven.push(spaced(rest, text, end, piece.before));
  }
  return woven;
}

/** The break with an empty line if the text has one between two offsets; none where it does not say what came before. */
function spaced(piece: Break, text: string, after: number | undefined, before: number | undefined): Break {
  return after !== undefined && /\n[ \t\r]*\n/.test(text.slice(after, before)) ? { ...piece, blank: true } : piece;
}
