import type { Buffer, Statement, Temporary } from "../program/loops.ts";
import { variablesUsedBy } from "../program/mentioned.ts";
import { visitStatement } from "../program/rewrite-statements.ts";

/** What statements change and read: names and variables of numbers, arrays, whole numbers by their variables. */
type Thing = Temporary | Buffer | number;

/** What statements change, to give a value too, and what they read. */
export class Effects {
  private readonly changed = new Set<Thing>();
  private readonly read = new Set<Thing>();

  static of(statement: Statement): Effects {
    const effects = new Effects();
    visitStatement(statement, {
      statement: (inner) => {
        if ("temporary" in inner) effects.changed.add(inner.temporary);
        else if ("buffer" in inner) effects.changed.add(inner.buffer);
        else if (inner.kind === "index") effects.changed.add(inner.variable);
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
    for (const thing of other.read) this.read.add(thing);
  }

  /** Whether it matters which of both comes first. */
  meets(other: Effects): boolean {
    return this.reachInto(other) || other.reachInto(this) || haveCommon(this.changed, other.changed);
  }

  /** Whether the others read what these change. */
  private reachInto({ read }: Effects): boolean {
    return haveCommon(this.changed, read);
  }

  reads(names: ReadonlySet<Temporary>): boolean {
    return haveCommon(this.read, names);
  }
}

function haveCommon(some: ReadonlySet<Thing>, others: ReadonlySet<Thing>): boolean {
  const [fewer, more] = some.size < others.size ? [some, others] : [others, some];
  for (const thing of fewer) if (more.has(thing)) return true;
  return false;
}
