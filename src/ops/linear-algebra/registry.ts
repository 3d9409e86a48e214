import type { KernelLookup } from "../../ir/operation.ts";
import { kernelOf, type Routine } from "../routines/routine.ts";
import { cholesky, choleskyInverse, choleskyLogDeterminant, choleskySolve } from "./cholesky.ts";
import { choleskyCotangent, choleskyTangent, lowerProduct } from "./cholesky-derivatives.ts";
import { luDeterminant } from "./determinant.ts";
import { eigh } from "./eigen.ts";
import { lu, luLogDeterminant, luSolve } from "./general.ts";
import { matrixFunction } from "./matrix-function.ts";
import { argsort } from "./order.ts";
import { qr } from "./orthogonal.ts";
import { spectral } from "./spectral.ts";
import { solveTriangular } from "./triangular.ts";

const all: readonly Routine[] = [
  cholesky,
  choleskyTangent,
  choleskyCotangent,
  lowerProduct,
  choleskySolve,
  choleskyInverse,
  choleskyLogDeterminant,
  solveTriangular,
  lu,
  luSolve,
  luDeterminant,
  luLogDeterminant,
  eigh,
  spectral,
  matrixFunction,
  qr,
  argsort,
];

/** Every routine by its name. */
export const routines: ReadonlyMap<string, Routine> = new Map(all.map((each) => [each.record.name, each]));

/** Finds the kernels of routines for the text form of graphs. */
export const routineKernel: KernelLookup = (name, parameters, operands) => {
  const found = routines.get(name);
  return found && kernelOf(found.record, parameters, operands);
};
