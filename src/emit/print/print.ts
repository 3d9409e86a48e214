import type { Buffer, Program } from "../../lower/program/loops.ts";
import { arrayType, arrayTypeOf, boundBuffers, type Signature } from "../signature.ts";
import { printFunctions } from "./functions.ts";
import type { Dialect } from "./kernel.ts";
import type { Names } from "./names.ts";
import { RealPrinter, type Scope } from "./real-printer.ts";

/** A printed function and the order of its parameters: sizes, bound buffers, packed vectors, separate arrays. */
export interface PrintedFunction {
  readonly name: string;
  readonly sizes: readonly string[];
  readonly bound: readonly Buffer[];
  readonly boundNames: readonly string[];
  /** What sizes and bound buffers are called around closed functions, in this order. */
  readonly knownNames: readonly string[];
  readonly callNames: readonly string[];
  /** What makes the record that sizes and bound arrays come in, where a list of them would be long. */
  readonly record: string | undefined;
  /** Functions that the text calls. */
  readonly called: string;
  readonly text: string;
  /** Functions for primitives that JavaScript lacks. */
  readonly kernels: string;
  /** Every name in use, for whoever adds to the text. */
  readonly names: Names;
}

/** Prints the loops of a program as a JavaScript or TypeScript function over arrays of numbers. */
export function printProgram(program: Program, signature: Signature, dialect: Dialect, scope?: Scope): PrintedFunction {
  const bound = boundBuffers(program, signature);
  const printer = new RealPrinter(program, signature, dialect, scope);
  const sizes = program.sizes.map((name) => printer.called.size(name));
  const boundNames = bound.map((buffer) => printer.called.buffer(buffer));
  const callNames = [
    ...signature.packed.map((packed) => printer.called.packed(packed)),
    ...signature.separate.map((buffer) => printer.called.buffer(buffer)),
  ];
  const typed = (names: readonly string[], type: (k: number) => string) =>
    names.map((name, k) => (dialect.isTyped ? `${name}: ${type(k)}` : name));
  const ofCall = typed(callNames, (k) => {
    const buffer = signature.separate[k - signature.packed.length];
    return buffer ? arrayTypeOf(buffer) : arrayType.real;
  });
  const ofBinding = [...typed(sizes, () => "number"), ...typed(boundNames, (k) => arrayTypeOf(bound[k]!))];
  const record = ofBinding.length > 0 ? dialect.layout?.recordOf(printer.called, [...ofBinding, ...ofCall]) : undefined;
  const [parameters, passed] = dialect.isClosed
    ? [[], []]
    : record
      ? [[record.parameter], [record.name]]
      : [ofBinding, [...sizes, ...boundNames]];
  const functions = printFunctions(printer, program, {
    parameters: [...parameters, ...ofCall],
    names: [...passed, ...callNames],
    record: record?.name,
  });
  return {
    name: printer.called.functionName,
    sizes,
    bound,
    boundNames,
    knownNames: [...sizes, ...boundNames].map((name) => printer.called.knownAs(name)),
    callNames,
    record: record?.maker,
    called: functions.called.join("\n\n"),
    text: functions.own.join("\n\n"),
    kernels: printer.kernels(),
    names: printer.called.own,
  };
}
