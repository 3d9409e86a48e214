import type { Expr } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import { einsum, partOf } from "../arrays/letters.ts";
import { neg } from "../elementary/algebra.ts";
import { type Routine, routine } from "../routines/routine.ts";
import { changedRightSide, onColumns, real, systemSizes } from "./columns.ts";
import { substitute } from "./substitution.ts";

/** Which triangle is read, and whether the system is that of the transpose. */
const isLower = (parameters: string) => parameters.startsWith("lower");
const isTransposed = (parameters: string) => parameters.endsWith("transposed");

/** The parameters of solveTriangular. */
export const triangular = (lower: boolean, transpose: boolean) =>
  `${lower ? "lower" : "upper"}${transpose ? " transposed" : ""}`;

/** x with T x = b, or T' x = b, T a triangle of a matrix of which the other elements are not read. */
export const solveTriangular: Routine = routine({
  name: "solveTriangular",
  units: "a, b -> b/a",
  ranks: [2, 2],
  columns: 1,
  reads: (parameters) => [isLower(parameters) ? "lower" : "upper", "all"],
  results: (operands) => {
    const { n, columns } = systemSizes(operands, "solveTriangular");
    return [real(n, columns)];
  },
  cost: ([T, b]) => T!.shape[0]!.times(T!.shape[0]!).times(b!.shape[1]!),
  program: (m, { operands: [T, b], results: [x] }, parameters) => {
    const lower = isLower(parameters);
    const transpose = isTransposed(parameters);
    const order = lower === transpose ? "up" : "down";
    const element = (i: Integer, k: Integer) => (transpose ? T!.read(k, i) : T!.read(i, k));
    substitute(m, { size: T!.shape[0]!, order, element }, (i, c) => b!.read(i, c), x!);
  },
  tangents: ({ operands: [T], results: [x], leading, parameters }, [dT, db]) => {
    const ofTriangle = dT && partOf(dT, leading, isLower(parameters) ? "lower" : "upper");
    const turned = ofTriangle && isTransposed(parameters) ? einsum(leading, "ji+", [[ofTriangle, "ij+"]]) : ofTriangle;
    const change = changedRightSide(leading, turned, db, x!);
    return [change && solveColumns(parameters, T!, change, leading)];
  },
  cotangents: ({ operands: [T], results: [x], leading, parameters }, [ct]) => {
    if (!ct) return [];
    const transpose = isTransposed(parameters);
    const toRight = solveTriangular(triangular(isLower(parameters), !transpose), T!, ct)[0]!;
    const [row, column] = transpose ? [x!, toRight] : [toRight, x!];
    const toMatrix = einsum(leading, "ij", [
      [row, "ik"],
      [column, "jk"],
    ]);
    return [neg(partOf(toMatrix, leading, isLower(parameters) ? "lower" : "upper")), toRight];
  },
});

/** Solves for all columns of [.., n, k, ...more]. */
export function solveColumns(parameters: string, T: Expr, x: Expr, leading: number): Expr {
  return onColumns(x, leading, (columns) => solveTriangular(parameters, T, columns)[0]!);
}
