import type { Integer } from "../../ir/integer.ts";
import { type Range, type Ranges, variablesOf } from "../program/ranges.ts";
import { type Access, commonSteps } from "./accesses.ts";

/**
 * True where every read of the array among these accesses is of an element that was written before, among them too. They
 * are all to one array, in the order in which they are run.
 */
export function isWrittenFirst(accesses: readonly Access[], ranges: Ranges): boolean {
  if (accesses[0]?.buffer.isPassing) return true;
  const writes: Access[] = [];
  for (const access of accesses) {
    const reads = access.kind === "read" || access.kind === "accumulate";
    if (reads && !writes.some((write) => covers(write, access, ranges))) return false;
    if (access.kind === "store" || access.kind === "fill") writes.push(access);
  }
  return true;
}

/** True where a write that comes first has written all that the read reads, in each round of the loops around both. */
function covers(write: Access, read: Access, ranges: Ranges): boolean {
  const shared = commonSteps(write, read);
  if (write.path.slice(shared).some(({ nest }) => nest.kind !== "for")) return false;
  if (write.kind === "fill") return true;
  const [written, wanted] = [regionOf(write, shared, ranges), regionOf(read, shared, ranges)];
  if (!written || !wanted || written.fixed !== wanted.fixed) return false;
  if (written.constant === wanted.constant && written.key === wanted.key) return true;
  const [dense, needed] = [denseRange(written), hull(wanted)];
  return dense !== undefined && dense[0] <= needed[0] && needed[1] <= dense[1];
}

/** Elements that loops run over: the sum of a constant, what the loops around fix, and what each loop adds. */
interface Region {
  readonly constant: number;
  /** What is the same for a write and a read in one round of the loops around both. */
  readonly fixed: string;
  readonly digits: readonly Digit[];
  readonly key: string;
}

interface Digit {
  readonly coefficient: number;
  readonly range: Range;
  /** True where every value of the range is taken. */
  readonly isWhole: boolean;
}

function regionOf({ address, path, narrowed }: Access, shared: number, ranges: Ranges): Region | undefined {
  const loops = new Map(path.slice(shared).flatMap(({ nest }) => (nest.kind === "for" ? [[nest.variable, nest]] : [])));
  // a variable that several statements set has no one value on the way
  const isFixed = (variable: number) =>
    !loops.has(variable) &&
    (path.slice(0, shared).some(({ nest }) => nest.kind === "for" && nest.variable === variable) ||
      ranges.isDefinedOnce(variable));
  let constant = 0;
  const fixed: string[] = [];
  const digits: Digit[] = [];
  const keys: string[] = [];
  for (const term of address.terms) {
    const { coefficient, atoms, key } = term;
    const [atom] = atoms;
    const loop = atom?.kind === "iterator" && atoms.length === 1 ? loops.get(atom.iterator) : undefined;
    if (!atom) constant += coefficient;
    else if (!loop) {
      if (!variablesOf(term).every(isFixed)) return undefined;
      fixed.push(`${coefficient}${key}`);
    } else {
      const [from, to] = [loop.from, loop.to].map((bounds) => bounds.map((bound) => ranges.resolved(bound)));
      const bounds = [...from!, ...to!];
      if (!bounds.every((bound) => bound.iterators().every(isFixed))) return undefined;
      const [first, end] = [Math.max(...from!.map(numberOf)), Math.min(...to!.map(numberOf))];
      const isWhole = first < end && loop.step === 1 && !narrowed.has(loop.variable);
      const range = isWhole ? ([first, end - 1] as const) : ranges.ofVariable(loop.variable, narrowed);
      digits.push({ coefficient, range, isWhole });
      keys.push(`${coefficient}|${bounds.map((bound) => bound.key).join(",")}|${from!.length}|${loop.step}`);
    }
  }
  return { constant, fixed: fixed.join("+"), digits, key: keys.sort().join(" ") };
}

const numberOf = (integer: Integer): number => integer.value ?? Number.NaN;

function hull({ constant, digits }: Region): Range {
  let [least, largest] = [constant, constant];
  for (const { coefficient, range } of digits) {
    const ends = range.map((end) => coefficient * end);
    least += Math.min(...ends);
    largest += Math.max(...ends);
  }
  return [least, largest];
}

/** The region's range where it holds every element of it. */
function denseRange(region: Region): Range | undefined {
  let reach = 0;
  for (const { coefficient, range, isWhole } of [...region.digits].sort(
    (a, b) => Math.abs(a.coefficient) - Math.abs(b.coefficient),
  )) {
    if (!isWhole || Math.abs(coefficient) > reach + 1) return undefined;
    reach += Math.abs(coefficient) * (range[1] - range[0]);
  }
  return hull(region);
}
