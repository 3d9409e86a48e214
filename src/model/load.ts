import type { ElaboratedModel } from "../build/model.ts";
import type { Source } from "../ir/source.ts";
import { Dialect } from "./dialect.ts";
import { elaborate } from "./elaborate/elaborate.ts";
import { everyFeature } from "./features/features.ts";
import { parseModel } from "./syntax/parse.ts";

/** The language with every feature. */
export const wholeLanguage = new Dialect(everyFeature);

/** The model of a text: parsed, and its meaning settled. Throws the errors of the text, several at once where they are independent. */
export function loadModel(source: Source): ElaboratedModel {
  return elaborate(parseModel(source), wholeLanguage);
}
