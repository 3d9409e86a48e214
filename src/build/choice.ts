import type { Guard } from "../ir/contraction.ts";
import { TypeMismatchError } from "../ir/errors.ts";
import { select } from "../ops/comparison.ts";
import { isNonNegative } from "./bounds.ts";
import { apply, article, negated } from "./elementwise.ts";
import type { Term } from "./term.ts";

/** if condition then yes else no: each side is built under its condition, so that its reads count only there. */
export function choose(condition: Term, yes: () => Term, no: () => Term): Term {
  if (condition.dtype !== "bool") {
    throw new TypeMismatchError(`a choice needs a condition, got ${article(condition.dtype)}.`, {
      notes: ['Compare it: "x != 0".'],
    });
  }
  const { builder } = condition;
  const settled = outcome(condition);
  if (settled !== undefined) return settled ? yes() : no();
  const whenTrue = builder.under(condition, true, condition.condition ?? [], yes);
  const whenFalse = builder.under(condition, false, opposite(condition), no);
  return apply(select, [condition, whenTrue, whenFalse], "the two sides of a choice");
}

/** What is known where the condition fails: its opposite, if that is one comparison, for i == j the side that is left. */
function opposite({ builder, condition }: Term): readonly Guard[] {
  const guards = negated(condition);
  if (guards) return guards;
  const only = condition?.length === 1 ? condition[0]! : undefined;
  if (!only?.extent) return [];
  const above = only.index.minus(1);
  const below = only.index.scaled(-1).minus(1);
  const known = builder.pathGuards;
  // not equal, and not below: above
  if (isNonNegative(builder, only.index, known)) return [{ index: above, extent: undefined }];
  if (isNonNegative(builder, only.index.scaled(-1), known)) return [{ index: below, extent: undefined }];
  return [];
}

/** The outcome where it is the same for all values of the iterators and sizes. */
function outcome({ builder, condition }: Term): boolean | undefined {
  if (!condition || builder.isSearching) return undefined;
  if (condition.every((guard) => isAlways(guard))) return true;
  return condition.some(({ index, extent }) => isNever(index.value, extent?.value)) ? false : undefined;

  function isAlways({ index, extent }: Guard): boolean {
    const isLow = isNonNegative(builder, index);
    return isLow && (!extent || isNonNegative(builder, extent.minus(1).minus(index)));
  }
}

const isNever = (index: number | undefined, extent: number | undefined) =>
  index !== undefined && (index < 0 || (extent !== undefined && index >= extent));
