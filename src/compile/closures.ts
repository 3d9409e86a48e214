import { compileClosures } from "../emit/closures.ts";
import type { Engine } from "./functions.ts";

/** Interprets the loops: for places that forbid code from strings. */
export const closureEngine: Engine = { name: "closures", compile: compileClosures };
