import { type Combine, neutralElement } from "../ir/contraction.ts";
import { counted } from "../ir/counted.ts";
import { DataError } from "../ir/errors.ts";
import { Ability, must } from "../ir/extension.ts";
import type { Field } from "../ir/field.ts";
import type { Expr, Graph, Shape } from "../ir/graph.ts";
import { Integer } from "../ir/integer.ts";
import type { Operation, Values } from "../ir/operation.ts";
import { idsUnder } from "../ir/walks/traverse.ts";

/** What the leaves stand for: sizes by name, and row-major values by leaf. */
export interface Bindings<T> {
  readonly sizes: ReadonlyMap<string, number>;
  readonly values: ReadonlyMap<Expr, readonly T[]>;
}

/** What has been computed, by id. */
type Known<T> = (readonly T[] | undefined)[];

/** A place for each id; where they are few of many, the places are made as they are taken. */
const places = (ids: readonly number[]) => new Array(8 * ids.length > (ids.at(-1) ?? 0) ? 1 + (ids.at(-1) ?? -1) : 0);

/** Evaluates an operation with bodies. */
export type EvaluateBodies = <T>(
  operation: Operation,
  operands: readonly Values<T>[],
  sizes: ReadonlyMap<string, number>,
  field: Field<T>,
) => readonly (readonly T[])[];

export const bodyValues = new Ability<EvaluateBodies>("values of bodies");

/**
 * The reference meaning of graphs: evaluates the roots one node at a time, over any field, exactly as built.
 * Slow and plain on purpose; it is the oracle for everything that is generated.
 */
export function interpret<T>(roots: readonly Expr[], bindings: Bindings<T>, field: Field<T>): T[][] {
  const graph = roots[0]?.graph;
  if (!graph) return [];
  const values = valuesUnder(graph, roots, bindings, field);
  return roots.map((root) => [...values[root.id]!]);
}

function valuesUnder<T>(graph: Graph, roots: readonly Expr[], bindings: Bindings<T>, field: Field<T>): Known<T> {
  const ids = idsUnder(roots);
  const values: Known<T> = places(ids);
  for (const id of ids) if (values[id] === undefined) evaluateInto(values, graph, id, bindings, field);
  return values;
}

/**
 * Where it begins that `test` holds of some element of a root: a node that leads there, and of whose operands it does not hold.
 * Used to find where NaN comes from.
 */
export function beginningOf<T>(
  roots: readonly Expr[],
  bindings: Bindings<T>,
  field: Field<T>,
  test: (value: number) => boolean,
): { readonly node: Expr; readonly position: number } | undefined {
  const graph = roots[0]?.graph;
  if (!graph) return undefined;
  const values = valuesUnder(graph, roots, bindings, field);
  const position = (id: number) => values[id]!.findIndex((value) => test(field.real(value)));
  const holds = (id: number) => position(id) >= 0;
  let found: number | undefined;
  let next = roots.map(({ id }) => id).find(holds);
  while (next !== undefined) {
    found = next;
    next = graph.operandIds(found).find(holds);
  }
  return found === undefined ? undefined : { node: graph.expr(found), position: position(found) };
}

/** The value of a symbolic integer. Throws DataError where a size in it has none. */
export function evaluateSize(size: Integer, sizes: ReadonlyMap<string, number>): number {
  return size.evaluate((atom) => {
    const value = atom.kind === "name" ? sizes.get(atom.name) : undefined;
    if (value === undefined) throw new DataError(`the size ${size} has no value: nothing bound gives it.`);
    return value;
  });
}

/** A shape in numbers. Throws DataError where a size has no value. */
export function evaluateShape(shape: Shape, sizes: ReadonlyMap<string, number>): number[] {
  return shape.map((size) => evaluateSize(size, sizes));
}

/** None where an axis is empty: of a range in a range that is empty itself the length may be negative. */
export const elementCount = (shape: readonly number[]) => shape.reduce((count, size) => count * Math.max(0, size), 1);

/** Computes a node, and with it every result of the call that it belongs to. */
function evaluateInto<T>(values: Known<T>, graph: Graph, id: number, bindings: Bindings<T>, field: Field<T>): void {
  if (graph.kindOf(id) !== "operation") {
    values[id] = evaluateNode(graph, id, values, bindings, field);
    return;
  }
  const { operation, operands, results } = graph.call(id);
  const given = operands.map((operand) => ({
    shape: evaluateShape(operand.shape, bindings.sizes),
    values: values[operand.id]!,
  }));
  for (const [k, computed] of evaluateCall(operation, given, bindings.sizes, field).entries()) {
    values[results[k]!.id] = computed;
  }
}

function evaluateCall<T>(
  operation: Operation,
  operands: readonly Values<T>[],
  sizes: ReadonlyMap<string, number>,
  field: Field<T>,
): readonly (readonly T[])[] {
  if (operation.kind === "kernel") return operation.evaluate(operands, field);
  return must(bodyValues, operation.extension)(operation, operands, sizes, field);
}

function evaluateNode<T>(
  graph: Graph,
  id: number,
  values: Readonly<Known<T>>,
  bindings: Bindings<T>,
  field: Field<T>,
): readonly T[] {
  // a number by itself, which long texts are made of, needs no list of positions
  if (graph.kindOf(id) === "map" && graph.shapeOf(id).length === 0) {
    const operands = new Array<T>(graph.operandCount(id));
    for (let k = 0; k < operands.length; k++) operands[k] = values[graph.operandAt(id, k)]![0]!;
    return [field.apply(graph.primitiveOf(id), operands)];
  }
  const shape = evaluateShape(graph.shapeOf(id), bindings.sizes);
  const count = elementCount(shape);
  const filled = (value: number) => new Array<T>(count).fill(field.of(value));
  switch (graph.kindOf(id)) {
    case "leaf": {
      const given = bindings.values.get(graph.expr(id));
      const { name } = graph.leafOf(id);
      if (!given) throw new DataError(`"${name}" has no value.`);
      if (given.length !== count) {
        throw new DataError(
          `"${name}" needs ${counted(count, "value")} for shape [${shape.join(", ")}], got ${given.length}.`,
        );
      }
      return given;
    }
    case "constant":
      return filled(graph.constantOf(id));
    case "tensor":
      return Array.from(graph.tensorOf(id), field.of);
    case "size":
      return filled(evaluateSize(graph.sizeOf(id), bindings.sizes));
    case "iota": {
      const axis = graph.iotaAxisOf(id);
      const stride = elementCount(shape.slice(axis + 1));
      return Array.from({ length: count }, (_, at) => field.of(Math.floor(at / stride) % shape[axis]!));
    }
    case "map": {
      const primitive = graph.primitiveOf(id);
      const operands = graph.operandIds(id).map((operand) => values[operand]!);
      return Array.from({ length: count }, (_, at) =>
        field.apply(
          primitive,
          operands.map((operand) => operand[at]!),
        ),
      );
    }
    case "operation":
      throw new Error("internal: a result is computed with its call");
    case "contraction":
    case "reduce":
      return combineTerms(graph, id, values, bindings.sizes, field);
  }
}

/** Visits the whole domain in row-major order and combines the terms that are present. */
function combineTerms<T>(
  graph: Graph,
  id: number,
  values: Readonly<Known<T>>,
  sizes: ReadonlyMap<string, number>,
  field: Field<T>,
): T[] {
  const structure = graph.contractionOf(id);
  const operandIds = graph.operandIds(id);
  const operands = operandIds.map((operand) => values[operand]!);
  const shapes = operandIds.map((operand) => evaluateShape(graph.shapeOf(operand), sizes));
  const shape = evaluateShape(graph.shapeOf(id), sizes);
  const extents = evaluateShape(structure.extents, sizes);
  const at = extents.map(() => 0);
  const integerAt = (integer: Integer): number =>
    integer.evaluate((atom) => {
      if (atom.kind === "name") return evaluateSize(Integer.ofAtom(atom), sizes);
      if (atom.kind === "iterator") return at[atom.iterator]!;
      const position = offset(atom.index.map(integerAt), shapes[atom.operand]!);
      return position < 0 ? Number.NaN : field.real(operands[atom.operand]![position]!);
    });
  const term = (): T | undefined => {
    for (const guard of structure.guards) {
      const index = integerAt(guard.index);
      if (!(index >= 0) || (guard.extent && !(index < evaluateSize(guard.extent, sizes)))) return undefined;
    }
    let product: T | undefined;
    for (const factor of structure.factors) {
      const position = offset(factor.index.map(integerAt), shapes[factor.operand]!);
      if (position < 0) return undefined;
      const value = operands[factor.operand]![position]!;
      product = product === undefined ? value : field.mul(product, value);
    }
    return product ?? field.of(1);
  };
  const result = combined(graph.combineOf(id), elementCount(shape), field);
  const total = elementCount(extents);
  for (let step = 0; step < total; step++) {
    const value = term();
    const position = value === undefined ? -1 : offset(structure.output.map(integerAt), shape);
    if (value !== undefined && position >= 0) result.take(position, value);
    for (let k = extents.length - 1; k >= 0; k--) {
      at[k]!++;
      if (at[k]! < extents[k]!) break;
      at[k] = 0;
    }
  }
  return result.elements();
}

/** Elements, each combined from the terms that it takes. */
function combined<T>(combine: Combine, count: number, field: Field<T>) {
  const known = new Array<T | undefined>(count).fill(undefined);
  /** How many share each element, where it is an extreme. */
  const ties = combine === "max" || combine === "min" ? new Array<number>(count).fill(1) : undefined;
  /** Numbers with more than a real part that tell no winner. */
  const isTie = (before: T, value: T) => {
    const number = field.real(value);
    return typeof value === "object" && field.real(before) === number && Number.isFinite(number);
  };
  /** Of numbers whose real parts are equal: the mean of so many, when one more joins. */
  const meanOf = (before: T, value: T, joined: number): T => {
    const apart = field.add(value, field.mul(field.of(-1), before));
    return field.add(before, field.mul(field.of(1 / joined), apart));
  };
  const take = (position: number, value: T) => {
    const before = known[position];
    if (before === undefined) known[position] = value;
    else if (ties && isTie(before, value)) known[position] = meanOf(before, value, ++ties[position]!);
    else {
      known[position] = combiners[combine](before, value, field);
      if (ties && known[position] === value) ties[position] = 1;
    }
  };
  return { take, elements: () => known.map((value) => value ?? field.of(neutralElement[combine])) };
}

const combiners: Readonly<Record<Combine, <T>(x: T, y: T, field: Field<T>) => T>> = {
  sum: (x, y, field) => field.add(x, y),
  prod: (x, y, field) => field.mul(x, y),
  max: (x, y, field) => (field.real(x) >= field.real(y) || Number.isNaN(field.real(x)) ? x : y),
  min: (x, y, field) => (field.real(x) <= field.real(y) || Number.isNaN(field.real(x)) ? x : y),
};

/** Row-major position, or -1 outside the tensor. */
function offset(index: readonly number[], shape: readonly number[]): number {
  let position = 0;
  for (const [axis, i] of index.entries()) {
    if (!(i >= 0 && i < shape[axis]!)) return -1;
    position = position * shape[axis]! + i;
  }
  return position;
}
