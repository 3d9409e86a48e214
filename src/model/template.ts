import { building, currentBuilder } from "../build/building.ts";
import { type Operand, Tensor, toTerm } from "../build/tensor.ts";
import { termOf } from "../build/term.ts";
import { requireThat } from "../ir/arguments.ts";
import { throwErrors } from "../ir/errors.ts";
import { Context, EnoughErrors } from "./context.ts";
import type { Dialect } from "./dialect.ts";
import { variedNames } from "./elaborate.ts";
import { evaluateTerm } from "./expression.ts";
import { readTemplate } from "./read.ts";
import { Poisoned } from "./values.ts";

/** The tag of templates that hold expressions in a dialect. */
export type TemplateTag = (strings: TemplateStringsArray, ...values: readonly Operand[]) => Tensor;

/** A template's expression in a dialect, with tensors in its holes. Throws the errors of the text. */
export function templateTerm(dialect: Dialect, strings: readonly string[], values: readonly Operand[]): Tensor {
  requireThat(Array.isArray(strings), "the tag e", "a template, as in e`sum(x^2)`", strings);
  const tree = readTemplate(strings, dialect.help);
  const first = values.find((value) => value instanceof Tensor);
  const builder = first?.term.builder ?? currentBuilder("e`...`");
  return building(builder, () => {
    const holes = values.map((value) => toTerm(builder, value));
    const context = new Context(builder, dialect, variedNames([tree], dialect), { holes });
    let result: Tensor | undefined;
    try {
      result = new Tensor(evaluateTerm(context, tree, context.global));
    } catch (error) {
      if (!(error instanceof Poisoned || error instanceof EnoughErrors)) throw error;
    }
    throwErrors(context.errors);
    const term = context.standIns.expandTerm(result!.term);
    const [erased] = context.units.erased([term.expr]);
    return new Tensor(erased === term.expr ? term : termOf(builder, erased!, term.iterators));
  });
}
