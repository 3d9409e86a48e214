import { type Need, type Needs, requireArgument, requireOptions } from "./arguments.ts";

/** Tests the argument of a function for one of its parameters. */
export type Test = (of: string, parameter: string, value: unknown) => void;

/** Throws UsageError for an argument that is not what is needed. */
export const is =
  (need: Need): Test =>
  (of, parameter, value) =>
    requireArgument(`"${parameter}" of ${of}`, need, value);

/** A record of options, which may be left out. */
export const options =
  <Options>(known: Needs<Options>): Test =>
  (of, _, value) => {
    if (value !== undefined) requireOptions(of, value, known);
  };

/** The function behind tests of its arguments, stated by their names in order. They throw UsageError. */
export function checked<F extends (...given: never[]) => unknown>(
  name: string,
  parameters: Readonly<Record<string, Test>>,
  run: F,
): F {
  const tests = Object.entries(parameters);
  const tested = (...given: unknown[]) => {
    for (const [k, [parameter, test]] of tests.entries()) test(name, parameter, given[k]);
    return run(...(given as never[]));
  };
  return tested as unknown as F;
}
