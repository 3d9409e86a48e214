import { readdirSync, readFileSync } from "node:fs";
import type { Source } from "../../src/ir/source.ts";

const folder = new URL("../../grammar/examples/", import.meta.url);

/** The models in grammar/examples. */
export const examples: readonly Source[] = readdirSync(folder)
  .filter((name) => name.endsWith(".nabla"))
  .map((name) => ({ name, text: readFileSync(new URL(name, folder), "utf8") }));

/** One of them, as `example("lstm")`. */
export function example(name: string): Source {
  const found = examples.find((each) => each.name === `${name}.nabla`);
  if (!found) throw new Error(`there is no example ${name}`);
  return found;
}
