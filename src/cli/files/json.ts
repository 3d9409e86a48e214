import { UsageError } from "../../ir/errors.ts";

/** A tensor on its way out: flat row-major values that JSON shows as nested arrays of this shape. */
export class JsonTensor {
  readonly values: ArrayLike<number>;
  readonly shape: readonly number[];

  constructor(values: ArrayLike<number>, shape: readonly number[]) {
    this.values = values;
    this.shape = shape;
  }
}

/** A number that JSON has no form for travels as a string; -0 keeps its sign. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? "-0.0" : String(value);
}

const nonFinite: ReadonlyMap<unknown, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

/** The number that a string of {@link numberText} stands for. */
export function numberOf(text: unknown): number | undefined {
  return nonFinite.get(text);
}

/** JSON on one line, or with `indent` on several; undefined members are left out. */
export function jsonText(value: unknown, indent = ""): string {
  return text(value, indent, indent === "" ? "" : "\n");
}

function text(value: unknown, indent: string, line: string): string {
  if (typeof value === "number") return numberText(value);
  if (value instanceof JsonTensor) return tensorText(value);
  if (Array.isArray(value)) {
    const inner = line + indent;
    return enclosed(
      "[",
      "]",
      value.map((entry) => text(entry ?? null, indent, inner)),
      line,
      inner,
    );
  }
  if (typeof value === "object" && value !== null) {
    const inner = line + indent;
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => `${JSON.stringify(name)}:${indent === "" ? "" : " "}${text(member, indent, inner)}`);
    return enclosed("{", "}", members, line, inner);
  }
  return JSON.stringify(value) ?? "null";
}

function enclosed(open: string, close: string, parts: readonly string[], line: string, inner: string): string {
  return parts.length === 0 ? open + close : `${open}${inner}${parts.join(`,${inner}`)}${line}${close}`;
}

function tensorText({ values, shape }: JsonTensor): string {
  if (shape.length === 0) return numberText(values[0]!);
  let at = 0;
  const level = (axis: number): string => {
    const parts = new Array<string>(shape[axis]!);
    for (let k = 0; k < parts.length; k++)
      parts[k] = axis === shape.length - 1 ? numberText(values[at++]!) : level(axis + 1);
    return `[${parts.join(",")}]`;
  };
  return level(0);
}

/** What Python and others write for numbers that JSON lacks. */
const bareNumber = /[[:,]\s*(?:NaN|-?Infinity)\s*[\],}]/;
const inQuotes = 'JSON has no such numbers: write "NaN", "Infinity" and "-Infinity", with the quotes.';

/** A parsed JSON text; `what` names it in errors, and `notes` say more. Throws UsageError for what is none. */
export function parseJson(text: string, what: string, notes: readonly string[] = []): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // without the part of the text that the engine quotes
    const reason = (error as Error).message.replace(/, (?:\.{3})?".*"(?:\.{3})? is not valid JSON$/s, "");
    throw new UsageError(`${what} is not JSON: ${reason}.`, { notes: bareNumber.test(text) ? [inQuotes] : notes });
  }
}

/** Throws UsageError for a JSON text with an object that names something twice. */
export function requireNamesOnce(text: string, what: string): void {
  const twice = nameGivenTwice(text);
  if (twice !== undefined) throw new UsageError(`${what} has an object with "${twice}" twice.`);
}

const [space, quote, colon, backslash, openingBrace, closingBrace] = [32, 34, 58, 92, 123, 125];

/** A name that one object of a JSON text has twice: JSON.parse would keep the last value and say nothing. */
function nameGivenTwice(text: string): string | undefined {
  const objects: Set<string>[] = [];
  const isSpace = (at: number) => text.charCodeAt(at) <= space;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === openingBrace) objects.push(new Set());
    else if (character === closingBrace) objects.pop();
    else if (character === quote) {
      const start = at;
      // to the quote that no backslash stands before
      for (at++; text.charCodeAt(at) !== quote; at++) if (text.charCodeAt(at) === backslash) at++;
      const end = at + 1;
      while (isSpace(at + 1)) at++;
      if (text.charCodeAt(at + 1) !== colon) continue;
      const name = JSON.parse(text.slice(start, end)) as string;
      const names = objects.at(-1)!;
      if (names.has(name)) return name;
      names.add(name);
    }
  }
  return undefined;
}
