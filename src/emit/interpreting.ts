import { Ability } from "../ir/extension.ts";
import type { compileClosures } from "./closures.ts";

/** Runs loops without code from strings: where a policy forbids it, and where JavaScript has no room for so long a function. */
export const interpreting = new Ability<typeof compileClosures>("loops without code");
