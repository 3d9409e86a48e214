import type { ElaboratedModel } from "../build/model.ts";
import { type CompiledFunctions, compile } from "../compile/api.ts";
import { type CompileOptions, compileNeeds } from "../compile/compile.ts";
import { type Needs, needs, requireArgument, requireOptions } from "../ir/arguments/arguments.ts";
import type { Primitive } from "../ir/primitive.ts";
import type { Source } from "../ir/source.ts";
import { Dialect, type Feature, isFeature } from "../model/dialect.ts";
import { elaborate } from "../model/elaborate/elaborate.ts";
import { withOwnPrimitives } from "../model/features/primitives.ts";
import { readModel } from "../model/syntax/read.ts";
import { type TemplateTag, templateTerm } from "../model/template.ts";

export interface LoadOptions {
  /** Primitives of your own, which the text calls by their names. */
  readonly primitives?: readonly Primitive[];
}

/** `name` is what errors call the text. */
export type TextOptions = CompileOptions & LoadOptions & { readonly name?: string };

const loadNeeds: Needs<LoadOptions> = { primitives: { what: "a list of primitives", accepts: Array.isArray } };

/** What reads the texts of one language. */
export interface Language {
  /** Compiles a model's text. Throws the errors of the text, several at once where they are independent. */
  readonly compileText: (text: string, options?: TextOptions) => CompiledFunctions<string, string, string>;
  /** The model of a text, to be compiled. Throws as compileText does. */
  readonly loadModel: (source: Source, options?: LoadOptions) => ElaboratedModel;
  /**
   * A sub-expression in the language's own notation, with tensors of the builder API in its holes:
   * e`sum(i: (${x}[i + 1] - ${x}[i])^2)`. Throws the errors of the text.
   */
  readonly e: TemplateTag;
}

/** The core of the language, with features. */
export function language(...features: readonly Feature[]): Language {
  for (const feature of features)
    requireArgument(
      "language",
      { what: "features, such as loops of nabla/language/features", accepts: isFeature },
      feature,
    );
  return languageOf(new Dialect(features));
}

/** The functions of a language: from a text to a model, and to compiled functions. They throw the errors of the text. */
export function languageOf(dialect: Dialect): Language {
  const loadModel = (source: Source, options: LoadOptions = {}) => {
    requireOptions<LoadOptions>("loadModel", options, loadNeeds);
    const { primitives = [] } = options;
    const tree = readModel(source, dialect.help);
    return elaborate(tree, primitives.length > 0 ? withOwnPrimitives(dialect, primitives) : dialect);
  };
  return {
    loadModel,
    compileText: (text, options = {}) => {
      requireArgument("compileText", needs.text, text);
      requireOptions<TextOptions>("compileText", options, { ...compileNeeds, ...loadNeeds, name: needs.text });
      const { name = "model.nabla", primitives = [], ...others } = options;
      return compile(loadModel({ name, text }, { primitives }), others);
    },
    e: (strings, ...values) => templateTerm(dialect, strings, values),
  };
}
