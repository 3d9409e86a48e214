import type { Primitive } from "../../ir/primitive.ts";
import type { Program, Value } from "../../lower/program/loops.ts";
import { printApply, type Watch } from "../print/kernel.ts";
import { suspects, testOf } from "./suspects.ts";

/** Longer functions are not computed again, and need no watch. */
const mostStatements = 2000;

/**
 * Watches the results of a function of numbers that may have lost digits: sums of terms that nearly cancel, where what they differ
 * by is not given, and functions that are steep beside their values. What a series stands in for is tested where it does not.
 */
export function watchOf(program: Program): Watch | undefined {
  const statements = program.parts.flat();
  const watched = statements.length > mostStatements ? new Map() : suspects(statements, program.parts.length === 1);
  return watched.size === 0 ? undefined : new DigitWatch(watched);
}

/** Tests what is watched, under the guards that say where. No other name begins with $. */
class DigitWatch implements Watch {
  readonly doubt = "$doubt";
  private readonly watched: ReadonlyMap<Value, readonly Value[]>;
  private statementTests: string[] = [];
  private guarded: (readonly [guards: readonly Value[], test: string])[] = [];
  /** How many numbers of the function have names for its tests. */
  private count = 0;

  constructor(watched: ReadonlyMap<Value, readonly Value[]>) {
    this.watched = watched;
  }

  text(value: Value, operands: readonly string[], kernelName: (primitive: Primitive) => string): string | undefined {
    const guards = this.watched.get(value);
    if (value.kind !== "apply" || !guards) return undefined;
    const { primitive } = value;
    const apply = (texts: readonly string[]) => printApply(primitive, texts, kernelName);
    return this.tested(operands, apply, testOf.get(primitive)!, guards);
  }

  tests(): readonly string[] {
    const found = this.statementTests;
    this.statementTests = [];
    return found.length > 0 ? [this.lineOf([], found)] : [];
  }

  ends(print: (value: Value) => string): Readonly<Record<"before" | "behind", readonly string[]>> {
    const names = Array.from({ length: this.count }, (_, k) => `$${k + 1} = NaN`);
    const testsOf = new Map<string, [string[], string[]]>();
    for (const [guards, test] of this.guarded) {
      const texts = guards.map(print);
      const [, found] = testsOf.get(texts.join()) ?? [texts, []];
      testsOf.set(texts.join(), [texts, [...found, test]]);
    }
    this.count = 0;
    this.guarded = [];
    return {
      before: names.length > 0 ? [`  let ${names.join(", ")};`] : [],
      behind: [...testsOf.values()].map(([guards, all]) => `  ${this.lineOf(guards, all)}`),
    };
  }

  /** A function whose numbers get names that its test can call; one of more than two operands in steps. */
  private tested(
    operands: readonly string[],
    apply: (texts: readonly string[]) => string,
    test: string,
    guards: readonly Value[],
  ): string {
    const names = new Map<string, string>();
    const named = (letter: string, text: string) => {
      const name = /^\w+$/.test(text) ? text : `$${++this.count}`;
      names.set(letter, name);
      return name === text ? text : `(${name} = ${text})`;
    };
    const isCalled = (letter: string) => new RegExp(`\\b${letter}\\b`).test(test);
    const texts = operands.slice(0, 2).map((text, k) => (isCalled("ab"[k]!) ? named("ab"[k]!, text) : text));
    const value = named("z", apply(texts));
    const made = test.replace(/\b[abz]\b/g, (letter) => names.get(letter)!);
    if (guards.length > 0) this.guarded.push([guards, made]);
    else this.statementTests.push(made);
    return operands.length > 2 ? this.tested([value, ...operands.slice(2)], apply, test, guards) : value;
  }

  private lineOf(guards: readonly string[], all: readonly string[]): string {
    const test = [...new Set(all)].join(" || ");
    const isShown = guards.map((each) => `!(${each})`).join(" && ");
    return `if (${guards.length > 0 ? `${isShown} && (${test})` : test}) ${this.doubt} = true;`;
  }
}
