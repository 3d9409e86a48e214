import type { Source } from "../../ir/source.ts";
import { help } from "../help/help.ts";
import { readModel } from "./read.ts";
import type { Model } from "./syntax.ts";

/**
 * The tree of a model's text, read with all the help there is for people who write. Throws ModelSyntaxError, or ModelErrors for several: each statement that fails is
 * reported once. Throws LimitError for a text too long or nested too deep.
 */
export function parseModel(source: Source): Model {
  return readModel(source, help);
}
