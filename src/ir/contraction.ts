import { type Atom, Integer } from "./integer.ts";

/** A condition 0 <= index < extent on the iterators; no extent means no upper bound. */
export interface Guard {
  readonly index: Integer;
  readonly extent: Integer | undefined;
}

/** A read of operand number `operand` at one index per axis. */
export interface Factor {
  readonly operand: number;
  readonly index: readonly Integer[];
}

/**
 * out[output(i)] += product of factors over the domain 0 <= i_k < extents[k], where the guards hold.
 * A term whose guard fails, or that reads or writes outside a tensor, is absent.
 * Iterators of the domain are the atoms $0, $1, ... of the indices.
 */
export interface Contraction {
  readonly extents: readonly Integer[];
  readonly output: readonly Integer[];
  readonly shape: readonly Integer[];
  readonly factors: readonly Factor[];
  readonly guards: readonly Guard[];
}

/** How terms meet: a contraction sums; a reduce takes the largest, the smallest or the product. */
export type Combine = "sum" | "max" | "min" | "prod";

/** What an empty set of terms gives. */
export const neutralElement: Readonly<Record<Combine, number>> = {
  sum: 0,
  max: Number.NEGATIVE_INFINITY,
  min: Number.POSITIVE_INFINITY,
  prod: 1,
};

/** True of the indices of a whole array in its own order: index k is iterator k. */
export const areAxes = (index: readonly Integer[]) => index.every((each, axis) => each.key === iterators(axis).key);

/** The iterator that an index is; undefined of any other index. */
export function iteratorOf(index: Integer): number | undefined {
  const unit = index.unitIterator();
  return unit?.sign === 1 && unit.offset.value === 0 ? unit.iterator : undefined;
}

/** True of an index that depends on the first iterators alone, and on no lookup. */
export const isOverFirst = (count: number, index: Integer) =>
  dependsOnFirst(count, index) && index.atoms().every((atom) => atom.kind !== "lookup");

/** True of an index that depends on no iterators but the first, lookups at places that these give among it. */
export const dependsOnFirst = (count: number, index: Integer) =>
  index.iterators().every((iterator) => iterator < count);

/** True when output axis k is iterator k over the whole axis: every element of the result is computed in one place. */
export function isGather(contraction: Contraction): boolean {
  const { output, extents, shape } = contraction;
  return areAxes(output) && output.every((_, axis) => extents[axis]!.equals(shape[axis]!));
}

/** True when the node only re-indexes one operand: it is never stored. */
export function isView(contraction: Contraction): boolean {
  return (
    contraction.factors.length === 1 && contraction.extents.length === contraction.shape.length && isGather(contraction)
  );
}

const knownIterators: Integer[] = [];
/** The atom $k as an integer; one object per k. */
export function iterators(k: number): Integer {
  for (let next = knownIterators.length; next <= k; next++) knownIterators.push(Integer.iterator(next));
  return knownIterators[k]!;
}

/** A text that is the same for equal contractions. */
export function contractionKey(contraction: Contraction): string {
  const keys = (list: readonly Integer[]) => list.map((integer) => integer.key).join(",");
  return [
    keys(contraction.extents),
    keys(contraction.output),
    keys(contraction.shape),
    contraction.factors.map((factor) => `${factor.operand}[${keys(factor.index)}]`).join("*"),
    contraction.guards.map(guardKey).join("&"),
  ].join("|");
}

/** The shapes and identities of the operands, as canonical form needs them. */
export interface Operands {
  readonly ids: readonly number[];
  readonly shapes: readonly (readonly Integer[])[];
}

/**
 * The canonical form: output axes become iterators 0, 1, ... where the output index allows it; iterators that
 * can only be 0 disappear; guards that always hold disappear; factors are sorted; summed iterators are numbered
 * in order of appearance. `order` gives the old operand number for each new one.
 */
export function canonicalContraction(
  contraction: Contraction,
  operands: Operands,
): { contraction: Contraction; order: number[] } {
  return renumberOperands(sortAndNumber(dropSettledGuards(gatherOutput(contraction), operands), operands), operands);
}

/** Turns output axes of the form +-i + c into iterators of their own, so that each element is computed in place. */
function gatherOutput(given: Contraction): Contraction {
  if (isGather(given)) return withoutUnits(given, given.shape.length);
  // a diagonal of one element is written at a place that is known
  const contraction = withoutUnits(given, 0);
  const { output, extents, shape } = contraction;
  const uses = new Map<number, number>();
  for (const index of output) {
    for (const iterator of index.iterators()) uses.set(iterator, (uses.get(iterator) ?? 0) + 1);
  }
  const rank = shape.length;
  const replacement: (Integer | undefined)[] = extents.map(() => undefined);
  const guards: Guard[] = [...contraction.guards];
  for (const [axis, index] of output.entries()) {
    const target = iterators(axis);
    if (!index.isVariable()) {
      // a constant position: present only where the axis meets it
      if (!(index.value === 0 && shape[axis]!.value === 1)) {
        guards.push({ index: target.minus(index), extent: Integer.one });
      }
      continue;
    }
    const unit = index.unitIterator();
    if (!unit || uses.get(unit.iterator) !== 1) return contraction;
    // out = sign * i + offset, so i = sign * (out - offset)
    const solved = target.minus(unit.offset).scaled(unit.sign);
    replacement[unit.iterator] = solved;
    const extent = extents[unit.iterator]!;
    if (!(solved.equals(target) && extent.equals(shape[axis]!))) guards.push({ index: solved, extent });
  }
  let next = rank;
  const newExtents = [...shape];
  for (const [iterator, extent] of extents.entries()) {
    if (replacement[iterator]) continue;
    replacement[iterator] = iterators(next++);
    newExtents.push(extent);
  }
  const placed = contraction.guards.length;
  return {
    extents: newExtents,
    output: shape.map((_, axis) => iterators(axis)),
    shape,
    factors: contraction.factors.map((factor) => ({
      operand: factor.operand,
      index: factor.index.map((index) => index.withIterators(replacement)),
    })),
    guards: guards.map((guard, at) =>
      at < placed ? { index: guard.index.withIterators(replacement), extent: guard.extent } : guard,
    ),
  };
}

/** Puts 0 for iterators of extent 1 from `first` on. */
function withoutUnits(contraction: Contraction, first: number): Contraction {
  if (!contraction.extents.some((extent, iterator) => iterator >= first && extent.value === 1)) return contraction;
  const extents: Integer[] = [];
  const replacement = contraction.extents.map((extent, iterator) => {
    if (iterator >= first && extent.value === 1) return Integer.zero;
    extents.push(extent);
    return iterators(extents.length - 1);
  });
  return mapIndices({ ...contraction, extents }, (index) => index.withIterators(replacement));
}

/** The contraction with every index (output, factors, guards) replaced. */
export function mapIndices(contraction: Contraction, replace: (index: Integer) => Integer): Contraction {
  return {
    extents: contraction.extents,
    shape: contraction.shape,
    output: contraction.output.map(replace),
    factors: contraction.factors.map((factor) => ({ operand: factor.operand, index: factor.index.map(replace) })),
    guards: contraction.guards.map((guard) => ({ index: replace(guard.index), extent: guard.extent })),
  };
}

/** Drops guards that always hold, or that reads and other guards imply. */
function dropSettledGuards(contraction: Contraction, operands: Operands): Contraction {
  const { extents, factors } = contraction;
  if (contraction.guards.length === 0) return contraction;
  const open = byGuardKey(contraction.guards.filter((guard) => !alwaysHolds(guard, extents)));
  if (open.length === 0) return { ...contraction, guards: open };
  const ofReads = factors.flatMap(({ operand, index }) =>
    index.flatMap((each, axis) => endsOf({ index: each, extent: operands.shapes[operand]![axis]! })),
  );
  const left = new Map(open.map((guard) => [guard, endsOf(guard)]));
  for (const [guard, ends] of [...left]) {
    left.delete(guard);
    const others = [ofReads, ...left.values()];
    const isImplied = ends.every((end) => others.some((known) => known.some((other) => implies(other, end))));
    if (!isImplied) left.set(guard, ends);
  }
  return { ...contraction, guards: withEqualitiesAsOne([...left.keys()]) };
}

/** x <= y and y <= x, of which data are part, as x = y. Of positions the two are ends of loops. */
function withEqualitiesAsOne(guards: readonly Guard[]): readonly Guard[] {
  const opposite = ({ index }: Guard) =>
    guards.findIndex((other) => !other.extent && other.index.equals(index.scaled(-1)));
  return guards.flatMap((guard, at) => {
    const meets = guard.extent || !mayHoldLookup(guard.index) ? -1 : opposite(guard);
    if (meets < 0) return [equalityOf(guard)];
    return meets < at ? [] : [equalityOf({ index: guard.index, extent: Integer.one })];
  });
}

/** An equality between elements of data, the same whichever comes first. */
function equalityOf(guard: Guard): Guard {
  const { index, extent } = guard;
  const areElements = index.terms.every(
    ({ atoms }) => atoms.length > 0 && atoms.every(({ kind }) => kind === "lookup"),
  );
  if (extent?.value !== 1 || !areElements || index.terms.length === 0) return guard;
  return index.terms[0]!.coefficient < 0 ? { index: index.scaled(-1), extent } : guard;
}

/** A condition rest + offset >= 0. */
interface End {
  readonly rest: string;
  readonly offset: number;
}

const implies = (a: End, b: End) => a.offset <= b.offset && a.rest === b.rest;

function endsOf({ index, extent }: Guard): End[] {
  const ends = extent ? [index, extent.minus(1).minus(index)] : [index];
  return ends.map((end) => ({ rest: end.minus(end.offset).key, offset: end.offset }));
}

/** A text that is the same for equal guards. */
export function guardKey(guard: Guard): string {
  return `${guard.index.key}<${guard.extent?.key ?? ""}`;
}

const byGuardKey = (guards: readonly Guard[]) =>
  guards.length < 2 ? guards : [...guards].sort((a, b) => (guardKey(a) < guardKey(b) ? -1 : 1));

/** True when the guard can be shown to hold on the whole domain. */
export function alwaysHolds(guard: Guard, extents: readonly Integer[]): boolean {
  return (
    guard.index.isProvablyNonNegative(extents) &&
    (guard.extent === undefined || guard.extent.minus(1).minus(guard.index).isProvablyNonNegative(extents))
  );
}

/** True when the guard can be seen to fail: its index is a number that it excludes, or it admits none. */
export function neverHolds({ index, extent }: Guard): boolean {
  const { value } = index;
  if (extent && isNone(extent)) return true;
  return value !== undefined && (value < 0 || (extent?.value !== undefined && value >= extent.value));
}

/** True for an extent that is known to leave no position. */
export const isNone = ({ value }: Integer): boolean => value !== undefined && value <= 0;

/** Sorts factors and guards and numbers the summed iterators by first appearance. */
function sortAndNumber(contraction: Contraction, operands: Operands): Contraction {
  const rank = isGather(contraction) ? contraction.shape.length : 0;
  const factorKey = (factor: Factor) => factor.index.map((index) => index.key).join(",");
  const factors =
    contraction.factors.length < 2
      ? contraction.factors
      : [...contraction.factors].sort(
          (a, b) => operands.ids[a.operand]! - operands.ids[b.operand]! || (factorKey(a) < factorKey(b) ? -1 : 1),
        );
  const guards = byGuardKey(contraction.guards);
  const sorted = { ...contraction, factors, guards };
  if (contraction.extents.length - rank < 2) return sorted;
  const order: number[] = [];
  const seen = (index: Integer) => {
    for (const iterator of index.iterators()) if (iterator >= rank && !order.includes(iterator)) order.push(iterator);
  };
  for (const index of contraction.output) seen(index);
  for (const factor of factors) for (const index of factor.index) seen(index);
  for (const guard of guards) seen(guard.index);
  for (let iterator = rank; iterator < contraction.extents.length; iterator++) seen(iterators(iterator));
  if (order.every((iterator, at) => iterator === rank + at)) return sorted;
  const replacement = contraction.extents.map((_, iterator) =>
    iterator < rank ? iterators(iterator) : iterators(rank + order.indexOf(iterator)),
  );
  const extents = [...contraction.extents.slice(0, rank), ...order.map((iterator) => contraction.extents[iterator]!)];
  const numbered = mapIndices({ ...sorted, extents }, (index) => index.withIterators(replacement));
  return { ...numbered, guards: numbered.guards.map(equalityOf) };
}

/** Numbers operands by first use, merging equal ones and leaving out those that nothing reads. */
function renumberOperands(contraction: Contraction, operands: Operands): { contraction: Contraction; order: number[] } {
  const order: number[] = [];
  const numberOf = (operand: number) => {
    const known = order.findIndex((other) => operands.ids[other] === operands.ids[operand]);
    if (known >= 0) return known;
    order.push(operand);
    return order.length - 1;
  };
  const replace = (index: Integer) => renumberLookups(index, numberOf);
  const factors = contraction.factors.map((factor) => ({
    operand: numberOf(factor.operand),
    index: factor.index.map(replace),
  }));
  return {
    contraction: {
      extents: contraction.extents,
      shape: contraction.shape,
      output: contraction.output.map(replace),
      factors,
      guards: contraction.guards.map((guard) => ({ index: replace(guard.index), extent: guard.extent })),
    },
    order,
  };
}

/** The index with the operand numbers of its lookups replaced. */
export function renumberLookups(index: Integer, numberOf: (operand: number) => number): Integer {
  const replace = (atom: Atom): Integer | undefined =>
    atom.kind === "lookup"
      ? Integer.lookup(
          numberOf(atom.operand),
          atom.index.map((inner) => inner.substitute(replace)),
        )
      : undefined;
  return mayHoldLookup(index) ? index.substitute(replace) : index;
}

/** True of an index with a lookup, or with a quotient, which may hold one. */
export function mayHoldLookup(index: Integer): boolean {
  return index.terms.some((term) => term.atoms.some((atom) => atom.kind !== "name" && atom.kind !== "iterator"));
}
