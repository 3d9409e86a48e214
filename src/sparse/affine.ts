import type { Integer } from "../ir/integer.ts";

/** constant + sum of coefficients[k] * at[k] over the loops k of a domain, or any function of them. */
export type BoundIndex =
  | { readonly kind: "affine"; readonly constant: number; readonly coefficients: readonly number[] }
  | { readonly kind: "general"; readonly evaluate: (at: readonly number[]) => number };

/** What atoms mean once sizes and data are known. `lookup` gives NaN outside of its tensor. */
export interface AtomValues {
  readonly size: (name: string) => number;
  readonly lookup: (operand: number, position: readonly number[]) => number;
  /** Which loop an iterator is. */
  readonly loopOf: ReadonlyMap<number, number>;
}

/** An index over iterators as a function of the loops that they are. */
export function bindIndex(index: Integer, values: AtomValues): BoundIndex {
  const coefficients = new Array<number>(values.loopOf.size).fill(0);
  let constant = 0;
  for (const { coefficient, atoms } of index.terms) {
    let product = coefficient;
    let loop = -1;
    for (const atom of atoms) {
      if (atom.kind === "name") product *= values.size(atom.name);
      else if (atom.kind === "iterator" && loop < 0) loop = values.loopOf.get(atom.iterator)!;
      else return { kind: "general", evaluate: (at) => evaluated(index, values, at) };
    }
    if (loop < 0) constant += product;
    else coefficients[loop]! += product;
  }
  return { kind: "affine", constant, coefficients };
}

function evaluated(index: Integer, values: AtomValues, at: readonly number[]): number {
  return index.evaluate((atom) => {
    if (atom.kind === "name") return values.size(atom.name);
    if (atom.kind === "iterator") return at[values.loopOf.get(atom.iterator)!]!;
    return values.lookup(
      atom.operand,
      atom.index.map((inner) => evaluated(inner, values, at)),
    );
  });
}

/** The index for values of the iterators. */
export function indexAt(index: BoundIndex, at: readonly number[]): number {
  if (index.kind === "general") return index.evaluate(at);
  let sum = index.constant;
  for (let k = 0; k < index.coefficients.length; k++) sum += index.coefficients[k]! * at[k]!;
  return sum;
}

/** 0 <= index <= last. */
export interface Bound {
  readonly index: BoundIndex;
  readonly last: number;
}

/** True where the bound holds in the whole domain. */
export function holdsEverywhere({ index, last }: Bound, extents: readonly number[]): boolean {
  if (index.kind === "general") return false;
  let low = index.constant;
  let high = index.constant;
  for (const [k, coefficient] of index.coefficients.entries()) {
    const reach = coefficient * (extents[k]! - 1);
    if (reach > 0) high += reach;
    else low += reach;
  }
  return low >= 0 && high <= last;
}

/**
 * Visits the points of a domain at which all bounds hold, in row-major order. Affine bounds become limits of the innermost loop that
 * they name, so that a band is visited and not the square around it. `enter` is called whenever the first `outer` loops have
 * moved, before the points inside, and `leave` after them.
 */
export function visitDomain(
  extents: readonly number[],
  bounds: readonly Bound[],
  outer: number,
  visit: { enter(at: readonly number[]): void; point(at: readonly number[]): void; leave(): void },
): void {
  const at = extents.map(() => 0);
  const affine: { constant: number; coefficients: readonly number[]; last: number }[][] = extents.map(() => []);
  const general: Bound[] = [];
  for (const bound of bounds) {
    const { index, last } = bound;
    if (index.kind === "general") general.push(bound);
    else {
      const loop = index.coefficients.reduce((last, coefficient, k) => (coefficient === 0 ? last : k), -1);
      if (loop >= 0) affine[loop]!.push({ constant: index.constant, coefficients: index.coefficients, last });
      else if (index.constant < 0 || index.constant > last) return;
    }
  }
  const holds = () =>
    general.every(({ index, last }) => {
      const value = indexAt(index, at);
      return value >= 0 && value <= last;
    });
  const walk = (loop: number): void => {
    if (loop === outer) visit.enter(at);
    if (loop === extents.length) {
      if (general.length === 0 || holds()) visit.point(at);
    } else {
      let first = 0;
      let final = extents[loop]! - 1;
      for (const { constant, coefficients, last } of affine[loop]!) {
        let base = constant;
        for (let k = 0; k < loop; k++) base += coefficients[k]! * at[k]!;
        const step = coefficients[loop]!;
        // 0 <= base + step i <= last
        const [from, to] = step > 0 ? [-base / step, (last - base) / step] : [(last - base) / step, -base / step];
        first = Math.max(first, Math.ceil(from));
        final = Math.min(final, Math.floor(to));
      }
      for (let i = first; i <= final; i++) {
        at[loop] = i;
        walk(loop + 1);
      }
    }
    if (loop === outer) visit.leave();
  };
  walk(0);
}
