import type { Span } from "../../ir/source.ts";
import type { Explanation, Failure } from "./explain.ts";
import { adviceOnUnknown, habitAt } from "./habits.ts";
import { explainForeign } from "./lookalikes.ts";

/** What is said of errors of a text beyond what was expected there. */
export interface Help {
  /** What a failure of the parser comes from; `wanted` is what could have stood there. */
  readonly explain: (failure: Failure, offset: number, wanted: ReadonlySet<string>) => Explanation | undefined;
  /** What a character is that the language has no use for, and what to write in its place. */
  readonly foreign: (character: string) => { readonly summary: string; readonly notes: readonly string[] } | undefined;
  /** What to write where a name that nothing has stands for something else. */
  readonly unknown: (name: Span) => string | undefined;
}

/** All the help there is. */
export const help: Help = { explain: habitAt, foreign: explainForeign, unknown: adviceOnUnknown };
