import { special as extension } from "../../extensions/special.ts";
import * as compositions from "../../ops/compositions.ts";
import * as dilations from "../../ops/dilations.ts";
import * as erf from "../../ops/erf.ts";
import * as erfRatios from "../../ops/erf-ratios.ts";
import * as expSums from "../../ops/exp-sums.ts";
import * as gamma from "../../ops/gamma.ts";
import * as gammaSteps from "../../ops/gamma-steps.ts";
import * as gaps from "../../ops/gaps.ts";
import * as gelu from "../../ops/gelu.ts";
import * as hyperbola from "../../ops/hyperbola.ts";
import * as logRatios from "../../ops/log-ratios.ts";
import { Operations } from "../../ops/operations.ts";
import * as powerSums from "../../ops/power-sums.ts";
import type { Part } from "./vocabulary.ts";

/** Special functions: erf and its kin, the normal distribution, lgamma and its derivatives. */
export const special: Part = {
  operations: new Operations(
    [
      erf,
      erfRatios,
      gamma,
      gammaSteps,
      gaps,
      gelu,
      hyperbola,
      logRatios,
      compositions,
      dilations,
      powerSums,
      expSums,
    ].flatMap((family) => Object.values<unknown>(family)),
  ),
  extension,
};
