import type { Program } from "../../lower/program/loops.ts";
import { type Continuation, continuationOf } from "../../ops/continuation.ts";
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
  const kernels: Continuation[] = [];
  const named = [...printer.continuations].map(([primitive, name], k) => {
    kernels.push(continuationOf(primitive));
    return `const ${name} = ${printer.kernelArray}[${k}];`;
  });
  return assemble(program, signature, printer, functions, named, printer.kernelArray, kernels);
}

/** The program over dual numbers: every result with its change along one direction, by the partials of the primitives. */
export function compileDual(program: Program, signature: Signature): PrintedPairs {
  const printer = new DualPrinter(program, inArrays(signature));
  return assemble(program, signature, printer, printer.printFunctions(), [], "none", []);
}

/** The scalar result, like all others, in an array that is passed. */
function inArrays(signature: Signature): Signature {
  const { returned } = signature;
  return returned ? { ...signature, separate: [...signature.separate, returned], returned: undefined } : signature;
}

function assemble(
  program: Program,
  signature: Signature,
  printer: PairPrinter,
  { text, sizes, bound, vectors }: ReturnType<PairPrinter["printFunctions"]>,
  declarations: readonly string[],
  kernelArray: string,
  kernels: readonly unknown[],
): PrintedPairs {
  const source = [
    '"use strict";',
    ...declarations,
    printer.kernels(),
    text,
    `return (${[...sizes, ...bound].join(", ")}) => (${vectors.join(", ")}) =>`,
    `  ${printer.called.functionName}(${[...sizes, ...bound, ...vectors].join(", ")});`,
  ].join("\n");
  type Factory = (...bound: (number | Array1D)[]) => (...vectors: Array1D[]) => void;
  const factory = new Function(kernelArray, source)(kernels) as Factory;
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
