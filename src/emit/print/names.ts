import type { Primitive } from "../../ir/primitive.ts";
import type { Buffer } from "../../lower/program/loops.ts";

/** Words that name nothing, and what generated code calls. Words that are special only in places, as `type` is, are names. */
const reserved = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends false " +
    "finally for function if implements import in instanceof interface let new null package private protected public " +
    "return static super switch this throw true try typeof undefined var void while with yield Array ArrayBuffer BigInt " +
    "Boolean Error Float32Array Float64Array Function Infinity Int32Array JSON Map Math NaN Number Object Record Set " +
    "String Symbol TypeError Uint8Array globalThis"
  ).split(" "),
);

const isNumbered = (name: string): boolean => /^[a-z][0-9]+$/.test(name);

/**
 * Hands out identifiers. A user's name only suggests one: what is printed is made of ASCII letters, digits and
 * underscores, is no reserved word and is used once.
 */
export class Names {
  private readonly taken = new Set<string>();
  private readonly lastNumber = new Map<string, number>();
  /** The letters of names that `numbered` has given, and of such names that were asked for otherwise. */
  private readonly letters = new Set<string>();
  private readonly numberedLike = new Set<string>();
  /** The names of the block around: none of them is used again. */
  private readonly outer: Names | undefined;
  /** Names of blocks within, and the letters of theirs: what is named here later may be called there, where none hides it. */
  private readonly inner = new Set<string>();
  private readonly innerLetters = new Set<string>();

  constructor(outer?: Names) {
    this.outer = outer;
  }

  /** A letter with a number, each asked for once: of thousands of them the letter is kept. */
  numbered(letter: string, number: number): string {
    const name = letter + number;
    for (let names: Names | undefined = this; names; names = names.outer) {
      if (names.letters.has(letter) || !names.numberedLike.has(letter)) continue;
      return this.make(name);
    }
    this.letters.add(letter);
    for (let names = this.outer; names; names = names.outer) names.innerLetters.add(letter);
    return name;
  }

  make(suggestion: string): string {
    const plain = suggestion
      .replace(/[^A-Za-z0-9_]+/g, "_")
      .replace(/^([0-9])/, "_$1")
      .slice(0, 40);
    const base = plain === "" || /^_+$/.test(plain) ? "x" : plain;
    let name = base;
    // counted on from the last time: thousands of arrays may ask for one name
    let k = this.lastNumber.get(base) ?? 0;
    while (this.isTaken(name) || reserved.has(name) || name.startsWith("__")) {
      name = `${base.replace(/^_+/, "x")}_${++k}`;
    }
    if (k > 0) this.lastNumber.set(base, k);
    this.taken.add(name);
    for (let names = this.outer; names; names = names.outer) names.inner.add(name);
    if (isNumbered(name)) this.numberedLike.add(name[0]!);
    return name;
  }

  private isTaken(name: string): boolean {
    const letter = isNumbered(name) ? name[0]! : "";
    for (let names: Names | undefined = this; names; names = names.outer) {
      if (names.taken.has(name) || names.letters.has(letter)) return true;
    }
    return this.inner.has(name) || this.innerLetters.has(letter);
  }
}

/** As many names lie together. */
const together = 1024;

/** Names by number, of which there may be a million: a map of so many is slow to look into. */
export class NumberedNames {
  private readonly pieces: (string | undefined)[][] = [];

  get(number: number): string | undefined {
    return this.pieces[Math.floor(number / together)]?.[number % together];
  }

  set(number: number, name: string): void {
    const piece = Math.floor(number / together);
    this.pieces[piece] ??= new Array(together);
    this.pieces[piece][number % together] = name;
  }
}

/** What the kernel of a primitive is called, if the name is free. */
export function kernelSuggestion({ name }: Primitive): string {
  return /^[xy][0-9]+$/.test(name) ? `f_${name}` : name;
}

/** What a buffer is called, if the name is free. */
export const bufferSuggestion = ({ role, name }: Buffer): string => (role === "table" ? role : name);
