import { ShapeError } from "../../ir/errors.ts";
import { Ability } from "../../ir/extension.ts";
import { Integer } from "../../ir/integer.ts";
import type { Call } from "../functions/calls.ts";
import type { Range } from "../model.ts";
import { type Builder, computed, type Iterator } from "../terms/builder.ts";
import { movedReads, readsOf, readTerm, type Term, unionOf } from "../terms/term.ts";
import { variationOf } from "../terms/variation.ts";

/**
 * Slices whose ends vary, as x[0..i+1]: the first axis of such a slice is an iterator, its row, and no axis of the term.
 * What works element by element needs to know no more; functions of arrays gather over the row.
 */
export interface RowFunctions {
  /** The row over low..high of an axis of a size: the same for the same ends. */
  readonly row: (builder: Builder, ends: Range, size: Integer) => Iterator;
  /** A function of arrays, of which some have rows. */
  readonly call: (call: Call, otherwise: () => Term) => Term;
  /** Operands element by element over one row. Throws ShapeError where a row meets what has none of its length. */
  readonly meet: (operands: readonly Term[]) => readonly Term[];
  /** What takes such slices. */
  readonly note: string;
}

export const rowFunctions = new Ability<RowFunctions>("slices whose ends vary");

const isRow = ({ row }: Iterator) => row !== undefined;

/** The iterator of a term that is the first axis of a slice whose ends vary. */
export function rowOf({ iterators }: Term): Iterator | undefined {
  return iterators.find(isRow);
}

/** Where iterators go: the one of a token to a place of its own, and others nowhere. */
export function at(token: number, place: Integer): Integer[] {
  const places: Integer[] = [];
  places[token] = place;
  return places;
}

/** The term with another iterator, over the same values where nothing is added to them. */
export function inPlaceOf(one: Iterator, other: Iterator, term: Term, added = Integer.zero): Term {
  const places = at(one.token, Integer.iterator(other.token).plus(added));
  const rest = term.iterators.filter((each) => each !== one);
  const iterators = unionOf([rest, term.builder.iteratorsOf(added), [other]]);
  return readTerm(term.builder, movedReads(readsOf(term), places), iterators, term.shape, term.dtype);
}

/** What to say of a slice whose ends vary where all rows must have one length. */
export function raggedError(builder: Builder, { low, high }: Range): ShapeError {
  const { told, notes } = variationOf(builder, [low, high]);
  const range = `${builder.show(low)}..${builder.show(high)}`;
  const differs = builder.iteratorsOf(high.minus(low)).length > 0;
  return new ShapeError(
    differs
      ? `all rows of an array have one length: ${range} would give rows of different lengths.`
      : `the length of ${range.includes(computed) ? "the range" : range} ${told}: the length of an array follows from sizes alone.`,
    {
      notes: [
        ...notes,
        'Iterators may run over such ranges, as in "sum(i in a..b, j in c..d: x[i, j])"; an array has the condition in its elements.',
        builder.graph.ability(rowFunctions)?.note ??
          'Functions of such rows are a feature: language(arrays), with arrays from "nabla/language/features"; "nabla/language/all" has them.',
      ],
    },
  );
}

/** Throws ShapeError where the rows of a slice whose ends vary come to what has no place for them. */
export function refuseRows(builder: Builder, iterators: readonly Iterator[]): void {
  const row = iterators.find(isRow);
  if (row) throw raggedError(builder, row.row!);
}

/** The operands over one row, where some have rows. Throws ShapeError where these differ in length, element by element. */
export function withSameRows(operands: readonly Term[]): readonly Term[] {
  return operands.some(rowOf) ? operands[0]!.builder.graph.ability(rowFunctions)!.meet(operands) : operands;
}
