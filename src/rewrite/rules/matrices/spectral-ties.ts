import { pushforward } from "../../../autodiff/sweeps.ts";
import type { Expr } from "../../../ir/graph.ts";
import { add } from "../../../ops/elementary/algebra.ts";
import { stopGradient } from "../../../ops/elementary/opaque.ts";
import { varies } from "../../../ops/linear-algebra/elementwise.ts";
import {
  eigenvaluesFirstOrder,
  firstOrder,
  heldFixed,
  spectralFirstOrder,
} from "../../../ops/linear-algebra/first-order.ts";
import { isEigenResult } from "../../../ops/linear-algebra/matrix-function.ts";
import { isMap } from "../../../ops/maps.ts";
import type { RoutineCall } from "../../../ops/routines/routine.ts";
import { type Rules, structural } from "../../rule.ts";

/** Functions of matrices as numbers that carry a change are to compute them. */
export const spectralTies: Rules = {
  real: [
    structural("eigenvalues and eigenvectors held fixed", { roots: [stopGradient] }, (node) => {
      const [of] = node.operands as [Expr];
      // eigenvalues with their change, as the rule below has made of them: of that nothing is left
      if (isMap(of, add)) return of.operands.find((each) => isEigenResult(each, 0) && !varies(each.graph, each.id));
      return isEigenResult(of, 0) || isEigenResult(of, 1) ? heldFixed(of) : undefined;
    }),
    structural("a function of a matrix and its change", { roots: ["operation"] }, (node) => {
      const { graph, id } = node;
      const { operation, operands, results } = graph.call(id);
      const form = graph.resultOf(id) === 0 ? firstOrders[operation.name] : undefined;
      // held fixed, nothing of it changes
      if (operation.kind !== "kernel" || !form || operands.every((operand) => !varies(graph, operand.id)))
        return undefined;
      const { leading = 0, parameters } = operation;
      return form({ operation, operands, results, leading, parameters, pushforward });
    }),
  ],
};

const firstOrders: Readonly<Record<string, (call: RoutineCall) => Expr>> = {
  eigh: eigenvaluesFirstOrder,
  matrixFunction: firstOrder,
  spectral: spectralFirstOrder,
};
