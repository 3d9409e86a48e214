import { UsageError } from "../../ir/errors.ts";
import type { Primitive } from "../../ir/primitive.ts";
import { ownOperation } from "../../ops/define.ts";
import { Operations } from "../../ops/operations.ts";
import type { Feature } from "../dialect.ts";
import { reserved } from "../syntax/parser.generated.js";
import { name as namePattern } from "../syntax/words.ts";

const isName = new RegExp(`^${namePattern}$`, "u");

/** Primitives of the user's own, which a text calls by their names. Throws UsageError for a name that no text can have. */
export function ownPrimitives(records: readonly Primitive[]): Feature {
  const operations = records.map(ownOperation);
  const unnamed = records.find(({ name }) => !isName.test(name) || reserved.has(name));
  if (unnamed) throw new UsageError(`a primitive that texts call has a name for its name, got "${unnamed.name}".`);
  return { functions: { operations: new Operations(operations) } };
}
