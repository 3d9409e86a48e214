import { Estimate, estimatePrice, type Prices } from "../../lower/program/estimate.ts";
import type { Program } from "../../lower/program/loops.ts";
import type { Signature } from "../signature.ts";

/** About how long a call takes by each engine, in nanoseconds of one processor once code is warm. */
export interface EngineTimes {
  readonly javaScript: number;
  readonly webAssembly: number;
  /** Interpreted, where code from strings is forbidden. */
  readonly closures: number;
}

interface EnginePrices extends Prices {
  readonly call: number;
  /** A byte of the vectors that are copied in and out, beyond those that a cache holds. */
  readonly farByte: number;
}

/**
 * Nanoseconds, fitted to what `node test/bench/run.mjs engines` measures. Nothing but the call and what is copied costs more in
 * WebAssembly, so that no long loop stays JavaScript.
 */
const prices: Readonly<Record<keyof EngineTimes, EnginePrices>> = {
  javaScript: { call: 11, arithmetic: 0.06, functions: 0.53, access: 0.41, farByte: 0 },
  webAssembly: { call: 60, arithmetic: 0.05, functions: 0.385, access: 0.18, farByte: 0.065 },
  closures: { call: 50, arithmetic: 17, functions: 3.7, access: 23, farByte: 0 },
};

/** Bytes that a cache of the second level holds. */
const cacheBytes = 2 ** 20;

/**
 * What an emitted file knows to choose by: operations of the graph and the vectors of a call, not the loops. Nanoseconds as above;
 * what an operation saves, with the numbers that it loads, is the mean of 0.03 (Rosenbrock's function) to 0.6 (regressions and
 * perceptrons with few columns), so weighed that a wrong choice costs least: files of nine models, 2026-11-28.
 */
export const fileRule = {
  savedByOperation: 0.14,
  call: prices.webAssembly.call - prices.javaScript.call,
  farByte: prices.webAssembly.farByte,
  cacheBytes,
} as const;

/** What a call takes about, in nanoseconds, by engine. */
export function engineTimes(program: Program, signature: Signature, sizes: readonly number[]): EngineTimes {
  const far = Math.max(0, copiedBytes(program, signature, sizes) - cacheBytes);
  const timeOf = ({ call, farByte, ...rest }: EnginePrices) =>
    call + farByte * far + estimatePrice(program, sizes, rest);
  return {
    javaScript: timeOf(prices.javaScript),
    webAssembly: timeOf(prices.webAssembly),
    closures: timeOf(prices.closures),
  };
}

/** What a call takes by each engine, and which of them `webAssembly()` chooses in memory. */
export interface EngineReport extends EngineTimes {
  readonly chosen: "JavaScript" | "WebAssembly";
  readonly reason: string;
}

/** Which engine runs a function at these sizes, and why. */
export function reportEngines(
  { program, signature }: { readonly program: Program; readonly signature: Signature },
  sizes: ReadonlyMap<string, number>,
): EngineReport {
  const values = program.sizes.map((name) => sizes.get(name)!);
  const times = engineTimes(program, signature, values);
  const { javaScript, webAssembly } = times;
  if (webAssembly < javaScript)
    return { ...times, chosen: "WebAssembly", reason: "two numbers at a time save more than its call costs" };
  const isFar = copiedBytes(program, signature, values) > cacheBytes;
  const why = isFar ? "copying the vectors in and out" : "its call";
  return { ...times, chosen: "JavaScript", reason: `${why} costs more than two numbers at a time save` };
}

/** Bytes of the vectors of a call: WebAssembly copies them into its memory and out of it. */
function copiedBytes(program: Program, { packed, separate }: Signature, sizes: readonly number[]): number {
  const estimate = new Estimate(new Map(program.sizes.map((name, k) => [name, sizes[k]!])));
  const buffers = [...packed.flatMap(({ buffers }) => buffers.map(({ buffer }) => buffer)), ...separate];
  return estimate.bytesOf(buffers);
}
