import { requireArgument, requireThat } from "../ir/arguments/arguments.ts";
import { missingPart, oracleNeed } from "../optimize/driver/counted.ts";
import type { Oracle } from "../optimize/oracle.ts";
import { type Curvature, type Dual, inCoordinates, type Point, type Space } from "./spaces.ts";

/** The loss at a point and its differential there, a covector. */
export function differential<S>(
  space: Space<S>,
  oracle: Oracle,
  x: Point<S>,
): { readonly value: number; readonly differential: Dual<S> } {
  requireSpace("differential", space, oracle);
  const g = new Float64Array(space.dimension);
  const value = oracle.lossAndGradient(inCoordinates(x), g);
  return { value, differential: space.dual(g) };
}

/** The second derivative at a point: takes displacements to covectors. Throws UsageError where the oracle has no hvp. */
export function curvature<S>(space: Space<S>, oracle: Oracle, x: Point<S>): Curvature<S> {
  requireSpace("curvature", space, oracle);
  if (!oracle.hvp) throw missingPart("hvp");
  const at = inCoordinates(x).slice();
  return (v) => {
    const h = new Float64Array(space.dimension);
    oracle.hvp!(at, inCoordinates(v), h);
    return space.dual(h);
  };
}

function requireSpace<S>(what: string, space: Space<S>, oracle: Oracle): void {
  requireThat(typeof space?.dual === "function", what, "a space, as space(name, dimension) gives it", space);
  requireArgument(what, oracleNeed, oracle);
}
