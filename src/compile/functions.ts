import { compileClosures } from "../emit/closures.ts";
import { type Admission, type Array1D, type BoundFunction, compileJavaScript } from "../emit/javascript.ts";
import { boundBuffers, type Packed, type Signature } from "../emit/print.ts";
import type { Expr } from "../ir/graph.ts";
import type { Integer } from "../ir/integer.ts";
import type { Buffer, Program, Statement } from "../lower/loops.ts";
import { visitStatement } from "../lower/rewrite-statements.ts";
import {
  type DerivationInput,
  derive,
  type FunctionName,
  type LoweredFunction,
  lowerFunction,
  packedOffsets,
  type Variable,
} from "./derive.ts";

/** Turns a program into something callable: by generated code, or by interpretation where code may not be generated. */
export interface Engine {
  readonly name: string;
  compile(program: Program, signature: Signature): Code;
}

/** Generated code, to be bound to sizes and arrays. */
export interface Code {
  /** The generated text, for engines that generate one. */
  readonly source?: string;
  bind(sizes: readonly number[], bound: readonly Array1D[], admit?: Admission): BoundFunction;
}

export const javaScriptEngine: Engine = { name: "js", compile: compileJavaScript };

/** Interprets the loops: for places that forbid code from strings. */
export const closureEngine: Engine = { name: "closures", compile: compileClosures };

/** A function ready to be bound: its loops, its signature and its code. */
export interface ModelFunction {
  readonly lowered: LoweredFunction;
  readonly signature: Signature;
  /** Buffers passed once when sizes and data are bound, in order. */
  readonly bound: readonly Buffer[];
  readonly code: Code;
}

/** The functions of one model, each built at its first use and then kept. */
export class FunctionTable {
  private readonly built = new Map<string, ModelFunction>();
  private readonly defined = new Map<string, Expr>();
  private readonly input: DerivationInput;
  private readonly engine: Engine;

  constructor(input: DerivationInput, engine: Engine) {
    this.input = input;
    this.engine = engine;
  }

  /** Gives the table one more output, under a name that no model can use: one with a space in it. */
  define(name: string, expr: Expr): void {
    this.defined.set(name, expr);
  }

  /** The loss, simplified as far as value and subgradients allow. */
  get loss(): Expr {
    return this.input.loss;
  }

  /** Which rewrites the functions are made with. */
  get level(): DerivationInput["level"] {
    return this.input.level;
  }

  /** The expression of an output. */
  output(name: string): Expr {
    return (this.input.outputs.get(name) ?? this.defined.get(name))!;
  }

  get(name: FunctionName, outputs: readonly string[] = []): ModelFunction {
    const key = JSON.stringify([name, outputs]);
    const known = this.built.get(key);
    if (known) return known;
    const wanted = new Map(outputs.map((output) => [output, this.output(output)]));
    const lowered = lowerFunction(derive(name, this.input, wanted), this.input.variables);
    const signature = signatureOf(lowered, this.input.variables);
    const built: ModelFunction = {
      lowered,
      signature,
      bound: boundBuffers(lowered.program, signature),
      code: this.engineFor(lowered.program).compile(lowered.program, signature),
    };
    this.built.set(key, built);
    return built;
  }

  /** A part that JavaScript has no room for, in its stack or among its parameters, is interpreted instead. */
  private engineFor({ parts, buffers }: Program): Engine {
    if (this.engine !== javaScriptEngine) return this.engine;
    const fits = buffers.length <= mostBuffers && parts.every((part) => statementsIn(part) <= mostStatements);
    return fits ? this.engine : closureEngine;
  }
}

/** Arrays of one function: each is a parameter of every part, and takes room in the stack at every call. */
const mostBuffers = 5000;

/** Statements in one printed function: each may need a variable, and 120,000 of them overflow the stack at a call. */
const mostStatements = 40_000;

function statementsIn(part: readonly Statement[]): number {
  let count = 0;
  for (const statement of part) visitStatement(statement, { statement: () => count++ });
  return count;
}

/** Vectors in this order, as far as the function has them: point x, direction v, gradient g, product h. */
export function signatureOf(lowered: LoweredFunction, variables: readonly Variable[]): Signature {
  const { derived } = lowered;
  const { offsets } = packedOffsets(variables);
  const packed: Packed[] = [packedVector("x", lowered.variables, offsets)];
  if (derived.direction.length > 0) packed.push(packedVector("v", lowered.direction, offsets));
  if (derived.gradient.length > 0) packed.push(packedVector("g", lowered.gradient, offsets));
  if (derived.hvp.length > 0) packed.push(packedVector("h", lowered.hvp, offsets));
  return {
    name: derived.name,
    packed,
    separate: [...lowered.hessian, ...lowered.outputs],
    returned: lowered.loss,
  };
}

function packedVector(name: string, buffers: readonly (Buffer | undefined)[], offsets: readonly Integer[]): Packed {
  return {
    name,
    isSingle: buffers.length === 1,
    buffers: buffers.flatMap((buffer, k) => (buffer ? [{ buffer, offset: offsets[k]! }] : [])),
  };
}
