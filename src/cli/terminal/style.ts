import type { Output } from "./io.ts";

const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const;

/** Text with ANSI colours around it, or as it is where colours are off. */
export type Style = { readonly [name in keyof typeof codes]: (text: string) => string };

const plain = Object.fromEntries(Object.keys(codes).map((name) => [name, (text: string) => text])) as Style;
const coloured = Object.fromEntries(
  Object.entries(codes).map(([name, [on, off]]) => [name, (text: string) => `\u001b[${on}m${text}\u001b[${off}m`]),
) as Style;

/** Colours only on a terminal; NO_COLOR turns them off there, FORCE_COLOR on elsewhere (no-color.org, Node's rule). */
export function styleFor(output: Output, environment: Readonly<Record<string, string | undefined>>): Style {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment;
  if (NO_COLOR) return plain;
  if (FORCE_COLOR) return FORCE_COLOR === "0" || FORCE_COLOR === "false" ? plain : coloured;
  return output.isTerminal && TERM !== "dumb" ? coloured : plain;
}

/** The columns that a text fills on a terminal. */
function widthOf(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is looked for
  return [...text.replace(/\u001b\[[0-9;]*m/g, "")].length;
}

function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

/** Rows as lines with aligned columns; the last column is not padded. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [k, cell] of row.entries()) widths[k] = Math.max(widths[k] ?? 0, widthOf(cell));
  return rows.map((row) =>
    row
      .map((cell, k) => (k === row.length - 1 ? cell : padEnd(cell, widths[k]!)))
      .join("  ")
      .trimEnd(),
  );
}
