import type { Making, Program, Statement } from "../lower/loops.ts";
import { placesOf } from "./loop-notes.ts";

/** What a loop has taken since the model was compiled, with what is left over where it takes several rounds at a time. */
export interface LoopTime {
  /** The function that it belongs to. */
  readonly function: string;
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
  private readonly loops: Pick<LoopTime, "function" | "places">[] = [];
  private readonly spent: number[] = [];

  /** The timing of a program's outermost loops. */
  timingOf(name: string, program: Program): Timing {
    const numbers = new Map<Statement, number>();
    let last: Making | undefined;
    for (const statement of program.parts.flat()) {
      if (statement.kind !== "for" && statement.kind !== "shared") continue;
      const { making } = statement.kind === "for" ? statement : statement.loop;
      if (!last || making !== last) {
        this.loops.push({ function: name, places: placesOf(statement) });
        this.spent.push(0, 0);
      }
      last = making;
      numbers.set(statement, this.loops.length - 1);
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
