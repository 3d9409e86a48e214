import type { Primitive, PrimitiveDocumentation } from "../../ir/primitive.ts";
import { activation } from "./activation.ts";
import { algebra } from "./algebra.ts";
import { bessel } from "./bessel.ts";
import { cast } from "./cast.ts";
import { comparison } from "./comparison.ts";
import { elliptic } from "./elliptic.ts";
import { erf } from "./erf.ts";
import { expint } from "./expint.ts";
import { exponential } from "./exponential.ts";
import { faddeeva } from "./faddeeva.ts";
import { gamma } from "./gamma.ts";
import { hyperbolic } from "./hyperbolic.ts";
import { incomplete } from "./incomplete.ts";
import { lambert } from "./lambert.ts";
import { lengths } from "./lengths.ts";
import { opaque } from "./opaque.ts";
import { plane } from "./plane.ts";
import { powers } from "./powers.ts";
import { random } from "./random.ts";
import { ratios } from "./ratios.ts";
import { rounding } from "./rounding.ts";
import { special } from "./special.ts";
import { trigonometric } from "./trigonometric.ts";

// What is said of primitives, apart from their records: pages and emitted modules need it, a model in memory does not.

/** The documentation of every primitive by its name; of a numbered family, such as polygamma, by the name without number. */
export const documentation: ReadonlyMap<string, PrimitiveDocumentation> = new Map(
  [
    activation,
    algebra,
    bessel,
    cast,
    comparison,
    erf,
    exponential,
    lambert,
    expint,
    elliptic,
    faddeeva,
    gamma,
    hyperbolic,
    incomplete,
    lengths,
    opaque,
    plane,
    powers,
    random,
    ratios,
    rounding,
    special,
    trigonometric,
  ].flatMap((table) => Object.entries(table)),
);

/** The documentation of a primitive, its own first; absent where nothing was said. */
export function documentationOf(primitive: Primitive): PrimitiveDocumentation | undefined {
  const { name } = primitive;
  return primitive.documentation ?? documentation.get(name) ?? documentation.get(name.replace(/[0-9]+$/, ""));
}
