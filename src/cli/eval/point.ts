import type { CompilableModel } from "../../compile/compile.ts";
import { record } from "../../compile/inputs/inputs.ts";
import { requireSizes, type ShapeClaim, solveSizes } from "../../compile/inputs/sizes.ts";
import { copyInto, readTensor, type Tensor } from "../../compile/inputs/tensors.ts";
import { leavesOf, verifyBinding } from "../../compile/inputs/verify.ts";
import type { Array1D } from "../../emit/javascript.ts";
import { realField } from "../../interpreter/field.ts";
import { evaluateShape, interpret } from "../../interpreter/interpret.ts";
import { meant } from "../../ir/arguments/arguments.ts";
import { DataError, UsageError } from "../../ir/errors.ts";
import type { Expr } from "../../ir/graph.ts";
import { sizeNamesOf } from "../../ir/walks/sizes.ts";
import { numberOf } from "../files/json.ts";

type Given = Readonly<Record<string, unknown>>;

/** Values for everything that an evaluation reads. */
export interface Point {
  readonly sizes: ReadonlyMap<string, number>;
  /** By name of the leaf, flat and row-major. */
  readonly values: ReadonlyMap<string, Array1D>;
}

/** A point whose sizes are known; reading it may take as long as the sizes are large. */
interface PointToRead {
  readonly sizes: Point["sizes"];
  /** Throws DataError. */
  readonly read: () => Point;
}

type Leaf = CompilableModel["parameters"][number] | CompilableModel["data"][number];

/** What expressions read: leaves of the model, and sizes by name. */
interface Needs {
  readonly leaves: readonly Leaf[];
  readonly sizes: ReadonlySet<string>;
}

/** Reads the inputs of one model from JSON; what it needs to know of the model it finds once. */
export class InputReader {
  private readonly model: CompilableModel;
  private readonly leaves: ReadonlyMap<string, Leaf>;
  private readonly sizeNames: ReadonlySet<string>;
  private readonly needs = new Map<string, Needs>();

  constructor(model: CompilableModel) {
    this.model = model;
    this.leaves = new Map([...model.parameters, ...model.data].map((leaf) => [leaf.name, leaf]));
    const results = [...(model.loss ? [model.loss] : []), ...model.outputs.values()];
    const used = sizeNamesOf([...[...this.leaves.values()].map(({ expr }) => expr), ...results]);
    this.sizeNames = new Set([...used, ...(model.sizes?.free ?? [])]);
  }

  /** Inputs by what they are: tensors for leaves of the model, whole numbers for its sizes. Throws DataError. */
  split(inputs: Given): { readonly tensors: ReadonlyMap<string, Tensor>; readonly sizes: ReadonlyMap<string, number> } {
    const tensors = new Map<string, Tensor>();
    const sizes = new Map<string, number>();
    for (const [name, value] of Object.entries(inputs)) {
      if (this.leaves.has(name)) tensors.set(name, readJsonTensor(name, value));
      else if (this.sizeNames.has(name)) sizes.set(name, readSize(name, value));
      else throw unknownInput(name, [...this.leaves.keys(), ...this.sizeNames], this.model);
    }
    return { tensors, sizes };
  }

  /**
   * The sizes under which roots are evaluated, and how to have the values for what they read: data left out takes its value
   * from the model, a parameter its start. `key` names the set of roots. Throws DataError.
   */
  begin(inputs: Given, key: string, roots: () => readonly Expr[]): PointToRead {
    const { tensors, sizes } = this.split(inputs);
    const needs = this.needsOf(key, roots);
    const missing = needs.leaves.find((leaf) => !tensors.has(leaf.name) && !standInOf(leaf));
    if (missing) throw new DataError(`"${missing.name}" has no value: the model declares it and no input gives it.`);
    const claims = [...tensors].map(
      ([name, tensor]): ShapeClaim => ({ name, shape: this.leaves.get(name)!.expr.shape, tensor }),
    );
    const solved = solveSizes(claims, sizes);
    requireSizes(solved, needs.sizes, "give it by name among the inputs");
    const read = (): Point => {
      const values = new Map<string, Array1D>();
      for (const [name, tensor] of tensors) {
        const { expr } = this.leaves.get(name)!;
        values.set(name, copyInto(name, tensor, evaluateShape(expr.shape, solved), expr.dtype));
      }
      for (const leaf of needs.leaves) if (!values.has(leaf.name)) values.set(leaf.name, standInFor(leaf, solved));
      verifyBinding(this.model, solved, values);
      return { sizes: solved, values };
    };
    return { sizes: solved, read };
  }

  private needsOf(key: string, roots: () => readonly Expr[]): Needs {
    const known = this.needs.get(key);
    if (known) return known;
    const nodes = roots();
    const leaves = leavesOf(nodes).map(({ graph, id }) => this.leaves.get(graph.leafOf(id).name)!);
    const found = { leaves, sizes: sizeNamesOf(nodes) };
    this.needs.set(key, found);
    return found;
  }
}

/** What the model itself gives for a leaf. */
function standInOf(leaf: Leaf): Expr | undefined {
  return "fallback" in leaf ? leaf.fallback : "start" in leaf ? leaf.start : undefined;
}

function standInFor(leaf: Leaf, sizes: ReadonlyMap<string, number>): Array1D {
  const { name, expr } = leaf;
  const [values] = interpret([standInOf(leaf)!], { sizes, values: new Map() }, realField);
  return copyInto(name, { values: values!, shape: undefined }, evaluateShape(expr.shape, sizes), expr.dtype);
}

/** Reads a direction: one value for each of the variables, in their shapes. Throws UsageError or DataError. */
export function readDirection(
  direction: Given | undefined,
  variables: readonly { readonly name: string; readonly expr: Expr }[],
  sizes: ReadonlyMap<string, number>,
): Record<string, Float64Array> {
  if (!direction) throw new UsageError('"hvp" needs a direction: one value for each parameter in wrt.');
  const names = variables.map(({ name }) => name);
  for (const name of Object.keys(direction)) {
    if (names.includes(name)) continue;
    throw new DataError(
      `the direction has "${name}", which is not differentiated in: wrt is ${names.join(", ") || "empty"}.`,
    );
  }
  return record(
    variables.map(({ name, expr }) => {
      if (!Object.hasOwn(direction, name)) {
        throw new DataError(`the direction has no "${name}": give it, or leave "${name}" out of wrt.`);
      }
      const what = `direction.${name}`;
      const tensor = readJsonTensor(what, direction[name]);
      // a claim with every size known only checks the shape
      solveSizes([{ name: what, shape: expr.shape, tensor }], sizes, "the point");
      return [name, Float64Array.from(tensor.values)] as const;
    }),
  );
}

/** Deeper nesting than any tensor has is refused before it costs anything. */
const deepest = 64;

/**
 * A tensor as JSON gives it, with "NaN", "Infinity" and "-Infinity" as numbers; the arrays are changed in place. Throws DataError
 * for one that is nested too deep.
 */
export function readJsonTensor(name: string, value: unknown): Tensor {
  const scalar = numberOf(value);
  if (scalar !== undefined) return readTensor(name, scalar);
  let level: unknown[][] = [Array.isArray(value) ? value : (value as { data?: unknown } | null)?.data].filter(
    Array.isArray,
  );
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > deepest) throw new DataError(`"${name}" is nested deeper than ${deepest} levels.`);
    const next: unknown[][] = [];
    for (const row of level) {
      for (let k = 0; k < row.length; k++) {
        const entry = row[k];
        if (Array.isArray(entry)) next.push(entry);
        else if (typeof entry === "string") row[k] = numberOf(entry) ?? entry;
      }
    }
    level = next;
  }
  return readTensor(name, value);
}

function readSize(name: string, value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new DataError(`the size "${name}" needs a whole number, got ${JSON.stringify(value)?.slice(0, 40)}.`);
}

function unknownInput(name: string, known: readonly string[], model: CompilableModel): DataError {
  const fixed = model.sizes?.given.get(name);
  if (fixed) return new DataError(`the size "${name}" is ${fixed} in the model: it cannot be given.`);
  return new DataError(`the model has no input "${name}". ${meant(name, known)}`);
}
