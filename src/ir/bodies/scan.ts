import { ShapeError } from "../errors.ts";
import type { Extension } from "../extension.ts";
import { type Expr, Graph, showShape } from "../graph.ts";
import type { Integer } from "../integer.ts";
import { type BodyOperation, typeKey, type ValueType } from "../operation.ts";
import { applied, type Body, bodyOf } from "./body.ts";

/**
 * A loop that carries values on: at step t the body gets the carries, the slices t of the inputs, the constants and t
 * itself, and gives the next carries, a slice for each stack and a term for each sum. Steps run from 0 upwards, or, where
 * reversed, from the last one downwards; slices of inputs and stacks have the number of their step in both.
 *
 *   operands:  first carries, inputs [length, ...], constants
 *   results:   last carries, stacks [length, ...], sums
 */
export interface Scan extends BodyOperation {
  readonly kind: "scan";
  readonly length: Integer;
  readonly isReversed: boolean;
  /** Its steps are blocks of a longer loop: nothing is moved out of them, so that no more than a block is stored. */
  readonly isBlocks: boolean;
  /** Parameters: carries, slices of inputs, constants, the step (int). Roots: next carries, stacked slices, terms of sums. */
  readonly body: Body;
  readonly carries: number;
  readonly inputs: number;
  readonly stacks: number;
}

export interface ScanParts<T> {
  readonly carries: readonly T[];
  readonly inputs: readonly T[];
  readonly constants: readonly T[];
}

export interface ScanRoots<T> {
  readonly carries: readonly T[];
  readonly stacks: readonly T[];
  readonly sums: readonly T[];
}

/** A scan with its body as nodes of any graph: variables in the place of parameters. */
export interface ScanDraft {
  readonly extension: Extension;
  readonly length: Integer;
  readonly isReversed: boolean;
  readonly isBlocks?: boolean;
  readonly parameters: ScanParts<Expr>;
  readonly step: Expr;
  readonly roots: ScanRoots<Expr>;
}

/** The operation of a draft. Throws ShapeError where a carry changes its type. */
export function scanOf({ extension, length, isReversed, isBlocks = false, parameters, step, roots }: ScanDraft): Scan {
  const { carries, inputs, constants } = parameters;
  for (const [k, next] of roots.carries.entries()) {
    const first = carries[k]!;
    if (typeKey(first) === typeKey(next)) continue;
    const [was, becomes] = [first, next].map(({ dtype, shape }) => `${dtype}${showShape(shape)}`);
    throw new ShapeError(`a carry keeps its type from step to step: it begins as ${was}, and becomes ${becomes}.`);
  }
  const body = bodyOf([...carries, ...inputs, ...constants, step], [...roots.carries, ...roots.stacks, ...roots.sums]);
  return scanWith(body, {
    extension,
    length,
    isReversed,
    isBlocks,
    carries: carries.length,
    inputs: inputs.length,
    stacks: roots.stacks.length,
  });
}

type Counts = Pick<Scan, "extension" | "length" | "isReversed" | "isBlocks" | "carries" | "inputs" | "stacks">;

/** The scan of a body. */
export function scanWith(body: Body, counts: Counts): Scan {
  const { extension, length, isReversed, isBlocks, carries, inputs, stacks } = counts;
  const stacked = ({ dtype, shape }: ValueType): ValueType => ({ dtype, shape: [length, ...shape] });
  const types = (list: readonly Expr[]): ValueType[] => list.map(({ dtype, shape }) => ({ dtype, shape }));
  const parameters = types(body.parameters.slice(0, -1));
  const roots = types(body.roots);
  return {
    kind: "scan",
    name: "scan",
    extension,
    length,
    isReversed,
    isBlocks,
    carries,
    inputs,
    stacks,
    body,
    key: `scan ${isReversed ? "down" : "up"}${isBlocks ? " blocks" : ""} ${length.key} ${carries} ${inputs} ${stacks}\n${body.key}`,
    operands: parameters.map((type, k) => (k >= carries && k < carries + inputs ? stacked(type) : type)),
    results: roots.map((type, k) => (k >= carries && k < carries + stacks ? stacked(type) : type)),
  };
}

/** A list of operands or parameters by the part they play; a step at the end is left out. */
export function partsOf<T>({ carries, inputs, body }: Scan, list: readonly T[]): ScanParts<T> {
  return {
    carries: list.slice(0, carries),
    inputs: list.slice(carries, carries + inputs),
    constants: list.slice(carries + inputs, body.parameters.length - 1),
  };
}

/** A list of results or roots by the part they play. */
export function rootsOf<T>({ carries, stacks }: Scan, list: readonly T[]): ScanRoots<T> {
  return {
    carries: list.slice(0, carries),
    stacks: list.slice(carries, carries + stacks),
    sums: list.slice(carries + stacks),
  };
}

/** The scan in a graph of its own, with variables in the place of parameters: to draft another one from. */
export function draftOf(scan: Scan): ScanDraft {
  const { extension, length, isReversed, isBlocks, body } = scan;
  const graph = new Graph();
  const variables = body.parameters.map(({ shape, dtype }) => graph.variable(shape, dtype));
  return {
    extension,
    length,
    isReversed,
    isBlocks,
    parameters: partsOf(scan, variables),
    step: variables.at(-1)!,
    roots: rootsOf(scan, applied(body, graph, variables)),
  };
}
