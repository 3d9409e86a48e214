import type { Engine } from "../../src/compile/functions.ts";
import type { Program } from "../../src/lower/program/loops.ts";

/** An engine with those that it chooses, and the programs that they compile. */
export function watched(engine: Engine): { readonly engine: Engine; readonly programs: Program[] } {
  const programs: Program[] = [];
  const watch = (each: Engine): Engine => ({
    ...each,
    compile: (program, signature) => {
      programs.push(program);
      return each.compile(program, signature);
    },
    choose: (program, sizes, signature) => {
      const chosen = each.choose?.(program, sizes, signature);
      return chosen && watch(chosen);
    },
  });
  return { engine: watch(engine), programs };
}
