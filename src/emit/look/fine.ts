import type { Program } from "../../lower/program/loops.ts";
import { placesOf, type Signature } from "../signature.ts";

// How it is told that the results of a call need no second look: as code, and as a function for engines without.

/** Products of four numbers of such sizes neither overflow nor vanish. */
const [leastOrdinary, mostOrdinary] = [2 ** -250, 2 ** 250];

/** True of numbers of such sizes, and of 0. */
export function areOrdinary(numbers: ArrayLike<number>): boolean {
  for (let k = 0; k < numbers.length; k++) {
    const size = Math.abs(numbers[k]!);
    if (!(size <= mostOrdinary) || (size < leastOrdinary && size > 0)) return false;
  }
  return true;
}

/** True of a call without need of a second look: all its numbers are ordinary, or none of them is infinite, NaN or 0. */
export function isFine(returned: number | undefined, vectors: readonly (ArrayLike<number> | undefined)[]): boolean {
  const all = [returned === undefined ? [] : [returned], ...vectors].filter((numbers) => numbers !== undefined);
  if (all.every(areOrdinary)) return true;
  return all.every((numbers) => Array.from(numbers).every((number) => Number.isFinite(number) && number !== 0));
}

/**
 * Conditions under which a call needs no second look: results of a function of numbers are finite and the numbers given ordinary, or
 * ends of results of a function of arrays are finite, and none is 0; undefined where nothing is looked at.
 */
export function conditionsOf(program: Program, signature: Signature, vectors: readonly string[], returned: string) {
  const places = placesOf(program, signature);
  const of = (role: "input" | "output") =>
    [...(places ?? [])]
      .filter(([buffer]) => buffer.role === role)
      .map(([, { vector, at }]) => `${vectors[vector]}[${at}]`);
  const results = places ? of("output") : endsOf(signature, vectors);
  if (signature.returned && (places || signature.looksAgain)) results.push(returned);
  const isOrdinary = (x: string) =>
    `(${x} === 0 || Math.abs(${x}) > ${leastOrdinary} && Math.abs(${x}) < ${mostOrdinary})`;
  const areSeen = results.map((result) => `${result} !== 0`).join(" && ");
  const conditions = [
    ...results.map((result) => `${result} - ${result} === 0`),
    ...(places ? of("input").map(isOrdinary) : [areSeen]),
  ];
  return results.length > 0 ? conditions : undefined;
}

/** The first and the last number of vectors of results. */
function endsOf({ packed, separate, looksAgain }: Signature, vectors: readonly string[]): string[] {
  const parts = [...packed.map(({ buffers }) => buffers.map(({ buffer }) => buffer)), ...separate.map((one) => [one])];
  const written = vectors.filter((_, k) => parts[k]!.length > 0 && parts[k]!.every(({ role }) => role === "output"));
  return looksAgain ? written.flatMap((vector) => [`${vector}[0]`, `${vector}[${vector}.length - 1]`]) : [];
}
