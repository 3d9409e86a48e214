import { needs, requireArgument } from "../ir/arguments/arguments.ts";
import type { Optimizer, OptimizerState } from "./optimizer.ts";
import { type Arguments, type OptionTable, readOptions, type Settings } from "./options.ts";

/** A function from options to an optimiser that carries its own description, for lists of methods and for checks. */
export interface Method<Options extends OptionTable = OptionTable, State extends OptimizerState = OptimizerState> {
  (...given: Arguments<Options>): Optimizer<State>;
  /** As `--method` spells it. */
  readonly name: string;
  /** A line for people. */
  readonly summary: string;
  readonly options: Options;
  /** The same for options that come from outside the program: text, a file. */
  from(given: Readonly<Record<string, unknown>>): Optimizer<State>;
}

/**
 * Defines a method once: its name, what people should know, its options with defaults and checks, and how an optimiser
 * is made from the checked settings. What comes back is the function that users call:
 *
 *     export const bfgs = defineMethod({
 *       name: "bfgs",
 *       summary: "quasi-Newton with a dense inverse Hessian; for up to about 1,000 parameters",
 *       options: { curvature: fraction("sigma of the Wolfe conditions", 0.9) },
 *       create: ({ curvature }): Optimizer<BfgsState> => ({ name: "bfgs", needs: [], init..., step... }),
 *     });
 *
 *     bfgs({ curvature: 0.5 })    // an Optimizer<BfgsState>
 *
 * The kinds of options are in options.ts. A method that users may choose by name is a row of optimizers.ts as well.
 */
export function defineMethod<const Options extends OptionTable, State extends OptimizerState>(definition: {
  readonly name: string;
  readonly summary: string;
  readonly options: Options;
  create(settings: Settings<Options>): Optimizer<State>;
}): Method<Options, State> {
  requireArgument("defineMethod", needs.record, definition);
  const { name, summary, options } = definition;
  requireArgument('"name" of defineMethod', needs.text, name);
  requireArgument('"options" of defineMethod', needs.record, options);
  requireArgument('"create" of defineMethod', needs.callable, definition.create);
  const from = (given: Readonly<Record<string, unknown>>) => definition.create(readOptions(name, options, given));
  const make = (...[given]: Arguments<Options>) => from(given === undefined ? {} : given);
  Object.defineProperty(make, "name", { value: name });
  return Object.assign(make, { summary, options, from });
}
