import type { Field } from "../ir/field.ts";
import type { Expr, Shape } from "../ir/graph.ts";
import type { Operation, Values } from "../ir/operation.ts";
import { type Bindings, elementCount, evaluateShape, evaluateSize, interpret } from "./interpret.ts";
import { evaluateScan, evaluateWhile } from "./scan.ts";

/** The values of loops, step by step, of what is solved, of choices and of definitions. */
export function evaluateLoops<T>(
  operation: Operation,
  operands: readonly Values<T>[],
  sizes: ReadonlyMap<string, number>,
  field: Field<T>,
): readonly (readonly T[])[] {
  const elementsOf = (shape: Shape) => elementCount(evaluateShape(shape, sizes));
  const evaluate = (roots: readonly Expr[], values: Bindings<T>["values"]) =>
    interpret(roots, { sizes, values }, field);
  switch (operation.kind) {
    case "kernel":
      return operation.evaluate(operands, field);
    case "scan":
      return evaluateScan(operation, evaluateSize(operation.length, sizes), operands, elementsOf, evaluate, field);
    case "while":
      return evaluateWhile(operation, evaluateSize(operation.limit, sizes), operands, evaluate, field);
    case "implicit": {
      const { parameters, roots } = operation.solver;
      return evaluate(roots, new Map(parameters.map((leaf, k) => [leaf, operands[k]!.values])));
    }
    case "choice": {
      const [condition, ...given] = operands;
      const { parameters, roots } = field.real(condition!.values[0]!) !== 0 ? operation.yes : operation.no;
      return evaluate(roots, new Map(parameters.map((leaf, k) => [leaf, given[k]!.values])));
    }
    case "definition": {
      const { parameters, roots } = operation.body;
      return evaluate(roots, new Map(parameters.map((leaf, k) => [leaf, operands[k]!.values])));
    }
  }
}
