import type { Guard } from "../ir/contraction.ts";
import { TypeMismatchError } from "../ir/errors.ts";
import { select } from "../ops/comparison.ts";
import { isNonNegative } from "./bounds.ts";
import type { Builder } from "./builder.ts";
import { apply, article, negated } from "./elementwise.ts";
import type { Term } from "./term.ts";

/**
 * The sides of a choice as they are built, one under each condition and the last where all fail: reads count only where
 * their conditions hold. `done` leaves the conditions, and makes the value.
 */
export class Choice {
  private readonly builder: Builder;
  private readonly conditions: Term[] = [];
  private readonly sides: Term[] = [];
  private readonly leave: (() => void)[] = [];

  constructor(builder: Builder) {
    this.builder = builder;
  }

  /** Adds `value` for where the condition holds, and no condition before it. */
  when(condition: Term, value: () => Term): void {
    if (condition.dtype !== "bool") {
      throw new TypeMismatchError(`a choice needs a condition, got ${article(condition.dtype)}.`, {
        notes: ['Compare it: "x != 0".'],
      });
    }
    const leave = this.builder.enter(condition, true, condition.condition ?? []);
    try {
      this.sides.push(value());
      this.conditions.push(condition);
    } finally {
      leave();
    }
    this.leave.push(this.builder.enter(condition, false, opposite(condition)));
  }

  /** Leaves the conditions; to be called however the choice ends. */
  end(): void {
    while (this.leave.length > 0) this.leave.pop()!();
  }

  /** The value, with `otherwise` where no condition holds. */
  value(otherwise: Term): Term {
    let result = otherwise;
    for (let k = this.conditions.length - 1; k >= 0; k--) {
      const condition = this.conditions[k]!;
      const side = this.sides[k]!;
      const settled = outcome(condition);
      if (settled === undefined) result = apply(select, [condition, side, result], "a choice");
      else if (settled) result = side;
    }
    return result;
  }
}

/** if condition then yes else no. */
export function choose(condition: Term, yes: () => Term, no: () => Term): Term {
  const choice = new Choice(condition.builder);
  try {
    choice.when(condition, yes);
    const otherwise = no();
    choice.end();
    return choice.value(otherwise);
  } finally {
    choice.end();
  }
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
