/** nabla/language: the core of the model language, and `language(...features)` for more of it. Text to models. */
import { language } from "./language/language.ts";

export { compile } from "./compile/api.ts";
export type { Source } from "./ir/source.ts";
export { type Language, type LoadOptions, language, type TextOptions } from "./language/language.ts";
export type { Feature } from "./model/dialect.ts";
export type { TemplateTag } from "./model/template.ts";

/** The core alone. Errors say where what it is without comes from. */
export const { compileText, loadModel, e } = language();
