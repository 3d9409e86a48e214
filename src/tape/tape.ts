import { isRecord, needs, requireArgument, requireThat } from "../ir/arguments/arguments.ts";
import { counted } from "../ir/counted.ts";
import { ShapeError, UsageError } from "../ir/errors.ts";
import type { Field } from "../ir/field.ts";
import type { Primitive } from "../ir/primitive.ts";
import { primitiveNamed } from "../ops/registry.ts";
import { Component, elementCount, Given } from "./component.ts";
import { type Contribution, contributions, MapComponent } from "./map.ts";
import { SumOfProducts } from "./sum-of-products.ts";

/**
 * A record of operations as they were computed, which is walked backwards to add numbers into `grad`: differentiation from
 * symbols to numbers. The numbers are those of any field. After `backward` there is nothing left to differentiate; over dual or
 * complex numbers the gradient carries its own derivative along one direction.
 */
export class Tape<T> {
  readonly field: Field<T>;
  private readonly components: Component<T>[] = [];
  private readonly rules = new Map<Primitive, Map<number, readonly Contribution<T>[]>>();

  constructor(field: Field<T>) {
    requireThat(
      isRecord(field) && typeof field.apply === "function",
      "a tape",
      "a field: realField, complexField or dualField",
      field,
    );
    this.field = field;
  }

  /** Parameters or data, row-major; without a shape a vector. */
  given(values: readonly T[], shape: readonly number[] = [values.length]): Component<T> {
    requireThat(Array.isArray(values), "given", "a list of values", values);
    requireThat(Array.isArray(shape) && shape.every((size) => size >= 0), "given", "a shape, a list of sizes", shape);
    if (elementCount(shape) !== values.length) {
      throw new ShapeError(`a shape [${shape}] needs ${counted(elementCount(shape), "value")}, got ${values.length}.`);
    }
    const component = new Given<T>(this.field, shape);
    for (const [at, value] of values.entries()) component.values[at] = value;
    return this.record(component);
  }

  /** A scalar that does not vary. */
  constant(value: number): Component<T> {
    requireThat(typeof value === "number", "constant", "a number", value);
    return this.given([this.field.of(value)], []);
  }

  /** A primitive by its name, element by element: apply("mul", x, y). Throws UsageError, ShapeError. */
  apply(name: string, ...operands: Component<T>[]): Component<T> {
    requireArgument("apply", { what: "the name of a primitive", accepts: needs.text.accepts }, name);
    const primitive = primitiveNamed(name);
    if (!primitive) throw new UsageError(`there is no primitive "${name}".`);
    requireComponents("apply", operands);
    const { arity } = primitive;
    if (arity === "variadic" ? operands.length < 2 : operands.length !== arity) {
      throw new UsageError(
        `${name} takes ${arity === "variadic" ? "two or more operands" : counted(arity, "operand")}, got ${operands.length}.`,
      );
    }
    return this.record(new MapComponent(this.field, primitive, operands, this.rulesOf(primitive, operands.length)));
  }

  /** A sum of products by letters: contract("ij,j->i", A, x). Throws UsageError, ShapeError. */
  contract(formula: string, ...operands: Component<T>[]): Component<T> {
    requireArgument("contract", { what: 'letters such as "ij,j->i"', accepts: needs.text.accepts }, formula);
    requireComponents("contract", operands);
    return this.record(new SumOfProducts(this.field, formula, operands));
  }

  /** Computes everything again, from the values that are given now. */
  forward(): void {
    for (const component of this.components) component.forward();
  }

  /** Sets every `grad` to the derivative of a scalar of this tape. */
  backward(output: Component<T>): void {
    const last = this.components.indexOf(output);
    if (last < 0) throw new UsageError("the output is not on this tape.");
    if (output.values.length !== 1) throw new ShapeError(`the gradient needs a scalar, got a shape [${output.shape}].`);
    for (const component of this.components) component.grad.fill(this.field.of(0));
    output.grad[0] = this.field.of(1);
    // what does not lead to the output gives nothing, not even zero times an infinite slope
    const reached = new Set([output]);
    for (let k = last; k >= 0; k--) {
      const component = this.components[k]!;
      if (!reached.has(component)) continue;
      for (const operand of component.operands) reached.add(operand);
      component.backward();
    }
  }

  private record(component: Component<T>): Component<T> {
    this.components.push(component);
    component.forward();
    return component;
  }

  private rulesOf(primitive: Primitive, count: number): readonly Contribution<T>[] {
    const byCount = this.rules.get(primitive) ?? new Map<number, readonly Contribution<T>[]>();
    this.rules.set(primitive, byCount);
    const known = byCount.get(count) ?? contributions(primitive, count, this.field);
    byCount.set(count, known);
    return known;
  }
}

function requireComponents(what: string, operands: readonly unknown[]): void {
  for (const operand of operands) requireThat(operand instanceof Component, what, "what is on a tape", operand);
}
