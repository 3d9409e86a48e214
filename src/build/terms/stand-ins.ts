import { dependentOn } from "../../ir/capture.ts";
import type { Expr } from "../../ir/graph.ts";
import { reachableIds, substitute } from "../../ir/traverse.ts";
import type { Builder } from "./builder.ts";
import { type Term, termOf } from "./term.ts";

/**
 * Variables that stand for values which derivatives vary by name. Equal expressions are one node, but a derivative in
 * a name means the uses of that name alone; so the name gets a leaf of its own until the model is complete.
 */
export class StandIns {
  private readonly builder: Builder;
  /** In order of making: a value may contain earlier variables, never later ones. */
  private readonly valueOf = new Map<Expr, Expr>();

  constructor(builder: Builder) {
    this.builder = builder;
  }

  /** A fresh variable in the place of the term. */
  standFor(term: Term): Term {
    const variable = this.builder.graph.variable(term.expr.shape);
    this.valueOf.set(variable, term.expr);
    return termOf(this.builder, variable, term.iterators);
  }

  /** The expressions with every variable replaced by its value. */
  expand(roots: readonly Expr[]): Expr[] {
    let result = [...roots];
    if (this.valueOf.size === 0) return result;
    // the newest first: what its value brings in is older
    for (const variable of this.within(roots)) {
      result = substitute(result, new Map([[variable, this.valueOf.get(variable)!]]));
    }
    return result;
  }

  /** The expressions with every variable replaced whose value depends on one of `variables`. */
  expandWithin(roots: readonly Expr[], variables: readonly Expr[]): Expr[] {
    const { graph } = this.builder;
    const lowest = Math.min(...variables.map(({ id }) => id));
    const varying = [...variables];
    for (const [variable, value] of this.valueOf) {
      if (value.id < lowest) continue;
      const ids = reachableIds(graph, [value.id], lowest);
      if (dependentOn(graph, ids, varying).has(value.id)) varying.push(variable);
    }
    const inner = new Set(varying.slice(variables.length));
    let result = [...roots];
    for (const variable of [...inner].sort((a, b) => b.id - a.id)) {
      result = substitute(result, new Map([[variable, this.valueOf.get(variable)!]]));
    }
    return result;
  }

  expandTerm(term: Term): Term {
    return this.withExpr(term, this.expand([term.expr])[0]!);
  }

  /** The term as a function of one variable: others stay, for derivatives around it may vary them. */
  expandTermWithin(term: Term, variable: Expr): Term {
    return this.withExpr(term, this.expandWithin([term.expr], [variable])[0]!);
  }

  private withExpr(term: Term, expr: Expr): Term {
    return expr === term.expr ? term : termOf(this.builder, expr, term.iterators);
  }

  /** The variables that the expressions need, directly or through values, the newest first. */
  private within(roots: readonly Expr[]): Expr[] {
    const { graph } = this.builder;
    const found = new Set<Expr>();
    let pending: readonly Expr[] = roots;
    while (pending.length > 0) {
      const values: Expr[] = [];
      for (const id of reachableIds(
        graph,
        pending.map((expr) => expr.id),
      )) {
        if (graph.kindOf(id) !== "leaf") continue;
        const leaf = graph.expr(id);
        const value = this.valueOf.get(leaf);
        if (!value || found.has(leaf)) continue;
        found.add(leaf);
        values.push(value);
      }
      pending = values;
    }
    return [...found].sort((a, b) => b.id - a.id);
  }
}
