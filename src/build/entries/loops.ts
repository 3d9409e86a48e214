import type { AxisOption, Operand, Tensor } from "../api/tensor.ts";
import { runningFunctions } from "../functions/running.ts";
import { Entry } from "./entry.ts";

const entry = new Entry(runningFunctions);

/** Products of all elements up to each, by default along the last axis: as a loop, whose derivatives are as long as it is. */
export const cumprod: (x: Operand, options?: AxisOption) => Tensor = entry.tensor("cumprod");

/** Running maximum, by default along the last axis. Of k equal ones each has 1/k of the slope. */
export const cummax: (x: Operand, options?: AxisOption) => Tensor = entry.tensor("cummax");

/** Running minimum, by default along the last axis. Of k equal ones each has 1/k of the slope. */
export const cummin: (x: Operand, options?: AxisOption) => Tensor = entry.tensor("cummin");

/** log(e^x_0 + ... + e^x_i), without overflow, by default along the last axis. */
export const logcumsumexp: (x: Operand, options?: AxisOption) => Tensor = entry.tensor("logcumsumexp");
