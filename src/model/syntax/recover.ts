import { statementWords } from "./parser.generated.js";
import { wholeWord } from "./words.ts";
import { endOfWritten, startOfWritten } from "./written.ts";

const statementWord = new RegExp(`${wholeWord(statementWords)}|loss\\s*=(?!=)`, "uy");
const continuation = new RegExp(
  `[-+*/@^<>=!.,:)\\]}|&?~']|${wholeWord(["or", "and", "in", "within", "then", "else"])}`,
  "uy",
);
const unfinished = new RegExp(
  `(?:[-+*/@^<>=!.,:|&?~]|${wholeWord(["or", "and", "not", "in", "within", "if", "then", "else"])})$`,
  "u",
);
const longestWord = 10;

/** A stretch of the text. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/**
 * The statements of a text that has an error somewhere: a new one begins at a start (a line's, or behind ";"), unless
 * the text before or behind it shows that the statement goes on.
 */
export function statementsOf(text: string, starts: readonly number[]): Stretch[] {
  const begins: number[] = [];
  let skipped = 0;
  for (const start of starts) {
    if (start < skipped || start === begins.at(-1)) continue;
    skipped = startOfWritten(text, start);
    if (skipped < text.length && (begins.length === 0 || beginsAt(text, start, skipped))) begins.push(skipped);
  }
  return begins.map((start, k) => ({ start, end: begins[k + 1] ?? text.length }));
}

/** Whether a statement begins at `next`, with only space between it and the line's end or ";" before `start`. */
function beginsAt(text: string, start: number, next: number): boolean {
  if (text[start - 1] === ";" || matches(statementWord, text, next)) return true;
  if (matches(continuation, text, next)) return false;
  const end = endOfWritten(text, 0, start);
  return !unfinished.test(text.slice(Math.max(0, end - longestWord), end));
}

function matches(pattern: RegExp, text: string, offset: number): boolean {
  pattern.lastIndex = offset;
  return pattern.test(text);
}
