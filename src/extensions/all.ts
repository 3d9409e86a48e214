import type { Extension } from "../ir/extension.ts";
import { linearAlgebra } from "./linear-algebra.ts";
import { loops } from "./loops.ts";
import { special } from "./special.ts";

/** Every extension, for graphs that may come to hold anything. */
export const allExtensions: readonly Extension[] = [loops, linearAlgebra, special];
