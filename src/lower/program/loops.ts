import type { Combine, Guard } from "../../ir/contraction.ts";
import type { Expr, Graph, Shape } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import type { DType, Primitive } from "../../ir/primitive.ts";

/** An array of the program: row-major, one number an element. */
export interface Buffer {
  readonly id: number;
  /** inputs and outputs come from the caller, tables are constant tensors, the workspace belongs to the program. */
  readonly role: "input" | "output" | "table" | "workspace";
  /** The leaf's or output's name; of the workspace what people call the node, or "work". It suggests the name in code. */
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /** The axes of the tensor that it holds, where one round of the loops around needs no others. Default: all. */
  readonly axes?: readonly number[];
  /** True where what is stored is added to what is there: nothing may be stored twice. */
  readonly adds?: boolean;
  /** True where each round of a loop writes what it reads of the array, and nothing else reads it. Default: not known. */
  readonly isPassing?: boolean;
  /** The values of a table. */
  readonly values?: Float64Array;
}

/** Of an array with two halves that take turns: the one that a step reads, or the one that it writes. */
export type Half = "read" | "written";

/** A number computed once and used by name: a value itself. */
export interface Temporary {
  readonly kind: "temporary";
  readonly id: number;
  readonly dtype: DType;
  /** What people call it: printers of code for readers begin with that. */
  readonly name?: string;
}

/**
 * A scalar expression. Integers inside addresses, bounds and guards are polynomials over size names and integer
 * variables (loop variables and computed indices), written as iterator atoms.
 */
export type Value =
  | { readonly kind: "constant"; readonly value: number; readonly dtype: DType }
  | { readonly kind: "integer"; readonly integer: Integer }
  | { readonly kind: "load"; readonly buffer: Buffer; readonly address: Integer; readonly half?: Half | undefined }
  | Temporary
  | {
      readonly kind: "apply";
      readonly primitive: Primitive;
      readonly operands: readonly Value[];
      readonly dtype: DType;
    }
  /** The value where every guard holds, else 0; nothing of the value is evaluated elsewhere. */
  | { readonly kind: "guarded"; readonly guards: readonly Guard[]; readonly value: Value };

/** What a loop computes and how it came to be, for readers of generated files and for the report. */
export interface Making {
  readonly nodes: readonly Expr[];
  readonly layouts: readonly Layout[];
}

/**
 * How a loop was laid out: a matrix product in register tiles or over packed panels; a combination that runs along with
 * its output; terms for neighbours in variables; limits that guards cut short; a condition asked before the loop; passes
 * over strips of rows; several rows at a time; the loops of an operation.
 */
export type Layout = "tiles" | "panels" | "running" | "carried" | "cut" | "asked" | "strips" | "rows" | "operation";

export type Statement =
  /** for variable from max(from) while variable < min(to), by step; downwards from min(to) - 1 when descending. */
  | {
      readonly kind: "for";
      readonly variable: number;
      readonly from: readonly Integer[];
      readonly to: readonly Integer[];
      readonly step: number;
      readonly descending?: boolean;
      /** No iteration reads or writes what another one writes. Absent: not known. */
      readonly isIndependent?: boolean;
      readonly making?: Making | undefined;
      readonly body: Statement[];
    }
  | { readonly kind: "let"; readonly temporary: Temporary; readonly value: Value }
  /** An integer variable: an address part, or the element of an int tensor, from 0 and `below` a size where that is known. */
  | { readonly kind: "index"; readonly variable: number; readonly value: Value; readonly below?: Integer | undefined }
  /** A variable that later statements combine into or assign. */
  | { readonly kind: "start"; readonly temporary: Temporary; readonly value: Value }
  | { readonly kind: "combine"; readonly temporary: Temporary; readonly combine: Combine; readonly value: Value }
  | { readonly kind: "assign"; readonly temporary: Temporary; readonly value: Value }
  | {
      readonly kind: "store";
      readonly buffer: Buffer;
      readonly address: Integer;
      readonly half?: Half | undefined;
      readonly value: Value;
    }
  | {
      readonly kind: "accumulate";
      readonly buffer: Buffer;
      readonly address: Integer;
      readonly half?: Half | undefined;
      readonly combine: Combine;
      readonly value: Value;
    }
  | { readonly kind: "fill"; readonly buffer: Buffer; readonly value: number }
  | { readonly kind: "when"; readonly guards: readonly Guard[]; readonly body: Statement[] }
  /** A choice by a value: of numbers of two parts, the first decides. */
  | {
      readonly kind: "if";
      readonly condition: Value;
      readonly body: Statement[];
      readonly otherwise: Statement[];
    }
  /** Repeats while the condition, a value that the body changes, holds. */
  | { readonly kind: "while"; readonly condition: Value; readonly body: Statement[] }
  /**
   * Statements of a long body, which printers of functions make a function of their own. They read integer variables and
   * arrays from around, but no temporaries, and change none there.
   */
  | { readonly kind: "part"; readonly body: Statement[] }
  /** Runs a routine of the program, by its number: what it reads has been stored, and what it leaves is read behind it. */
  | { readonly kind: "call"; readonly routine: number }
  /** Runs loops that stand elsewhere too with these arguments; as a statement of its own it is `loop`. */
  | {
      readonly kind: "shared";
      readonly nest: SharedNest;
      readonly arguments: readonly Value[];
      readonly loop: Loop;
    };

export type Loop = Extract<Statement, { readonly kind: "for" }>;
export type Part = Extract<Statement, { readonly kind: "part" }>;
export type Accumulate = Extract<Statement, { readonly kind: "accumulate" }>;
export type Apply = Extract<Value, { readonly kind: "apply" }>;
export type Load = Extract<Value, { readonly kind: "load" }>;

/** Loops that programs have in common, over what they are called with. */
export interface SharedNest {
  /** Suggests the name of its function. */
  readonly name: string;
  readonly loop: Loop;
  readonly parameters: readonly Parameter[];
  /** How often it is called. */
  readonly uses: number;
}

/**
 * What a shared nest is called with, under each of the names that its loops have for it: an array; where its elements
 * begin in that; a whole number; a number. The argument for a place is the element where it begins.
 */
export type Parameter =
  | { readonly kind: "array" | "place"; readonly buffers: readonly Buffer[] }
  | { readonly kind: "integer"; readonly names: readonly string[] }
  | { readonly kind: "number"; readonly temporaries: readonly Temporary[] };

/**
 * Statements that stand once and run at every call. All that they read and write are workspace arrays that belong to the
 * routine, tables and sizes: operands are stored before a call, and results are read behind it.
 */
export interface Routine {
  /** What it computes; suggests the name of its function. */
  readonly name: string;
  readonly parts: readonly (readonly Statement[])[];
}

/** The loops of a whole program, for printers. */
export interface Program {
  /** Size names that addresses, bounds and values use. */
  readonly sizes: readonly string[];
  readonly buffers: readonly Buffer[];
  /** The statements in parts: each is printed as a function of its own, called in order. */
  readonly parts: readonly (readonly Statement[])[];
  /** What calls run, each behind those that it calls itself. */
  readonly routines: readonly Routine[];
  /** What it computes: its extensions tell how what they changed in it is printed. */
  readonly graph?: Graph | undefined;
  /** The buffer of a leaf, if the program reads it. */
  readonly inputOf: (leaf: Expr) => Buffer | undefined;
}
