import { UsageError } from "../../ir/errors.ts";
import type { Builder } from "../terms/builder.ts";

/** The model under construction: functions such as sum(i => ...) have no tensor to take it from. Set by model() alone. */
let current: Builder | undefined;

/** Runs `build` as the construction of a model; constructions may nest. */
export function building<T>(builder: Builder, build: () => T): T {
  const outer = current;
  current = builder;
  try {
    return build();
  } finally {
    current = outer;
  }
}

/** The builder of the model whose callback runs. Throws UsageError where none does. */
export function currentBuilder(what: string): Builder {
  if (current) return current;
  throw new UsageError(`${what} belongs in the callback of model(...): outside of it there is no model to build.`);
}
