import type { CompilableModel } from "../../src/compile/compile.ts";
import { derive, type FunctionName, type LoweredFunction, lowerFunction } from "../../src/compile/derive.ts";
import { signatureOf } from "../../src/compile/functions.ts";
import { type Array1D, allocate } from "../../src/emit/javascript.ts";
import type { PairArray } from "../../src/emit/pairs/arrays.ts";
import { boundBuffers, type Signature } from "../../src/emit/signature.ts";
import type { Buffer } from "../../src/lower/program/loops.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { sizes } from "./models.ts";

/** A function of a model, ready for any engine. */
export interface Subject {
  readonly lowered: LoweredFunction;
  readonly signature: Signature;
}

const known = new WeakMap<CompilableModel, Map<FunctionName, Subject>>();

/** Derived and lowered once for each model. */
export function functionOf(model: CompilableModel, name: FunctionName): Subject {
  const subjects = known.get(model) ?? new Map<FunctionName, Subject>();
  known.set(model, subjects);
  const subject = subjects.get(name) ?? makeFunction(model, name);
  subjects.set(name, subject);
  return subject;
}

function makeFunction(model: CompilableModel, name: FunctionName): Subject {
  const variables = model.parameters.map(({ name, expr }) => ({ name, expr }));
  const loss = simplify([model.loss!], { level: "all" })[0]!;
  const derived = derive(name, { graph: model.graph, loss, outputs: model.outputs, variables, level: "all" });
  const lowered = lowerFunction(derived, variables);
  return { lowered, signature: signatureOf(lowered, variables) };
}

export function lengthOf(buffer: Pick<Buffer, "shape">): number {
  return buffer.shape.reduce((product, size) => {
    return product * size.evaluate((atom) => (atom.kind === "name" ? sizes.get(atom.name)! : Number.NaN));
  }, 1);
}

export const sizesOf = ({ lowered }: Subject): number[] => lowered.program.sizes.map((name) => sizes.get(name)!);

/** Numbers between -1.5 and 1.5 that differ from name to name. */
export function numbersFor(name: string, length: number, seed = 0): Float64Array {
  const phase = [...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), seed) % 1000;
  return Float64Array.from({ length }, (_, t) => 1.5 * Math.sin(phase + 12.9898 * t));
}

/** What a bound buffer holds at the start: data, a table, or rubbish that must not matter. */
export function contentOf(buffer: Buffer, seed = 0): Array1D {
  const length = lengthOf(buffer);
  if (buffer.role === "table") return Float64Array.from(buffer.values!);
  if (buffer.role !== "input") return allocate(buffer, length).fill(buffer.dtype === "bool" ? 1 : 9);
  if (buffer.dtype === "int") return Int32Array.from({ length }, (_, t) => (t * 7 + seed) % sizes.get("m")!);
  if (buffer.dtype === "bool") return Uint8Array.from({ length }, (_, t) => (t + seed) % 2);
  return numbersFor(buffer.name, length, seed);
}

/** The length of the packed vectors of a model. */
export const packedLength = (model: CompilableModel): number =>
  model.parameters.reduce((sum, { expr }) => sum + lengthOf(expr), 0);

/** The vectors of a call: the point and the direction are given, everything else is written. */
export function vectorsOf({ signature }: Subject, length: number, seed = 0): Array1D[] {
  return [
    ...signature.packed.map(({ name }) =>
      name === "x" || name === "v" ? numbersFor(name, length, seed) : new Float64Array(length).fill(7),
    ),
    ...signature.separate.map((buffer) => allocate(buffer, lengthOf(buffer)).fill(1)),
  ];
}

export function boundOf(subject: Subject, seed = 0): Array1D[] {
  return boundBuffers(subject.lowered.program, subject.signature).map((buffer) => contentOf(buffer, seed));
}

/** Everything that a call gave: the returned number, then what every vector holds. */
export function resultOf(returned: number | undefined, vectors: readonly Array1D[]): number[][] {
  return [returned === undefined ? [] : [returned], ...vectors.map((vector) => Array.from(vector))];
}

export const asPairs = (arrays: readonly Array1D[]): PairArray[] =>
  arrays.map((first) => ({ first, second: new Float64Array(first.length) }));
