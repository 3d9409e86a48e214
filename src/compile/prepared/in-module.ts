import type { ModuleProgram } from "../../emit/module/content.ts";
import type { Expr } from "../../ir/graph.ts";
import { leavesUnder } from "../../ir/walks/traverse.ts";
import { estimate, type SizeHints } from "../../rewrite/cost.ts";
import { computing, type DerivedFunction, rootsOf, type Variable } from "../derive.ts";
import { preparable } from "./preparable.ts";

/** What functions of a module have prepared, by node. */
export class PreparedPrograms {
  private readonly programs = new Map<Expr, ModuleProgram>();
  private readonly hints: SizeHints;
  private readonly programOf: (derived: DerivedFunction) => ModuleProgram;

  constructor(hints: SizeHints, programOf: (derived: DerivedFunction) => ModuleProgram) {
    this.hints = hints;
    this.programOf = programOf;
  }

  get all(): readonly ModuleProgram[] {
    return [...this.programs.values()];
  }

  nodesIn(derived: DerivedFunction, variables: readonly Variable[]): readonly Expr[] {
    const exprs = new Set(variables.map(({ expr }) => expr));
    return preparable(rootsOf(derived), exprs, this.hints).filter((node) => isModest(node, variables, this.hints));
  }

  of(node: Expr): ModuleProgram {
    const known = this.programs.get(node);
    if (known) return known;
    const name = node.graph.names.of(node.id) ?? "";
    const made = this.programOf(computing(`prepare${name.charAt(0).toUpperCase()}${name.slice(1)}`, [node]));
    this.programs.set(node, made);
    return made;
  }
}

/**
 * Whether an array grows with the sizes no faster than some array that it is made of, or by one size of the parameters at most. A file
 * cannot choose by the sizes that it meets.
 */
function isModest(node: Expr, variables: readonly Variable[], hints: SizeHints): boolean {
  const leaves = [...leavesUnder([node])];
  const own = new Set(variables.flatMap(({ expr }) => expr.shape.flatMap((size) => size.names())));
  const growth = ({ shape }: Expr, name: string) => {
    const count = (factor: number) =>
      shape.reduce(
        (product, size) => product * estimate(size, (each) => hints(each) * (each === name ? factor : 1)),
        1,
      );
    return count(2) / count(1);
  };
  return node.shape
    .flatMap((size) => size.names())
    .every((name) => {
      const given = Math.max(own.has(name) ? 2 : 1, ...leaves.map((leaf) => growth(leaf, name)));
      return growth(node, name) <= given;
    });
}
