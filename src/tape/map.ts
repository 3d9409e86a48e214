import { tangentDefinition } from "../interpreter/dual.ts";
import { ShapeError } from "../ir/errors.ts";
import type { Field } from "../ir/field.ts";
import type { Primitive } from "../ir/primitive.ts";
import { programOver } from "../ops/program.ts";
import { Component } from "./component.ts";

/** What an operand receives: a function of the operands, the result z and its grad; undefined for a slope that is zero by rule. */
export type Contribution<T> = ((...numbers: T[]) => T) | undefined;

/** The contributions of a primitive as numbers, from the same partials that the compiler differentiates by. */
export function contributions<T>(primitive: Primitive, count: number, field: Field<T>): Contribution<T>[] {
  const unknown = new Array<undefined>(count).fill(undefined);
  return unknown.map((_, position) => {
    const definition = tangentDefinition(primitive, position, unknown);
    const kernel =
      (inner: Primitive) =>
      (...numbers: T[]) =>
        field.apply(inner, numbers);
    return definition && programOver(definition, field.of, (x) => field.real(x), kernel);
  });
}

/** One primitive, element by element; an operand of one element is used for all. */
export class MapComponent<T> extends Component<T> {
  private readonly primitive: Primitive;
  private readonly rules: readonly Contribution<T>[];

  constructor(
    field: Field<T>,
    primitive: Primitive,
    operands: readonly Component<T>[],
    rules: readonly Contribution<T>[],
  ) {
    const widest = operands.find(({ values }) => values.length !== 1) ?? operands[0]!;
    super(field, widest.shape, operands);
    for (const { values, shape } of operands) {
      if (values.length === 1 || shape.join() === widest.shape.join()) continue;
      throw new ShapeError(`${primitive.name} needs operands of one shape, got [${widest.shape}] and [${shape}].`);
    }
    this.primitive = primitive;
    this.rules = rules;
  }

  forward(): void {
    for (let at = 0; at < this.values.length; at++)
      this.values[at] = this.field.apply(this.primitive, this.numbersAt(at));
  }

  backward(): void {
    for (let at = 0; at < this.values.length; at++) {
      const numbers = [...this.numbersAt(at), this.values[at]!, this.grad[at]!];
      for (const [k, operand] of this.operands.entries()) {
        const contribution = this.rules[k]?.(...numbers);
        if (contribution !== undefined) this.give(operand, operand.values.length === 1 ? 0 : at, contribution);
      }
    }
  }

  private numbersAt(at: number): T[] {
    return this.operands.map(({ values }) => values[values.length === 1 ? 0 : at]!);
  }
}
