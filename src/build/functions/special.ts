import { special as extension } from "../../extensions/special.ts";
import * as hyperbola from "../../ops/elementary/hyperbola.ts";
import { Operations } from "../../ops/operations.ts";
import * as angleGaps from "../../ops/ratios/angle-gaps.ts";
import * as compositions from "../../ops/ratios/compositions.ts";
import * as contrasts from "../../ops/ratios/contrasts.ts";
import * as dilations from "../../ops/ratios/dilations.ts";
import * as erfRatios from "../../ops/ratios/erf-ratios.ts";
import * as expSums from "../../ops/ratios/exp-sums.ts";
import * as fading from "../../ops/ratios/faded.ts";
import * as gaps from "../../ops/ratios/gaps.ts";
import * as logRatios from "../../ops/ratios/log-ratios.ts";
import * as powerSums from "../../ops/ratios/power-sums.ts";
import * as bessel from "../../ops/special/bessel.ts";
import * as besselModified from "../../ops/special/bessel-modified.ts";
import * as elliptic from "../../ops/special/elliptic.ts";
import * as erf from "../../ops/special/erf.ts";
import * as expint from "../../ops/special/expint.ts";
import * as faddeeva from "../../ops/special/faddeeva.ts";
import * as gamma from "../../ops/special/gamma.ts";
import * as gammaDensity from "../../ops/special/gamma-density.ts";
import * as gammaSteps from "../../ops/special/gamma-steps.ts";
import * as gelu from "../../ops/special/gelu.ts";
import * as incompleteBeta from "../../ops/special/incomplete-beta.ts";
import * as incompleteGamma from "../../ops/special/incomplete-gamma.ts";
import * as lambert from "../../ops/special/lambert.ts";
import type { Part } from "./vocabulary.ts";

/** Special functions: erf, the normal distribution, lgamma and their kin, Bessel functions, Lambert W, Voigt, integrals. */
export const special: Part = {
  operations: new Operations(
    [
      angleGaps,
      bessel,
      besselModified,
      contrasts,
      elliptic,
      erf,
      erfRatios,
      expint,
      faddeeva,
      fading,
      gamma,
      gammaDensity,
      gammaSteps,
      gaps,
      gelu,
      incompleteBeta,
      incompleteGamma,
      hyperbola,
      lambert,
      logRatios,
      compositions,
      dilations,
      powerSums,
      expSums,
    ].flatMap((family) => Object.values<unknown>(family)),
  ),
  extension,
};
