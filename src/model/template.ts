import { building, currentBuilder } from "../build/api/building.ts";
import { type Operand, Tensor, toTerm } from "../build/api/tensor.ts";
import { termOf } from "../build/terms/term.ts";
import { requireThat } from "../ir/arguments/arguments.ts";
import { throwErrors } from "../ir/errors.ts";
import type { Dialect } from "./dialect.ts";
import { Context, EnoughErrors } from "./elaborate/context.ts";
import { variedNames } from "./elaborate/elaborate.ts";
import { evaluateTerm } from "./elaborate/expression.ts";
import { Poisoned } from "./elaborate/values.ts";
import { readTemplate } from "./syntax/read.ts";

/** The tag of templates that hold expressions in a dialect. */
export type TemplateTag = (strings: TemplateStringsArray, ...values: readonly Operand[]) => Tensor;

/** A template's expression in a dialect, with tensors in its holes. Throws the errors of the text. */
export function templateTerm(dialect: Dialect, strings: TemplateStringsArray, values: readonly Operand[]): Tensor {
  requireThat(Array.isArray(strings?.raw), "the tag e", "a template, as in e`sum(x^2)`", strings);
  // of escapes that JavaScript does not know there is no text but the one that was written
  const parts = strings.map((part: string | undefined, k) => part ?? strings.raw[k]!);
  const tree = readTemplate(parts, dialect.help);
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
    if (!context.units.isUsed) return result!;
    const term = context.standIns.expandTerm(result!.term);
    const [erased] = context.units.erased([term.expr]);
    return new Tensor(erased === term.expr ? term : termOf(builder, erased!, term.iterators));
  });
}
