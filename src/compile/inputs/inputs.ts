import { described, isRecord, meant, requireThat } from "../../ir/arguments/arguments.ts";
import { counted } from "../../ir/counted.ts";
import { DataError } from "../../ir/errors.ts";
import type { Expr } from "../../ir/graph.ts";
import type { FunctionName } from "../derive.ts";
import type { InputsOf } from "./by-name.ts";
import { readTensor, type Tensor, type TensorInput } from "./tensors.ts";

/** Arguments by name. */
export type Inputs = Readonly<Record<string, TensorInput>>;

/** A leaf that callers give a value for. */
export interface InputDeclaration {
  readonly name: string;
  readonly expr: Expr;
}

/** Callers without types may pass anything for a record of inputs, which errors call `what`. Throws DataError. */
export function requireNames(inputs: unknown, what = "inputs are"): void {
  if (!isRecord(inputs)) throw new DataError(`${what} given as an object of arrays by name, got ${described(inputs)}.`);
}

/** What every object has: a name of these is given only where an object has it itself. */
const common: object = Object.prototype;

/**
 * Values by name, where what an object inherits is its own: instances of classes have values so, and objects made of others.
 * Taken are names that can be listed, and those that are declared.
 */
export function withInherited<Values extends object>(values: Values, declared: Iterable<string>): Values {
  const prototype: unknown = Object.getPrototypeOf(values);
  if (prototype === null || prototype === common) return values;
  const names = new Set(declared);
  for (const name in values) names.add(name);
  const given = [...names].filter((name) => name in values && (Object.hasOwn(values, name) || !(name in common)));
  return record(given.map((name) => [name, values[name as keyof Values]] as const)) as Values;
}

/** How many names an object lists, of inputs or of results: copies that ask for known names alone pass over others. */
export function nameCount(vectors: object | undefined): number {
  let count = 0;
  for (const _ in vectors) count++;
  return count;
}

/** Leaves that are given in another place, and what to do with them. */
export interface Elsewhere {
  readonly leaves: readonly InputDeclaration[];
  readonly wayOut: string;
}

/** Reads the named inputs that are present. Throws DataError for names that nothing declares, or that belong elsewhere. */
export function readInputs(
  given: InputsOf<string>,
  declared: readonly InputDeclaration[],
  elsewhere?: Elsewhere,
): Map<string, Tensor> {
  requireNames(given);
  const names = new Set(declared.map((declaration) => declaration.name));
  const inputs = withInherited(given, names);
  for (const name of Object.keys(inputs)) {
    if (names.has(name)) continue;
    const others = (elsewhere?.leaves ?? []).map((leaf) => leaf.name);
    if (others.includes(name)) throw new DataError(`"${name}" is ${elsewhere?.wayOut}`);
    throw new DataError(`the model has no input "${name}". ${meant(name, [...names, ...others])}`);
  }
  const read = new Map<string, Tensor>();
  for (const { name } of declared) {
    const value = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
    if (value !== undefined) read.set(name, readTensor(name, value));
  }
  return read;
}

/** A result by name on an object without a prototype, so that every name is an ordinary key. */
export function record<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  const result = Object.create(null) as Record<string, T>;
  for (const [name, value] of entries) result[name] = value;
  return result;
}

/**
 * Throws DataError for an array for results, which it calls `what`, that is missing, of another type or length, or that lies over
 * one of the inputs.
 */
export function checkOutput(
  what: string,
  out: unknown,
  length: number,
  inputs: readonly ArrayBufferView[],
): Float64Array {
  if (!(out instanceof Float64Array)) {
    throw new DataError(`${what} needs a Float64Array of ${counted(length, "element")}, got ${described(out)}.`);
  }
  if (out.length !== length) {
    throw new DataError(`${what} needs ${counted(length, "element")}, got ${out.length}.`);
  }
  for (const input of inputs) {
    if (overlaps(out, input)) throw shared(what);
  }
  return out;
}

function overlaps(a: ArrayBufferView, b: ArrayBufferView): boolean {
  return (
    a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength
  );
}

/** An array of memory by the name that errors have for it. */
export interface NamedView {
  readonly what: string;
  readonly view: ArrayBufferView;
  readonly isResult: boolean;
}

/** Throws DataError where a result shares memory with another one or with an input. */
export function requireApart(views: readonly NamedView[]): void {
  const ends = new Map<unknown, readonly [all: number, results: number]>();
  for (const { what, view, isResult } of [...views].sort((a, b) => a.view.byteOffset - b.view.byteOffset)) {
    const { buffer, byteOffset, byteLength } = view;
    if (byteLength === 0) continue;
    const [all, results] = ends.get(buffer) ?? [0, 0];
    if (byteOffset < (isResult ? all : results)) throw shared(what);
    const end = byteOffset + byteLength;
    ends.set(buffer, [Math.max(all, end), isResult ? Math.max(results, end) : results]);
  }
}

const shared = (what: string) => new DataError(`${what} shares memory with an input or another result.`);

/** What a function writes, by the names that errors have for its vectors after those it reads: the point, and a direction for products. */
const written: Readonly<Record<FunctionName, readonly string[]>> = {
  loss: [],
  gradient: ["gradient"],
  lossAndGradient: ["gradient"],
  hvp: ["product"],
  lossGradientHvp: ["gradient", "product"],
  hessian: [],
  outputs: [],
};

/** Throws UsageError for what is no bound model. */
export function requireBound(what: string, model: unknown): void {
  const isBound = typeof (model as { readonly parts?: unknown } | null | undefined)?.parts === "function";
  requireThat(isBound, what, "a bound model, as bind of a compiled model gives it", model);
}

/** Throws UsageError for what is no name of a function. */
export function requireFunctionName(name: unknown): void {
  const known = Object.keys(written);
  requireThat(known.includes(name as string), "source", `the name of a function (${known.join(", ")})`, name);
}

/** Throws DataError for packed vectors of other lengths or types, and for results that share memory with inputs or each other. */
export function checkVectors(
  name: FunctionName,
  vectors: readonly ArrayBufferView[],
  bindPoint: (x: Float64Array) => void,
): void {
  const [x, ...rest] = vectors as Float64Array[];
  bindPoint(x!);
  const firstResult = rest.length - written[name].length;
  for (const [k, vector] of rest.entries()) {
    const result = written[name][k - firstResult];
    const what = result ? `the array of the ${result}` : `the direction of flat.${name}`;
    checkOutput(what, vector, x!.length, result ? vectors.slice(0, k + 1) : []);
  }
}
