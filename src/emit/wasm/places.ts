import type { Guard } from "../../ir/contraction.ts";
import type { Integer } from "../../ir/integer.ts";
import type { Buffer } from "../../lower/program/loops.ts";
import { arrayTypeOf } from "../signature.ts";
import type { Code } from "./encode.ts";

/** Bytes below the first array: a constant part of an address that small may be subtracted from any of them. */
export const lowestArray = 1024;

/** Bytes of an element. */
const bytesPerElement = { Float64Array: 8, Int32Array: 4, Uint8Array: 1 } as const;
/** Bytes of an element. */
export const bytesOf = (buffer: Pick<Buffer, "role" | "dtype">): number => bytesPerElement[arrayTypeOf(buffer)];

/** Whole numbers and addresses of a function: sizes and starts of arrays are constants that the module imports. */
export class Places {
  private readonly code: Code;
  private readonly sizes: ReadonlyMap<string, number>;
  private readonly starts: ReadonlyMap<Buffer, number>;
  private readonly variables = new Map<number, number>();

  /** The locals that hold sizes and starts. */
  constructor(code: Code, sizes: ReadonlyMap<string, number>, starts: ReadonlyMap<Buffer, number>) {
    this.code = code;
    this.sizes = sizes;
    this.starts = starts;
  }

  /** The local of an integer variable. */
  variable(id: number): number {
    const known = this.variables.get(id) ?? this.code.local("i32");
    this.variables.set(id, known);
    return known;
  }

  start(buffer: Buffer): number {
    return this.starts.get(buffer)!;
  }

  /** Writes a whole number. `variable` writes integer variables, where they are not simply their locals. */
  integer(integer: Integer, variable: (id: number) => void = (id) => this.code.get(this.variable(id))): void {
    const { code } = this;
    if (integer.terms.length === 0) {
      code.i32(0);
      return;
    }
    // the constant comes last: it may be an operand of the addition
    const ordered = [...integer.terms].sort((a, b) => b.atoms.length - a.atoms.length);
    for (const [position, { coefficient, atoms }] of ordered.entries()) {
      const isSubtracted = position > 0 && coefficient < 0;
      const factor = isSubtracted ? -coefficient : coefficient;
      if (atoms.length === 0) code.i32(factor);
      for (const [k, atom] of atoms.entries()) {
        if (atom.kind === "name") code.get(this.sizes.get(atom.name)!);
        else if (atom.kind === "iterator") variable(atom.iterator);
        else if (atom.kind === "floorDiv") this.quotient(atom.numerator, atom.denominator, variable);
        else throw new Error(`internal: ${atom.key} was not resolved`);
        if (k > 0) code.op("i32.mul");
      }
      if (atoms.length > 0 && factor !== 1) this.scale(factor);
      if (position > 0) code.op(isSubtracted ? "i32.sub" : "i32.add");
    }
  }

  private scale(factor: number): void {
    const shift = Math.log2(factor);
    this.code.i32(Number.isInteger(shift) ? shift : factor);
    this.code.op(Number.isInteger(shift) ? "i32.shl" : "i32.mul");
  }

  /** The quotient rounded down; 0 where the divisor is 0. */
  private quotient(numerator: Integer, denominator: Integer, variable: (id: number) => void): void {
    const { code } = this;
    const divisor = denominator.value;
    if (divisor !== undefined) {
      const dividend = code.local("i32");
      this.integer(numerator, variable);
      code.tee(dividend);
      code.i32(divisor);
      code.op("i32.div_s");
      // division rounds towards 0: one less where the remainder is negative
      code.get(dividend);
      code.i32(divisor);
      code.op("i32.rem_s");
      code.i32(31);
      code.op("i32.shr_s");
      code.op("i32.add");
      return;
    }
    this.integer(numerator, variable);
    code.op("f64.convert_i32_s");
    this.integer(denominator, variable);
    code.op("f64.convert_i32_s");
    code.op("f64.div");
    code.op("f64.floor");
    code.op("i32.trunc_sat_f64_s");
  }

  /** Writes the address of an element; the constant that is returned is still to be added to it. */
  address(buffer: Buffer, address: Integer, variable?: (id: number) => void): number {
    const { code } = this;
    const size = bytesOf(buffer);
    const constant = address.terms.find(({ atoms }) => atoms.length === 0)?.coefficient ?? 0;
    const offset = constant > 0 && constant * size < lowestArray ? constant : 0;
    const rest = address.minus(offset);
    code.get(this.start(buffer));
    if (rest.terms.length > 0) {
      this.integer(rest, variable);
      if (size > 1) {
        code.i32(Math.log2(size));
        code.op("i32.shl");
      }
      code.op("i32.add");
    }
    return offset * size;
  }

  /** Writes 1 where every guard holds, else 0. */
  guards(guards: readonly Guard[], variable?: (id: number) => void): void {
    const { code } = this;
    for (const [k, { index, extent }] of guards.entries()) {
      this.integer(index, variable);
      code.i32(0);
      code.op("i32.ge_s");
      if (extent) {
        this.integer(index, variable);
        this.integer(extent, variable);
        code.op("i32.lt_s");
        code.op("i32.and");
      }
      if (k > 0) code.op("i32.and");
    }
  }

  /** Writes the largest, or the smallest, of several whole numbers. */
  extreme(bounds: readonly Integer[], choose: "i32.gt_s" | "i32.lt_s"): void {
    const { code } = this;
    const [first, ...rest] = [...new Map(bounds.map((bound) => [bound.key, bound])).values()];
    this.integer(first!);
    for (const bound of rest) {
      const [best, next] = [code.local("i32"), code.local("i32")];
      code.set(best);
      this.integer(bound);
      code.set(next);
      for (const local of [best, next, best, next]) code.get(local);
      code.op(choose);
      code.op("select");
    }
  }
}

/** Reads the element at the address on the stack. */
export function writeLoad(code: Code, buffer: Buffer, offset: number): void {
  const type = arrayTypeOf(buffer);
  if (type === "Float64Array") {
    code.access("f64.load", { align: 3, offset });
    if (buffer.dtype === "bool") throw new Error("internal: conditions are bytes");
  } else if (type === "Int32Array") {
    code.access("i32.load", { align: 2, offset });
    code.op("f64.convert_i32_s");
  } else {
    code.access("i32.load8_u", { align: 0, offset });
    code.i32(0);
    code.op("i32.ne");
  }
}
