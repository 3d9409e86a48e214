import type { RandomProgram } from "../../src/check/programs/programs.ts";
import { evaluateShape } from "../../src/interpreter/interpret.ts";
import type { Expr } from "../../src/ir/graph.ts";
import { topologicalOrder } from "../../src/ir/walks/traverse.ts";
import { subjectOf } from "../properties/subject.ts";

/** The program at other sizes, with numbers to match. */
export function atSizes(program: RandomProgram, n: number, d: number): RandomProgram {
  const sizes = new Map([
    ["n", n],
    ["d", d],
  ]);
  const numbers = (leaf: Expr): number[] => {
    const count = evaluateShape(leaf.shape, sizes).reduce((product, size) => product * size, 1);
    if (leaf.dtype === "int") return Array.from({ length: count }, (_, k) => (k * k + 1) % Math.max(1, n));
    return Array.from({ length: count }, (_, k) => (((leaf.id + 3) * (k + 5) * 7) % 33) / 16 - 1 + (k + 1) / 521);
  };
  return { ...program, sizes, values: new Map([...program.values.keys()].map((leaf) => [leaf, numbers(leaf)])) };
}

/** The loss with its derivatives, and the largest tensors on the way. */
export function rootsOf(program: RandomProgram): {
  roots: readonly Expr[];
  evaluate: ReturnType<typeof subjectOf>["at"];
} {
  const { derivatives, at } = subjectOf(program);
  const tensors = topologicalOrder([program.output]).filter(({ kind, isScalar }) => kind !== "leaf" && !isScalar);
  return { roots: [...derivatives.all, ...tensors.slice(-4)], evaluate: at };
}
