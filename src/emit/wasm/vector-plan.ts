import type { Combine, Guard } from "../../ir/contraction.ts";
import type { Integer } from "../../ir/integer.ts";
import type { Accumulate, Buffer, Load, Loop, Statement, Temporary, Value } from "../../lower/program/loops.ts";
import { ownValue, visitValue } from "../../lower/program/rewrite-statements.ts";

type Write = Extract<Statement, { kind: "store" | "accumulate" }>;

/** How an address moves with the loop: by nothing, by one element, by a fixed number of them, or in another way. */
export type Motion = "fixed" | "unit" | "stride" | "free";

export interface Slide {
  readonly lower: Accumulate;
  /** One element further. */
  readonly upper: Accumulate;
}

/** What a loop does, as far as taking two iterations at a time depends on it. */
export interface VectorPlan {
  /** Temporaries from outside that collect terms. */
  readonly reductions: ReadonlyMap<Temporary, Combine>;
  /** Elements that stay the same and collect terms: they are written once, after the loop. */
  readonly elements: readonly Accumulate[];
  /** Pairs of sums of which one is added to the element after the other's: what moves on is kept for the next turn. */
  readonly slides: readonly Slide[];
  /** Copies of the body that one turn holds, each for two iterations. */
  readonly copies: number;
  motion(address: Integer): Motion;
  /** True where two iterations may have different values of the integer. */
  varies(integer: Integer): boolean;
  /** True for a temporary of the loop that all iterations give the same value. */
  isUniform(temporary: Temporary): boolean;
  isWritten(buffer: Buffer): boolean;
}

/** Undefined where iterations depend on each other, or where two at a time gain nothing. */
export function planVectorLoop(loop: Loop, ordered: boolean): VectorPlan | undefined {
  if (loop.step !== 1 || loop.descending) return undefined;
  const survey = new Survey(loop);
  if (!survey.isRegular || isShort(loop, survey.isNest ? 2 : 4)) return undefined;
  const { reductions, writes, loads } = survey;
  // a sum that is read on the way is a running sum
  if ([...reductions.keys()].some((temporary) => survey.read.has(temporary))) return undefined;
  if (ordered && [...reductions.values()].some((how) => how === "sum" || how === "prod")) return undefined;
  const elements: Accumulate[] = [];
  const slides: Slide[] = [];
  for (const [buffer, list] of writes) {
    const read = loads.filter((load) => load.buffer === buffer && !liesInOtherHalf(load, list));
    const motions = list.map(({ address }) => survey.motion(address));
    if (motions.includes("fixed")) {
      const [only] = list;
      const isAlone = list.length === 1 && read.length === 0 && only!.kind === "accumulate";
      if (ordered || !isAlone || survey.isNest) return undefined;
      elements.push(only as Accumulate);
      continue;
    }
    if (list.some((write) => survey.masked.has(write))) return undefined;
    if (loop.isIndependent) continue;
    const addresses = new Set([...list, ...read].map(({ address }) => address.key));
    const isOnePlace = addresses.size === 1 && !motions.includes("free");
    if (!isOnePlace && (survey.isNest || !liesApart([...list, ...read], loop.variable))) {
      // only terms of one kind of sum may meet in an element in any order
      const meets = new Set(list.map((write) => (write.kind === "accumulate" ? write.combine : "store")));
      if (read.length > 0 || meets.has("store") || meets.size > 1) return undefined;
      if (ordered && list.length > 1) return undefined;
      const isChosen = list.some((write) => survey.chosen.has(write));
      const slide = survey.isNest || isChosen ? undefined : slideOf(list as Accumulate[], motions);
      if (slide) slides.push(slide);
    }
    if (survey.isNest && (read.length > 0 || list.some((write) => survey.isInInnerLoop(write) && ordered)))
      return undefined;
    if (list.some((write) => write.kind === "store" && survey.movesInside(write))) return undefined;
  }
  if (!isWorthwhile(survey)) return undefined;
  return {
    reductions,
    elements,
    slides,
    copies: copiesFor(loop, survey),
    motion: (address) => survey.motion(address),
    varies: (integer) => survey.varies(integer),
    isUniform: (temporary) => survey.uniform.has(temporary),
    isWritten: (buffer) => writes.has(buffer),
  };
}

/** True where all writes go to the half of the array that the load is not from. */
function liesInOtherHalf({ half }: Load, writes: readonly Write[]): boolean {
  return half !== undefined && writes.every((write) => write.half !== undefined && write.half !== half);
}

/**
 * True where every iteration has elements of its own, as fields of records: all addresses move by one fixed stride, and lie
 * less than that apart.
 */
function liesApart(accesses: readonly { readonly address: Integer }[], variable: number): boolean {
  const [first] = accesses;
  const stride = first!.address.coefficientOf(variable)?.value;
  if (stride === undefined || stride === 0) return false;
  const distances = accesses.map(({ address }) => address.minus(first!.address).value);
  if (distances.some((distance) => distance === undefined)) return false;
  return Math.max(...(distances as number[])) - Math.min(...(distances as number[])) < Math.abs(stride);
}

function slideOf(list: readonly Accumulate[], motions: readonly Motion[]): Slide | undefined {
  const [first, second] = list;
  if (list.length !== 2 || first!.combine !== "sum" || motions.some((motion) => motion !== "unit")) return undefined;
  const distance = second!.address.minus(first!.address).value;
  if (distance === 1) return { lower: first!, upper: second! };
  return distance === -1 ? { lower: second!, upper: first! } : undefined;
}

/** Fewer turns than pay for the preparations. */
function isShort({ from, to }: Loop, fewest: number): boolean {
  const [first, last] = [from[0]!.value, to[0]!.value];
  return from.length === 1 && to.length === 1 && first !== undefined && last !== undefined && last - first < fewest;
}

/** What two numbers at a time save, against what reading and writing two places costs. */
function isWorthwhile(survey: Survey): boolean {
  const accesses = [...survey.loads, ...[...survey.writes.values()].flat()].map(({ address }) =>
    survey.motion(address),
  );
  const units = accesses.filter((motion) => motion === "unit").length;
  const others = accesses.filter((motion) => motion !== "unit" && motion !== "fixed").length;
  if (survey.isNest) return units > 0 && others === 0 && survey.masks === 0;
  return survey.operations + 2 * units > 2 * others + 4 * survey.masks;
}

/** Vectors that sums may occupy, of the 16 there are. */
const sumsInRegisters = 8;

function copiesFor(loop: Loop, survey: Survey): number {
  const size = survey.operations + survey.loads.length + 2 * survey.writes.size;
  const bySize = survey.masks > 0 ? 1 : size <= 12 ? 4 : size <= 40 ? 2 : 1;
  const inSums = (count: number) => Math.max(1, Math.min(4, Math.floor(sumsInRegisters / Math.max(1, count))));
  const longest = loop.to[0]!.value;
  let copies = survey.isNest ? inSums(survey.starts) : survey.reductions.size >= 4 ? 1 : bySize;
  while (longest !== undefined && copies > 1 && 2 * copies > longest) copies = Math.floor(copies / 2);
  return copies;
}

/** What the statements of a loop do, seen from two neighbouring iterations. */
class Survey {
  readonly reductions = new Map<Temporary, Combine>();
  readonly writes = new Map<Buffer, Write[]>();
  readonly loads: Load[] = [];
  readonly read = new Set<Temporary>();
  readonly uniform = new Set<Temporary>();
  /** Statements under a condition. */
  readonly masked = new Set<Statement>();
  /** Statements on a side of a choice: turns may leave them out. */
  readonly chosen = new Set<Statement>();
  masks = 0;
  operations = 0;
  /** Sums that the loop itself begins. */
  starts = 0;
  /** False where some statement is of a kind that no vector holds. */
  readonly isRegular: boolean;
  private readonly loop: Loop;
  private readonly own = new Set<Temporary>();
  /** Integer variables that differ between iterations. */
  private readonly varying: Set<number>;
  private readonly inner = new Map<Statement, readonly Loop[]>();

  constructor(loop: Loop) {
    this.loop = loop;
    this.varying = new Set([loop.variable]);
    this.isRegular = loop.body.every((statement) => this.visit(statement, false, []));
  }

  get isNest(): boolean {
    return this.inner.size > 0;
  }

  isInInnerLoop(statement: Statement): boolean {
    return (this.inner.get(statement)?.length ?? 0) > 0;
  }

  /** True for a write that an inner loop moves too: iterations of both may meet in one element. */
  movesInside(write: Write): boolean {
    const variables = (this.inner.get(write) ?? []).map(({ variable }) => variable);
    return write.address.iterators().some((variable) => variables.includes(variable));
  }

  varies(integer: Integer): boolean {
    return integer.iterators().some((variable) => this.varying.has(variable));
  }

  motion(address: Integer): Motion {
    const varying = address.iterators().filter((variable) => this.varying.has(variable));
    if (varying.length === 0) return "fixed";
    if (varying.length > 1 || varying[0] !== this.loop.variable) return "free";
    const stride = address.coefficientOf(this.loop.variable);
    if (!stride) return "free";
    return stride.value === 1 ? "unit" : "stride";
  }

  private visit(statement: Statement, isMasked: boolean, loops: readonly Loop[]): boolean {
    if (isMasked) this.masked.add(statement);
    if (loops.length > 0) this.inner.set(statement, loops);
    const value = ownValue(statement);
    const isUniform = value === undefined || this.note(value);
    switch (statement.kind) {
      case "let":
        this.own.add(statement.temporary);
        if (isUniform && !isMasked) this.uniform.add(statement.temporary);
        return true;
      case "start":
        this.starts += 1;
        this.own.add(statement.temporary);
        return true;
      case "assign":
        return this.own.has(statement.temporary);
      case "index":
        if (!isUniform || isMasked) this.varying.add(statement.variable);
        return !this.readsOwn(statement.value);
      case "combine": {
        this.operations += 1;
        if (this.own.has(statement.temporary)) return true;
        const known = this.reductions.get(statement.temporary);
        this.reductions.set(statement.temporary, statement.combine);
        return known === undefined || known === statement.combine;
      }
      case "store":
      case "accumulate":
        this.operations += 1;
        this.writes.set(statement.buffer, [...(this.writes.get(statement.buffer) ?? []), statement]);
        return true;
      case "when":
        this.masks += 1;
        return !isMasked && statement.body.every((inner) => this.visit(inner, true, loops));
      case "if": {
        const sides = [...statement.body, ...statement.otherwise];
        for (const inner of sides) this.chosen.add(inner);
        return sides.every((inner) => mayBeChosen(inner) && this.visit(inner, isMasked, loops));
      }
      case "for": {
        const bounds = [...statement.from, ...statement.to];
        if (isMasked || statement.descending || bounds.some((bound) => this.varies(bound))) return false;
        this.inner.set(statement, loops);
        return statement.body.every((inner) => this.visit(inner, false, [...loops, statement]));
      }
      default:
        return false;
    }
  }

  private readsOwn(value: Value): boolean {
    let found = false;
    visitValue(value, (inner) => {
      if (inner.kind === "temporary" && this.own.has(inner)) found = true;
    });
    return found;
  }

  /** Takes note of a value; true where all iterations have the same. */
  private note(value: Value): boolean {
    let isUniform = true;
    const fixed = (integer: Integer) => {
      if (this.varies(integer)) isUniform = false;
    };
    const fixedGuards = (guards: readonly Guard[]) => {
      for (const { index, extent } of guards) {
        fixed(index);
        if (extent) fixed(extent);
      }
    };
    visitValue(value, (inner) => {
      switch (inner.kind) {
        case "temporary":
          this.read.add(inner);
          if (this.own.has(inner) && !this.uniform.has(inner)) isUniform = false;
          return;
        case "load":
          this.loads.push(inner);
          fixed(inner.address);
          return;
        case "integer":
          fixed(inner.integer);
          return;
        case "apply":
          this.operations += Math.max(1, inner.primitive.cost);
          return;
        case "guarded":
          this.masks += 1;
          fixedGuards(inner.guards);
      }
    });
    return isUniform;
  }
}

/** True of what may stand on a side of a choice: what is stored there would have to wait until one iteration is known to be on it. */
const mayBeChosen = ({ kind }: Statement): boolean =>
  kind === "let" || kind === "combine" || kind === "accumulate" || kind === "if";
