import fc from "fast-check";
import type { Expression, Model } from "../../src/model/syntax.ts";
/** Any expression that some text has. */
export declare const arbitraryExpression: fc.Arbitrary<Expression>;
/** Any model that some text has. */
export declare const arbitraryModel: fc.Arbitrary<Model>;
