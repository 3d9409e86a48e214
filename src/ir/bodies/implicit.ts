import type { BodyOperation, ValueType } from "../operation.ts";
import type { Body } from "./body.ts";

/**
 * The solution z of residual(z, constants) = 0, found from a start. The solution does not depend on the start.
 *
 *   operands:  start, constants
 *   results:   solution, whether it was found (bool); NaN where it was not
 */
export interface Implicit extends BodyOperation {
  readonly kind: "implicit";
  /** Parameters: start, constants. Roots: the two results. */
  readonly solver: Body;
  /** Parameters: z, constants. Root: as many equations as z has elements, in the shape of z. */
  readonly residual: Body;
  /** Leading axes of z that number systems: each has an unknown, or a vector of them, of its own. */
  readonly leading: number;
}

/** The operation that solves by `solver` what `residual` states. */
export function implicitOf({
  extension,
  name,
  solver,
  residual,
  leading,
}: Pick<Implicit, "extension" | "name" | "solver" | "residual" | "leading">): Implicit {
  const types = (list: Body["parameters"]): ValueType[] => list.map(({ dtype, shape }) => ({ dtype, shape }));
  return {
    kind: "implicit",
    extension,
    name,
    solver,
    residual,
    leading,
    key: `${name} ${leading}\n${solver.key}\n${residual.key}`,
    operands: types(solver.parameters),
    results: types(solver.roots),
  };
}
