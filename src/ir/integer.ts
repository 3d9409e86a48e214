import { UsageError } from "./errors.ts";

/**
 * What a symbolic integer is made of: a named size, an iterator of the enclosing domain, a quotient rounded
 * down, or an element of an integer tensor (operand number and one index per axis).
 */
export type Atom =
  | { readonly kind: "name"; readonly name: string; readonly key: string }
  | { readonly kind: "iterator"; readonly iterator: number; readonly key: string }
  | { readonly kind: "floorDiv"; readonly numerator: Integer; readonly denominator: Integer; readonly key: string }
  | { readonly kind: "lookup"; readonly operand: number; readonly index: readonly Integer[]; readonly key: string };

interface Term {
  readonly coefficient: number;
  /** Sorted by key; a power repeats its atom. */
  readonly atoms: readonly Atom[];
  readonly key: string;
}

const byKey = (a: { readonly key: string }, b: { readonly key: string }) =>
  a.key < b.key ? -1 : a.key > b.key ? 1 : 0;

/**
 * A symbolic integer: a polynomial with integer coefficients over atoms, in canonical form, immutable.
 * Sizes are integers over names; indices are integers over iterators (and sizes, and lookups).
 * Two integers are equal exactly when their keys are.
 */
export class Integer {
  /** Sorted by key, each key once, no coefficient 0. */
  readonly terms: readonly Term[];
  private knownKey: string | undefined = undefined;
  private knownIterators: readonly number[] | undefined = undefined;

  private constructor(terms: readonly Term[]) {
    this.terms = terms;
  }

  /** Made when it is first asked for: most integers are met on the way to others. */
  get key(): string {
    this.knownKey ??= this.terms.map(({ coefficient, key }) => coefficient + key).join("+") || "0";
    return this.knownKey;
  }

  static readonly zero = new Integer([]);
  static readonly one = Integer.constant(1);

  static constant(value: number): Integer {
    if (!Number.isSafeInteger(value)) throw new UsageError(`a size or index must be a whole number, got ${value}.`);
    return new Integer(value === 0 ? [] : [{ coefficient: value, atoms: [], key: "" }]);
  }

  static named(name: string): Integer {
    return Integer.ofAtom({ kind: "name", name, key: name });
  }

  static iterator(iterator: number): Integer {
    return Integer.ofAtom({ kind: "iterator", iterator, key: `$${iterator}` });
  }

  static lookup(operand: number, index: readonly Integer[]): Integer {
    return Integer.ofAtom({ kind: "lookup", operand, index, key: `@${operand}[${index.map((i) => i.key).join(";")}]` });
  }

  static ofAtom(atom: Atom): Integer {
    return new Integer([{ coefficient: 1, atoms: [atom], key: `*${atom.key}` }]);
  }

  static from(value: number | string | Integer): Integer {
    if (typeof value === "number") return Integer.constant(value);
    return typeof value === "string" ? Integer.named(value) : value;
  }

  static sum(values: readonly Integer[]): Integer {
    return collect(values.flatMap((value) => value.terms));
  }

  static product(values: readonly Integer[]): Integer {
    return values.reduce((product, value) => product.times(value), Integer.one);
  }

  private static ofTerms(terms: readonly Term[]): Integer {
    return terms.length === 0 ? Integer.zero : new Integer(terms);
  }

  /** Canonical sum of terms in any order. */
  static collect(terms: readonly Term[]): Integer {
    const sorted: Term[] = [];
    // most come in order
    for (const term of terms) insert(term, sorted);
    return Integer.ofTerms(sorted);
  }

  plus(other: Integer | number): Integer {
    const right = Integer.from(other);
    if (right.terms.length === 0) return this;
    if (this.terms.length === 0) return right;
    return collect([...this.terms, ...right.terms]);
  }

  minus(other: Integer | number): Integer {
    return this.plus(Integer.from(other).scaled(-1));
  }

  scaled(factor: number): Integer {
    if (factor === 1) return this;
    if (factor === 0) return Integer.zero;
    return new Integer(this.terms.map((term) => ({ ...term, coefficient: term.coefficient * factor })));
  }

  times(other: Integer | number): Integer {
    const right = Integer.from(other);
    if (right.value !== undefined) return this.scaled(right.value);
    if (this.value !== undefined) return right.scaled(this.value);
    const products: Term[] = [];
    for (const a of this.terms) for (const b of right.terms) insert(multiply(a, b), products);
    return Integer.ofTerms(products);
  }

  /** Quotient rounded towards minus infinity; exact division is carried out, anything else becomes an atom. */
  floorDiv(other: Integer | number): Integer {
    const denominator = Integer.from(other);
    const d = denominator.value;
    if (d === 0) throw new UsageError("a size is divided by zero.");
    if (d !== undefined && d < 0) return this.scaled(-1).floorDiv(-d);
    if (d === 1 || this.terms.length === 0) return this;
    if (d !== undefined) {
      // (d q + r) // d = q + r // d for every whole q
      const whole = this.terms.filter((term) => term.atoms.length > 0 && term.coefficient % d === 0);
      const rest = this.terms.filter((term) => !whole.includes(term));
      const constant = rest.find((term) => term.atoms.length === 0)?.coefficient ?? 0;
      const shift = Math.floor(constant / d);
      const quotient = collect(whole.map((term) => ({ ...term, coefficient: term.coefficient / d }))).plus(shift);
      const remainder = collect(rest).minus(shift * d);
      if (remainder.value !== undefined) return quotient;
      return quotient.plus(quotientAtom(remainder, denominator));
    }
    return this.dividedBy(denominator) ?? quotientAtom(this, denominator);
  }

  /** this / divisor when the division is exact term by term, else undefined. */
  dividedBy(divisor: Integer): Integer | undefined {
    if (divisor.terms.length !== 1) return this.key === divisor.key ? Integer.one : undefined;
    const { coefficient, atoms } = divisor.terms[0]!;
    const quotient: Term[] = [];
    for (const term of this.terms) {
      if (term.coefficient % coefficient !== 0) return undefined;
      const left = [...term.atoms];
      for (const atom of atoms) {
        const at = left.findIndex((candidate) => candidate.key === atom.key);
        if (at < 0) return undefined;
        left.splice(at, 1);
      }
      quotient.push(monomial(term.coefficient / coefficient, left));
    }
    return collect(quotient);
  }

  /** The number, when no atom is left. */
  get value(): number | undefined {
    if (this.terms.length === 0) return 0;
    const only = this.terms[0]!;
    return this.terms.length === 1 && only.atoms.length === 0 ? only.coefficient : undefined;
  }

  /** The number among its terms: 3 of 3 + n. */
  get offset(): number {
    const [first] = this.terms;
    return first?.atoms.length === 0 ? first.coefficient : 0;
  }

  equals(other: Integer): boolean {
    return this.key === other.key;
  }

  /** Every atom outside and inside quotients and lookups, each once. */
  atoms(): Atom[] {
    const found = new Map<string, Atom>();
    const pending: Integer[] = [this];
    for (let next = pending.pop(); next; next = pending.pop()) {
      for (const term of next.terms) {
        for (const atom of term.atoms) {
          if (found.has(atom.key)) continue;
          found.set(atom.key, atom);
          if (atom.kind === "floorDiv") pending.push(atom.numerator, atom.denominator);
          if (atom.kind === "lookup") pending.push(...atom.index);
        }
      }
    }
    return [...found.values()];
  }

  /** True of what iterators or elements of tensors may change. */
  isVariable(): boolean {
    return this.terms.some(({ atoms }) => atoms.some(isVariableAtom));
  }

  names(): string[] {
    return this.atoms().flatMap((atom) => (atom.kind === "name" ? [atom.name] : []));
  }

  iterators(): readonly number[] {
    this.knownIterators ??= this.findIterators();
    return this.knownIterators;
  }

  private findIterators(): readonly number[] {
    const found: number[] = [];
    for (const { atoms } of this.terms) {
      for (const atom of atoms) {
        // within quotients and lookups there may be others
        if (!isPlain(atom)) return this.atoms().flatMap((inner) => (inner.kind === "iterator" ? [inner.iterator] : []));
        if (atom.kind === "iterator" && !found.includes(atom.iterator)) found.push(atom.iterator);
      }
    }
    return found;
  }

  /** The iterator and offset of an index of the form iterator + offset with no other iterator or lookup, sign +1 or -1. */
  unitIterator(): { readonly iterator: number; readonly sign: 1 | -1; readonly offset: Integer } | undefined {
    let found: { iterator: number; sign: 1 | -1 } | undefined;
    const rest: Term[] = [];
    for (const term of this.terms) {
      if (term.atoms.every((atom) => !isVariableAtom(atom))) {
        rest.push(term);
        continue;
      }
      const atom = term.atoms[0]!;
      const isUnit = term.atoms.length === 1 && atom.kind === "iterator" && Math.abs(term.coefficient) === 1;
      if (!isUnit || found) return undefined;
      found = { iterator: atom.iterator, sign: term.coefficient as 1 | -1 };
    }
    return found && { ...found, offset: collect(rest) };
  }

  /** The coefficient of an iterator, when the integer is affine in it. */
  coefficientOf(iterator: number): Integer | undefined {
    const terms: Term[] = [];
    for (const term of this.terms) {
      const rest = term.atoms.filter((atom) => atom.kind !== "iterator" || atom.iterator !== iterator);
      const uses = term.atoms.length - rest.length;
      if (uses > 1 || rest.some((atom) => mentions(atom, iterator))) return undefined;
      if (uses === 1) terms.push(monomial(term.coefficient, rest));
    }
    return collect(terms);
  }

  /** Replaces atoms; an atom that `replace` maps to undefined stays (with its own parts replaced). */
  substitute(replace: (atom: Atom) => Integer | undefined): Integer {
    const kept: Term[] = [];
    let sum: Integer = Integer.zero;
    for (const term of this.terms) {
      let product: Integer | undefined;
      for (let k = 0; k < term.atoms.length; k++) {
        const atom = term.atoms[k]!;
        const made = replace(atom) ?? (isPlain(atom) ? undefined : rebuild(atom, replace));
        if (made) product = (product ?? new Integer([monomial(term.coefficient, term.atoms.slice(0, k))])).times(made);
        else product = product?.times(Integer.ofAtom(atom));
      }
      if (product) sum = sum.plus(product);
      else kept.push(term);
    }
    if (kept.length === this.terms.length) return this;
    return kept.length === 0 ? sum : collect([...kept, ...sum.terms]);
  }

  /** Replaces iterator k by `values[k]`; an absent entry leaves the iterator alone. */
  withIterators(values: readonly (Integer | undefined)[]): Integer {
    return this.substitute((atom) => (atom.kind === "iterator" ? values[atom.iterator] : undefined));
  }

  evaluate(value: (atom: Exclude<Atom, { kind: "floorDiv" }>) => number): number {
    let sum = 0;
    for (const term of this.terms) {
      let product = term.coefficient;
      for (const atom of term.atoms) {
        product *=
          atom.kind === "floorDiv"
            ? Math.floor(atom.numerator.evaluate(value) / atom.denominator.evaluate(value))
            : value(atom);
      }
      sum += product;
    }
    return sum;
  }

  /**
   * True when this >= 0 holds for every value of the sizes (each >= 0) and every iterator k in 0..extents[k].
   * False means only that it could not be shown.
   */
  isProvablyNonNegative(extents: readonly Integer[]): boolean {
    if (this.isBoundedByZero(extents)) return true;
    const known = inhabited(this, extents);
    if (!known) return false;
    return this.substitute(known).isBoundedByZero(extents.map((extent) => extent?.substitute(known)));
  }

  private isBoundedByZero(extents: readonly (Integer | undefined)[]): boolean {
    let lowest: Integer = this;
    for (const iterator of this.iterators()) {
      const coefficient = lowest.coefficientOf(iterator);
      const extent = extents[iterator];
      if (!coefficient || !extent) return false;
      const bound = hasOnlyPositiveTerms(coefficient)
        ? Integer.zero
        : hasOnlyPositiveTerms(coefficient.scaled(-1))
          ? extent.minus(1)
          : undefined;
      if (!bound) return false;
      lowest = lowest.substitute((atom) =>
        atom.kind === "iterator" && atom.iterator === iterator ? bound : undefined,
      );
    }
    return hasOnlyPositiveTerms(lowest);
  }

  /** As people write it: `n*d + 2`, `(n - 1)//2`; iterators by the given names. */
  toString(iteratorName: (iterator: number) => string = (iterator) => `i${iterator}`): string {
    if (this.terms.length === 0) return "0";
    const ordered = [...this.terms].sort((a, b) => b.atoms.length - a.atoms.length);
    if (ordered[0]!.coefficient < 0) {
      const positive = ordered.findIndex((term) => term.coefficient > 0);
      if (positive > 0) ordered.unshift(...ordered.splice(positive, 1));
    }
    return ordered
      .map((term, position) => {
        const size = Math.abs(term.coefficient);
        const factors = term.atoms.map((atom) => printAtom(atom, iteratorName));
        const text = (size === 1 && factors.length > 0 ? factors : [String(size), ...factors]).join("*");
        if (position === 0) return term.coefficient < 0 ? `-${text}` : text;
        return term.coefficient < 0 ? ` - ${text}` : ` + ${text}`;
      })
      .join("");
  }
}

const collect = Integer.collect;

/** Adds a term to terms that are sorted by key. */
function insert(term: Term, sorted: Term[]): void {
  let at = sorted.length;
  while (at > 0 && sorted[at - 1]!.key > term.key) at--;
  const known = sorted[at - 1];
  const coefficient = known?.key === term.key ? known.coefficient + term.coefficient : undefined;
  if (coefficient === undefined) {
    if (at === sorted.length) sorted.push(term);
    else sorted.splice(at, 0, term);
  } else if (coefficient === 0) sorted.splice(at - 1, 1);
  else sorted[at - 1] = { coefficient, atoms: term.atoms, key: term.key };
}

function monomial(coefficient: number, atoms: readonly Atom[]): Term {
  const sorted = atoms.length < 2 ? atoms : [...atoms].sort(byKey);
  let key = "";
  for (const atom of sorted) key += `*${atom.key}`;
  return { coefficient, atoms: sorted, key };
}

function multiply(a: Term, b: Term): Term {
  return monomial(a.coefficient * b.coefficient, [...a.atoms, ...b.atoms]);
}

function quotientAtom(numerator: Integer, denominator: Integer): Integer {
  return Integer.ofAtom({
    kind: "floorDiv",
    numerator,
    denominator,
    key: `((${numerator.key})//(${denominator.key}))`,
  });
}

/** True for an atom that holds no other integers. */
const isPlain = ({ kind }: Atom) => kind === "name" || kind === "iterator";

function rebuild(atom: Atom, replace: (atom: Atom) => Integer | undefined): Integer {
  if (atom.kind === "floorDiv") {
    return atom.numerator.substitute(replace).floorDiv(atom.denominator.substitute(replace));
  }
  if (atom.kind === "lookup") {
    return Integer.lookup(
      atom.operand,
      atom.index.map((index) => index.substitute(replace)),
    );
  }
  return Integer.ofAtom(atom);
}

/** An iterator, an element of a tensor, or a quotient of such: its value may differ from term to term. */
export function isVariableAtom(atom: Atom): boolean {
  if (atom.kind !== "floorDiv") return atom.kind !== "name";
  return Integer.ofAtom(atom)
    .atoms()
    .some(({ kind }) => kind === "iterator" || kind === "lookup");
}

function mentions(atom: Atom, iterator: number): boolean {
  return !isPlain(atom) && Integer.ofAtom(atom).iterators().includes(iterator);
}

/**
 * Where an iterator has a value its range is not empty: of an extent q + c with a quotient q, q is at least 1 - c. What
 * stands for such quotients: a size, which is never negative, less c - 1.
 */
function inhabited(value: Integer, extents: readonly Integer[]): ((atom: Atom) => Integer | undefined) | undefined {
  let least: Map<string, Integer> | undefined;
  for (const iterator of value.iterators()) {
    const varying = extents[iterator]?.terms.filter((term) => term.atoms.length > 0) ?? [];
    const atom = varying.length === 1 && varying[0]!.coefficient === 1 ? varying[0]!.atoms[0]! : undefined;
    if (atom?.kind !== "floorDiv" || varying[0]!.atoms.length > 1) continue;
    const shift = extents[iterator]!.minus(Integer.ofAtom(atom)).value;
    if (shift === undefined) continue;
    least ??= new Map();
    least.set(atom.key, Integer.named(`?${atom.key}`).plus(1 - shift));
  }
  return least && ((atom) => least.get(atom.key));
}

/** Sizes are never negative, so a polynomial with positive coefficients is not negative either. */
function hasOnlyPositiveTerms(integer: Integer): boolean {
  return integer.terms.every((term) => term.coefficient > 0 && term.atoms.every(isNeverNegative));
}

function isNeverNegative(atom: Atom): boolean {
  if (atom.kind !== "floorDiv") return atom.kind === "name";
  // a size may be 0, and a quotient by it is no number
  return hasOnlyPositiveTerms(atom.numerator) && hasOnlyPositiveTerms(atom.denominator.minus(1));
}

function printAtom(atom: Atom, iteratorName: (iterator: number) => string): string {
  switch (atom.kind) {
    case "name":
      return atom.name;
    case "iterator":
      return iteratorName(atom.iterator);
    case "lookup":
      return `@${atom.operand}[${atom.index.map((index) => index.toString(iteratorName)).join(", ")}]`;
    case "floorDiv": {
      const part = (value: Integer) => {
        const text = value.toString(iteratorName);
        return /^[\p{L}\p{M}\p{N}_]+$/u.test(text) ? text : `(${text})`;
      };
      return `(${part(atom.numerator)}//${part(atom.denominator)})`;
    }
  }
}
