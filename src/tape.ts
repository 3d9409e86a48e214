// nabla/tape: differentiation from symbols to numbers, for contrast; the compiler does not use it.

export { complexField } from "./interpreter/complex.ts";
export { type Dual, dualField } from "./interpreter/dual.ts";
export { realField } from "./interpreter/field.ts";
export type { Field } from "./ir/field.ts";
export type { Complex } from "./numeric/complex/complex.ts";
export type { Component } from "./tape/component.ts";
export { Tape } from "./tape/tape.ts";
