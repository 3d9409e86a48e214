import { compileClosures } from "../emit/closures.ts";
import { interpreting } from "../emit/interpreting.ts";
import { able, extension } from "../ir/extension.ts";

/** Loops as closures, where code may not be made of strings. */
export const closures = extension("closures", [able(interpreting, compileClosures)]);
