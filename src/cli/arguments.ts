import { parseArgs } from "node:util";
import { nearestName, UsageError } from "../ir/errors.ts";
import type { Command, Options, Values } from "./command.ts";

/** What a command line asks of a command. */
export interface Arguments {
  readonly options: Values<Options>;
  readonly operands: readonly string[];
  readonly wantsHelp: boolean;
}

/** Reads the words after the name of a command. Throws UsageError, with a suggestion for a misspelt option. */
export function readArguments(
  words: readonly string[],
  name: string,
  { options, operands, operandCount }: Command,
): Arguments {
  const known: Options = { ...options, help: { type: "flag", short: "h", help: "" } };
  const { tokens, positionals } = parseArgs({
    args: [...words],
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: Object.fromEntries(
      Object.entries(known).map(([option, { type, short }]) => [
        option,
        { type: type === "flag" ? ("boolean" as const) : ("string" as const), ...(short ? { short } : {}) },
      ]),
    ),
  });
  const read = new Map<string, boolean | string | string[]>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const option = Object.hasOwn(known, token.name) ? known[token.name] : undefined;
    if (!option) throw unknownOption(token.rawName, words[token.index]!, name, Object.keys(known));
    if (option.type === "flag") {
      if (token.value !== undefined) throw new UsageError(`${token.rawName} takes no value, got "${token.value}".`);
      read.set(token.name, true);
      continue;
    }
    // "--out --json" forgets a value; a value that begins with a dash is written --out=-value
    const isForgotten = token.value === undefined || (!token.inlineValue && /^-./.test(token.value));
    if (isForgotten)
      throw new UsageError(`${token.rawName} needs a value: ${token.rawName} ${option.value ?? "VALUE"}.`);
    if (option.choices) checkChoice(token.rawName, token.value!, option.choices);
    const earlier = read.get(token.name);
    if (option.type === "texts") read.set(token.name, [...((earlier as string[] | undefined) ?? []), token.value!]);
    else if (earlier !== undefined) throw new UsageError(`${token.rawName} is given twice.`);
    else read.set(token.name, token.value!);
  }
  const values = Object.entries(options).map(([option, { type }]) => [
    option,
    read.get(option) ?? (type === "flag" ? false : type === "texts" ? [] : undefined),
  ]);
  const wantsHelp = read.has("help");
  const [least, most] = operandCount;
  if (!wantsHelp && (positionals.length < least || positionals.length > most)) {
    const got = positionals.length === 0 ? "nothing" : quoted(positionals);
    throw new UsageError(`nabla ${name} needs ${operands || "no operands"}, got ${got}.`, { notes: [helpHint(name)] });
  }
  return { options: Object.fromEntries(values) as Values<Options>, operands: positionals, wantsHelp };
}

/** Throws UsageError for a value that is none of the choices. */
export function checkChoice(what: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  const guess = nearestName(value, choices);
  const list = choices.join(", ");
  throw new UsageError(`${what} needs one of ${list}, got "${value}".${guess ? ` Did you mean "${guess}"?` : ""}`);
}

/** Some of a few names, separated by commas: at least one. Throws UsageError for others. */
export function choicesIn<Choice extends string>(what: string, list: string, choices: readonly Choice[]): Choice[] {
  const names = namesIn(list);
  for (const name of names.length > 0 ? names : [list]) checkChoice(what, name, choices);
  return names as Choice[];
}

/** Names separated by commas. */
export function namesIn(text: string): string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/** At least one name, separated by commas. Throws UsageError, which calls them `what`, for none. */
export function someNames(what: string, text: string): string[] {
  const names = namesIn(text);
  if (names.length === 0) throw new UsageError(`${what} needs a name, or several separated by commas, got "${text}".`);
  return names;
}

/** Words as a message quotes them. */
export const quoted = (words: readonly string[]): string => words.map((word) => `"${word}"`).join(", ");

/** A whole number of at least `least`. Throws UsageError, which calls it `what`. */
export function wholeNumber(what: string, text: string, least: number): number {
  const value = Number(text);
  if (/^-?[0-9]+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw new UsageError(`${what} needs a whole number of at least ${least}, got "${text}".`);
}

/** A number above 0, and finite. Throws UsageError, which calls it `what`. */
export function positive(what: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new UsageError(`${what} needs a number above 0, got "${text}".`);
}

/** Where the help of a command is. */
export function helpHint(command: string): string {
  return `See "nabla ${command === "" ? "" : `${command} `}--help".`;
}

function unknownOption(rawName: string, word: string, command: string, known: readonly string[]): UsageError {
  const guess = nearestName(rawName.replace(/^-+/, ""), known);
  const isFile = word.endsWith(".nabla");
  const notes = [
    ...(guess ? [`Did you mean --${guess}?`] : []),
    ...(isFile ? [`If ${word} is a file, write ./${word}.`] : []),
    helpHint(command),
  ];
  return new UsageError(`nabla ${command} has no option ${rawName}.`, { notes });
}

/** Values by name. Throws UsageError for a name that the option gives twice. */
export function givenOnce<Value>(
  option: string,
  entries: readonly (readonly [name: string, value: Value])[],
): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const [name, value] of entries) {
    if (values.has(name)) throw new UsageError(`${option} gives ${name} twice.`);
    values.set(name, value);
  }
  return values;
}

/** Sizes as "NAME=NUMBER". Throws UsageError for other texts, and for a name that is given twice. */
export function sizesIn(texts: readonly string[]): Record<string, number> {
  const sizes = texts.map((text) => {
    const [, name, value] = /^\s*([^=\s]+)\s*=\s*(\d+)\s*$/.exec(text) ?? [];
    if (name === undefined) throw new UsageError(`--size needs NAME=NUMBER, got "${text}".`);
    return [name, Number(value)] as const;
  });
  return Object.fromEntries(givenOnce("--size", sizes));
}
