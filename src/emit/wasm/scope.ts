import { Integer } from "../../ir/integer.ts";
import type { Buffer, Loop, Statement } from "../../lower/program/loops.ts";
import { visitStatement } from "../../lower/program/rewrite-statements.ts";
import type { Code, ValueType } from "./encode.ts";
import { bytesOf, lowestArray, type Places } from "./places.ts";

/** One loop of a vectorised nest: what its iterations have in common is made before its first turn. */
export class Scope {
  readonly loop: Loop;
  private readonly code: Code;
  private readonly places: Places;
  private readonly defined: ReadonlySet<number>;
  /** Pointers, and by how many bytes each iteration moves them. */
  private readonly moving: { readonly at: number; readonly by: Integer }[] = [];
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
   * Writes the address of an element whose place is affine in the loop's variable, from a pointer that moves with it: returns
   * the constant that is still to be added, or undefined (and writes nothing) where the place is another.
   */
  pointer(buffer: Buffer, address: Integer): number | undefined {
    const { code, places } = this;
    const variable = Integer.iterator(this.loop.variable);
    const stride = address.coefficientOf(this.loop.variable);
    if (!stride) return undefined;
    const rest = address.minus(stride.times(variable));
    if (!this.isFixed(rest) || !this.isFixed(stride)) return undefined;
    const size = bytesOf(buffer);
    const constant = rest.terms.find(({ atoms }) => atoms.length === 0)?.coefficient ?? 0;
    const folded = constant > 0 && constant * size < lowestArray ? constant : 0;
    const first = address.minus(folded);
    const key = `pointer ${buffer.id} ${first.key}`;
    const isNew = !this.prepared.has(key);
    const at = this.prepare(key, "i32", () => {
      const left = places.address(buffer, first);
      if (left === 0) return;
      code.i32(left);
      code.op("i32.add");
    });
    if (isNew && stride.value !== 0) this.moving.push({ at, by: stride.scaled(size) });
    code.get(at);
    return folded * size;
  }

  /** Moves the pointers by so many iterations. */
  advance(iterations: number): void {
    const { code, places } = this;
    for (const { at, by } of this.moving) {
      code.get(at);
      places.integer(by.scaled(iterations));
      code.op("i32.add");
      code.set(at);
    }
  }
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
