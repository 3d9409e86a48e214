import type { Buffer, Statement, Temporary } from "../program/loops.ts";
import { variablesUsedBy } from "../program/mentioned.ts";
import { visitStatement } from "../program/rewrite-statements.ts";

/** What statements change and read: names and variables of numbers, arrays, whole numbers by their variables. */
export type Thing = Temporary | Buffer | number;

/** Passes ask for the same statements again and again. */
const known = new WeakMap<Statement, Effects>();

/** What statements change, to give a value too, what they add to, and what they read. */
export class Effects {
  private readonly changed = new Set<Thing>();
  private readonly added = new Set<Thing>();
  private readonly read = new Set<Thing>();

  static of(statement: Statement): Effects {
    const found = known.get(statement);
    if (found) return found;
    const effects = new Effects();
    known.set(statement, effects);
    visitStatement(statement, {
      statement: (inner) => {
        const isAddition = (inner.kind === "accumulate" || inner.kind === "combine") && inner.combine === "sum";
        const changed = isAddition ? effects.added : effects.changed;
        if ("temporary" in inner) changed.add(inner.temporary);
        else if ("buffer" in inner) changed.add(inner.buffer);
        else if (inner.kind === "index") changed.add(inner.variable);
      },
      value: (value) => {
        if (value.kind === "temporary") effects.read.add(value);
        else if (value.kind === "load") effects.read.add(value.buffer);
      },
    });
    for (const variable of variablesUsedBy([statement])) effects.read.add(variable);
    return effects;
  }

  add(other: Effects): void {
    for (const thing of other.changed) this.changed.add(thing);
    for (const thing of other.added) this.added.add(thing);
    for (const thing of other.read) this.read.add(thing);
  }

  /** Whether it matters which of both comes first: for the rounding of sums too, where these keep the order of their terms. */
  meets(other: Effects, keepsSums: boolean): boolean {
    return this.reachInto(other) || other.reachInto(this) || (keepsSums && haveCommon(this.added, other.added));
  }

  /** Whether the others read, change or add to what these change, or read what these add to. */
  private reachInto({ changed, added, read }: Effects): boolean {
    return [changed, added, read].some((things) => haveCommon(this.changed, things)) || haveCommon(this.added, read);
  }

  /** Those of some things that these change or read. */
  among(things: ReadonlySet<Thing>): Thing[] {
    const { changed, added, read } = this;
    return [...things].filter((thing) => changed.has(thing) || added.has(thing) || read.has(thing));
  }
}

function haveCommon(some: ReadonlySet<Thing>, others: ReadonlySet<Thing>): boolean {
  const [fewer, more] = some.size < others.size ? [some, others] : [others, some];
  for (const thing of fewer) if (more.has(thing)) return true;
  return false;
}
