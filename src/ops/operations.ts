import { UsageError } from "../ir/errors.ts";
import type { Operation, OperationFamily } from "./define.ts";

/** Primitives by name. */
export class Operations {
  /** Every operation by the name of its primitive. */
  readonly operations: ReadonlyMap<string, Operation>;
  /** Numbered operations, such as polygamma, by the name without the number. */
  readonly numbered: ReadonlyMap<string, OperationFamily>;

  /** Of values that files of primitives export; others among them are passed over. */
  constructor(all: readonly unknown[]) {
    this.operations = byName(all.filter(isOperation), ({ primitive }) => primitive.name);
    this.numbered = byName(all.filter(isNumbered), ({ familyName }) => familyName);
  }

  /** The names of both. */
  names(): string[] {
    return [...this.operations.keys(), ...this.numbered.keys()];
  }

  /** The operation of a name; "polygamma7" is the member 7 of its family. */
  named(name: string): Operation | undefined {
    const known = this.operations.get(name);
    if (known) return known;
    const [, familyName, order] = /^(.*[A-Za-z])(0|[1-9][0-9]*)$/.exec(name) ?? [];
    const numbered = familyName === undefined ? undefined : this.numbered.get(familyName);
    return numbered && Number(order) >= numbered.lowestOrder ? numbered(Number(order)) : undefined;
  }
}

/** True of a function that makes a primitive of its operands. */
export function isOperation(value: unknown): value is Operation {
  return typeof value === "function" && "primitive" in value;
}

/** True of a family of such functions, by number. */
export function isNumbered(value: unknown): value is OperationFamily {
  return typeof value === "function" && "familyName" in value;
}

/** A name used twice would make one primitive unreachable. */
function byName<T>(values: readonly T[], nameOf: (value: T) => string): Map<string, T> {
  const found = new Map<string, T>();
  for (const value of values) {
    if (found.has(nameOf(value))) throw new UsageError(`two primitives are named "${nameOf(value)}".`);
    found.set(nameOf(value), value);
  }
  return found;
}
