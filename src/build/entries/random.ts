import type { Operand, SizeLike, Tensor } from "../api/tensor.ts";
import { random } from "../functions/random.ts";
import { Entry } from "./entry.ts";

// The number at a place is a function of the key, the stream and the place.

/** Which of the sequences of a key is drawn from. */
export interface Stream {
  /** Tells draws of one key apart. Default: 0. */
  readonly stream?: Operand;
}

type Sizes = SizeLike | readonly SizeLike[];

const entry = new Entry(random);

/** Random numbers from 0 to 1, without 1, in a shape; without one, a single number. */
export const uniform: (key: Operand, shape?: Sizes, options?: Stream) => Tensor = entry.tensor("uniform");

/** Random numbers from the standard normal distribution in a shape; without one, a single number. */
export const normal: (key: Operand, shape?: Sizes, options?: Stream) => Tensor = entry.tensor("normal");

/** Conditions that hold with a probability, in a shape, by default that of the probability. */
export const bernoulli: (key: Operand, probability: Operand, shape?: Sizes, options?: Stream) => Tensor =
  entry.tensor("bernoulli");

/** Random whole numbers in low..high, without high, in a shape. */
export const randomInt: (key: Operand, low: SizeLike, high: SizeLike, shape?: Sizes, options?: Stream) => Tensor =
  entry.tensor("randomInt");

/** x / (1 - rate) with the probability 1 - rate, else 0, element by element. */
export const dropout: (key: Operand, x: Operand, rate: Operand, options?: Stream) => Tensor = entry.tensor("dropout");
