import type { Source } from "../../ir/source.ts";
import { help } from "../help/help.ts";
import { readExpression, readModel, readTemplate } from "./read.ts";
import type { Expression, Model } from "./syntax.ts";

// Reading with all the help there is for people who write.

/**
 * The tree of a model's text. Throws ModelSyntaxError, or ModelErrors for several: each statement that fails is
 * reported once. Throws LimitError for a text too long or nested too deep.
 */
export function parseModel(source: Source): Model {
  return readModel(source, help);
}

/** The tree of one expression. Throws as parseModel does. */
export function parseExpression(source: Source): Expression {
  return readExpression(source, help);
}

/** The tree of a tagged template's expression; `strings` are the pieces around its values. Throws as parseModel does. */
export function parseTemplate(strings: readonly string[], name?: string): Expression {
  return readTemplate(strings, help, name);
}
