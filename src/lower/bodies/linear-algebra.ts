import { routines } from "../../ops/linear-algebra/registry.ts";
import type { Kernels } from "./kernels.ts";
import { emitRoutine } from "./stage.ts";

/** The loops of the routines of linear algebra, from their algorithms. */
export const linearAlgebraLoops: Kernels = Object.fromEntries(
  [...routines.values()].map(({ record }) => [record.name, emitRoutine(record)]),
);
