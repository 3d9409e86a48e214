import { tangentDefinition } from "../../interpreter/dual.ts";
import type { Primitive } from "../../ir/primitive.ts";
import type { Apply } from "../../lower/program/loops.ts";
import { dtypeOf } from "../../lower/program/values.ts";
import { compileProgram } from "../../ops/program.ts";
import { printSteps } from "../print/kernel.ts";
import { printNumber } from "../print/text.ts";
import { PairPrinter, type PairText, type Target } from "./printer.ts";

/** Prints over dual numbers: each value once, then its change by the partials, written out where they are needed. */
export class DualPrinter extends PairPrinter {
  protected readonly suffix = "tangent";

  protected applyPair(value: Apply, operands: readonly PairText[], target: Target): PairText {
    const z = this.applyReal(value, operands, target);
    const terms = operands.flatMap(({ second }, position) =>
      second === undefined ? [] : this.change(value, position, operands, z, target),
    );
    if (terms.length === 0) return { first: z, second: undefined };
    return { first: z, second: this.named(terms.join(" + "), target) };
  }

  /** The change of z for the change of one operand, as text; no text for the structural zero. */
  private change(
    { primitive, operands: values }: Apply,
    position: number,
    operands: readonly PairText[],
    z: string,
    { indent, lines }: Target,
  ): string[] {
    const constants = values.map((value) => (value.kind === "constant" ? value.value : undefined));
    const definition = tangentDefinition(primitive, position, constants);
    if (!definition) return [];
    const program = compileProgram(definition, operands.length + 2);
    const dx = operands[position]!.second!;
    const numbers = operands.map(({ first }, k) => (dtypeOf(values[k]!) === "bool" ? `(${first} ? 1 : 0)` : first));
    const inner: string[] = [];
    const printer = {
      dialect: this.dialect,
      variable: () => this.called.own.make("q"),
      kernelName: (kernel: Primitive) => {
        this.used.add(kernel);
        return this.kernelName(kernel);
      },
      lines: inner,
    };
    const result = printSteps(program, [...numbers, z, dx], printer, `${indent}  `);
    if (result === printNumber(0)) return [];
    if (program.body.steps.length === 0) return [result];
    // a constant does not vary, even where the slope is infinite
    if (inner.length === 0) return [`(${dx} === 0 ? 0 : ${result})`];
    const name = this.called.own.make("q");
    lines.push(
      `${indent}let ${name} = 0;`,
      `${indent}if (${dx} !== 0) {`,
      ...inner,
      `${indent}  ${name} = ${result};`,
      `${indent}}`,
    );
    return [name];
  }
}
