import { building, currentBuilder } from "../build/building.ts";
import { vocabulary } from "../build/everything.ts";
import { type Operand, Tensor, toTerm } from "../build/tensor.ts";
import { termOf } from "../build/term.ts";
import { throwErrors } from "../ir/errors.ts";
import { Context, EnoughErrors } from "./context.ts";
import { evaluateTerm } from "./expression.ts";
import { parseTemplate } from "./parse.ts";
import { Poisoned } from "./values.ts";
import { partsWithin } from "./walk.ts";

/**
 * A sub-expression in the language's own notation, with tensors of the builder API in its holes:
 * e`sum(i: (${x}[i + 1] - ${x}[i])^2)`. Throws the errors of the text.
 */
export function e(strings: TemplateStringsArray, ...values: readonly Operand[]): Tensor {
  const tree = parseTemplate(strings);
  const first = values.find((value) => value instanceof Tensor);
  const builder = first?.term.builder ?? currentBuilder("e`...`");
  const varied = new Set<string>();
  for (const part of partsWithin(tree)) {
    const target = part.kind === "call" && vocabulary.isDerivative(part.callee.name) ? part.arguments[1] : undefined;
    if (target?.kind === "name") varied.add(target.name);
  }
  return building(builder, () => {
    const context = new Context(builder, varied, { holes: values.map((value) => toTerm(builder, value)) });
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
