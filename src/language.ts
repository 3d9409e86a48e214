/** nabla/language: the core of the model language, and `language(...features)` for more of it. Text to models. */
import { language } from "./language/language.ts";

export { compile } from "./compile/api.ts";
export { type Language, language, type TextOptions } from "./language/language.ts";
export type { Feature } from "./model/dialect.ts";

/** The core alone. Errors say where what it is without comes from. */
export const { compileText, loadModel, e } = language();
