import { iteratorOf } from "../../../ir/contraction.ts";
import type { Expr } from "../../../ir/graph.ts";
import { contract, type Read, termsOf } from "../../../ops/arrays/contractions.ts";
import { mul, neg } from "../../../ops/elementary/algebra.ts";
import { cholesky, choleskySolve } from "../../../ops/linear-algebra/cholesky.ts";
import { choleskyTangent } from "../../../ops/linear-algebra/cholesky-derivatives.ts";
import { luSolve } from "../../../ops/linear-algebra/general.ts";
import { solveTriangular } from "../../../ops/linear-algebra/triangular.ts";
import { isSymmetric } from "../../facts/symmetric.ts";
import { asMultiple } from "../../forms/multiples.ts";
import { isResult } from "../../forms/nodes.ts";
import { type Rules, structural } from "../../rule.ts";

/** Solvers, each with its right-hand side in the second place. */
const solvers = [choleskySolve, luSolve, solveTriangular];

/** What reads half of its last operand where that is symmetric. */
const halving = [cholesky, choleskyTangent];

/** Symmetric matrices and multiples, which derivatives of systems are full of. */
export const symmetryRules = {
  real: [
    structural("read of a symmetric array", { roots: ["view", "sum"] }, (node) => {
      const terms = termsOf(node);
      const factors = terms.factors.map(inOrder);
      return factors.every((read, k) => read === terms.factors[k]) ? undefined : contract({ ...terms, factors });
    }),
    structural("factor of a symmetric matrix", { roots: ["operation"], phase: "last" }, (node) => {
      const halves = halving.find(({ record }) => isResult(node, record.name));
      const { operation, operands } = node.graph.call(node.id);
      if (!halves || operation.kind !== "kernel" || operation.parameters !== "") return undefined;
      const matrix = operands[operands.length - 1]!;
      const rank = matrix.shape.length;
      return isSymmetric(matrix, [rank - 2, rank - 1]) ? halves("lower", ...operands)[0] : undefined;
    }),
    structural("multiple on the right of a system", { roots: ["operation"] }, (node) => {
      const solver = solvers.find(({ record }) => isResult(node, record.name));
      if (!solver) return undefined;
      const [A, b, ...factors] = node.operands as [Expr, Expr, ...Expr[]];
      const multiple = asMultiple(b);
      if (!multiple) return undefined;
      const { operation } = node.graph.call(node.id);
      const parameters = operation.kind === "kernel" ? operation.parameters : "";
      const x = solver(parameters, A, multiple.of, ...factors)[0]!;
      return multiple.by === -1 ? neg(x) : mul(multiple.by, x);
    }),
  ],
} satisfies Rules;

/** The read with the iterators of two axes in order, where the array is the same with these exchanged. */
function inOrder(read: Read): Read {
  const { of, index } = read;
  const named = index.map(iteratorOf);
  for (const [p, first] of named.entries()) {
    for (const [q, second] of named.entries()) {
      if (p >= q || first === undefined || second === undefined || first <= second || !isSymmetric(of, [p, q]))
        continue;
      return { of, index: index.map((each, axis) => (axis === p ? index[q]! : axis === q ? index[p]! : each)) };
    }
  }
  return read;
}
