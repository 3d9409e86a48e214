import { isRecord, type Need } from "../ir/arguments/arguments.ts";
import { checked, is } from "../ir/arguments/checked.ts";
import type { Program } from "../lower/program/loops.ts";
import * as closures from "./closures/closures.ts";
import * as javaScript from "./javascript.ts";
import * as pairs from "./pairs/pairs.ts";
import type { Signature } from "./signature.ts";

// Compilers of loop programs, for callers who may pass anything: their arguments are tested first.

const program: Need = {
  what: "a loop program, as engines are given it",
  accepts: (value) => isRecord(value) && Array.isArray((value as Partial<Program>).parts),
};
const signature: Need = {
  what: "a signature { name, packed, separate }",
  accepts: (value) => isRecord(value) && Array.isArray((value as Partial<Signature>).packed),
};
const field: Need = {
  what: "a field of pairs: complexPairs or dualPairs",
  accepts: (value) => isRecord(value) && isRecord(value.field),
};
const given = { program: is(program), signature: is(signature) };

/** A program as JavaScript in memory. Needs leave to evaluate code; see canEvaluate. */
export const compileJavaScript = checked("compileJavaScript", given, javaScript.compileJavaScript);

/** A program as closures, for places where code from strings is forbidden: the same bits, tens of times slower. */
export const compileClosures = checked("compileClosures", given, closures.compileClosures);

/** The same over a field of pairs: complex numbers, dual numbers. */
export const compileClosuresOver = checked(
  "compileClosuresOver",
  { pairs: is(field), ...given },
  closures.compileClosuresOver,
) as typeof closures.compileClosuresOver;

/** A program over complex numbers: small imaginary parts carry a derivative, by analytic continuation alone. */
export const compileComplex = checked("compileComplex", given, pairs.compileComplex);

/** A program over dual numbers: every result with its change along one direction. */
export const compileDual = checked("compileDual", given, pairs.compileDual);
