import type { Code } from "./encode.ts";
import type { Instruction } from "./opcodes.ts";

/** Writes instructions that leave one value on the stack. What is used more than once is given a name first. */
export type Term = () => void;

type Operation = Extract<Instruction, `f64.${string}`> extends `f64.${infer Name}` ? Name : never;
/** Operations that scalars and vectors of reals both have. */
type Shared = { [K in Operation]: `f64x2.${K}` extends Instruction ? K : never }[Operation];
type VectorInstruction = Extract<Instruction, `i64x2.${string}` | `f64x2.${string}` | `v128.${string}`>;

/**
 * Arithmetic on reals and conditions, written once for one number at a time (f64, conditions as i32) and for two
 * (f64x2, conditions as masks of all ones or zeros).
 */
export class Arithmetic {
  readonly code: Code;
  readonly isWide: boolean;

  private readonly kept: ((value: number) => number) | undefined;

  /** `kept`: the local in which a loop keeps a vector of one constant. The V8 of Node 24 makes constants anew in every round. */
  constructor(code: Code, isWide: boolean, kept?: (value: number) => number) {
    this.code = code;
    this.isWide = isWide;
    this.kept = kept;
  }

  of(operation: Shared, ...operands: readonly Term[]): Term {
    return () => {
      for (const operand of operands) operand();
      this.code.op(this.isWide ? `f64x2.${operation}` : `f64.${operation}`);
    };
  }

  /** An instruction on vectors alone. */
  vector(instruction: VectorInstruction, ...operands: readonly Term[]): Term {
    return () => {
      for (const operand of operands) operand();
      this.code.op(instruction);
    };
  }

  constant(value: number): Term {
    return () => {
      if (!this.isWide) this.code.f64(value);
      else if (this.kept) this.code.get(this.kept(value));
      else this.code.f64x2(value);
    };
  }

  /** Of vectors alone: both numbers have these bits. */
  bits(value: bigint): Term {
    const [real] = new Float64Array(BigInt64Array.of(value).buffer);
    // the bits of a NaN may not last
    return Number.isNaN(real) ? () => this.code.i64x2(value) : this.constant(real!);
  }

  shift(instruction: "i64x2.shl" | "i64x2.shr_u" | "i32x4.shr_s", x: Term, by: number): Term {
    return () => {
      x();
      this.code.i32(by);
      this.code.op(instruction);
    };
  }

  /** Computes a real now, and keeps it in a local. */
  name(x: Term): Term {
    return this.keep(x, this.isWide ? "v128" : "f64");
  }

  /** The same for a condition. */
  nameCondition(x: Term): Term {
    return this.keep(x, this.isWide ? "v128" : "i32");
  }

  private keep(x: Term, type: "v128" | "f64" | "i32"): Term {
    const local = this.code.local(type);
    x();
    this.code.set(local);
    return () => this.code.get(local);
  }

  add(...terms: readonly Term[]): Term {
    return terms.reduce((sum, term) => this.of("add", sum, term));
  }

  sub(x: Term, y: Term): Term {
    return this.of("sub", x, y);
  }

  mul(x: Term, y: Term): Term {
    return this.of("mul", x, y);
  }

  div(x: Term, y: Term): Term {
    return this.of("div", x, y);
  }

  /** x y + z, rounded once or twice: of vectors, once where the module is fused. */
  multiplyAdd(x: Term, y: Term, z: Term): Term {
    if (!this.isWide) return this.add(this.mul(x, y), z);
    return () => {
      x();
      y();
      this.code.multiplyAdd(z);
    };
  }

  /** The value x where the condition holds, else y; both are computed. Operands need names only if used elsewhere. */
  choose(condition: Term, x: Term, y: Term): Term {
    return () => {
      x();
      y();
      condition();
      this.code.op(this.isWide ? "v128.bitselect" : "select");
    };
  }

  and(x: Term, y: Term): Term {
    return this.logical("v128.and", "i32.and", x, y);
  }

  or(x: Term, y: Term): Term {
    return this.logical("v128.or", "i32.or", x, y);
  }

  not(x: Term): Term {
    return () => {
      x();
      this.code.op(this.isWide ? "v128.not" : "i32.eqz");
    };
  }

  private logical(wide: VectorInstruction, narrow: Instruction, x: Term, y: Term): Term {
    return () => {
      x();
      y();
      this.code.op(this.isWide ? wide : narrow);
    };
  }

  /** c0 + c1 x + c2 x^2 + ... by Estrin's scheme: short chains of dependent operations. x must have a name. */
  polynomial(coefficients: readonly number[], x: Term): Term {
    let terms = coefficients.map((c) => this.constant(c));
    let power = x;
    for (;;) {
      const next: Term[] = [];
      for (let k = 0; k < terms.length; k += 2) {
        const upper = terms[k + 1];
        next.push(upper ? this.multiplyAdd(upper, power, terms[k]!) : terms[k]!);
      }
      if (next.length === 1) return next[0]!;
      terms = next;
      power = this.name(this.mul(power, power));
    }
  }
}
