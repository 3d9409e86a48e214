import type { Program } from "../../lower/program/loops.ts";
import { continuationOf } from "../../ops/continuation.ts";
import type { Array1D } from "../javascript.ts";
import { boundBuffers, type Signature } from "../signature.ts";
import { hasSecond, type PairArray, type PairCompiled } from "./arrays.ts";
import { ComplexPrinter } from "./complex-printer.ts";
import { DualPrinter } from "./dual-printer.ts";
import type { PairPrinter } from "./printer.ts";

/** A program over pairs with its text. Needs leave to evaluate code; see canEvaluate. */
export interface PrintedPairs extends PairCompiled {
  readonly source: string;
}

/**
 * The program over complex numbers. The real parts of its results are those of the real program; a small imaginary part
 * of an input carries a derivative through, by analytic continuation alone.
 */
export function compileComplex(program: Program, signature: Signature): PrintedPairs {
  const printer = new ComplexPrinter(program, inArrays(signature));
  const functions = printer.printFunctions();
  const { kernelArray, continuations } = printer;
  const declarations = [...continuations.values()].map((name, k) => `const ${name} = ${kernelArray}[${k}];`);
  const kernels = [...continuations.keys()].map((primitive) => continuationOf(primitive));
  return assembled(program, signature, [...declarations, ...textOf(printer, functions)], { [kernelArray]: kernels });
}

/** The program over dual numbers: every result with its change along one direction, by the partials of the primitives. */
export function compileDual(program: Program, signature: Signature): PrintedPairs {
  const printer = new DualPrinter(program, inArrays(signature));
  return assembled(program, signature, textOf(printer, printer.printFunctions()));
}

/** The scalar result, like all others, in an array that is passed. */
function inArrays(signature: Signature): Signature {
  const { returned } = signature;
  return returned ? { ...signature, separate: [...signature.separate, returned], returned: undefined } : signature;
}

/** The text of what takes sizes and arrays that are bound, then vectors. */
function textOf(printer: PairPrinter, { text, sizes, bound, vectors }: ReturnType<PairPrinter["printFunctions"]>) {
  return [
    printer.kernels(),
    text,
    `return (${[...sizes, ...bound].join(", ")}) => (${vectors.join(", ")}) =>`,
    `  ${printer.called.functionName}(${[...sizes, ...bound, ...vectors].join(", ")});`,
  ];
}

/** `given`: what the text reads from outside, by name. */
function assembled(
  program: Program,
  signature: Signature,
  text: readonly string[],
  given: Readonly<Record<string, unknown>> = {},
): PrintedPairs {
  const source = ['"use strict";', ...text].join("\n");
  type Factory = (...bound: (number | Array1D)[]) => (...vectors: Array1D[]) => void;
  const factory = new Function(...Object.keys(given), source)(...Object.values(given)) as Factory;
  const boundHas = boundBuffers(program, signature).map(hasSecond);
  const vectorHas = [...signature.packed.map(() => true), ...signature.separate.map(hasSecond)];
  return {
    source,
    bind: (sizeValues, arrays) => {
      const run = factory(...sizeValues, ...flatten(arrays, boundHas));
      if (!signature.returned) {
        return (...pairs) => {
          run(...flatten(pairs, vectorHas));
          return undefined;
        };
      }
      const [first, second] = [new Float64Array(1), new Float64Array(1)];
      return (...pairs) => {
        run(...flatten(pairs, vectorHas), first, second);
        return { first: first[0]!, second: second[0]! };
      };
    },
  };
}

function flatten(pairs: readonly PairArray[], isPair: readonly boolean[]): Array1D[] {
  return isPair.flatMap((both, k) => (both ? [pairs[k]!.first, pairs[k]!.second] : [pairs[k]!.first]));
}
