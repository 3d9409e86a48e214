import { Ability } from "../../ir/extension.ts";
import type { Primitive } from "../../ir/primitive.ts";
import type { Operation } from "../../ops/define.ts";
import { select } from "../../ops/elementary/comparison.ts";
import type { Thing } from "../passes/effects.ts";
import { namedCondition } from "../passes/sides.ts";
import type { Name } from "../passes/stretch.ts";
import type { Apply, Load, Statement, Temporary, Value } from "../program/loops.ts";
import {
  isNest,
  mapBodies,
  mapOperands,
  mapStatementValues,
  ownValue,
  visitStatement,
} from "../program/rewrite-statements.ts";
import { dtypeOf } from "../program/values.ts";

/** A number that has a name or lies in an array. */
export type Place = Temporary | Load;

export const isPlace = (value: Value): value is Place => value.kind === "temporary" || value.kind === "load";

/** Functions of the same numbers that have work in common. */
export interface Family {
  readonly primitives: readonly Primitive[];
  /** `behind` gives the operands of what a value is made of by an operation. */
  memberOf(value: Apply, behind: Behind): Member | undefined;
}

/** Families beside those that every model has. */
export const furtherFamilies = new Ability<readonly Family[]>("functions that share work");

export type Behind = (value: Value, operation: Operation) => readonly Value[] | undefined;

/** A function in its place: it has work in common with others of its kind and of the same numbers. */
export interface Member {
  readonly kind: string;
  readonly places: readonly Place[];
  /** A part that it asks for, and that the others had better be made of. */
  readonly asks?: string | undefined;
  /** The function by what they have in common. */
  written(parts: Parts): Value;
}

/** What functions of the same numbers have in common: each part has a name from where it is asked for first. */
export class Parts {
  /** The names that were asked for. */
  readonly names: Statement[] = [];
  /** Parts that members say they ask for. */
  readonly asked = new Set<string>();
  private readonly places: readonly Place[];
  private readonly name: Name;
  private readonly known = new Map<string, unknown>();

  constructor(places: readonly Place[], name: Name) {
    this.places = places;
    this.name = name;
  }

  /** One of the numbers themselves; what is read of inputs several times gets a name later. */
  number(k: number): Value {
    const place = this.places[k]!;
    const isNamed = place.kind === "temporary" || place.buffer.role === "input";
    return isNamed ? place : this.named(`number ${k}`, () => place);
  }

  named(key: string, make: () => Value): Value {
    return this.once(key, () => {
      const value = make();
      const temporary = this.name(dtypeOf(value));
      this.names.push({ kind: "let", temporary, value });
      return temporary;
    });
  }

  /** What the first function of them makes, for all. */
  once<T>(key: string, make: () => T): T {
    if (!this.known.has(key)) this.known.set(key, make());
    return this.known.get(key) as T;
  }
}

/** Members of one kind and the same numbers in one block. */
class Kin {
  /** Which statement has the first. */
  readonly first: number;
  readonly parts: Parts;
  /** Whether one of them is computed wherever another is. */
  isShared = false;
  private readonly sides: (readonly Side[])[] = [];

  constructor(first: number, parts: Parts) {
    this.first = first;
    this.parts = parts;
  }

  /** One more, on such sides of choices. */
  add(sides: readonly Side[]): void {
    this.isShared ||= this.sides.some((others) => goTogether(sides, others));
    this.sides.push(sides);
  }
}

/** One side of a choice: a condition, which has a name where several choices ask it, and how it comes out. */
interface Side {
  readonly condition: Value;
  readonly isMet: boolean;
}

/** Whether some of these sides stand around the others, or are the same. */
const goTogether = (these: readonly Side[], those: readonly Side[]): boolean =>
  these.every(({ condition, isMet }, k) => {
    const other = those[k];
    return !other || (other.condition === condition && other.isMet === isMet);
  });

/**
 * Statements of loops in which functions of the same numbers, such as a sigmoid and its slope, share what takes time in them: calls of
 * exponentials, logarithms and powers. For real numbers that may be rounded in another way.
 */
export class SharedWork {
  private readonly name: Name;
  private readonly families = new Map<Primitive, Family>();

  constructor(families: readonly Family[], name: Name) {
    this.name = name;
    for (const family of families) for (const primitive of family.primitives) this.families.set(primitive, family);
  }

  in(body: readonly Statement[], isInLoop = false): readonly Statement[] {
    if (this.families.size === 0) return body;
    const statements = isInLoop ? this.inBlock(body) : body;
    if (!statements.some(isNest)) return statements;
    return statements.map((statement) => {
      if (!isNest(statement)) return statement;
      const isRepeated = statement.kind !== "part" && (isInLoop || statement.kind === "for");
      return mapBodies(statement, (inner) => [...this.in(inner, isRepeated)]);
    });
  }

  private inBlock(statements: readonly Statement[]): readonly Statement[] {
    const found = new Map<string, Kin>();
    const behind = operandsIn(statements);
    const memberOf = (value: Apply) => this.families.get(value.primitive)?.memberOf(value, behind);
    for (const [first, statement] of statements.entries()) {
      const value = isNest(statement) ? undefined : ownValue(statement);
      if (!value) continue;
      visitApplied(value, [], (inner, sides) => {
        const member = memberOf(inner);
        if (!member) return;
        const key = keyOf(member);
        const kin = found.get(key) ?? new Kin(first, new Parts(member.places, this.name));
        found.set(key, kin);
        kin.add(sides);
        if (member.asks) kin.parts.asked.add(member.asks);
      });
    }
    if (![...found.values()].some(({ isShared }) => isShared)) return statements;
    const changed = changedBy(statements);
    const isFixed = (place: Place) => !changed.has(place.kind === "load" ? place.buffer : place);
    const sharedAt = (k: number) => (value: Apply) => {
      const member = memberOf(value);
      if (!member?.places.every(isFixed)) return value;
      const kin = found.get(keyOf(member));
      return kin?.isShared && kin.first <= k ? member.written(kin.parts) : value;
    };
    const rewritten = statements.map((statement, k) =>
      isNest(statement) ? statement : mapStatementValues(statement, (value) => mapApplied(value, sharedAt(k))),
    );
    const namesAt = new Map<number, Statement[]>();
    for (const { first, parts } of found.values()) {
      namesAt.set(first, [...(namesAt.get(first) ?? []), ...parts.names]);
    }
    return rewritten.flatMap((statement, k) => [...(namesAt.get(k) ?? []), statement]);
  }
}

function keyOf({ kind, places }: Member): string {
  return [kind, ...places.map(nameOf)].join(" ");
}

const nameOf = (place: Place): string =>
  place.kind === "load" ? `${place.buffer.id}[${place.address.key}]${place.half ?? ""}` : `t${place.id}`;

/** Numbers in an order that is the same however a function takes them. */
export function inOneOrder(places: readonly Place[]): readonly Place[] {
  const names = new Map(places.map((place) => [place, nameOf(place)]));
  return [...places].sort((a, b) => (names.get(a)! < names.get(b)! ? -1 : 1));
}

/** Finds the operands of what names stand for. */
function operandsIn(statements: readonly Statement[]): Behind {
  const definitions = new Map<Value, Value>();
  for (const statement of statements) {
    if (statement.kind === "let") definitions.set(statement.temporary, statement.value);
  }
  return (value, { primitive }) => {
    const made = definitions.get(value) ?? value;
    if (made.kind !== "apply" || made.primitive !== primitive) return undefined;
    const { operands } = made;
    return isPlace(operands[0]!) ? operands : undefined;
  };
}

/** Visits applications in a value, operands first, each with the sides of choices that it stands on; none behind a guard. */
function visitApplied(
  value: Value,
  sides: readonly Side[],
  visit: (value: Apply, sides: readonly Side[]) => void,
): void {
  if (value.kind !== "apply") return;
  if (value.primitive !== select.primitive) {
    for (const operand of value.operands) visitApplied(operand, sides, visit);
    visit(value, sides);
    return;
  }
  const [asked, yes, no] = value.operands as [Value, Value, Value];
  const [condition, isMet] = namedCondition(asked) ?? [asked, true];
  visitApplied(asked, sides, visit);
  visitApplied(yes, [...sides, { condition, isMet }], visit);
  visitApplied(no, [...sides, { condition, isMet: !isMet }], visit);
}

/** The value with applications in it replaced, operands first. */
function mapApplied(value: Value, map: (value: Apply) => Value): Value {
  return value.kind === "apply" ? map(mapOperands(value, (operand) => mapApplied(operand, map))) : value;
}

/** The variables and arrays that statements change. */
function changedBy(statements: readonly Statement[]): ReadonlySet<Thing> {
  const changed = new Set<Thing>();
  for (const statement of statements) {
    visitStatement(statement, {
      statement: (inner) => {
        if (inner.kind === "combine" || inner.kind === "assign") changed.add(inner.temporary);
        else if ("buffer" in inner) changed.add(inner.buffer);
      },
    });
  }
  return changed;
}
