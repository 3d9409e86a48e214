import type { Complex } from "../numeric/complex/complex.ts";
import type { Expr } from "./graph.ts";

/** Element types: real is binary64; int holds exact whole numbers used as indices; bool holds conditions. */
export type DType = "real" | "int" | "bool";

/** A closed interval of reals; the ends may be infinite. */
export type Interval = readonly [low: number, high: number];

/** The derivative with respect to one operand: an expression of the operands and the result z, or a reason. */
export type Partial =
  /** d z / d operand, elementwise; a variadic primitive is told which operand. */
  | ((operands: readonly Expr[], z: Expr, position: number) => Expr)
  /** Zero wherever it is defined: the structural zero, no term at all. */
  | "zero"
  /** No derivative: differentiation reports an error and says why. */
  | { readonly none: string };

/** One scalar function, whole: everything that nabla computes with stands in one record. */
export interface Primitive {
  /** The name in the language, in printed graphs and in the documentation. */
  readonly name: string;
  /** How many operands it takes; variadic: two or more, combined from left to right. */
  readonly arity: number | "variadic";
  /** Types of the operands; one entry serves all operands when fewer are given. Default: real. */
  readonly operands?: readonly DType[];
  /** Type of the result. Default: real; "same": where real is needed int and bool are taken too, and kept. */
  readonly result?: DType | "same";
  /** True when two operands may be swapped without changing a bit; more than two keep their order. */
  readonly isCommutative?: boolean;
  /** The value in binary64. */
  readonly real: (...operands: number[]) => number;
  /**
   * The analytic continuation, written independently of the partials; choices are made by real parts. A program has one by
   * itself, and those of nabla's own primitives stand in ops/continuation.ts.
   */
  readonly complex?: (...operands: Complex[]) => Complex;
  /**
   * The first coefficients of its Taylor series at a number, for a function of one operand whose derivatives are ever more other
   * functions; elsewhere these series come from the partials. NaN where there is none.
   */
  readonly taylor?: (centre: number, count: number) => readonly number[];
  /** One partial per operand; a single entry serves every operand of a variadic primitive. */
  readonly partials: readonly Partial[];
  /** The same function as a program over other primitives; printers emit it as a function of its own. */
  readonly program?: (...operands: Expr[]) => Expr;
  /** The function as a JavaScript expression of printed operands (each already parenthesised); absent: see program. */
  readonly print?: (...operands: string[]) => string;
  /**
   * Units of operands and result over variables: "a, a -> a" for a sum, "a, b -> a*b" for a product; one entry serves
   * every operand of a variadic primitive. Absent: as the program has them, pure numbers where there is no program.
   */
  readonly units?: string;
  /** Operations: add, multiply, compare = 1; division = 1; transcendental = 10. */
  readonly cost: number;
  /** The interval that holds the result, NaN aside, when the operands lie in the given ones; absent: nothing is known. */
  readonly range?: (...operands: Interval[]) => Interval;
  /** Where each operand is defined; tests draw from it. Default: all reals. */
  readonly domain?: readonly Interval[];
  /** True when the derivative must not be looked through (stopGradient). */
  readonly isOpaque?: boolean;
  /** For primitives of your own; what the library says of its primitives stands apart, so that no bundle carries it. */
  readonly documentation?: PrimitiveDocumentation;
}

export interface PrimitiveDocumentation {
  /** One sentence or formula: what it computes. */
  readonly summary: string;
  /** The derivative as mathematics. */
  readonly derivative?: string;
  /** The convention at kinks, ties and ends of the domain. */
  readonly kink?: string;
  /** A source that was checked. */
  readonly reference?: string;
}
