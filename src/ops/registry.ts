import { UsageError } from "../ir/errors.ts";
import type { Primitive } from "../ir/primitive.ts";
import * as activation from "./activation.ts";
import * as algebra from "./algebra.ts";
import * as cast from "./cast.ts";
import * as comparison from "./comparison.ts";
import type { Operation, OperationFamily } from "./define.ts";
import * as erf from "./erf.ts";
import * as exponential from "./exponential.ts";
import * as gamma from "./gamma.ts";
import * as hyperbolic from "./hyperbolic.ts";
import * as opaque from "./opaque.ts";
import * as powers from "./powers.ts";
import * as random from "./random.ts";
import * as ratios from "./ratios.ts";
import * as rounding from "./rounding.ts";
import * as special from "./special.ts";
import * as trigonometric from "./trigonometric.ts";

/** The families, in the order of the documentation. What they export is registered: a primitive is listed nowhere else. */
const families = {
  algebra,
  powers,
  exponential,
  trigonometric,
  hyperbolic,
  rounding,
  comparison,
  activation,
  special,
  erf,
  gamma,
  ratios,
  random,
  cast,
  opaque,
};

export type FamilyName = keyof typeof families;

/** Every operation by the name of its primitive. */
export const operations: ReadonlyMap<string, Operation> = named(isOperation, ({ primitive }) => primitive.name);

/** Numbered operations, such as polygamma, by the name without the number. */
export const operationFamilies: ReadonlyMap<string, OperationFamily> = named(isFamily, ({ familyName }) => familyName);

/** The family file that defines each operation or numbered operation. */
export const familyOf: ReadonlyMap<string, FamilyName> = new Map(
  (Object.keys(families) as FamilyName[]).flatMap((family) =>
    exportsOf(family).flatMap((value): [string, FamilyName][] =>
      isOperation(value) ? [[value.primitive.name, family]] : isFamily(value) ? [[value.familyName, family]] : [],
    ),
  ),
);

/** The operation of a name; "polygamma7" is the member 7 of its family. */
export function operationNamed(name: string): Operation | undefined {
  const known = operations.get(name);
  if (known) return known;
  const [, familyName, order] = /^(.*[A-Za-z])([1-9][0-9]*)$/.exec(name) ?? [];
  const numbered = familyName === undefined ? undefined : operationFamilies.get(familyName);
  return numbered && Number(order) >= numbered.lowestOrder ? numbered(Number(order)) : undefined;
}

export function primitiveNamed(name: string): Primitive | undefined {
  return operationNamed(name)?.primitive;
}

function exportsOf(family: FamilyName): unknown[] {
  return Object.values(families[family]);
}

function isOperation(value: unknown): value is Operation {
  return typeof value === "function" && "primitive" in value;
}

function isFamily(value: unknown): value is OperationFamily {
  return typeof value === "function" && "familyName" in value;
}

/** What the families export, by name; a name used twice would make one primitive unreachable. */
function named<T>(isWanted: (value: unknown) => value is T, nameOf: (value: T) => string): Map<string, T> {
  const byName = new Map<string, T>();
  for (const value of (Object.keys(families) as FamilyName[]).flatMap(exportsOf)) {
    if (!isWanted(value)) continue;
    if (byName.has(nameOf(value))) throw new UsageError(`two primitives are named "${nameOf(value)}".`);
    byName.set(nameOf(value), value);
  }
  return byName;
}
