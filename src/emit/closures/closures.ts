import type { Program } from "../../lower/program/loops.ts";
import { caller } from "../caller.ts";
import type { Compiled } from "../javascript.ts";
import type { BoundPairFunction, PairCompiled, PairField } from "../pairs/arrays.ts";
import type { Signature } from "../signature.ts";
import { PairClosures, RealClosures } from "./numbers.ts";

/**
 * A program as closures, for places where code from strings is forbidden. Every bit of its results is that of the
 * generated JavaScript; it takes tens of times as long.
 */
export function compileClosures(program: Program, signature: Signature): Omit<Compiled, "source"> {
  return {
    bind: (sizes, bound, { admit } = {}) => {
      const cells = bound.map((first) => ({ first, second: noSecond }));
      const closures = new RealClosures(program, signature, sizes, cells);
      const run = closures.run();
      const returned = signature.returned && closures.place(signature.returned).cell;
      const compute = () => {
        if (returned) returned.first[0] = 0;
        run();
        return returned?.first[0];
      };
      return caller(closures.vectors, admit, compute);
    },
  };
}

/** The same over a field of pairs: complex numbers, dual numbers. */
export function compileClosuresOver<T>(pairs: PairField<T>, program: Program, signature: Signature): PairCompiled {
  return {
    bind: (sizes, bound): BoundPairFunction => {
      const cells = bound.map(({ first, second }) => ({ first, second }));
      const closures = new PairClosures(pairs, program, signature, sizes, cells);
      const run = closures.run();
      const returned = signature.returned && closures.place(signature.returned).cell;
      return (...vectors) => {
        for (const [k, cell] of closures.vectors.entries()) Object.assign(cell, vectors[k]);
        if (returned) returned.first[0] = returned.second[0] = 0;
        run();
        return returned && { first: returned.first[0]!, second: returned.second[0]! };
      };
    },
  };
}

const noSecond = new Float64Array(0);
