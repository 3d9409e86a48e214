import { needs, requireArgument } from "../../ir/arguments/arguments.ts";
import { UsageError } from "../../ir/errors.ts";
import { array } from "./api.ts";
import { type Operand, range, Tensor } from "./tensor.ts";

/**
 * A function of tensors, mapped over the first axis of what it is given: element b of the result is f of the elements b.
 * Tensors that f takes from around it are the same for all. The axis is one like others: derivatives and sums go through it.
 *
 *     const distances = vmap((p, q) => f("norm", p.sub(q)))(P, Q)
 *
 * Throws UsageError without a tensor to map over, IndexRangeError for tensors that differ in their first axis.
 */
export function vmap(of: (...elements: readonly Tensor[]) => Operand): (...batches: readonly Tensor[]) => Tensor {
  requireArgument("vmap", needs.callable, of);
  return (...batches) => {
    const [first] = batches;
    if (!first || !batches.every((each) => each instanceof Tensor && each.shape.length > 0)) {
      throw new UsageError("vmap needs tensors with an axis to map over.");
    }
    return array(range(0, first.shape[0]!), (b) => of(...batches.map((each) => each.at(b))));
  };
}
