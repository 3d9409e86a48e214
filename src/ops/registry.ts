import type { Primitive } from "../ir/primitive.ts";
import * as activation from "./activation.ts";
import * as algebra from "./algebra.ts";
import * as cast from "./cast.ts";
import * as comparison from "./comparison.ts";
import * as compositions from "./compositions.ts";
import type { Operation } from "./define.ts";
import * as dilations from "./dilations.ts";
import * as erf from "./erf.ts";
import * as erfRatios from "./erf-ratios.ts";
import * as expSums from "./exp-sums.ts";
import * as exponential from "./exponential.ts";
import * as gamma from "./gamma.ts";
import * as gammaSteps from "./gamma-steps.ts";
import * as gaps from "./gaps.ts";
import * as gaussian from "./gaussian.ts";
import * as gelu from "./gelu.ts";
import * as hyperbola from "./hyperbola.ts";
import * as hyperbolic from "./hyperbolic.ts";
import * as logRatios from "./log-ratios.ts";
import * as opaque from "./opaque.ts";
import { isNumbered, isOperation, Operations } from "./operations.ts";
import * as plane from "./plane.ts";
import * as powerSums from "./power-sums.ts";
import * as powers from "./powers.ts";
import * as random from "./random.ts";
import * as ratios from "./ratios.ts";
import * as rounding from "./rounding.ts";
import * as special from "./special.ts";
import * as trigonometric from "./trigonometric.ts";

/** The families, in the order of the documentation. What they export is registered; elementary.ts names what every model can use. */
const families = {
  algebra,
  powers,
  exponential,
  trigonometric,
  plane: { ...plane, ...hyperbola },
  hyperbolic,
  rounding,
  comparison,
  activation: { ...activation, ...gelu },
  special,
  erf: { ...erf, ...gaussian },
  gamma: { ...gamma, ...gammaSteps },
  ratios: { ...ratios, ...erfRatios, ...logRatios, ...gaps, ...compositions, ...dilations, ...powerSums, ...expSums },
  random,
  cast,
  opaque,
};

export type FamilyName = keyof typeof families;

const all = new Operations(Object.values<object>(families).flatMap((family) => Object.values(family)));

/** Every operation by the name of its primitive. */
export const { operations } = all;

/** Numbered operations, such as polygamma, by the name without the number. */
export const operationFamilies = all.numbered;

/** The family file that defines each operation or numbered operation. */
export const familyOf: ReadonlyMap<string, FamilyName> = new Map(
  (Object.keys(families) as FamilyName[]).flatMap((family) =>
    Object.values<unknown>(families[family]).flatMap((value): [string, FamilyName][] =>
      isOperation(value) ? [[value.primitive.name, family]] : isNumbered(value) ? [[value.familyName, family]] : [],
    ),
  ),
);

/** The operation of a name; "polygamma7" is the member 7 of its family. */
export function operationNamed(name: string): Operation | undefined {
  return all.named(name);
}

export function primitiveNamed(name: string): Primitive | undefined {
  return operationNamed(name)?.primitive;
}
