/** nabla/language/all: the model language with all its features, its formatter and its trees. */
import { wholeLanguage } from "../model/load.ts";
import { languageOf } from "./language.ts";

export { unitsOf } from "../build/units.ts";
export { compile } from "../compile/api.ts";
export { formatModel } from "../model/format/format.ts";
export { parseModel } from "../model/syntax/parse.ts";
export type { Model } from "../model/syntax/syntax.ts";
export type { ModelUnits } from "../units/measured.ts";

export const { compileText, loadModel, e } = languageOf(wholeLanguage);
