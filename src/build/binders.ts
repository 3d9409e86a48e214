import { ShapeError, TypeMismatchError, UsageError } from "../ir/errors.ts";
import { Integer } from "../ir/integer.ts";
import { div } from "../ops/algebra.ts";
import { toReal } from "../ops/cast.ts";
import { argmax, argmin, logsumexpOver, whereGuarded } from "../ops/composites.ts";
import { contract, reduce, type Terms } from "../ops/contractions.ts";
import { extreme, isNonNegative, rangeGuards } from "./bounds.ts";
import type { Builder, Iterator } from "./builder.ts";
import { apply, article } from "./elementwise.ts";
import { underPath } from "./indexing.ts";
import type { Range } from "./model.ts";
import { settleRanges } from "./ranges.ts";
import {
  aligned,
  axesFor,
  integerExpr,
  integerTerm,
  movedReads,
  ownRead,
  readsOf,
  Term,
  termOf,
  termsOf,
  unionOf,
} from "./term.ts";

/** A name to run over a range; without one, over the largest range on which every read is in bounds. */
export interface Binding {
  readonly name: string;
  readonly range: Range | undefined;
}

/** A body as a function of the iterators' values. */
export type Body = (values: readonly Term[]) => Term;

/** What gathers the values of a body. */
export interface Gatherer {
  /** The result, with the iterators gone. */
  readonly gather: (body: Term, bound: readonly Iterator[]) => Term;
  /** Whether nothing to gather is an error. */
  readonly needsSome?: boolean;
}

/** Runs a body over its iterators and gathers the values. */
export function bind(builder: Builder, gatherer: Gatherer, bindings: readonly Binding[], body: Body): Term {
  if (bindings.length === 0) throw new UsageError("an iterator is needed: nothing would be repeated.");
  const isKnown = bindings.every(({ range }) => range);
  const ranges = isKnown ? bindings.map(({ range }) => range!) : searchRanges(builder, gatherer, bindings, body);
  if (!Array.isArray(ranges)) return ranges as Term;
  const iterators = (ranges as Range[]).map((range, k) => iteratorOver(builder, bindings[k]!.name, range));
  const value = body(iterators.map((iterator) => valueOf(builder, iterator)));
  if (gatherer.needsSome) for (const iterator of iterators) requireSome(builder, iterator);
  return gatherer.gather(value, iterators);
}

function valueOf(builder: Builder, { start, token }: Iterator): Term {
  return integerTerm(builder, start.plus(Integer.iterator(token)));
}

/**
 * Finds ranges by running the body once with iterators of unknown range. Within another search that is all that is
 * needed, and a stand-in of the right shape takes the place of the result: searches in searches stay cheap.
 */
function searchRanges(
  builder: Builder,
  gatherer: Gatherer,
  bindings: readonly Binding[],
  body: Body,
): readonly Range[] | Term {
  return builder.search(() => {
    const unknown = bindings.map(({ name, range }) =>
      range ? iteratorOver(builder, name, range) : builder.unknownIterator(name),
    );
    const value = body(unknown.map((iterator) => valueOf(builder, iterator)));
    const ranges = settleRanges(builder, unknown);
    return ranges;
  }) as readonly Range[];
}

/** An iterator over low..high. Ends that depend on other iterators become conditions on a range of sizes. */
function iteratorOver(builder: Builder, name: string, { low, high }: Range): Iterator {
  const length = high.minus(low);
  if (builder.iteratorsOf(length).length === 0 && !hasLookup(length)) {
    requireLength(builder, name, length);
    return builder.iterator(name, { start: low, extent: length });
  }
  const largest = extreme(builder, length, "largest");
  if (!largest) {
    throw new ShapeError(`the range of "${name}" ends at ${high.toString()}, for which no largest value is known.`, {
      notes: ["A range may depend on sizes and, in a linear way, on iterators further out."],
    });
  }
  const token = builder.nextToken;
  const guard = { index: length.minus(1).minus(Integer.iterator(token)), extent: undefined };
  return builder.iterator(name, { start: low, extent: largest, guards: [guard] });
}

const hasLookup = (integer: Integer) => integer.atoms().some((atom) => atom.kind === "lookup");

function requireLength(builder: Builder, name: string, length: Integer): void {
  if (isNonNegative(builder, length) || builder.isSearching) return;
  builder.require({
    index: builder.graph.size(length),
    extent: undefined,
    guard: undefined,
    summary: `the range of "${name}" has ${length.toString()} positions, which must not be negative`,
  });
}

/** The largest and the smallest of nothing are errors when sizes are bound. */
function requireSome(builder: Builder, iterator: Iterator): void {
  const [guard] = iterator.guards;
  const last = guard ? guard.index.plus(Integer.iterator(iterator.token)) : iterator.extent.minus(1);
  requirePositive(builder, last.plus(1), `the range of "${iterator.name}"`);
}

export function requirePositive(builder: Builder, size: Integer, what: string): void {
  const last = size.minus(1);
  if (builder.isSearching || isNonNegative(builder, last, builder.pathGuards)) return;
  const iterators = builder.iteratorsOf(last);
  const { expr, guard } = underPath(builder, integerExpr(builder, last, iterators), iterators);
  builder.require({ index: expr, extent: undefined, guard, summary: `${what} must not be empty` });
}

/** The domain of a gathering: the body's other iterators and own axes stay, the bound iterators go. */
interface Domain {
  readonly iterators: readonly Iterator[];
  readonly shape: Term["shape"];
  readonly terms: Terms;
}

/** `isWhole`: the one factor is the body's expression over exactly the domain, 0 where the range's conditions fail. */
function domainOf(body: Term, bound: readonly Iterator[], isWhole: boolean): Domain {
  const { builder } = body;
  const guards = rangeGuards(builder, bound).filter((guard) =>
    builder.iteratorsOf(guard.index).some((iterator) => bound.includes(iterator)),
  );
  const used = unionOf([body.iterators, ...guards.map((guard) => builder.iteratorsOf(guard.index))]);
  const iterators = used.filter((iterator) => !bound.includes(iterator));
  const kept = axesFor(iterators, body.shape);
  const inner = axesFor(bound, []);
  if (!isWhole && body.reads) {
    return { iterators, shape: body.shape, terms: termsOf(builder, kept, inner, body.reads, guards) };
  }
  const all = [...kept, ...inner];
  const needsAll = isWhole || guards.length > 0;
  const base = needsAll ? wholeRead(body, all) : ownRead(body);
  const terms = termsOf(builder, kept, inner, [base], guards);
  if (!needsAll || body.dtype !== "real") return { iterators, shape: body.shape, terms };
  const factor = terms.factors[0]!;
  return {
    iterators,
    shape: body.shape,
    terms: { ...terms, factors: [{ ...factor, of: whereGuarded(terms, factor.of) }] },
  };
}

/** The body as one expression over the axes in the order given. */
function wholeRead(body: Term, axes: readonly { readonly atom: number; readonly extent: Integer }[]) {
  const index = axes.map(({ atom }) => Integer.iterator(atom));
  return { of: viewOver(body, axes), index };
}

function viewOver(body: Term, axes: readonly { readonly atom: number; readonly extent: Integer }[]) {
  const reads = body.reads?.length === 1 ? body.reads : [ownRead(body)];
  const terms = termsOf(body.builder, axes, [], reads);
  return viewOfTerms(terms);
}
