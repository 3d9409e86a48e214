import type { Guard } from "../../ir/contraction.ts";
import { Integer } from "../../ir/integer.ts";
import { equal, greater, greaterEqual, less, lessEqual, notEqual } from "../../ops/elementary/comparison.ts";
import { byPrimitive } from "../../ops/maps.ts";
import type { Loop, Statement, Temporary, Value } from "../program/loops.ts";
import { isNest, mapBodies, visitStatement } from "../program/rewrite-statements.ts";
import { type Known, settled, WholeNumbers } from "./settle.ts";

/** So many rounds at an end may be apart. */
const mostRounds = 8;
/** Loops of fewer conditions stay: one is cheap, and a reader has one loop to read. */
const fewestConditions = 2;
/** Longer bodies are not written three times. */
const longestBody = 60;

/**
 * The statements with loops whose conditions are settled but for the first and the last rounds in up to three parts: the rounds
 * between ask nothing. A step that reads its neighbours several times over is such a loop.
 */
export function withEndsApart(body: readonly Statement[]): readonly Statement[] {
  if (!body.some(isNest)) return body;
  let changes = false;
  const result = body.flatMap((statement): Statement | readonly Statement[] => {
    if (!isNest(statement)) return statement;
    const parts = statement.kind === "for" ? partsOf(statement) : undefined;
    const whole = parts ?? [mapBodies(statement, (inner) => [...withEndsApart(inner)])];
    if (parts || whole[0] !== statement) changes = true;
    return whole;
  });
  return changes ? result : body;
}

/** The first rounds, those between, and the last; undefined where that settles too little. */
function partsOf(loop: Loop): Statement[] | undefined {
  const { variable, from, to, step, descending, body } = loop;
  const [end] = to;
  if (step !== 1 || descending || from.length !== 1 || from[0]!.value !== 0 || to.length !== 1) return undefined;
  const ends = new Ends(variable, end!);
  let size = 0;
  let isInnermost = true;
  for (const inner of body) {
    visitStatement(inner, {
      statement: (statement) => {
        size++;
        if (statement.kind === "let") ends.numbers.name(statement.temporary, statement.value);
        if (statement.kind === "for" || statement.kind === "while" || statement.kind === "call") isInnermost = false;
        if (statement.kind === "when") for (const guard of statement.guards) ends.note(ends.roundsOf(guard));
      },
      value: (value) => {
        if (value.kind === "guarded") for (const guard of value.guards) ends.note(ends.roundsOf(guard));
        ends.note(ends.roundsOfComparison(value));
      },
    });
  }
  if (!isInnermost || size > longestBody || ends.conditions < fewestConditions) return undefined;
  const { first, last } = ends;
  const [low, high] = [Integer.constant(first), end!.minus(last)];
  const between: Loop = { ...loop, from: [low], to: [high], body: named(ends.settled(body)) };
  const before: Loop[] = first === 0 ? [] : [{ ...loop, to: [end!, low] }];
  const after: Loop[] = last === 0 ? [] : [{ ...loop, from: [low, high] }];
  return [...before, between, ...after];
}

/** How many of the first and of the last rounds a condition needs apart. */
interface Rounds {
  readonly first: number;
  readonly last: number;
}

const none: Rounds | undefined = { first: 0, last: 0 };

/** What comparisons tell apart: a place, or the numbers before and behind it. */
const orders = byPrimitive<{ readonly isLess: boolean; readonly isStrict: boolean; readonly isPoint?: boolean }>([
  [less, { isLess: true, isStrict: true }],
  [lessEqual, { isLess: true, isStrict: false }],
  [greater, { isLess: false, isStrict: true }],
  [greaterEqual, { isLess: false, isStrict: false }],
  [equal, { isLess: true, isStrict: false, isPoint: true }],
  [notEqual, { isLess: false, isStrict: true, isPoint: true }],
]);

/** What is asked about the variable of a loop from 0 to an end. */
class Ends {
  private readonly variable: number;
  private readonly end: Integer;
  readonly numbers = new WholeNumbers();
  /** A condition that needs more rounds apart is left as it is. */
  private most: Rounds = { first: mostRounds, last: mostRounds };
  first = 0;
  last = 0;
  conditions = 0;

  constructor(variable: number, end: Integer) {
    this.variable = variable;
    this.end = end;
  }

  note(rounds: Rounds | undefined): void {
    if (!rounds) return;
    this.first = Math.max(this.first, rounds.first);
    this.last = Math.max(this.last, rounds.last);
    this.conditions++;
  }

  private within(rounds: Rounds): Rounds | undefined {
    return rounds.first <= this.most.first && rounds.last <= this.most.last ? rounds : undefined;
  }

  /** The rounds at the ends in which a guard may come out in another way than between. */
  roundsOf(guard: Guard): Rounds | undefined {
    return this.both(this.boundsOf(guard)?.map((place) => this.roundsBefore(place)));
  }

  /** Whether a guard holds between the ends; undefined where that is open. */
  private holdsBetween(guard: Guard): boolean | undefined {
    if (!this.roundsOf(guard)) return undefined;
    const [begin, end] = this.boundsOf(guard)!;
    return !this.isBeyond(begin!) && (end === undefined || this.isBeyond(end));
  }

  /** Where a guard on variable + offset begins to hold, and where it no longer does. */
  private boundsOf({ index, extent }: Guard): readonly Integer[] | undefined {
    if (index.coefficientOf(this.variable)?.value !== 1) return undefined;
    const offset = index.minus(Integer.iterator(this.variable));
    return [offset.scaled(-1), ...(extent ? [extent.minus(offset)] : [])];
  }

  /** The rounds in which a comparison may come out in another way than between. */
  roundsOfComparison(value: Value): Rounds | undefined {
    const found = this.placeOf(value);
    if (!found) return undefined;
    const { place, isPoint } = found;
    return this.both([place, ...(isPoint ? [place.plus(1)] : [])].map((each) => this.roundsBefore(each)));
  }

  private comesOut(value: Value): boolean | undefined {
    const found = this.roundsOfComparison(value) && this.placeOf(value);
    return found && (found.isPoint ? found.isBefore : this.isBeyond(found.place) === found.isBefore);
  }

  /**
   * The place that a comparison tells the variable from: it holds before the place, or from there on. At a point it is an equality, which
   * holds nowhere else, or the opposite.
   */
  private placeOf(value: Value): { place: Integer; isBefore: boolean; isPoint: boolean } | undefined {
    if (value.kind !== "apply") return undefined;
    const order = orders.get(value.primitive);
    if (!order) return undefined;
    const [a, b] = value.operands.map((operand) => this.numbers.of(operand));
    if (!a || !b) return undefined;
    const difference = a.minus(b);
    const sign = difference.coefficientOf(this.variable)?.value;
    if (sign !== 1 && sign !== -1) return undefined;
    const place = Integer.iterator(this.variable).minus(difference.scaled(sign));
    const { isPoint = false, isLess, isStrict } = order;
    const isBefore = isPoint ? !isLess : (sign === 1) === isLess;
    return { place: isPoint || isBefore === isStrict ? place : place.plus(1), isBefore, isPoint };
  }

  /** The rounds at an end in which the variable is on the other side of a place. */
  private roundsBefore(place: Integer): Rounds | undefined {
    const [fromStart, fromEnd] = [place.value, this.end.minus(place).value];
    if (fromStart !== undefined) return this.within({ first: Math.max(0, fromStart), last: 0 });
    if (fromEnd !== undefined) return this.within({ first: 0, last: Math.max(0, fromEnd) });
    return this.isNever(place) || this.isBeyond(place) ? none : undefined;
  }

  /** True where no round is before a place: a loop that runs at all has a round. */
  private isNever(place: Integer): boolean {
    const gap = place.scaled(-1);
    return gap.isProvablyNonNegative([]) || gap.minus(this.end).plus(1).isProvablyNonNegative([]);
  }

  /** True where the rounds between the ends are before a place. */
  private isBeyond(place: Integer): boolean {
    if (place.value !== undefined) return false;
    const gap = place.minus(this.end);
    return (
      gap.value !== undefined || gap.isProvablyNonNegative([]) || gap.minus(this.end).plus(1).isProvablyNonNegative([])
    );
  }

  private both(parts: readonly (Rounds | undefined)[] | undefined): Rounds | undefined {
    return parts?.reduce(
      (all, part) => all && part && { first: Math.max(all.first, part.first), last: Math.max(all.last, part.last) },
      none,
    );
  }

  /** The body where the rounds at the ends are apart: of all conditions, whether they were noted or not, those that this settles. */
  settled(body: readonly Statement[]): Statement[] {
    this.most = { first: this.first, last: this.last };
    const known: Known = {
      holds: (guard) => this.holdsBetween(guard) === true,
      fails: (guard) => this.holdsBetween(guard) === false,
      decides: (value) => this.comesOut(value),
      inside: () => known,
    };
    return settled(body, known);
  }
}

/** The statements with variables that begin here and are set once, before anything reads them, as names. */
function named(body: readonly Statement[]): Statement[] {
  const changes = new Map<Temporary, number>();
  for (const statement of body) {
    visitStatement(statement, {
      statement: (inner) => {
        if (inner.kind === "assign" || inner.kind === "combine")
          changes.set(inner.temporary, (changes.get(inner.temporary) ?? 0) + 1);
      },
    });
  }
  // a carry that no step reads begins outside, and is read there
  const unread = new Set<Temporary>();
  const once = new Set<Temporary>();
  for (const statement of body) {
    visitStatement(statement, { value: (value) => value.kind === "temporary" && unread.delete(value) });
    if (statement.kind === "start") unread.add(statement.temporary);
    if (statement.kind === "assign" && unread.has(statement.temporary) && changes.get(statement.temporary) === 1)
      once.add(statement.temporary);
  }
  return body.flatMap((statement): Statement[] => {
    if (statement.kind === "start" && once.has(statement.temporary)) return [];
    return statement.kind === "assign" && once.has(statement.temporary) ? [{ ...statement, kind: "let" }] : [statement];
  });
}
