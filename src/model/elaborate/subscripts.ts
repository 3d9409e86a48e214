import { type Entry, indexed } from "../../build/binders/indexing.ts";
import { refuseRows } from "../../build/binders/rows.ts";
import { reindexed } from "../../build/functions/arrangements.ts";
import { withAxes } from "../../build/functions/new-axes.ts";
import { wholeOf } from "../../build/terms/conversions.ts";
import { Term } from "../../build/terms/term.ts";
import { TypeMismatchError, UsageError } from "../../ir/errors.ts";
import { Integer } from "../../ir/integer.ts";
import type { Expression, Index, Slice, Subscript } from "../syntax/syntax.ts";
import { written } from "../syntax/written.ts";
import { declarationsOf } from "./blame.ts";
import type { Context } from "./context.ts";
import { endOf, evaluate, evaluateTerm, requireTerm } from "./expression.ts";
import { isPoison, Poisoned, type Scope, type Value } from "./values.ts";

/** What stands elsewhere for a new axis, or for nothing at all. */
export const nothing: ReadonlySet<string> = new Set(["None", "null", "newaxis"]);

/** True of an entry that makes a new axis. */
export const isNewAxis = (entry: Subscript, scope: Scope): boolean =>
  entry.kind === "name" && nothing.has(entry.name) && scope.find(entry.name) === undefined;

/** x[i, 1:, ..., None]: a read, and then what it needs of steps and new axes. */
export function evaluateIndex(context: Context, node: Index, target: Value, scope: Scope): Value {
  return context.at(
    node.span,
    () => {
      const [only] = node.indices;
      if (!(target instanceof Term) && target.kind === "record" && !target.alone && only?.kind === "number") {
        const field = [...target.fields.values()][only.value];
        if (field) return field;
      }
      const x = requireTerm(context, target, node.target);
      const isNew = (entry: Subscript) => isNewAxis(entry, scope);
      const subscripts = spread(node.indices, x.rank, isNew);
      const read = subscripts.filter((entry) => !isNew(entry));
      context.indexDepth++;
      const entries = read.map((entry, axis) => entryOf(context, entry, scope, x, axis));
      context.indexDepth--;
      if (entries.some((entry) => !entry)) throw new Poisoned();
      const names = {
        tensor: written(node.target.span),
        written: written(node.span),
        indices: read.map(({ span }) => `"${written(span)}"`),
      };
      return arranged(indexed(x, entries as Entry[], names), context, subscripts, entries as Entry[], isNew, scope);
    },
    () => declarationsOf(node.target, scope),
  );
}

/** The subscripts with as many whole axes in the place of "..." as the array has beside the others. */
function spread(
  subscripts: readonly Subscript[],
  rank: number,
  isNew: (entry: Subscript) => boolean,
): readonly Subscript[] {
  const at = subscripts.findIndex(({ kind }) => kind === "ellipsis");
  if (at < 0) return subscripts;
  const { span } = subscripts[at]!;
  if (subscripts.slice(at + 1).some(({ kind }) => kind === "ellipsis")) {
    throw new UsageError('"..." stands once in an index.', { span });
  }
  const others = subscripts.filter((entry) => !isNew(entry)).length - 1;
  const whole = new Array<Subscript>(Math.max(0, rank - others)).fill({ kind: "wholeAxis", span });
  return [...subscripts.slice(0, at), ...whole, ...subscripts.slice(at + 1)];
}

function entryOf(context: Context, entry: Subscript, scope: Scope, x: Term, axis: number): Entry | undefined {
  const size = x.shape[axis];
  if (entry.kind === "wholeAxis" || entry.kind === "ellipsis") return { kind: "all" };
  if (entry.kind === "slice") {
    const end = (node: Expression | undefined, otherwise: Integer) =>
      node ? fromEnd(node, endOf(evaluateTerm(context, node, scope)), size) : otherwise;
    const made = context.at(entry.span, (): Entry => {
      return { kind: "range", low: end(entry.low, Integer.zero), high: end(entry.high, size ?? Integer.zero) };
    });
    return made.kind === "poison" ? undefined : made;
  }
  const value = evaluate(context, entry, scope);
  const made = context.at(entry.span, (): Entry => {
    if (isPoison(value)) throw new Poisoned();
    if ("kind" in value && value.kind === "range") {
      return { kind: "range", low: endOf(value.low), high: endOf(value.high) };
    }
    const term = requireTerm(context, value, entry);
    if (term.dtype === "bool") {
      throw new TypeMismatchError("an index needs whole numbers, got a condition.", {
        notes: ['Elements that a condition chooses are added by "sum(i: if p[i] then x[i] else 0)".'],
      });
    }
    const at = term.dtype === "real" ? wholeOf(term, `"${written(entry.span)}" as an index`) : term;
    const place = at.integer && at.rank === 0 ? fromEnd(entry, at.integer, size) : undefined;
    return { kind: "at", at: place && place !== at.integer ? context.integer(place) : at };
  });
  return made.kind === "poison" ? undefined : made;
}

/** A number written with a minus counts from the end; what is computed never does. */
function fromEnd(node: Expression, position: Integer, size: Integer | undefined): Integer {
  const isWritten = node.kind === "unary" && node.operator === "-";
  return isWritten && size && position.value !== undefined && position.value < 0 ? size.plus(position) : position;
}

/** The result of a read with the steps of its slices taken, and with its new axes. */
function arranged(
  x: Term,
  context: Context,
  subscripts: readonly Subscript[],
  entries: readonly Entry[],
  isNew: (entry: Subscript) => boolean,
  scope: Scope,
): Term {
  const steps: (Slice | undefined)[] = [];
  const added: number[] = [];
  let next = 0;
  let isGathered = false;
  for (const subscript of subscripts) {
    if (isNew(subscript)) {
      added.push(steps.length + added.length);
      continue;
    }
    const entry = entries[next++]!;
    if (entry.kind !== "at") steps.push(subscript.kind === "slice" ? subscript : undefined);
    else if (!isGathered && !(entry.at.integer && entry.at.rank === 0)) {
      // several arrays of positions meet in the axes of the first
      isGathered = true;
      const rank = Math.max(...entries.map((each) => (each.kind === "at" ? each.at.rank : 0)));
      for (let axis = 0; axis < rank; axis++) steps.push(undefined);
    }
  }
  if (added.length > 0 || steps.some((slice) => slice?.step)) refuseRows(x.builder, x.iterators);
  const stepped = steps.some((slice) => slice?.step) ? withSteps(x, context, steps, scope) : x;
  return added.length > 0 ? withAxes(stepped, added) : stepped;
}

/** Every so many elements of the axes that have a step, backwards from the last where it is -1. */
function withSteps(x: Term, context: Context, slices: readonly (Slice | undefined)[], scope: Scope): Term {
  const places: Integer[] = [];
  const shape: Integer[] = [];
  for (const [axis, size] of x.shape.entries()) {
    const own = Integer.iterator(axis);
    const slice = slices[axis];
    const step = slice?.step ? evaluateTerm(context, slice.step, scope).constant : 1;
    if (step === -1 && !slice?.low && !slice?.high) {
      places.push(size.minus(1).minus(own));
      shape.push(size);
      continue;
    }
    if (step === undefined || !Number.isInteger(step) || step < 1) {
      throw new UsageError("a step is a whole number from 1 on, or -1 for the whole axis backwards.", {
        span: slice!.step!.span,
        notes: ['Write an iterator for other orders: "[i in 0..n: x[n - 1 - i]]".'],
      });
    }
    places.push(own.scaled(step));
    shape.push(step === 1 ? size : size.plus(step - 1).floorDiv(step));
  }
  return reindexed(x, places, shape);
}
