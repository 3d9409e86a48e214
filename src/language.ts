/** nabla/language: the core of the model language, and `language(...features)` for more or less of it. Text to models. */
import { type Language, language } from "./language/language.ts";
import { stability } from "./model/features/features.ts";

export { compile } from "./compile/api.ts";
export type { Source } from "./ir/source.ts";
export { type Language, type LoadOptions, language, type TextOptions } from "./language/language.ts";
export type { Feature } from "./model/dialect.ts";
export type { TemplateTag } from "./model/template.ts";

// a bundler leaves it out of a page that makes a language of its own
const core: Language = /* @__PURE__ */ language(stability);

// The core with all rules. Errors say where what it is without comes from.

/** Compiles a model's text. Throws the errors of the text, several at once where they are independent. */
export const compileText: Language["compileText"] = (text, options) => core.compileText(text, options);

/** The model of a text, to be compiled. Throws as compileText does. */
export const loadModel: Language["loadModel"] = (source, options) => core.loadModel(source, options);

/** A sub-expression in the language's own notation, with tensors of the builder API in its holes. Throws the errors of the text. */
export const e: Language["e"] = (strings, ...values) => core.e(strings, ...values);
