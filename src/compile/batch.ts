import { gradient, hvp } from "../autodiff/derivatives.ts";
import { vmap } from "../autodiff/vmap.ts";
import type { BoundFunction } from "../emit/javascript.ts";
import { iterators } from "../ir/contraction.ts";
import { counted } from "../ir/counted.ts";
import { DataError, UsageError } from "../ir/errors.ts";
import type { Expr } from "../ir/graph.ts";
import { Integer } from "../ir/integer.ts";
import { Estimate, estimateOperations } from "../lower/program/estimate.ts";
import { axes, view } from "../ops/arrays/contractions.ts";
import { simplify } from "../rewrite/rewrite.ts";
import type { BoundModel } from "./bound/model.ts";
import { type DerivationInput, type DerivedFunction, packedOffsets, requireVariables } from "./derive.ts";
import type { ModelFunction } from "./functions.ts";
import { checkOutput, requireBound } from "./inputs/inputs.ts";

/**
 * The functions of a bound model for many points at once. Points, directions, gradients and products are the rows of
 * row-major arrays, each a packed vector; losses are one number a row. Nothing is allocated.
 */
export interface BatchFunctions {
  /** Writes the loss at each row of X. */
  loss(X: Float64Array, losses: Float64Array): void;
  /** Writes the gradient at each row of X to the same row of G. */
  gradient(X: Float64Array, G: Float64Array): void;
  lossAndGradient(X: Float64Array, losses: Float64Array, G: Float64Array): void;
  /** Writes the Hessian at each row of X, times the same row of V, to that row of H. */
  hvp(X: Float64Array, V: Float64Array, H: Float64Array): void;
}

/** Writes the Hessian at a point x times each row of V to the same row of H; V and H are row-major. */
export type HessianProducts = (x: Float64Array, V: Float64Array, H: Float64Array) => void;

/**
 * Hessian-vector products with `count` directions at one point: what does not depend on the direction is computed once.
 * The function is compiled once for all counts. Throws UsageError for a count that is no whole number from 1 on.
 */
export function hvps(model: BoundModel, count: number): HessianProducts {
  requireBound("hvps", model);
  const { run, rows, length } = prepare(model, "hvps", count);
  return (x, V, H) => {
    requireVectors("the point", x, 1, length);
    requireVectors("the array of directions", V, count, length);
    checkOutput("the array of products", H, count * length, [x, V]);
    run(x, V, ...rows.arrays(H));
    rows.place(H);
  };
}

/**
 * Loss and derivatives at `count` points at once, such as several starts, or an ensemble that shares its data. The
 * functions are compiled at their first call, once for all counts. Throws UsageError for a count that is no whole number
 * from 1 on.
 */
export function batch(model: BoundModel, count: number): BatchFunctions {
  requireBound("batch", model);
  requireCount(count);
  const made = new Map<PointForm, BatchFunctions>();
  const { length } = model.parts();
  const the = (form: PointForm) => {
    const known =
      made.get(form) ?? (isFasterApart(model, form, count) ? apart(model, count) : together(model, form, count));
    made.set(form, known);
    return known;
  };
  const requirePoints = (X: Float64Array) => requireVectors("the array of points", X, count, length);
  return {
    loss: (X, losses) => {
      requirePoints(X);
      checkOutput("the array of losses", losses, count, [X]);
      the("loss").loss(X, losses);
    },
    gradient: (X, G) => {
      requirePoints(X);
      checkOutput("the array of gradients", G, count * length, [X]);
      the("gradient").gradient(X, G);
    },
    lossAndGradient: (X, losses, G) => {
      requirePoints(X);
      checkOutput("the array of losses", losses, count, [X]);
      checkOutput("the array of gradients", G, count * length, [X, losses]);
      the("lossAndGradient").lossAndGradient(X, losses, G);
    },
    hvp: (X, V, H) => {
      requirePoints(X);
      requireVectors("the array of directions", V, count, length);
      checkOutput("the array of products", H, count * length, [X, V]);
      the("hvp").hvp(X, V, H);
    },
  };
}

type PointForm = Exclude<Form, "hvps">;

/** All rows in one call, of a function of one form. */
function together(model: BoundModel, form: PointForm, count: number): BatchFunctions {
  const { run, rows } = prepare(model, form, count);
  const none = new Float64Array(0);
  return {
    loss: (X, losses) => void run(none, X, losses),
    gradient: (X, G) => {
      run(none, X, ...rows.arrays(G));
      rows.place(G);
    },
    lossAndGradient: (X, losses, G) => {
      run(none, X, losses, ...rows.arrays(G));
      rows.place(G);
    },
    hvp: (X, V, H) => {
      run(none, X, V, ...rows.arrays(H));
      rows.place(H);
    },
  };
}

/** One row after the other. */
function apart({ flat }: BoundModel, count: number): BatchFunctions {
  const [xs, vs, results] = [rowsIn(count), rowsIn(count), rowsIn(count)];
  return {
    loss: (X, losses) => {
      const points = xs(X);
      for (let row = 0; row < count; row++) losses[row] = flat.loss(points[row]!);
    },
    gradient: (X, G) => {
      const [points, gradients] = [xs(X), results(G)];
      for (let row = 0; row < count; row++) flat.gradient(points[row]!, gradients[row]!);
    },
    lossAndGradient: (X, losses, G) => {
      const [points, gradients] = [xs(X), results(G)];
      for (let row = 0; row < count; row++) losses[row] = flat.lossAndGradient(points[row]!, gradients[row]!);
    },
    hvp: (X, V, H) => {
      const [points, directions, products] = [xs(X), vs(V), results(H)];
      for (let row = 0; row < count; row++) flat.hvp(points[row]!, directions[row]!, products[row]!);
    },
  };
}

/** The rows of an array as views, made again where the array is another than the last one. */
function rowsIn(count: number): (array: Float64Array) => readonly Float64Array[] {
  let known: Float64Array | undefined;
  let rows: readonly Float64Array[] = [];
  return (array) => {
    if (array === known) return rows;
    const width = array.length / count;
    rows = Array.from({ length: count }, (_, row) => array.subarray(row * width, (row + 1) * width));
    known = array;
    return rows;
  };
}

/** Bytes that a cache of the second level holds. */
const cacheBytes = 2 ** 20;

/**
 * True where what a call keeps meanwhile would leave the cache if it were kept for all rows, and is more than the data that
 * rows could read together.
 */
function isFasterApart(model: BoundModel, form: PointForm, count: number): boolean {
  const { functions, sizes } = model.parts();
  const { lowered, bound } = functions.get(form);
  const estimate = new Estimate(sizes);
  const kept = estimate.bytesOf(lowered.program.buffers.filter(({ role }) => role === "workspace"));
  return count * kept > cacheBytes && kept > estimate.bytesOf(bound.filter(({ role }) => role === "input"));
}

/** The part of the operations of single products below which several at once are worth their loops. */
const worthwhile = 0.85;

/** True where `count` products at once take clearly fewer operations than one after the other. */
export function hvpsPay(model: BoundModel, count: number): boolean {
  const { functions, sizes } = model.parts();
  const operations = ({ whole, lowered }: ModelFunction, own: ReadonlyMap<string, number>) =>
    estimateOperations(
      whole(),
      lowered.program.sizes.map((name) => own.get(name) ?? sizes.get(name)!),
    );
  const several = functions.made("batch hvps", (input) => derived("hvps", input));
  return (
    operations(several, new Map([[rowCount, count]])) < worthwhile * count * operations(functions.get("hvp"), new Map())
  );
}

interface Prepared {
  readonly run: BoundFunction;
  readonly rows: Rows;
  /** Entries of a packed vector. */
  readonly length: number;
}

type Form = "hvps" | "loss" | "gradient" | "lossAndGradient" | "hvp";

/** The number of rows, by a name that no model can use. */
const rowCount = "batch size";

function prepare(model: BoundModel, form: Form, count: number): Prepared {
  requireCount(count);
  const { functions, length } = model.parts();
  const wanted = functions.made(`batch ${form}`, (input) => derived(form, input));
  const options = { sizes: new Map([[rowCount, count]]), points: form === "hvps" ? 0 : 1 };
  return { run: model.made(wanted, options), rows: new Rows(model, count), length };
}

/** Results of several parameters come in an array each, and go to their places in every row. */
class Rows {
  private readonly count: number;
  private readonly layout: ReturnType<BoundModel["layout"]>;
  private readonly parts: readonly Float64Array[];

  constructor(model: BoundModel, count: number) {
    this.count = count;
    this.layout = model.layout();
    const { layout } = this;
    this.parts = layout.length > 1 ? layout.map(({ length }) => new Float64Array(count * length)) : [];
  }

  /** What the function writes to: with one parameter the rows themselves. */
  arrays(target: Float64Array): readonly Float64Array[] {
    return this.parts.length > 0 ? this.parts : [target];
  }

  place(target: Float64Array): void {
    const { count, layout, parts } = this;
    const width = target.length / count;
    for (let k = 0; k < parts.length; k++) {
      const part = parts[k]!;
      const { start, length } = layout[k]!;
      for (let row = 0; row < count; row++) {
        for (let at = 0; at < length; at++) target[row * width + start + at] = part[row * length + at]!;
      }
    }
  }
}

function derived(form: Form, input: DerivationInput): DerivedFunction {
  const { graph, loss, level, hints, settled, variables } = input;
  const wrt = variables.map(({ expr }) => expr);
  requireVariables(form, wrt);
  const { offsets, length } = packedOffsets(variables);
  const shape = [Integer.named(rowCount), length];
  const [X, V] = [graph.variable(shape), graph.variable(shape)];
  const directions = wrt.map((x) => graph.variable(x.shape));
  const mapped = new Map<Expr, Expr>();
  for (const [k, x] of wrt.entries()) {
    if (form !== "hvps") mapped.set(x, rowsOf(X, x, offsets[k]!));
    if (form === "hvps" || form === "hvp") mapped.set(directions[k]!, rowsOf(V, x, offsets[k]!));
  }
  const roots = {
    loss: () => [loss],
    gradient: () => gradient(loss, wrt),
    lossAndGradient: () => [loss, ...gradient(loss, wrt)],
    hvp: () => hvp(loss, wrt, directions),
    hvps: () => hvp(loss, wrt, directions),
  }[form]();
  const nodes = simplify(vmap(roots, mapped), { level, last: true, hints, settled });
  const arrays = [
    ...(form === "hvps" ? [] : [{ name: "X", expr: X }]),
    ...(form === "hvps" || form === "hvp" ? [{ name: "V", expr: V }] : []),
  ];
  const outputs = nodes.map((node, k) => ({ name: `rows ${k}`, node }));
  return { name: form, loss: undefined, gradient: [], hvp: [], hessian: [], direction: [], arrays, outputs };
}

/** Of rows of packed vectors, those entries that stand for x: [rows, ...x]. */
function rowsOf(rows: Expr, x: Expr, offset: Integer): Expr {
  const inner = x.shape.map((_, axis) => iterators(axis + 1));
  let at: Integer = Integer.zero;
  for (const [axis, i] of inner.entries()) at = at.times(x.shape[axis]!).plus(i);
  return view(rows, [rows.shape[0]!, ...x.shape], [axes(1)[0]!, offset.plus(at)]);
}

function requireCount(count: number): void {
  if (Number.isSafeInteger(count) && count > 0) return;
  throw new UsageError(`a batch has a whole number of rows, at least 1, got ${JSON.stringify(count)}.`);
}

function requireVectors(what: string, array: unknown, count: number, length: number): void {
  if (array instanceof Float64Array && array.length === count * length) return;
  const needed = `${count === 1 ? "" : `${count} rows of `}${counted(length, "element")}`;
  const got = array instanceof Float64Array ? `one of ${array.length}` : typeof array;
  throw new DataError(`${what} needs a Float64Array of ${needed}, got ${got}.`);
}
