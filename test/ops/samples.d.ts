import type { Interval, Primitive } from "../../src/ir/primitive.ts";
/** Every primitive of the registry, and the first members of the numbered families. */
export declare const primitives: readonly Primitive[];
/** Primitives of real operands that differentiate: what the complex step can judge. */
export declare const smooth: Primitive[];
/** Points of the primitive's domain, ends of it left out: there the derivative may be infinite. */
export declare function pointsOf(primitive: Primitive): number[][];
export declare function domainOf(primitive: Primitive, position: number): Interval;
