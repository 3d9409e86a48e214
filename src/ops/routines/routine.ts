import { type Guard, iterators } from "../../ir/contraction.ts";
import { counted } from "../../ir/counted.ts";
import { ShapeError } from "../../ir/errors.ts";
import type { Field } from "../../ir/field.ts";
import { type Expr, sameShape, showShape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import {
  type Call,
  type Kernel,
  kernelKey,
  type Pushforward,
  type Values,
  type ValueType,
} from "../../ir/operation.ts";
import { inPart, type Part } from "../arrays/letters.ts";
import type { Arrays, Machine } from "./machine.ts";
import { arrayAt, FieldMachine } from "./run-routine.ts";

/** One use of a routine in a graph, with the number of axes that are a batch. */
export interface RoutineCall extends Call {
  /** Leading axes of every operand and result that are a batch. */
  readonly leading: number;
  readonly parameters: string;
  readonly pushforward: Pushforward;
}

type Changes = readonly (Expr | undefined)[];

/**
 * An operation on matrices and vectors, whole: everything that nabla computes with stands in one record. Leading axes
 * beyond those that an operand needs are a batch, the same for all operands and results.
 */
export interface RoutineRecord {
  readonly name: string;
  /** Axes of each operand without the batch, which may depend on the parameters. */
  readonly ranks: readonly number[] | ((parameters: string) => readonly number[]);
  /** Types of the results without the batch, from those of the operands; throws ShapeError for what does not fit. */
  readonly results: (operands: readonly ValueType[], parameters: string) => readonly ValueType[];
  /** Types of the arrays that the algorithm needs besides. */
  readonly work?: (operands: readonly ValueType[]) => readonly ValueType[];
  /** The algorithm, for one element of the batch. */
  readonly program: <T>(machine: Machine<T>, arrays: Arrays<T>, parameters: string) => void;
  /** As in {@link Kernel}. */
  readonly units?: string;
  /** As in {@link Kernel}. */
  readonly columns?: number;
  /** What of each operand is read: all, nothing (it is there for derivatives) or a part of a matrix. Default: all. */
  readonly reads?: (parameters: string) => readonly ("all" | "nothing" | Part)[];
  /** Operations for one element of the batch. */
  readonly cost: (operands: readonly ValueType[]) => Integer;
  /** As in {@link Kernel}; tangents carry their own axes at the end. Absent: the results do not vary. */
  readonly tangents?: (call: RoutineCall, tangents: Changes) => Changes;
  /** As in {@link Kernel}. */
  readonly cotangents?: (call: RoutineCall, cotangents: Changes) => Changes;
}

export interface RoutineDocumentation {
  /** One sentence or formula: what it computes. */
  readonly summary: string;
  /** The derivative as mathematics. */
  readonly derivative: string;
  /** What comes of operands for which there is no result. */
  readonly failure: string;
  /** A source that was checked. */
  readonly reference?: string;
}

/** A routine as a function of expressions: its results, one node each. */
export interface Routine {
  (parameters: string, ...operands: Expr[]): Expr[];
  readonly record: RoutineRecord;
}

/** A record as a function: of parameters and operands, the results of one operation. */
export function routine(record: RoutineRecord): Routine {
  const construct = (parameters: string, ...operands: Expr[]): Expr[] =>
    operands[0]!.graph.operation(kernelOf(record, parameters, operands), operands);
  return Object.assign(construct, { record });
}

/** Axes of each operand without the batch. */
export function ranksOf({ ranks }: RoutineRecord, parameters: string): readonly number[] {
  return typeof ranks === "function" ? ranks(parameters) : ranks;
}

/** The kernel of a routine over operands of these types. Throws ShapeError. */
export function kernelOf(record: RoutineRecord, parameters: string, operands: readonly ValueType[]): Kernel {
  const { name } = record;
  const ranks = ranksOf(record, parameters);
  const leading = operands[0]!.shape.length - ranks[0]!;
  const batch = operands[0]!.shape.slice(0, Math.max(0, leading));
  for (const [k, { shape }] of operands.entries()) {
    if (leading < 0 || shape.length !== ranks[k]! + leading || !sameShape(shape.slice(0, leading), batch)) {
      const shapes = operands.map((operand) => showShape(operand.shape));
      const needed = ranks.map((rank) => counted(rank, "axis", "axes")).join(" and ");
      throw new ShapeError(`${name} needs ${needed} behind the same leading axes, got ${shapes.join(" and ")}.`, {
        shapes,
      });
    }
  }
  const inner = operands.map(({ dtype, shape }) => ({ dtype, shape: shape.slice(leading) }));
  const whole = ({ dtype, shape }: ValueType): ValueType => ({ dtype, shape: [...batch, ...shape] });
  const routineCall = (call: Call, pushforward: Pushforward): RoutineCall => ({
    ...call,
    leading,
    parameters,
    pushforward,
  });
  return {
    kind: "kernel",
    name,
    parameters,
    leading,
    columns: record.columns,
    units: record.units,
    key: kernelKey(name, parameters, operands),
    operands: operands.map(({ dtype, shape }) => ({ dtype, shape })),
    results: record.results(inner, parameters).map(whole),
    over: (others) => kernelOf(record, parameters, others),
    cost: Integer.product(batch).times(record.cost(inner)),
    reads: record.reads?.(parameters).map((part) => conditionsOf(part, leading)),
    evaluate: (given, field) => evaluate(record, parameters, inner, leading, given, field),
    tangents: (call, tangents, _batch, pushforward) =>
      record.tangents?.(routineCall(call, pushforward), tangents) ?? [],
    cotangents: (call, cotangents, _wanted, pushforward) =>
      record.cotangents?.(routineCall(call, pushforward), cotangents) ?? [],
  };
}

/** Conditions on what is read of an operand; undefined where it is nothing. */
function conditionsOf(part: "all" | "nothing" | Part, leading: number): readonly Guard[] | undefined {
  if (part === "nothing") return undefined;
  return part === "all" ? [] : [inPart[part](iterators(leading), iterators(leading + 1))];
}

/** Runs the algorithm for every element of the batch. */
function evaluate<T>(
  record: RoutineRecord,
  parameters: string,
  types: readonly ValueType[],
  leading: number,
  operands: readonly Values<T>[],
  field: Field<T>,
): T[][] {
  const shapes = operands.map(({ shape }) => shape.slice(leading));
  const known = shapes.map((shape, k) => ({
    dtype: types[k]!.dtype,
    shape: shape.map((size) => Integer.constant(size)),
  }));
  const numbers = ({ shape }: ValueType) => shape.map((size) => size.value!);
  const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
  const results = record.results(known, parameters).map(numbers);
  const work = (record.work?.(known) ?? []).map(numbers);
  const batches = count(operands[0]!.shape.slice(0, leading));
  const filled = (shape: readonly number[]) => new Array<T>(count(shape)).fill(field.of(0));
  const out = results.map((shape) => new Array<T>(batches * count(shape)).fill(field.of(0)));
  const machine = new FieldMachine(field);
  for (let element = 0; element < batches; element++) {
    const at = (values: readonly T[], shape: readonly number[]) =>
      arrayAt(values as T[], shape, element * count(shape));
    record.program(
      machine,
      {
        operands: operands.map(({ values }, k) => at(values, shapes[k]!)),
        results: out.map((values, k) => at(values, results[k]!)),
        work: work.map((shape) => arrayAt(filled(shape), shape, 0)),
      },
      parameters,
    );
  }
  return out;
}
