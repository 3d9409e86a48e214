import { ragged } from "../../build/binders/ragged.ts";
import { arrays as arrayFunctions } from "../../build/functions/arrays.ts";
import { linearAlgebra as matrixFunctions } from "../../build/functions/linear-algebra.ts";
import { adviceOn, constantsElsewhere, numberAdvice, ourName, spellingsOf } from "../../build/functions/other-names.ts";
import { random as randomFunctions } from "../../build/functions/random.ts";
import { runningFunctions, runningLoops } from "../../build/functions/running.ts";
import { special as specialFunctions } from "../../build/functions/special.ts";
import { windows as windowFunctions } from "../../build/functions/windows.ts";
import { linearAlgebra as matrixExtension } from "../../extensions/linear-algebra.ts";
import { loops as loopExtension } from "../../extensions/loops.ts";
import { special as specialExtension } from "../../extensions/special.ts";
import type { Feature } from "../dialect.ts";
import { asCall } from "../elaborate/calls.ts";
import { help } from "../help/help.ts";
import { callAsWritten } from "./customs.ts";
import { loopConstructs } from "./loops.ts";
import { UnitBook } from "./units.ts";

/** Rarer arrangements of elements: roll, tile, take, oneHot, linspace and more; slices whose ends vary. */
export const arrays: Feature = { functions: arrayFunctions, extension: ragged };

/** Solutions, factorisations, determinants, eigenvalues and order. */
export const linearAlgebra: Feature = { functions: matrixFunctions, extension: matrixExtension };

/**
 * scan, reverseScan, map, while, root, argmin over unknowns and fixedPoint; choices of which one side is computed; long
 * definitions that are called, not written out at each use; running products, and products and logsumexp over ranges that grow, as loops.
 */
export const loops: Feature = {
  functions: runningFunctions,
  constructs: loopConstructs,
  extension: [loopExtension, runningLoops],
  calls: asCall,
};

/** Windows, convolutions and pooling. */
export const windows: Feature = { functions: windowFunctions };

/** Random numbers by key. */
export const random: Feature = { functions: randomFunctions };

/** Special functions: erf, the normal distribution, lgamma and their kin, Bessel functions, Lambert W, Voigt, integrals. */
export const special: Feature = { functions: specialFunctions, extension: specialExtension };

/** All rules that keep digits, also where no special function is. */
export const stability: Feature = { extension: specialExtension };

/** Units that a text states are read, and checked. */
export const units: Feature = { units: (statements) => new UnitBook(statements) };

/**
 * Names that functions have in NumPy, PyTorch, JAX, Stan, Julia, R and CasADi, calls as they are written there,
 * and what to write for those that differ.
 */
export const otherNames: Feature = {
  otherNames: {
    further: (own) => {
      const spellings = new Map(
        [...own.names()].flatMap((name) => spellingsOf(name).map((spelling): [string, string] => [spelling, name])),
      );
      return { ours: (name) => ourName(name) ?? spellings.get(name), advice: adviceOn };
    },
    call: callAsWritten,
    constants: constantsElsewhere,
    numbers: numberAdvice,
  },
};

/** What errors of syntax come from by habit, from other languages and from paper, and what to write in their place. */
export const habits: Feature = { help };

/** Every feature. */
export const everyFeature: readonly Feature[] = [
  arrays,
  linearAlgebra,
  windows,
  random,
  special,
  loops,
  units,
  otherNames,
  habits,
];
