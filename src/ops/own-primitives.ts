import { UsageError } from "../ir/errors.ts";
import { Ability, able, extension } from "../ir/extension.ts";
import type { Primitive } from "../ir/primitive.ts";

/** Primitives that run code of the user's own. */
export const primitivesOfUsers = new WeakSet<Primitive>();

/** Whether a function of a bound model that calls code of the user's own runs, or is being made. */
export interface Running {
  now?: boolean;
}

/** Throws UsageError while one runs: its arrays are in use. */
export function requireIdle({ now }: Running): void {
  if (!now) return;
  throw new UsageError("a primitive of your own uses the bound model that is computing it.", {
    notes: ["Bind the data once more for what a primitive calls."],
  });
}

type Run = (...vectors: never[]) => unknown;

/** How functions run that call code of the user's own, which may call them again. */
export const runningAlone = new Ability<<F extends Run>(run: F, running: Running) => F>("running alone");

function alone<F extends Run>(run: F, running: Running): F {
  const guarded: Run = (...vectors) => {
    requireIdle(running);
    running.now = true;
    try {
      return run(...vectors);
    } finally {
      running.now = false;
    }
  };
  return guarded as F;
}

/** What a graph with primitives of the user's own brings along. */
export const ownPrimitives = extension("own primitives", [able(runningAlone, alone)]);
