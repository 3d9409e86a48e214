import type { Guard } from "../../ir/contraction.ts";
import { Integer } from "../../ir/integer.ts";
import { equal, notEqual } from "../../ops/elementary/comparison.ts";
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

  /** The rounds in which variable + offset may be below 0, or not below the extent. */
  roundsOf({ index, extent }: Guard): Rounds | undefined {
    const offset = index.minus(Integer.iterator(this.variable)).value;
    const room = extent ? extent.minus(this.end).value : Number.POSITIVE_INFINITY;
    if (offset === undefined || room === undefined) return undefined;
    return this.within({ first: Math.max(0, -offset), last: Math.max(0, offset - room) });
  }

  /** The rounds in which the variable may be at the place that it is compared with. */
  roundsOfComparison(value: Value): Rounds | undefined {
    if (value.kind !== "apply" || (value.primitive !== equal.primitive && value.primitive !== notEqual.primitive))
      return undefined;
    const [a, b] = value.operands.map((operand) => this.numbers.of(operand));
    if (!a || !b) return undefined;
    const difference = a.minus(b);
    const sign = difference.coefficientOf(this.variable)?.value;
    if (sign !== 1 && sign !== -1) return undefined;
    const place = Integer.iterator(this.variable).minus(difference.scaled(sign));
    const fromStart = place.value;
    const fromEnd = this.end.minus(place).value;
    if (fromStart !== undefined && fromStart >= 0) return this.within({ first: fromStart + 1, last: 0 });
    return fromEnd !== undefined && fromEnd >= 1 ? this.within({ first: 0, last: fromEnd }) : undefined;
  }

  /** The body where the rounds at the ends are apart: of all conditions, whether they were noted or not, those that this settles. */
  settled(body: readonly Statement[]): Statement[] {
    this.most = { first: this.first, last: this.last };
    const known: Known = {
      holds: (guard) => this.roundsOf(guard) !== undefined,
      decides: (value) => (this.roundsOfComparison(value) ? value.primitive === notEqual.primitive : undefined),
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
