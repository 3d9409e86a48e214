import type { Guard } from "../../ir/contraction.ts";
import { type Atom, Integer, isVariableAtom } from "../../ir/integer.ts";
import type { Range } from "../model.ts";
import type { Builder, Iterator } from "../terms/builder.ts";

type Quotient = Extract<Atom, { kind: "floorDiv" }>;

/** The largest number of known conditions that are tried on a proof. */
const mostConditions = 16;

/** The values an iterator's atom takes; undefined while its range is looked for. */
function rangeOfIterator(iterator: Iterator): Range | undefined {
  if (iterator.search) return iterator.search.range;
  return { low: Integer.zero, high: iterator.extent };
}

/** The conditions of the ranges of iterators: their own, and those of the iterators these depend on. */
export function rangeGuards(builder: Builder, iterators: readonly Iterator[]): Guard[] {
  const seen = new Set<Iterator>();
  const pending = [...iterators];
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    for (const guard of next.guards) pending.push(...builder.iteratorsOf(guard.index));
  }
  return [...seen].flatMap((iterator) => iterator.guards);
}

/**
 * True when value >= 0 can be shown for all sizes (each >= 0), all values of the iterators and of int data with a
 * declared range, given the conditions. False means only that it could not be shown.
 */
export function isNonNegative(builder: Builder, value: Integer, conditions: readonly Guard[] = []): boolean {
  if (isAtLeastZero(builder, value)) return true;
  const guards = [...conditions, ...rangeGuards(builder, builder.iteratorsOf(value))].slice(0, mostConditions);
  const known = guards.flatMap(factsOf);
  // value = fact + rest with both not negative; two facts may help together
  if (known.some((fact) => isAtLeastZero(builder, value.minus(fact)))) return true;
  return known.some((a, k) => known.slice(k).some((b) => isAtLeastZero(builder, value.minus(a).minus(b))));
}

/** What a guard 0 <= index < extent says, as integers that are not negative. */
function factsOf({ index, extent }: Guard): Integer[] {
  return extent ? [index, extent.minus(1).minus(index)] : [index];
}

/** Replaces one atom after the other by its bound, until only sizes are left. */
function isAtLeastZero(builder: Builder, value: Integer): boolean {
  const iterators = builder.iteratorsOf(value);
  let lowest = value;
  for (let steps = 0; steps < 64; steps++) {
    if (lowest.isProvablyNonNegative([])) return true;
    const atom = nextAtom(lowest);
    const bounded = atom && lowerBound(builder, lowest, atom, iterators);
    if (!bounded) return false;
    lowest = bounded;
  }
  return false;
}

/** Quotients of iterators first, for they hide iterators; then what varies; quotients of sizes last. */
function nextAtom(value: Integer): Atom | undefined {
  const atoms = value.terms.flatMap((term) => term.atoms).filter((atom) => atom.kind !== "name");
  return (
    atoms.find((atom) => atom.kind === "floorDiv" && isVariableAtom(atom)) ??
    atoms.find(isVariableAtom) ??
    atoms.find(() => true)
  );
}

/**
 * value with the atom's part replaced by the least it can be; undefined when that is not known. A quotient whose
 * factor its divisor d does not divide asks for more: a whole number is not negative when d times it is above -d.
 * `around`: iterators that have values.
 */
function lowerBound(builder: Builder, value: Integer, atom: Atom, around: readonly Iterator[]): Integer | undefined {
  const split = splitAt(value, atom);
  if (!split) return undefined;
  const { coefficient, rest } = split;
  const grows = isAtLeastZero(builder, coefficient);
  if (!grows && !isAtLeastZero(builder, coefficient.scaled(-1))) return undefined;
  if (atom.kind === "floorDiv") {
    const { numerator, denominator } = atom;
    if (!isDivisor(builder, denominator, around)) return undefined;
    const whole = coefficient.dividedBy(denominator);
    if (!whole) return value.times(denominator).plus(denominator).minus(1);
    return rest.plus(whole.times(grows ? numerator.minus(denominator).plus(1) : numerator));
  }
  const range = rangeOfAtom(builder, atom, "with data");
  return range && rest.plus(coefficient.times(grows ? range.low : range.high.minus(1)));
}

/** Whether an integer is 1 or more where iterators have values: a size is without which there would be none. */
function isDivisor(builder: Builder, integer: Integer, iterators: readonly Iterator[]): boolean {
  if (isAtLeastZero(builder, integer.minus(1))) return true;
  const [only, ...others] = integer.terms;
  if (!only || others.length > 0 || only.coefficient < 0) return false;
  return only.atoms.every((size) => size.kind === "name" && iterators.some(({ extent }) => needs(extent, size)));
}

/** Whether a range of this length has no values where a size is 0; a length that is divided by it is checked as such. */
function needs(extent: Integer, size: Atom): boolean {
  const isSize = (atom: Atom) => atom.key === size.key;
  const isDivided = (atom: Atom) => atom.kind === "floorDiv" && atom.denominator.atoms().some(isSize);
  if (extent.atoms().some(isDivided)) return true;
  return extent
    .substitute((atom) => (isSize(atom) ? Integer.zero : undefined))
    .scaled(-1)
    .isProvablyNonNegative([]);
}

/** value = coefficient * atom + rest, when the atom occurs in no other way. */
export function splitAt(value: Integer, atom: Atom): { coefficient: Integer; rest: Integer } | undefined {
  const coefficients: Integer[] = [];
  const rest: Integer[] = [];
  for (const term of value.terms) {
    const others = term.atoms.filter(({ key }) => key !== atom.key);
    const product = Integer.product([Integer.constant(term.coefficient), ...others.map(Integer.ofAtom)]);
    if (term.atoms.length - others.length > 1) return undefined;
    if (
      others.some((other) =>
        Integer.ofAtom(other)
          .atoms()
          .slice(1)
          .some(({ key }) => key === atom.key),
      )
    )
      return undefined;
    (others.length === term.atoms.length ? rest : coefficients).push(product);
  }
  return { coefficient: Integer.sum(coefficients), rest: Integer.sum(rest) };
}

/**
 * The largest (or least) value over the iterators' ranges, in sizes alone; undefined where it cannot be told. The
 * value is taken at a point of the domain, unless that is empty or has conditions. With `data`, int data with a
 * declared range and quotients count too; then the value need not be taken. With `isGone`, what it does not hold of stays.
 */
export function extreme(
  builder: Builder,
  value: Integer,
  which: "least" | "largest",
  data: "without data" | "with data" = "without data",
  isGone: (atom: Atom) => boolean = isVariableAtom,
): Integer | undefined {
  let result = value;
  for (;;) {
    const atoms = result.terms.flatMap((term) => term.atoms).filter(isGone);
    // quotients first, for they hide iterators
    const atom = atoms.find(({ kind }) => kind === "floorDiv") ?? atoms[0];
    if (!atom) return result;
    const split = splitAt(result, atom);
    const range = rangeOfAtom(builder, atom, data);
    if (!split || !range) return undefined;
    const grows = isAtLeastZero(builder, split.coefficient);
    if (!grows && !isAtLeastZero(builder, split.coefficient.scaled(-1))) return undefined;
    const atHigh = grows === (which === "largest");
    result = split.rest.plus(split.coefficient.times(atHigh ? range.high.minus(1) : range.low));
  }
}

function rangeOfAtom(builder: Builder, atom: Atom, data: "without data" | "with data"): Range | undefined {
  if (atom.kind === "iterator") return rangeOfIterator(builder.iteratorAt(atom.iterator));
  if (data !== "with data") return undefined;
  if (atom.kind === "lookup") return builder.ranges.get(atom.operand);
  return atom.kind === "floorDiv" ? rangeOfQuotient(builder, atom) : undefined;
}

function rangeOfQuotient(builder: Builder, { numerator, denominator }: Quotient): Range | undefined {
  if (denominator.isVariable() || !isDivisor(builder, denominator, builder.iteratorsOf(numerator))) return undefined;
  const [least, largest] = (["least", "largest"] as const).map((end) => extreme(builder, numerator, end, "with data"));
  return least && largest && { low: least.floorDiv(denominator), high: largest.floorDiv(denominator).plus(1) };
}
