interface Lookalike {
  /** As in a regular expression's brackets. */
  readonly characters: string;
  readonly is: string;
  readonly wayOut: string;
}

/** Characters that editors, papers and chats put in the place of what the language has. */
const lookalikes: readonly Lookalike[] = [
  { characters: "\u2010-\u2015\u2212\uFE58\uFE63", is: "a typographic minus or dash", wayOut: 'Write "-".' },
  { characters: "\u00A0\u2000-\u200A\u202F\u205F\u3000", is: "a special space", wayOut: "Write an ordinary space." },
  { characters: "\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF", is: "an invisible character", wayOut: "Delete it." },
  { characters: "\u2018\u2019\u2032", is: "a typographic quote", wayOut: 'Write "\'" to swap the last two axes.' },
  { characters: "\u201C-\u201F\u00AB\u00BB\u2033", is: "a typographic quote", wayOut: "Write names without quotes." },
  { characters: "\u00D7\u00B7\u2022\u2217\u22C5\u2219", is: "a multiplication sign", wayOut: 'Write "*".' },
  { characters: "\u00F7\u2044\u2215", is: "a division sign", wayOut: 'Write "/".' },
  { characters: "\u2264\u2A7D", is: "a comparison", wayOut: 'Write "<=".' },
  { characters: "\u2265\u2A7E", is: "a comparison", wayOut: 'Write ">=".' },
  { characters: "\u2260", is: "a comparison", wayOut: 'Write "!=".' },
  { characters: "\u2025\u2026", is: "dots in one character", wayOut: 'Write ".." for a range.' },
  { characters: "\u2208", is: "a sign for membership", wayOut: 'Write "in".' },
  { characters: "\u2227", is: "a logical sign", wayOut: 'Write "and".' },
  { characters: "\u2228", is: "a logical sign", wayOut: 'Write "or".' },
  { characters: "\u00AC", is: "a logical sign", wayOut: 'Write "not".' },
  { characters: "\u2190\u2254", is: "an assignment sign", wayOut: 'Write "=".' },
  { characters: "\u2211", is: "a summation sign", wayOut: 'Write "sum(i in 0..n: ...)".' },
  { characters: "\u220F", is: "a product sign", wayOut: 'Write "prod(i in 0..n: ...)".' },
  { characters: "\u221A", is: "a root sign", wayOut: 'Write "sqrt(...)".' },
  { characters: "\u2207", is: "the gradient's sign", wayOut: 'Write "grad(loss, w)".' },
  { characters: "\u00B2\u00B3\u00B9\u2070-\u207F", is: "a raised character", wayOut: 'Write powers with "^": "x^2".' },
  { characters: "\u22A4\u1D40", is: "a sign for transposition", wayOut: 'Write "\'": "A\'".' },
  { characters: "\\p{M}", is: "a combining mark", wayOut: "Write the letter with its mark as one character." },
];

const fullWidth = "\\uFF01-\\uFF5E";
const fullWidthOffset = 0xff01 - 0x21;

/** The source of a pattern for one character that stands nowhere in the language, outside a comment. */
export const foreignCharacter = `[^\\p{ASCII}\\p{L}\\p{N}]|[\\u00B2\\u00B3\\u00B9\\u2070-\\u207F\\u1D40${fullWidth}]`;

/** U+00D7 */
export function codeOf(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** One sentence on a foreign character, and what to write in its place; undefined where that is not known. */
export function explainForeign(character: string): { summary: string; notes: readonly string[] } | undefined {
  const name = codeOf(character);
  const row = lookalikes.find(({ characters }) => new RegExp(`[${characters}]`, "u").test(character));
  if (row) return { summary: `${name} is ${row.is}, and has no meaning here.`, notes: [row.wayOut] };
  if (new RegExp(`[${fullWidth}]`, "u").test(character)) {
    const ordinary = String.fromCodePoint(character.codePointAt(0)! - fullWidthOffset);
    return { summary: `${name} is a full-width character, and has no meaning here.`, notes: [`Write "${ordinary}".`] };
  }
  return undefined;
}
