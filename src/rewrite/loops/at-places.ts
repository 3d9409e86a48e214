import { draftOf, type Scan, type ScanDraft, scanOf } from "../../ir/bodies/scan.ts";
import type { Guard } from "../../ir/contraction.ts";
import type { Expr } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { Call } from "../../ir/operation.ts";
import { whereGuarded } from "../../ops/arrays/composites.ts";
import { add, sub } from "../../ops/elementary/algebra.ts";
import { select } from "../../ops/elementary/comparison.ts";
import { type Change, changesOf } from "../forms/changes.ts";
import { alongSlice, type Slice } from "../forms/contractions/slices.ts";

/** The call with what its steps put at one place of an array computed for that place alone, not for all of which one is taken. */
export function putAtPlaces({ operation: scan, operands, results }: Call<Scan>): readonly Expr[] | undefined {
  const draft = draftOf(scan);
  const { carries } = draft.parameters;
  const next = draft.roots.carries.map((root, k) => {
    const changes = changesOf(root, carries[k]!);
    const isOpen = changes?.some((change) => change.kind === "put" && change.computed);
    return isOpen ? changes!.reduce((array, change) => changed(array, change, draft), carries[k]!) : root;
  });
  if (next.every((root, k) => root === draft.roots.carries[k])) return undefined;
  return results[0]!.graph.operation(scanOf({ ...draft, roots: { ...draft.roots, carries: next } }), operands);
}

function changed(array: Expr, change: Change, draft: ScanDraft): Expr {
  if (change.kind === "addition") return change.isTaken ? sub(array, change.term) : add(array, change.term);
  const { condition, slice, computed, value } = change;
  const guards = rangesOf(array, slice, draft);
  // nothing is put outside, and nothing computed there
  const there = computed && whereGuarded({ ...outside(value), guards, lookups: slice.lookups }, computed, 0);
  return select(condition, alongSlice(array, slice, there ?? value), array);
}

const outside = ({ shape }: Expr) => ({ extents: shape, output: [], shape, factors: [] });

/** What is to hold for a place to be inside an array, as far as the number of the step does not tell. */
function rangesOf({ shape }: Expr, { at, lookups }: Slice, { step, length }: ScanDraft): Guard[] {
  return [...at].flatMap(([axis, index]) => {
    const extent = shape[axis]!;
    const inStep = index.substitute((atom) =>
      atom.kind === "lookup" && lookups[atom.operand] === step ? Integer.iterator(0) : undefined,
    );
    const isInside = [inStep, extent.minus(1).minus(inStep)].every((most) => most.isProvablyNonNegative([length]));
    return isInside ? [] : [{ index, extent }];
  });
}
