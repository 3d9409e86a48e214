import type { ElaboratedModel } from "../build/model.ts";
import { type CompiledFunctions, compile } from "../compile/api.ts";
import type { CompileOptions } from "../compile/compile.ts";
import type { Primitive } from "../ir/primitive.ts";
import type { Source } from "../ir/source.ts";
import { Dialect, type Feature } from "../model/dialect.ts";
import { elaborate } from "../model/elaborate.ts";
import { ownPrimitives } from "../model/primitives.ts";
import { readModel } from "../model/read.ts";
import { type TemplateTag, templateTerm } from "../model/template.ts";

export interface LoadOptions {
  /** Primitives of your own, which the text calls by their names. */
  readonly primitives?: readonly Primitive[];
}

/** `name` is what errors call the text. */
export type TextOptions = CompileOptions & LoadOptions & { readonly name?: string };

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
  return languageOf(new Dialect(features));
}

export function languageOf(dialect: Dialect): Language {
  const loadModel = (source: Source, { primitives = [] }: LoadOptions = {}) =>
    elaborate(
      readModel(source, dialect.help),
      primitives.length > 0 ? dialect.with(ownPrimitives(primitives)) : dialect,
    );
  return {
    loadModel,
    compileText: (text, { name = "model.nabla", primitives = [], ...options } = {}) =>
      compile(loadModel({ name, text }, { primitives }), options),
    e: (strings, ...values) => templateTerm(dialect, strings, values),
  };
}
