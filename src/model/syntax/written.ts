import type { Span } from "../../ir/source.ts";

const longest = 60;

/** A piece of the text to quote in a sentence: on one line, its middle cut out when it is long. */
export function written({ source, start, end }: Span): string {
  if (end - start <= longest) return source.text.slice(start, end).replace(/\s+/g, " ").trim();
  const half = longest / 2;
  const [head, tail] = [source.text.slice(start, start + half), source.text.slice(end - half, end)];
  return `${head} ... ${tail}`.replace(/\s+/g, " ").trim();
}

/** The end of what stands before an offset, without space and comments. */
export function endOfWritten(text: string, start: number, offset: number): number {
  let end = offset;
  for (;;) {
    end = start + text.slice(start, end).trimEnd().length;
    const lineStart = Math.max(start, text.lastIndexOf("\n", end - 1) + 1);
    const comment = text.slice(lineStart, end).indexOf("#");
    if (comment < 0) return end;
    end = lineStart + comment;
  }
}

/** Where the next thing stands from an offset on, behind space and comments; the text's length if there is none. */
export function startOfWritten(text: string, offset: number): number {
  // a loop: as one pattern it would overflow the stack of the pattern's engine on a long run of space
  let start = offset;
  while (start < text.length) {
    if (text[start] === "#") {
      const end = text.indexOf("\n", start);
      start = end < 0 ? text.length : end;
    } else if (" \t\r\n\uFEFF".includes(text[start]!)) {
      start++;
    } else break;
  }
  return start;
}
