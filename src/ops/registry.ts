import type { Primitive } from "../ir/primitive.ts";
import type { Operation } from "./define.ts";
import * as algebra from "./elementary/algebra.ts";
import * as cast from "./elementary/cast.ts";
import * as comparison from "./elementary/comparison.ts";
import * as exponential from "./elementary/exponential.ts";
import * as hyperbola from "./elementary/hyperbola.ts";
import * as hyperbolic from "./elementary/hyperbolic.ts";
import * as lengths from "./elementary/lengths.ts";
import * as opaque from "./elementary/opaque.ts";
import * as plane from "./elementary/plane.ts";
import * as powers from "./elementary/powers.ts";
import * as rounding from "./elementary/rounding.ts";
import * as trigonometric from "./elementary/trigonometric.ts";
import { isNumbered, isOperation, Operations } from "./operations.ts";
import * as angleGaps from "./ratios/angle-gaps.ts";
import * as compositions from "./ratios/compositions.ts";
import * as contrasts from "./ratios/contrasts.ts";
import * as dilations from "./ratios/dilations.ts";
import * as erfRatios from "./ratios/erf-ratios.ts";
import * as expSums from "./ratios/exp-sums.ts";
import * as fading from "./ratios/faded.ts";
import * as gaps from "./ratios/gaps.ts";
import * as logRatios from "./ratios/log-ratios.ts";
import * as powerSums from "./ratios/power-sums.ts";
import * as ratios from "./ratios/ratios.ts";
import * as activation from "./special/activation.ts";
import * as bessel from "./special/bessel.ts";
import * as besselModified from "./special/bessel-modified.ts";
import * as elliptic from "./special/elliptic.ts";
import * as erf from "./special/erf.ts";
import * as expint from "./special/expint.ts";
import * as faddeeva from "./special/faddeeva.ts";
import * as gamma from "./special/gamma.ts";
import * as gammaDensity from "./special/gamma-density.ts";
import * as gammaSteps from "./special/gamma-steps.ts";
import * as gaussian from "./special/gaussian.ts";
import * as gelu from "./special/gelu.ts";
import * as incompleteBeta from "./special/incomplete-beta.ts";
import * as incompleteGamma from "./special/incomplete-gamma.ts";
import * as lambert from "./special/lambert.ts";
import * as random from "./special/random.ts";
import * as special from "./special/special.ts";

/** The families, in the order of the documentation. What they export is registered; core.ts names what every model can use. */
const families = {
  algebra,
  powers,
  lengths,
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
  bessel: { ...bessel, ...besselModified },
  lambert,
  expint,
  elliptic,
  faddeeva,
  incomplete: { ...gammaDensity, ...incompleteGamma, ...incompleteBeta },
  ratios: {
    ...ratios,
    ...erfRatios,
    ...logRatios,
    ...gaps,
    ...angleGaps,
    ...fading,
    ...contrasts,
    ...compositions,
    ...dilations,
    ...powerSums,
    ...expSums,
  },
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

/** The primitive of a name, also of a member of a family. */
export function primitiveNamed(name: string): Primitive | undefined {
  return operationNamed(name)?.primitive;
}
