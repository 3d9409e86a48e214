import type { Field } from "../ir/field.ts";

/** A tensor on a tape: row-major values, and, after a backward pass, the number that each of them adds to the output per unit. */
export abstract class Component<T> {
  readonly field: Field<T>;
  readonly shape: readonly number[];
  readonly values: T[];
  readonly grad: T[];
  /** What the values are computed from. */
  readonly operands: readonly Component<T>[];

  constructor(field: Field<T>, shape: readonly number[], operands: readonly Component<T>[] = []) {
    this.field = field;
    this.shape = shape;
    this.operands = operands;
    const count = elementCount(shape);
    this.values = new Array<T>(count).fill(field.of(0));
    this.grad = new Array<T>(count).fill(field.of(0));
  }

  /** Computes the values from those of the operands. */
  abstract forward(): void;

  /** Adds to the operands' `grad` what this component's `grad` gives them. */
  abstract backward(): void;

  protected give(operand: Component<T>, at: number, contribution: T): void {
    operand.grad[at] = this.field.add(operand.grad[at]!, contribution);
  }
}

/** How many elements an array of a shape has. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((count, size) => count * size, 1);
}

/** Values that are given: parameters and data. Set `values`, and run the tape forward again. */
export class Given<T> extends Component<T> {
  forward(): void {}
  backward(): void {}
}
