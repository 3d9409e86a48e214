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

/** Lambert W, the principal branch of the inverse of w e^w. */
export const lambertw: (x: Operand) => Tensor = entry.tensor("lambertw");

/** lambertw(e^x), without overflow. */
export const wrightomega: (x: Operand) => Tensor = entry.tensor("wrightomega");

/** The exponential integral E_n, of an order n >= 1. */
export const expint: (order: number, x: Operand) => Tensor = entry.tensor("expint");

/** The exponential integral Ei. */
export const expintEi: (x: Operand) => Tensor = entry.tensor("expintEi");

/** e^x x^(1-n) E_n(x). */
export const expintScaled: (order: number, x: Operand) => Tensor = entry.tensor("expintScaled");

/** The complete elliptic integral of the first kind of the parameter m = k^2. */
export const ellipk: (m: Operand) => Tensor = entry.tensor("ellipk");

/** The complete elliptic integral of the second kind of the parameter m = k^2. */
export const ellipe: (m: Operand) => Tensor = entry.tensor("ellipe");

/** The Voigt profile: a normal density of standard deviation sigma convolved with a Lorentzian of half width gamma. */
export const voigt: (x: Operand, sigma: Operand, gamma: Operand) => Tensor = entry.tensor("voigt");

/** The Hilbert transform of the Voigt profile. */
export const voigtDispersion: (x: Operand, sigma: Operand, gamma: Operand) => Tensor = entry.tensor("voigtDispersion");
/** The regularised lower incomplete gamma function P(a, x). */
export const gammainc: (a: Operand, x: Operand) => Tensor = entry.tensor("gammainc");

/** The regularised upper incomplete gamma function Q(a, x) = 1 - P(a, x). */
export const gammaincc: (a: Operand, x: Operand) => Tensor = entry.tensor("gammaincc");

/** log P(a, x), without underflow. */
export const logGammainc: (a: Operand, x: Operand) => Tensor = entry.tensor("logGammainc");

/** log Q(a, x), without underflow. */
export const logGammaincc: (a: Operand, x: Operand) => Tensor = entry.tensor("logGammaincc");

/** The regularised incomplete beta function I_x(a, b). */
export const betainc: (a: Operand, b: Operand, x: Operand) => Tensor = entry.tensor("betainc");

/** The derivative of order n of digamma. */
export const polygamma: (order: number, x: Operand) => Tensor = entry.tensor("polygamma");

/** The Bessel function of the first kind of order n. */
export const besselJ: (order: number, x: Operand) => Tensor = entry.tensor("besselJ");

/** The Bessel function of the second kind of order n, x >= 0. */
export const besselY: (order: number, x: Operand) => Tensor = entry.tensor("besselY");

/** The modified Bessel function of the first kind of order n. */
export const besselI: (order: number, x: Operand) => Tensor = entry.tensor("besselI");

/** The modified Bessel function of the second kind of order n, x >= 0. */
export const besselK: (order: number, x: Operand) => Tensor = entry.tensor("besselK");

/** e^-|x| I_0(x). */
export const besselI0e: (x: Operand) => Tensor = entry.tensor("besselI0e");

/** e^-|x| I_1(x). */
export const besselI1e: (x: Operand) => Tensor = entry.tensor("besselI1e");

/** e^x K_0(x). */
export const besselK0e: (x: Operand) => Tensor = entry.tensor("besselK0e");

/** e^x K_1(x). */
export const besselK1e: (x: Operand) => Tensor = entry.tensor("besselK1e");

/** log I_0(x), without overflow. */
export const logBesselI0: (x: Operand) => Tensor = entry.tensor("logBesselI0");

/** I_1(x) / I_0(x). */
export const besselIRatio: (x: Operand) => Tensor = entry.tensor("besselIRatio");
