import type { Expr } from "../../ir/graph.ts";
import { dependentOn } from "../../ir/walks/dependence.ts";
import { reachableIds, rebuild, substitute } from "../../ir/walks/traverse.ts";
import { binary } from "../../ops/define.ts";
import type { Builder } from "./builder.ts";
import { type Term, termOf } from "./term.ts";

/** A name beside its value: an inner derivative varies it as its value does, an outer one as the name. */
const named = binary("named", {
  units: "a, a -> a",
  real: (_, name) => name,
  partials: [(value) => value.graph.constantLike(1, value), "zero"],
  print: (_, name) => name,
  cost: 0,
});

/** A derivative in which names were varied as their values do. */
interface Derivative {
  /** These names, and those that derivatives among them went through. */
  readonly through: ReadonlySet<Expr>;
  /** The derivative with these names in it. */
  form: Expr | (() => Expr);
}

/**
 * Variables that stand for values which derivatives vary by name. Equal expressions are one node, but a derivative in
 * a name means the uses of that name alone; so the name gets a leaf of its own until the model is complete.
 */
export class StandIns {
  private readonly builder: Builder;
  /** In order of making: a value may contain earlier variables, never later ones. */
  private readonly valueOf = new Map<Expr, Expr>();
  private readonly derivatives = new Map<Expr, Derivative>();

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
    let result = [...roots];
    for (const variable of this.varyingWith(variables)) {
      result = substitute(result, new Map([[variable, this.formWithin(variable, variables)]]));
    }
    return result;
  }

  /**
   * A derivative of `f` in one variable: `take` takes it of `f` as a function of that variable. Names whose values depend on the
   * variable are replaced; where derivatives around it vary them, they find the derivative with the names in it.
   */
  derivative(f: Term, variable: Expr, take: (f: Term) => Term): Term {
    const varying = this.varyingWith([variable]);
    const ids = new Set(this.within([f.expr]).map(({ id }) => id));
    const names = varying.filter(({ id }) => ids.has(id));
    const value = take(this.withExpr(f, this.expandWithin([f.expr], [variable])[0]!));
    if (names.length === 0) return value;
    const result = this.standFor(value);
    this.derivatives.set(result.expr, {
      through: new Set(names.flatMap((name) => [name, ...(this.derivatives.get(name)?.through ?? [])])),
      form: () => withNames(take(this.withExpr(f, this.besideValues(f.expr, varying))).expr),
    });
    return result;
  }

  expandTerm(term: Term): Term {
    return this.withExpr(term, this.expand([term.expr])[0]!);
  }

  private withExpr(term: Term, expr: Expr): Term {
    return expr === term.expr ? term : termOf(this.builder, expr, term.iterators);
  }

  /** The variables whose values depend on one of `variables`, the newest first. */
  private varyingWith(variables: readonly Expr[]): Expr[] {
    const { graph } = this.builder;
    const lowest = Math.min(...variables.map(({ id }) => id));
    const varying = [...variables];
    for (const [variable, value] of this.valueOf) {
      const isThrough = variables.some((each) => this.derivatives.get(variable)?.through.has(each));
      if (!isThrough && value.id < lowest) continue;
      const ids = isThrough ? [] : reachableIds(graph, [value.id], lowest);
      if (isThrough || dependentOn(graph, ids, varying).has(value.id)) varying.push(variable);
    }
    return varying.slice(variables.length).sort((a, b) => b.id - a.id);
  }

  /** What a variable stands for where `variables` vary. */
  private formWithin(variable: Expr, variables: readonly Expr[]): Expr {
    const through = this.derivatives.get(variable)?.through;
    return variables.some((each) => through?.has(each)) ? this.formWithNames(variable) : this.valueOf.get(variable)!;
  }

  private formWithNames(variable: Expr): Expr {
    const derivative = this.derivatives.get(variable);
    if (typeof derivative?.form === "function") derivative.form = derivative.form();
    return derivative?.form ?? this.valueOf.get(variable)!;
  }

  /** The expression with each of the variables, the newest first, beside what it stands for. */
  private besideValues(expr: Expr, variables: readonly Expr[]): Expr {
    let result = expr;
    for (const variable of variables) {
      const beside = named(this.formWithNames(variable), variable);
      [result] = substitute([result], new Map([[variable, beside]])) as [Expr];
    }
    return result;
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

/** The expression with names in the place of what stands beside their values. */
function withNames(expr: Expr): Expr {
  const { graph } = expr;
  const isNamed = ({ kind, id }: Expr) => kind === "map" && graph.primitiveOf(id) === named.primitive;
  return rebuild([expr], (node) => (isNamed(node) ? node.operands[1] : undefined))[0]!;
}
