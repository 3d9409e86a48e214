import type { Expr } from "../ir/graph.ts";
import { idsAbove } from "../ir/walks/traverse.ts";

/**
 * Derivatives in a model that states units, which are checked of what was written: forms that are accurate have units of their
 * own making.
 */
export interface MeasuredDerivatives {
  /** An expression by what computes it, without what carries units. */
  computed(expr: Expr): Expr;
  /** The derivative as written, which is computed by another form. */
  by(written: Expr, accurate: Expr): Expr;
  /** A derivative that is to be replaced by an expression that was made of it by `change`. */
  changed(derivative: Expr, change: (expr: Expr) => Expr): Expr;
}

/** Derivatives by what computes them: units are checked of the ones, and the others are compiled. */
export class DerivativeForms implements MeasuredDerivatives {
  private readonly forms = new Map<Expr, Expr>();
  private readonly withoutUnits: (roots: readonly Expr[]) => Expr[];

  constructor(withoutUnits: (roots: readonly Expr[]) => Expr[]) {
    this.withoutUnits = withoutUnits;
  }

  computed(expr: Expr): Expr {
    return this.withoutUnits(this.replaced([expr]))[0]!;
  }

  by(written: Expr, accurate: Expr): Expr {
    if (written.kind !== "leaf" && written.kind !== "constant") this.forms.set(written, accurate);
    return written;
  }

  changed(derivative: Expr, change: (expr: Expr) => Expr): Expr {
    const form = this.forms.get(derivative);
    const changed = change(derivative);
    return form ? this.by(changed, change(form)) : changed;
  }

  /** The roots with every derivative replaced as it stands: nothing below it is looked at. */
  replaced(roots: readonly Expr[]): Expr[] {
    const [first] = roots;
    if (!first || this.forms.size === 0) return [...roots];
    const { graph } = first;
    const taken = new Map([...this.forms].map(([from, to]) => [from.id, to.id]));
    const formOf = (id: number) => taken.get(id) ?? id;
    for (const id of idsAbove(roots, this.forms)) {
      const operands = graph.operandIds(id);
      const moved = operands.map(formOf);
      if (moved.every((operand, k) => operand === operands[k])) continue;
      taken.set(
        id,
        graph.withOrigin(graph.originOf(id), () => graph.withOperandIds(id, moved)),
      );
    }
    return roots.map((root) => graph.expr(formOf(root.id)));
  }
}
