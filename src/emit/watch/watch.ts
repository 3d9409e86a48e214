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
  if (watched.size === 0) return undefined;
  const doubt = "$doubt";
  let tests: string[] = [];
  let guarded: (readonly [guards: readonly Value[], test: string])[] = [];
  let count = 0;
  /** A function whose numbers get names that its test can call; no other name begins with $. */
  const watchedText = (
    operands: readonly string[],
    apply: (texts: readonly string[]) => string,
    test: string,
    guards: readonly Value[],
  ): string => {
    const names = new Map<string, string>();
    const named = (letter: string, text: string) => {
      const name = /^\w+$/.test(text) ? text : `$${++count}`;
      names.set(letter, name);
      return name === text ? text : `(${name} = ${text})`;
    };
    const isCalled = (letter: string) => new RegExp(`\\b${letter}\\b`).test(test);
    const texts = operands.slice(0, 2).map((text, k) => (isCalled("ab"[k]!) ? named("ab"[k]!, text) : text));
    const value = named("z", apply(texts));
    const made = test.replace(/\b[abz]\b/g, (letter) => names.get(letter)!);
    if (guards.length > 0) guarded.push([guards, made]);
    else tests.push(made);
    return operands.length > 2 ? watchedText([value, ...operands.slice(2)], apply, test, guards) : value;
  };
  const lineOf = (guards: readonly string[], all: readonly string[]) => {
    const test = [...new Set(all)].join(" || ");
    return `if (${guards.length > 0 ? `${guards.map((each) => `!(${each})`).join(" && ")} && (${test})` : test}) ${doubt} = true;`;
  };
  return {
    doubt,
    text: (value, operands, kernelName) => {
      const guards = watched.get(value);
      if (value.kind !== "apply" || !guards) return undefined;
      const { primitive } = value;
      return watchedText(operands, (texts) => printApply(primitive, texts, kernelName), testOf.get(primitive)!, guards);
    },
    tests: () => {
      const found = tests;
      tests = [];
      return found.length > 0 ? [lineOf([], found)] : [];
    },
    ends: (print) => {
      const names = Array.from({ length: count }, (_, k) => `$${k + 1} = NaN`);
      const testsOf = new Map<string, [string[], string[]]>();
      for (const [guards, test] of guarded) {
        const texts = guards.map(print);
        const [, found] = testsOf.get(texts.join()) ?? [texts, []];
        testsOf.set(texts.join(), [texts, [...found, test]]);
      }
      count = 0;
      guarded = [];
      return {
        before: names.length > 0 ? [`  let ${names.join(", ")};`] : [],
        behind: [...testsOf.values()].map(([guards, all]) => `  ${lineOf(guards, all)}`),
      };
    },
  };
}
