import type { DeclaredData, ElaboratedModel } from "../../../build/model.ts";
import type { BoundModel } from "../../../compile/bound/model.ts";
import { type CompiledModel, compileModel } from "../../../compile/compile.ts";
import { type Inputs, record } from "../../../compile/inputs/inputs.ts";
import type { TensorInput } from "../../../compile/inputs/tensors.ts";
import { leavesOf } from "../../../compile/inputs/verify.ts";
import { UsageError } from "../../../ir/errors.ts";
import { Integer } from "../../../ir/integer.ts";
import type { Oracle } from "../../../optimize/oracle.ts";
import type { Filled } from "../../data/read.ts";
import { type Squares, squaresOf } from "./squares.ts";
import { type Box, drawnStart } from "./starts.ts";

export interface ProblemRequest {
  readonly model: ElaboratedModel;
  readonly filled: readonly Filled[];
  /** Data and sizes that have their values from the command line or from files of sizes. */
  readonly inputs: Readonly<Record<string, TensorInput>>;
  readonly sizes: Readonly<Record<string, number>>;
  /** Starts by parameter, in place of the model's. */
  readonly starts: Inputs;
  /** The parameters to fit; the others stay at their start. Default: all. */
  readonly wrt: readonly string[] | undefined;
  /** Outputs that are residuals. */
  readonly residuals: readonly string[] | undefined;
  readonly seed: number;
}

/** A model with its data, ready to be fitted: numbers only from here on. */
export interface Problem extends Squares {
  readonly model: ElaboratedModel;
  readonly compiled: CompiledModel;
  readonly bound: BoundModel;
  readonly oracle: Oracle;
  readonly names: readonly string[];
  readonly start: Float64Array;
  /** Parameters that begin at random, for neither the model nor the user says where. */
  readonly drawn: readonly string[];
  readonly box: Box;
  /** Parameters that stay at their start. */
  readonly held: Readonly<Record<string, Float64Array>>;
  readonly data: Readonly<Record<string, TensorInput>>;
  readonly sizes: Readonly<Record<string, number>>;
}

/** The data that a loss, or the residuals in its place, reads. */
export function neededData(model: ElaboratedModel, residuals: readonly string[] | undefined): Set<string> {
  const roots = [
    ...(model.loss ? [model.loss] : []),
    ...(residuals ?? []).flatMap((name) => model.outputs.get(name) ?? []),
  ];
  return new Set(leavesOf(roots).map(({ graph, id }) => graph.leafOf(id).name));
}

/** Throws NablaError for data that do not fit, and for starts that are none. */
export function problemOf(request: ProblemRequest): Problem {
  const { model, filled, residuals, seed } = request;
  if (!model.loss && !residuals) {
    throw new UsageError(`model ${model.name} has no loss to minimise.`, {
      notes: ['Write "loss = ..." in the model, or name outputs that are residuals: --residual NAME.'],
    });
  }
  const data = record<TensorInput>([
    ...Object.entries(request.inputs),
    ...filled.map(({ name, data, shape }) => [name, { data, shape }] as const),
  ]);
  const sizes = { ...countedClasses(model, filled, request.sizes), ...request.sizes };
  const whole = compileModel(model);
  const all = whole.bind(data, sizes);
  const { values, drawn } = startsOf(all, model, request.starts, seed);
  const fitted = request.wrt ?? model.parameters.map(({ name }) => name);
  const held = record(Object.entries(values).filter(([name]) => !fitted.includes(name)));
  const isWhole = Object.keys(held).length === 0;
  const compiled = isWhole ? whole : compileModel(model, { wrt: fitted });
  const bound = isWhole ? all : compiled.bind({ ...data, ...held }, all.sizes);
  const start = bound.start(record(Object.entries(values).filter(([name]) => fitted.includes(name))));
  const names = bound.coordinateNames();
  if (names.length === 0) throw new UsageError(`model ${model.name} has no parameter to fit.`);
  const bad = start.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) throw new UsageError(`the start of ${names[bad]} is ${start[bad]}: it needs to be finite.`);
  const box = { lower: bound.lowerBounds(), upper: bound.upperBounds() };
  const squares = squaresOf(bound, residuals, model.loss !== undefined, start);
  return {
    model,
    compiled,
    bound,
    oracle: model.loss ? bound.flat : squares.leastSquares!,
    ...squares,
    names,
    start: start.map((x, i) => Math.min(box.upper[i]!, Math.max(box.lower[i]!, x))),
    drawn: drawn.filter((name) => fitted.includes(name)),
    box,
    held,
    data,
    sizes,
  };
}

/** The start of every parameter: given, else declared, else drawn. */
function startsOf(bound: BoundModel, model: ElaboratedModel, given: Inputs, seed: number) {
  const drawn = model.parameters
    .filter(({ name, start }) => !start && !Object.hasOwn(given, name))
    .map(({ name }) => name);
  const starts: Record<string, TensorInput> = { ...given };
  if (drawn.length > 0) {
    requireSizes(bound, model);
    const box = { lower: bound.lowerBounds(), upper: bound.upperBounds() };
    for (const { name, start, length } of bound.layout()) {
      if (drawn.includes(name)) starts[name] = drawnStart(length, box, start, seed);
    }
  }
  return { values: bound.unpack(bound.start(starts)), drawn };
}

/** Throws UsageError for parameters whose sizes no data tell. */
function requireSizes(bound: BoundModel, model: ElaboratedModel): void {
  const known = bound.sizes;
  for (const { name, expr } of model.parameters) {
    const open = expr.shape.flatMap((size) => size.names()).find((size) => !Object.hasOwn(known, size));
    if (open === undefined) continue;
    throw new UsageError(`the size "${open}" of the parameter "${name}" follows from no data.`, {
      notes: [`Give it: --set ${open}=NUMBER, or a start for "${name}": --start FILE.json.`],
    });
  }
}

/**
 * Sizes that no array has, but the values of whole data count: `data label: int[n] within 0..k` with labels 0, 1, 2 is
 * k = 3.
 */
function countedClasses(model: ElaboratedModel, filled: readonly Filled[], given: Readonly<Record<string, number>>) {
  const inShapes = new Set(filled.flatMap(({ name }) => namesIn(model.data.find((data) => data.name === name)!)));
  const counted: Record<string, number> = {};
  for (const { name, data, encoding } of filled) {
    const { within } = model.data.find((each) => each.name === name)!;
    const [size] = within?.high.names() ?? [];
    if (within?.low.value !== 0 || size === undefined || !within.high.equals(Integer.named(size))) continue;
    if (inShapes.has(size) || Object.hasOwn(given, size)) continue;
    const classes = encoding.labels
      ? Object.keys(encoding.labels).length
      : data.reduce((most, x) => Math.max(most, x + 1), 0);
    if (Number.isSafeInteger(classes)) counted[size] = Math.max(counted[size] ?? 0, classes);
  }
  return counted;
}

const namesIn = ({ expr }: DeclaredData) => expr.shape.flatMap((size) => size.names());
