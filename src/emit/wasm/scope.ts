import { Integer } from "../../ir/integer.ts";
import type { Buffer, Statement } from "../../lower/loops.ts";
import { visitStatement } from "../../lower/rewrite-statements.ts";
import type { Code, ValueType } from "./encode.ts";
import { bytesOf, lowestArray, type Places } from "./places.ts";
import type { Loop } from "./statements.ts";

/** One loop of a vectorised nest: what its iterations have in common is made before its first turn. */
export class Scope {
  readonly loop: Loop;
  private readonly code: Code;
  private readonly places: Places;
  private readonly defined: ReadonlySet<number>;
  private readonly prepared = new Map<string, { readonly local: number; readonly write: () => void }>();

  constructor(loop: Loop, code: Code, places: Places) {
    this.loop = loop;
    this.code = code;
    this.places = places;
    this.defined = definedIn(loop);
  }

  /** True where every iteration has the same value of the integer. */
  isFixed(integer: Integer): boolean {
    return !integer.iterators().some((variable) => this.defined.has(variable));
  }

  /** A local whose value is made before the loop. */
  prepare(key: string, type: ValueType, write: () => void): number {
    const known = this.prepared.get(key);
    if (known) return known.local;
    const local = this.code.local(type);
    this.prepared.set(key, { local, write });
    return local;
  }

  /** Writes what stands before the loop. */
  writePrepared(): void {
    for (const { local, write } of this.prepared.values()) {
      write();
      this.code.set(local);
    }
  }

  /**
   * Writes the address of an element whose place is affine in the loop's variable, from a pointer made before the loop:
   * returns the constant that is still to be added, or undefined (and writes nothing) where the place is another.
   */
  pointer(buffer: Buffer, address: Integer): number | undefined {
    const { code, places } = this;
    const { variable } = this.loop;
    const stride = address.coefficientOf(variable);
    if (!stride) return undefined;
    const rest = address.minus(stride.times(Integer.iterator(variable)));
    if (!this.isFixed(rest) || !this.isFixed(stride)) return undefined;
    const size = bytesOf(buffer);
    const constant = rest.terms.find(({ atoms }) => atoms.length === 0)?.coefficient ?? 0;
    const folded = constant > 0 && constant * size <= lowestArray ? constant : 0;
    const base = rest.minus(folded);
    const start = this.prepare(`pointer ${buffer.id} ${base.key}`, "i32", () => {
      const left = places.address(buffer, base);
      if (left === 0) return;
      code.i32(left);
      code.op("i32.add");
    });
    code.get(start);
    if (stride.value === 0) return folded * size;
    code.get(places.variable(variable));
    const step = stride.value;
    if (step !== undefined) multiply(code, step * size);
    else {
      places.integer(stride);
      code.op("i32.mul");
      multiply(code, size);
    }
    code.op("i32.add");
    return folded * size;
  }
}

function multiply(code: Code, factor: number): void {
  if (factor === 1) return;
  const shift = Math.log2(factor);
  code.i32(Number.isInteger(shift) ? shift : factor);
  code.op(Number.isInteger(shift) ? "i32.shl" : "i32.mul");
}

/** The integer variables that a loop and what is in it define. */
function definedIn(loop: Loop): ReadonlySet<number> {
  const defined = new Set<number>();
  visitStatement(loop, {
    statement: (statement: Statement) => {
      if (statement.kind === "for" || statement.kind === "index") defined.add(statement.variable);
    },
  });
  return defined;
}
