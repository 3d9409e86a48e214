import { counted } from "../ir/counted.ts";
import { ShapeError, UsageError } from "../ir/errors.ts";
import type { Field } from "../ir/field.ts";
import { Component } from "./component.ts";

/**
 * A sum of products by letters, one for each axis: "ij,jk->ik" is the matrix product, "ij->" the sum of a matrix. Letters that
 * the result does not have are summed over.
 */
export class SumOfProducts<T> extends Component<T> {
  private readonly extents: readonly number[];
  /** For the result and each operand: how far its address moves with each letter. */
  private readonly resultStrides: readonly number[];
  private readonly strides: readonly (readonly number[])[];

  constructor(field: Field<T>, formula: string, operands: readonly Component<T>[]) {
    const match = /^([a-z]*(?:,[a-z]*)*)->([a-z]*)$/.exec(formula);
    if (!match) throw new UsageError(`a sum of products is written as "ij,jk->ik", got "${formula}".`);
    const axes = match[1]!.split(",");
    const result = match[2]!;
    if (axes.length !== operands.length) {
      throw new UsageError(
        `"${formula}" has ${counted(axes.length, "factor")}, got ${counted(operands.length, "operand")}.`,
      );
    }
    const sizes = new Map<string, number>();
    for (const [k, letters] of axes.entries()) {
      const { shape } = operands[k]!;
      if (shape.length !== letters.length) throw new ShapeError(`"${letters}" in "${formula}" got a shape [${shape}].`);
      for (const [axis, letter] of [...letters].entries()) {
        const size = sizes.get(letter) ?? shape[axis]!;
        if (size !== shape[axis]) throw new ShapeError(`"${letter}" in "${formula}" is ${size} and ${shape[axis]}.`);
        sizes.set(letter, size);
      }
    }
    for (const letter of result) {
      if (!sizes.has(letter)) throw new UsageError(`"${letter}" in "${formula}" is the axis of no factor.`);
    }
    const shape = [...result].map((letter) => sizes.get(letter)!);
    super(field, shape, operands);
    const letters = [...sizes.keys()];
    const stridesOf = (word: string, of: readonly number[]) =>
      letters.map((letter) =>
        [...word].reduce(
          (total, each, axis) => total + (each === letter ? of.slice(axis + 1).reduce((a, b) => a * b, 1) : 0),
          0,
        ),
      );
    this.extents = [...sizes.values()];
    this.resultStrides = stridesOf(result, shape);
    this.strides = axes.map((word, k) => stridesOf(word, operands[k]!.shape));
  }

  forward(): void {
    const { field, values, operands } = this;
    values.fill(field.of(0));
    this.visit((at, places) => {
      const product = operands.map((operand, k): T => operand.values[places[k]!]!).reduce((x, y) => field.mul(x, y));
      values[at] = field.add(values[at]!, product);
    });
  }

  backward(): void {
    const { field, operands, grad } = this;
    this.visit((at, places) => {
      for (const [k, operand] of operands.entries()) {
        let contribution: T = grad[at]!;
        for (const [other, { values }] of operands.entries()) {
          if (other !== k) contribution = field.mul(contribution, values[places[other]!]!);
        }
        this.give(operand, places[k]!, contribution);
      }
    });
  }

  /** Every combination of letters: where the result and the factors lie. */
  private visit(term: (at: number, places: readonly number[]) => void): void {
    const { extents, strides, resultStrides } = this;
    const index = extents.map(() => 0);
    const address = (by: readonly number[]) => by.reduce((total, stride, k) => total + stride * index[k]!, 0);
    const count = extents.reduce((a, b) => a * b, 1);
    for (let step = 0; step < count; step++) {
      term(address(resultStrides), strides.map(address));
      for (let k = extents.length - 1; k >= 0; k--) {
        index[k]!++;
        if (index[k]! < extents[k]!) break;
        index[k] = 0;
      }
    }
  }
}
