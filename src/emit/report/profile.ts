import type { Making, Program, Statement } from "../../lower/program/loops.ts";
import { placesOf } from "./loop-notes.ts";

/**
 * What a loop has taken since the model was compiled: all pieces of one that was cut, such as its first and last rounds, what is
 * left over where it takes several at a time, and the loops that an operation needs around its own.
 */
export interface LoopTime {
  /** The function that it belongs to. */
  readonly function: string;
  /** What it runs over, as a polynomial in sizes: of an operation, its last loop. */
  readonly over: string;
  /** The places of the model that it computes. */
  readonly places: readonly string[];
  /** How often the loop was run. */
  readonly runs: number;
  readonly milliseconds: number;
}

/** How a printer times the outermost loops: names for a clock and for an array with milliseconds and runs in turn. */
export interface Timing {
  readonly clock: string;
  readonly spent: string;
  readonly numberOf: (loop: Statement) => number | undefined;
  /** The values of the two names. */
  readonly values: readonly [clock: () => number, spent: number[]];
}

/** Collects the times of the loops of one model's functions. */
export class Profile {
  private readonly loops: Pick<LoopTime, "function" | "over" | "places">[] = [];
  private readonly spent: number[] = [];

  /** The timing of a program's outermost loops. */
  timingOf(name: string, program: Program): Timing {
    const numbers = new Map<Statement, number>();
    let last: Making | undefined;
    for (const statement of program.parts.flat()) {
      const loop = statement.kind === "shared" ? statement.loop : statement;
      if (loop.kind !== "for") continue;
      if (!last || loop.making !== last) this.spent.push(0, 0);
      last = loop.making;
      const number = this.spent.length / 2 - 1;
      // the last piece ends where the whole does
      const over = loop.to.join(", ");
      const places = [...new Set([...(this.loops[number]?.places ?? []), ...placesOf(loop)])];
      this.loops[number] = { function: name, over, places };
      numbers.set(statement, number);
    }
    return {
      clock: "clock",
      spent: "spent",
      numberOf: (loop) => numbers.get(loop),
      values: [() => performance.now(), this.spent],
    };
  }

  /** The loops that were run, those that took longest first. */
  times(): LoopTime[] {
    return this.loops
      .map((loop, k) => ({ ...loop, runs: this.spent[2 * k + 1]!, milliseconds: this.spent[2 * k]! }))
      .filter(({ runs }) => runs > 0)
      .sort((a, b) => b.milliseconds - a.milliseconds);
  }
}
