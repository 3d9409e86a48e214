import { requireThat } from "../../ir/arguments/arguments.ts";
import { type AxesOption, type AxisOption, type Index, type Operand, type SizeLike, Tensor } from "../api/tensor.ts";
import { ragged } from "../binders/ragged.ts";
import { arrays } from "../functions/arrays.ts";
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

/**
 * x.at(...), in which the ends of the first range may vary with an iterator or come from int data, as in
 * slice(x, range(0, i.add(1))). What works element by element takes such a slice, and so do sums and other reductions
 * of the first axis, norm, variance, softmax, dot and matmul. Throws ShapeError where rows of one length are needed.
 */
export function slice(x: Tensor, ...indices: readonly Index[]): Tensor {
  requireThat(x instanceof Tensor, "slice", "a tensor", x);
  x.term.builder.graph.extend(ragged);
  return x.at(...indices);
}

/** The sum of products over letters: einsum("ij,jk->ik", A, B). Letters that the result lacks are summed. */
export const einsum: (equation: string, ...arrays: readonly Operand[]) => Tensor = (equation, ...given) =>
  lettered(...given, { equation });

const lettered: (...given: readonly unknown[]) => Tensor = entry.tensor("einsum");

/** The whole numbers from 0 to n - 1, or from low to high - 1, or with a step. */
export const arange: (first: SizeLike, high?: SizeLike, step?: number) => Tensor = (...given) =>
  counted(...given.filter((each) => each !== undefined));

const counted: (...given: readonly SizeLike[]) => Tensor = entry.tensor("arange");

/** One value in every element of a shape. */
export const full: (shape: readonly SizeLike[], value: Operand) => Tensor = entry.tensor("full");

/** Zeros in the shape of x. */
export const zerosLike: (x: Operand) => Tensor = entry.tensor("zerosLike");
/** Ones in the shape of x. */
export const onesLike: (x: Operand) => Tensor = entry.tensor("onesLike");

/** One value in every element of the shape of x. */
export const fullLike: (x: Operand, value: Operand) => Tensor = entry.tensor("fullLike");

/** x with a new axis of size 1, by default the first. */
export const expandDims: (x: Operand, options?: AxisOption) => Tensor = entry.tensor("expandDims");

/** x without axes of size 1: those named, or all. */
export const squeeze: (x: Operand, options?: AxesOption) => Tensor = entry.tensor("squeeze");

/** x repeated along axes that it lacks, or has with size 1. */
export const broadcastTo: (x: Operand, shape: readonly SizeLike[]) => Tensor = entry.tensor("broadcastTo");

/** x with two axes exchanged. */
export const swapAxes: (x: Operand, first: number, second: number) => Tensor = entry.tensor("swapAxes");

/** The elements in the opposite order along the axes, which a matrix needs named. */
export const flip: (x: Operand, options?: AxesOption) => Tensor = entry.tensor("flip");
