import { type Term, termOf } from "../../build/terms/term.ts";
import { bodyOf } from "../../ir/bodies/body.ts";
import { NameError, throwErrors } from "../../ir/errors.ts";
import type { Expr } from "../../ir/graph.ts";
import type { Primitive } from "../../ir/primitive.ts";
import { rebuild } from "../../ir/walks/traverse.ts";
import { withBodies } from "../../rewrite/loops/reform.ts";
import { DerivativeForms } from "../../units/derivatives.ts";
import { inferUnits, type StatedUnit, type StatedUnits } from "../../units/infer.ts";
import { quantity } from "../../units/quantity.ts";
import { Unit } from "../../units/unit.ts";
import type { Units } from "../dialect.ts";
import type { Definition, Name, Statement, Unit as UnitDefinition, UnitProduct } from "../syntax/syntax.ts";

/** The units that a text names and states. A name that no `unit` statement defines is a base unit. */
export class UnitBook implements Units {
  private readonly leaves = new Map<Expr, StatedUnit>();
  private readonly quantities = new Map<Primitive, StatedUnit>();
  private readonly definitions = new Map<string, UnitDefinition>();
  private readonly known = new Map<string, Unit>();
  private readonly open = new Set<string>();

  readonly derivatives = new DerivativeForms((roots) => this.erased(roots));

  constructor(statements: readonly Statement[]) {
    for (const statement of statements) {
      if (statement.kind !== "units") continue;
      for (const definition of statement.units) this.definitions.set(definition.name.name, definition);
    }
  }

  get stated(): StatedUnits {
    return { leaves: this.leaves, quantities: this.quantities };
  }

  get isUsed(): boolean {
    return this.leaves.size > 0 || this.quantities.size > 0;
  }

  resolve({ factors }: UnitProduct): Unit {
    let unit = Unit.one;
    for (const { operator, base, exponent } of factors) {
      const factor = base === "1" ? Unit.one : base.kind === "name" ? this.named(base) : this.resolve(base);
      const power = factor.power(exponent);
      unit = operator === "/" ? unit.over(power) : unit.times(power);
    }
    return unit;
  }

  stateLeaf(name: string, leaf: Expr, unit: Unit, span: StatedUnit["span"]): void {
    this.leaves.set(leaf, { name, unit, span });
  }

  measured({ name, unit, span }: Definition, value: Term): Term {
    if (!unit || value.dtype === "bool") return value;
    const identity = quantity();
    this.quantities.set(identity, { name: name.name, unit: this.resolve(unit), span });
    const { graph } = value.builder;
    return termOf(value.builder, graph.map(identity, [value.expr]), value.iterators);
  }

  erased(roots: readonly Expr[]): Expr[] {
    if (this.quantities.size === 0) return [...roots];
    return rebuild(roots, (node) => {
      const { graph, id } = node;
      if (node.kind === "map") return this.quantities.has(graph.primitiveOf(id)) ? node.operands[0] : undefined;
      if (node.kind !== "operation") return undefined;
      const operation = graph.operationOf(id);
      const plain = withBodies(operation, (body) => bodyOf(body.parameters, this.erased(body.roots)));
      return plain.key === operation.key ? undefined : graph.operation(plain, node.operands)[graph.resultOf(id)];
    });
  }

  check(roots: readonly Expr[]): void {
    if (!this.isUsed) return;
    const { errors } = inferUnits(roots, this.stated);
    throwErrors([...errors].sort((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0)));
  }

  private named({ name, span }: Name): Unit {
    const known = this.known.get(name);
    if (known) return known;
    const definition = this.definitions.get(name);
    if (!definition?.value) return Unit.base(name);
    if (this.open.has(name)) throw new NameError(`the unit "${name}" is defined by itself.`, { span });
    this.open.add(name);
    const unit = this.resolve(definition.value);
    this.open.delete(name);
    this.known.set(name, unit);
    return unit;
  }
}
