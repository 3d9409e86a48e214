import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { NablaError } from "../../src/ir/errors.ts";

// Callers without types pass anything. Every function of every entry of the package answers what it cannot use by an error
// of nabla's, which says what was needed, and never by one of JavaScript's, or by a result in silence.

const { exports } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  readonly exports: Readonly<Record<string, string | { readonly default: string; readonly node?: string }>>;
};

const junk: Readonly<Record<string, readonly unknown[]>> = {
  nothing: [],
  undefined: [undefined],
  null: [null],
  number: [7],
  fraction: [-1.5],
  NaN: [Number.NaN],
  text: ["nonsense"],
  "no text": [""],
  object: [{}],
  "object without prototype": [Object.create(null)],
  "unknown name": [{ nonsense: 1 }],
  list: [[]],
  nested: [[[1], "x"]],
  function: [() => undefined],
  symbol: [Symbol("s")],
  bigint: [7n],
  date: [new Date(0)],
  array: [new Float64Array(2)],
  "two objects": [{ a: 1 }, { b: 2 }],
  nulls: [null, null, null, null],
  numbers: [1, 2, 3, 4],
  texts: ["a", "b", "c", "d"],
  functions: [() => undefined, () => undefined, () => undefined],
};

/** What is right to be taken, by function: nothing else may be. */
const right: Readonly<Record<string, readonly string[]>> = {
  // declarations: a scalar without arguments, a name or a number as a size
  scalar: ["nothing", "undefined", "object", "object without prototype"],
  param: ["nothing", "undefined", "list"],
  data: ["nothing", "undefined", "list"],
  int: ["nothing", "undefined", "list"],
  bool: ["nothing", "undefined", "list"],
  tensor: ["list"],
  vec: ["number", "text"],
  size: ["text", "texts"],
  range: ["numbers", "texts"],
  language: ["nothing"],
  formatModel: ["no text"],
  canEvaluate: Object.keys(junk),
  arbitraries: Object.keys(junk),
  webAssembly: ["nothing", "undefined", "object", "object without prototype"],
  threaded: ["nothing", "undefined", "object", "object without prototype"],
  vmap: ["function", "functions"],
  // any function may be the one that the types ask for
  optionFromText: ["text", "no text", "texts"],
  serialize: Object.keys(junk).filter(
    (kind) => !["nothing", "undefined", "function", "functions", "symbol", "bigint"].includes(kind),
  ),
  rate: ["number", "fraction", "NaN", "numbers"],
  diagonal: ["list", "nested", "array"],
  inCoordinates: ["array"],
  withSharedTies: ["list"],
  withoutTypes: ["text", "no text", "texts"],
  checkModule: ["no text"],
};

/** Texts of modules that the type checker has its own words for. */
const judged: Readonly<Record<string, readonly string[]>> = { checkModule: ["text", "texts"] };

type Callee = (...given: unknown[]) => unknown;

/** Methods of minimisation have options with defaults. */
const methodArguments = ["nothing", "undefined", "object", "object without prototype"];

/** Made by nabla; exported for `instanceof` and as types. */
const madeByNabla = /^(Tensor|Size|BoundModel|Iterate|SparseDerivative|\w+Error|ModelErrors)$/;

async function answerOf(callee: Callee, given: readonly unknown[]): Promise<unknown> {
  const isClass = /^class\b/.test(Function.prototype.toString.call(callee));
  const result = await (isClass ? Reflect.construct(callee, given) : callee(...given));
  // a generator says what it thinks of its arguments when it is begun
  const begun = result as { next?: () => unknown } | null | undefined;
  return typeof begun?.next === "function" ? await begun.next() : result;
}

const entries = await Promise.all(
  Object.entries(exports)
    .filter(([entry]) => !/package\.json|vitest/.test(entry))
    .map(async ([entry, where]) => {
      const file = typeof where === "string" ? where : (where.node ?? where.default);
      const source = file.replace(/^\.\/dist\/(node\/)?/, "../../src/").replace(/\.js$/, ".ts");
      const found = (await import(new URL(source, import.meta.url).href)) as object;
      const functions = Object.entries(found).filter(
        (each): each is [string, Callee] => typeof each[1] === "function" && !madeByNabla.test(each[0]),
      );
      return { entry, functions };
    }),
);

/** What may be taken, of the kinds of junk. */
function allowedBy(name: string, callee: Callee): readonly string[] {
  if (!("summary" in callee && "options" in callee)) return right[name] ?? [];
  const needsSome = Object.values(callee.options as object).some((option: object) => !("default" in option));
  return needsSome ? [] : methodArguments;
}

describe.each(entries.filter(({ functions }) => functions.length > 0))("$entry", ({ functions }) => {
  it.each(functions)("answers anything given to %s", async (name, callee) => {
    const allowed = allowedBy(name, callee);
    const wrong: string[] = [];
    for (const [kind, given] of Object.entries(junk)) {
      if (judged[name]?.includes(kind)) continue;
      try {
        await answerOf(callee, given);
        if (!allowed.includes(kind)) wrong.push(`${kind} is accepted`);
      } catch (error) {
        if (!(error instanceof NablaError)) wrong.push(`${kind}: ${String(error)}`);
        else if (allowed.includes(kind)) wrong.push(`${kind} is refused: ${error.message}`);
        else if (/undefined|\[object/.test(error.message)) wrong.push(`${kind}: ${error.message}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
