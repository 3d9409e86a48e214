import { arrays } from "../arrays.ts";
import type { AxisOption, Operand, SizeLike, Tensor } from "../tensor.ts";
import { Entry } from "./entry.ts";

// Further functions that arrange elements, or read and write at places that int tensors hold.

const entry = new Entry(arrays);

/** The elements moved by so many places around an axis, by default the last; at most once around. */
export const roll: (x: Operand, shift: SizeLike, options?: AxisOption) => Tensor = entry.tensor("roll");

/** The whole array so many times over along an axis, by default the last. */
export const tile: (x: Operand, count: SizeLike, options?: AxisOption) => Tensor = entry.tensor("tile");

/** Each element so many times in a row along an axis, by default the last. */
export const repeatElements: (x: Operand, count: SizeLike, options?: AxisOption) => Tensor =
  entry.tensor("repeatElements");

/** An axis, by default the first, in so many equal parts along a new first axis. */
export const split: (x: Operand, count: SizeLike, options?: AxisOption) => Tensor = entry.tensor("split");

/** The last two axes on and below a diagonal, 0 above it. */
export const tril: (x: Operand, options?: { readonly diagonal?: number }) => Tensor = entry.tensor("tril");

/** The last two axes on and above a diagonal, 0 below it. */
export const triu: (x: Operand, options?: { readonly diagonal?: number }) => Tensor = entry.tensor("triu");

/** The matrix with the last axis of x on its diagonal, 0 elsewhere. */
export const diag: (x: Operand) => Tensor = entry.tensor("diag");

/** Each element less the one before it, by default along the last axis. */
export const diff: (x: Operand, options?: AxisOption) => Tensor = entry.tensor("diff");

/** Evenly spaced numbers, both ends included. */
export const linspace: (low: Operand, high: Operand, count: SizeLike) => Tensor = entry.tensor("linspace");

/** Running maximum, by default along the last axis. */
export const cummax: (x: Operand, options?: AxisOption) => Tensor = entry.tensor("cummax");

/** Running minimum, by default along the last axis. */
export const cummin: (x: Operand, options?: AxisOption) => Tensor = entry.tensor("cummin");

/** Vector product of the last axes, of size 3. */
export const cross: (x: Operand, y: Operand) => Tensor = entry.tensor("cross");

/** Kronecker product of two matrices. */
export const kron: (x: Operand, y: Operand) => Tensor = entry.tensor("kron");

/** The elements of x at these positions along an axis, by default the first. */
export const take: (x: Operand, positions: Operand, options?: AxisOption) => Tensor = entry.tensor("take");

/** A position of its own for each element, by default along the last axis. */
export const takeAlongAxis: (x: Operand, positions: Operand, options?: AxisOption) => Tensor =
  entry.tensor("takeAlongAxis");

/** z[positions[i], ..] += x[i, ..] into so many zeros. */
export const scatterAdd: (x: Operand, positions: Operand, size: SizeLike) => Tensor = entry.tensor("scatterAdd");

/** 1 at each position along a new last axis of this size, 0 elsewhere. */
export const oneHot: (positions: Operand, size: SizeLike) => Tensor = entry.tensor("oneHot");
