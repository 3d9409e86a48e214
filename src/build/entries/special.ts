import type { Operand, Tensor } from "../api/tensor.ts";
import { special } from "../functions/special.ts";
import { Entry } from "./entry.ts";

// Special functions, element by element.

const entry = new Entry(special);

/** 2/sqrt(pi) times the integral of e^(-t^2) from 0 to x. */
export const erf: (x: Operand) => Tensor = entry.tensor("erf");

/** 1 - erf(x), without cancellation. */
export const erfc: (x: Operand) => Tensor = entry.tensor("erfc");

/** e^(x^2) erfc(x). */
export const erfcx: (x: Operand) => Tensor = entry.tensor("erfcx");

/** log(erfc(x)). */
export const logErfc: (x: Operand) => Tensor = entry.tensor("logErfc");

/** The inverse of erf. */
export const erfinv: (x: Operand) => Tensor = entry.tensor("erfinv");

/** The standard normal density. */
export const normalPdf: (x: Operand) => Tensor = entry.tensor("normalPdf");

/** The standard normal distribution function. */
export const normalCdf: (x: Operand) => Tensor = entry.tensor("normalCdf");

/** Its logarithm, without underflow. */
export const logNormalCdf: (x: Operand) => Tensor = entry.tensor("logNormalCdf");

/** x normalCdf(x). */
export const gelu: (x: Operand) => Tensor = entry.tensor("gelu");

/** log |gamma(x)|. */
export const lgamma: (x: Operand) => Tensor = entry.tensor("lgamma");

/** The derivative of lgamma. */
export const digamma: (x: Operand) => Tensor = entry.tensor("digamma");

/** The derivative of digamma. */
export const trigamma: (x: Operand) => Tensor = entry.tensor("trigamma");

/** The derivative of order n of digamma. */
export const polygamma: (order: number, x: Operand) => Tensor = entry.tensor("polygamma");
