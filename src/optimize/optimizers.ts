import { needs, requireArgument } from "../ir/arguments/arguments.ts";
import { nearestName, UsageError } from "../ir/errors.ts";
import { bfgs } from "./descent/bfgs.ts";
import { conjugateGradients } from "./descent/conjugate-gradients.ts";
import { lbfgs } from "./descent/lbfgs.ts";
import { lbfgsB } from "./descent/lbfgs-b.ts";
import { linearCg } from "./descent/linear-cg.ts";
import { stochasticLbfgs } from "./descent/stochastic-lbfgs.ts";
import { adagrad } from "./first-order/adagrad.ts";
import { adam, adamw, amsgrad, windowAdam } from "./first-order/adam.ts";
import { adaptiveDescent } from "./first-order/adaptive-descent.ts";
import { rmsprop } from "./first-order/rmsprop.ts";
import { secondOrderAdam } from "./first-order/second-order-adam.ts";
import { secondOrderAdaptiveDescent } from "./first-order/second-order-adaptive-descent.ts";
import { momentum, nesterov, sgd } from "./first-order/sgd.ts";
import { gaussNewton, levenbergMarquardt } from "./least-squares/levenberg-marquardt.ts";
import type { Method } from "./method.ts";
import { dampedNewton, newton } from "./newton/newton.ts";
import { newtonCg } from "./newton/newton-cg.ts";
import type { Optimizer } from "./optimizer.ts";
import { trustExact, trustKrylov, trustNcg } from "./trust-region/trust-region.ts";

/**
 * The methods that users choose by name (`--method`), in the order in which they are listed. To add a row: write the
 * method with `defineMethod` (method.ts shows how) in a file of its own, name it here, and export it from
 * src/optimize.ts. Its name, its line of description, its options with their defaults and its errors come from there.
 * Variants that are kept for study only stay out.
 */
export const optimizers = byName([
  // line searches: one loss, without noise
  lbfgs,
  lbfgsB,
  bfgs,
  conjugateGradients,
  linearCg,
  // gradients alone
  sgd,
  momentum,
  nesterov,
  adam,
  adamw,
  amsgrad,
  windowAdam,
  rmsprop,
  adagrad,
  adaptiveDescent,
  // gradients that may be noisy, and products with the Hessian
  secondOrderAdam,
  secondOrderAdaptiveDescent,
  stochasticLbfgs,
  // the exact loss, and second derivatives
  newton,
  dampedNewton,
  newtonCg,
  trustExact,
  trustKrylov,
  trustNcg,
  // sums of squares
  levenbergMarquardt,
  gaussNewton,
]);

/** The optimiser of a name with options by name, both from outside the program: text, a file. Throws UsageError. */
export function optimizerNamed(name: string, options: Readonly<Record<string, unknown>> = {}): Optimizer {
  requireArgument("optimizerNamed", needs.text, name);
  const method = Object.hasOwn(optimizers, name) ? optimizers[name] : undefined;
  if (method) return method.from(options);
  const names = Object.keys(optimizers);
  const near = nearestName(name, names);
  throw new UsageError(`there is no method "${name}"; there are ${names.join(", ")}.`, {
    notes: near === undefined ? [] : [`Did you mean "${near}"?`],
  });
}

/** A method whose options are known at run time only. */
export type AnyMethod = Pick<Method, "name" | "summary" | "options" | "from">;

function byName(methods: readonly AnyMethod[]): Readonly<Record<string, AnyMethod>> {
  return Object.fromEntries(methods.map((method) => [method.name, method]));
}
