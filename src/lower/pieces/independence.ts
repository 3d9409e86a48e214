import type { Combine } from "../../ir/contraction.ts";
import { commonDivisor } from "../../numeric/common-divisor.ts";
import type { Buffer, Loop, Temporary } from "../program/loops.ts";
import { type Range, type Ranges, variablesOf } from "../program/ranges.ts";
import { visitStatement } from "../program/rewrite-statements.ts";
import { type Access, accessesOf, byBuffer } from "./accesses.ts";
import { isWrittenFirst } from "./covering.ts";

/** What the iterations of a loop have in common, beside what none of them changes. */
export interface Meeting {
  /** Temporaries from outside that collect terms. */
  readonly sums: ReadonlyMap<Temporary, Combine>;
  /** Arrays that collect terms, any of which may meet in an element. */
  readonly collectors: ReadonlyMap<Buffer, Combine>;
  /** Arrays that every iteration writes before it reads, and that nothing reads behind the loop. */
  readonly privates: ReadonlySet<Buffer>;
}

/**
 * What iterations of the loop meet in; undefined where one may need what another one leaves. `isReadLater`: of an array,
 * whether something behind the loop may read what the loop left there.
 */
export function meetingOf(loop: Loop, ranges: Ranges, isReadLater: (buffer: Buffer) => boolean): Meeting | undefined {
  // a loop of several lower limits begins where the largest is, wherever that may be between steps
  if (loop.descending || (loop.step !== 1 && loop.from.length > 1)) return undefined;
  const sums = sumsOf(loop);
  if (!sums) return undefined;
  const collectors = new Map<Buffer, Combine>();
  const privates = new Set<Buffer>();
  const inside = insideOf(loop);
  for (const [buffer, all] of byBuffer(accessesOf(loop.body, ranges))) {
    const writes = all.filter(({ kind }) => kind !== "read");
    if (writes.length === 0) continue;
    // of an array whose halves take turns, what is read in the other half is nobody's
    const isElsewhere = ({ half }: Access) =>
      half !== undefined && writes.every((write) => (write.half ?? half) !== half);
    const accesses = all.filter((access) => !isElsewhere(access));
    if (liesApart(loop, accesses, inside, ranges)) continue;
    if (accesses.length < all.length) return undefined;
    const { combine } = accesses[0]!;
    if (combine && buffer.dtype === "real" && accesses.every((access) => access.combine === combine))
      collectors.set(buffer, combine);
    else if (buffer.role === "workspace" && isWrittenFirst(accesses, ranges) && !isReadLater(buffer))
      privates.add(buffer);
    else return undefined;
  }
  return { sums, collectors, privates };
}

/** The temporaries from outside that the loop combines into; undefined where it does more with them, or calls. */
function sumsOf(loop: Loop): Map<Temporary, Combine> | undefined {
  const own = new Set<Temporary>();
  const read = new Set<Temporary>();
  const combined: [Temporary, Combine][] = [];
  let isKnown = true;
  const assigned: Temporary[] = [];
  visitStatement(loop, {
    statement: (statement) => {
      if (statement.kind === "let" || statement.kind === "start") own.add(statement.temporary);
      if (statement.kind === "combine") combined.push([statement.temporary, statement.combine]);
      if (statement.kind === "assign") assigned.push(statement.temporary);
      if (statement.kind === "call") isKnown = false;
    },
    value: (value) => {
      if (value.kind === "temporary") read.add(value);
    },
  });
  const sums = new Map<Temporary, Combine>();
  for (const [temporary, combine] of combined) {
    if (own.has(temporary)) continue;
    const isSum = temporary.dtype !== "bool" && !read.has(temporary) && (sums.get(temporary) ?? combine) === combine;
    if (!isSum) return undefined;
    sums.set(temporary, combine);
  }
  return isKnown && assigned.every((temporary) => own.has(temporary)) ? sums : undefined;
}

/** The integer variables that change within an iteration. */
function insideOf(loop: Loop): ReadonlySet<number> {
  const inside = new Set<number>();
  visitStatement(loop, {
    statement: (statement) => {
      if (statement.kind === "for" || statement.kind === "index") inside.add(statement.variable);
    },
  });
  inside.delete(loop.variable);
  return inside;
}

/** An address as a sum: a multiple of the loop's variable, what stays the same, and what moves within an iteration. */
interface Form {
  readonly stride: number;
  readonly constant: number;
  readonly fixed: string;
  readonly digits: readonly { readonly coefficient: number; readonly range: Range }[];
}

function formOf({ address, narrowed }: Access, loop: Loop, inside: ReadonlySet<number>, ranges: Ranges) {
  let [stride, constant] = [0, 0];
  const fixed: string[] = [];
  const digits: { coefficient: number; range: Range }[] = [];
  for (const term of address.terms) {
    const { coefficient, atoms, key } = term;
    const [atom] = atoms;
    if (!atom) {
      constant += coefficient;
      continue;
    }
    const variables = variablesOf(term);
    if (atoms.length === 1 && atom.kind === "iterator" && atom.iterator === loop.variable) stride += coefficient;
    else if (variables.includes(loop.variable)) return undefined;
    else if (!variables.some((variable) => inside.has(variable))) fixed.push(`${coefficient}${key}`);
    else digits.push({ coefficient, range: ranges.ofProduct(atoms, narrowed) });
  }
  return { stride, constant, fixed: fixed.join("+"), digits } satisfies Form;
}

/**
 * True where no two iterations touch the same element. Of the digits of an address those that are smaller than the loop's
 * own stride must stay below it, and the others be multiples of more than the loop covers: then an element tells its
 * iteration.
 */
function liesApart(loop: Loop, accesses: readonly Access[], inside: ReadonlySet<number>, ranges: Ranges): boolean {
  if (accesses.some(({ kind }) => kind === "fill")) return false;
  const forms: Form[] = [];
  for (const access of accesses) {
    const form = formOf(access, loop, inside, ranges);
    if (!form) return false;
    forms.push(form);
  }
  const [first] = forms;
  const { stride, fixed } = first!;
  if (stride === 0 || forms.some((form) => form.stride !== stride || form.fixed !== fixed)) return false;
  const turn = Math.abs(stride) * loop.step;
  const isLarge = ({ coefficient }: Form["digits"][number]) => Math.abs(coefficient) >= turn;
  const period = forms
    .flatMap(({ digits }) => digits.filter(isLarge))
    .reduce((divisor, { coefficient }) => commonDivisor(divisor, Math.abs(coefficient)), 0);
  let [least, largest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { constant, digits } of forms) {
    let [low, high] = [0, 0];
    for (const { coefficient, range } of digits.filter((digit) => !isLarge(digit))) {
      const ends = range.map((end) => coefficient * end);
      low += Math.min(...ends);
      high += Math.max(...ends);
    }
    const distance = nearest(constant - first!.constant, period);
    least = Math.min(least, low + distance);
    largest = Math.max(largest, high + distance);
  }
  const width = largest - least;
  const [from, to] = ranges.ofVariable(loop.variable);
  return width < turn && (period === 0 || Math.abs(stride) * (to - from) + width < period);
}

/** The number nearest to 0 that differs from x by a multiple of the period. */
const nearest = (x: number, period: number) => (period === 0 ? x : x - period * Math.round(x / period));
