/** Sources of patterns (flag "u") for what the grammar calls Letter and Name. */
export const letter = "[\\p{L}\\p{M}\\p{N}_]";
export const name = `[\\p{L}_]${letter}*`;

/** The source of a pattern for one of some words, whole. */
export function wholeWord(words: Iterable<string>): string {
  return `(?<!${letter})(?:${[...words].join("|")})(?!${letter})`;
}
