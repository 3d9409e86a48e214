/** A model's text under the name that errors print. */
export interface Source {
  readonly name: string;
  readonly text: string;
}

/** A half-open range of UTF-16 offsets in a source. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** A position as people count it: both line and column begin at 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where the lines of a source begin, found once: a text with many faults is asked for many positions. */
const lineStarts = new WeakMap<Source, readonly number[]>();

function linesOf(source: Source): readonly number[] {
  let starts = lineStarts.get(source) as number[] | undefined;
  if (!starts) {
    starts = [0];
    for (let at = source.text.indexOf("\n"); at >= 0; at = source.text.indexOf("\n", at + 1)) starts.push(at + 1);
    lineStarts.set(source, starts);
  }
  return starts;
}

/** Line and column of a place in a text, both from 1 on. Takes time logarithmic in the number of lines. */
export function positionOf(source: Source, offset: number): Position {
  const starts = linesOf(source);
  // the last line that begins at or before the offset
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - starts[low]! + 1 };
}

/** `name:line:column` of where a span starts. */
export function place(span: Span): string {
  const { line, column } = positionOf(span.source, span.start);
  return `${span.source.name}:${line}:${column}`;
}

const widestLine = 160;

/** The source line with carets under the span; a very long line is cut to a window around the span. */
export function excerpt(span: Span): string {
  const { line, column } = positionOf(span.source, span.start);
  const lineStart = span.start - (column - 1);
  const lineEnd = span.source.text.indexOf("\n", lineStart);
  const whole = span.source.text.slice(lineStart, lineEnd < 0 ? undefined : lineEnd).replace(/\r$/, "");
  const from = whole.length <= widestLine ? 0 : Math.max(0, column - 1 - widestLine / 2);
  const text = whole.slice(from, from + widestLine).replace(/\p{Cc}/gu, " ");
  const caretStart = column - 1 - from;
  const width = Math.max(1, Math.min(span.end - span.start, text.length - caretStart));
  const gutter = String(line).length;
  return [
    `${" ".repeat(gutter)} |`,
    `${line} | ${text}`,
    `${" ".repeat(gutter)} | ${" ".repeat(caretStart)}${"^".repeat(width)}`,
  ]
    .map((row) => `  ${row}`)
    .join("\n");
}
