import type { AxisOption, Operand, Tensor } from "../api/tensor.ts";
import { runningProduct } from "../functions/running.ts";
import { Entry } from "./entry.ts";

/** Products of all elements up to each, by default along the last axis: as a loop, whose derivatives are as long as it is. */
export const cumprod: (x: Operand, options?: AxisOption) => Tensor = new Entry(runningProduct).tensor("cumprod");
