import { nearestName, UsageError } from "../errors.ts";

// Callers without types may pass anything. What public functions take is tested by these, at their first lines.

/** What came, as errors call it. */
export function described(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null || typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "string") return `the text ${JSON.stringify(value.slice(0, 40))}`;
  // what is wanted is often what it would give: engines and optimisers are made by functions
  if (typeof value === "function" && value.name !== "") return `the function ${value.name}: call it, ${value.name}()`;
  if (typeof value !== "object") return `a ${typeof value}`;
  if (Array.isArray(value)) return "an array";
  // bundlers write class Tensor as _Tensor where it speaks of itself
  const name = ((value.constructor ?? {}) as { readonly name?: string }).name?.replace(/^_/, "") ?? "";
  return /^(Object)?$/.test(name) ? "an object" : `${/^[AEIO]/.test(name) ? "an" : "a"} ${name}`;
}

/** Throws UsageError, which says what came, unless `holds`. */
export function requireThat(holds: unknown, what: string, needs: string, got: unknown): asserts holds {
  if (!holds) throw new UsageError(`${what} needs ${needs}, got ${described(got)}.`);
}

/** What a value has to be. */
export interface Need {
  readonly what: string;
  accepts(value: unknown): boolean;
}

/** What can hold values by name: no list, array of numbers, map or date. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  Object.prototype.toString.call(value) === "[object Object]";
const isText = (value: unknown) => typeof value === "string";

export const needs = {
  flag: { what: "true or false", accepts: (value: unknown) => typeof value === "boolean" },
  text: { what: "a text", accepts: isText },
  names: {
    what: 'a list of names, such as ["w"]',
    accepts: (value: unknown) => Array.isArray(value) && value.every(isText),
  },
  record: { what: "an object of values by name", accepts: isRecord },
  callable: { what: "a function", accepts: (value: unknown) => typeof value === "function" },
} as const;

/** Throws UsageError for an argument that is not what it has to be. */
export function requireArgument(name: string, { what, accepts }: Need, got: unknown): void {
  requireThat(accepts(got), name, what, got);
}

export type Needs<Options> = { readonly [Name in keyof Options]-?: Need };

/** Refuses what is no record of options, and options that are not known or not what they have to be. Throws UsageError. */
export function requireOptions<Options>(what: string, options: unknown, known: Needs<Options>): void {
  requireArgument(`options of ${what}`, needs.record, options);
  for (const [name, value] of Object.entries(options as object)) {
    if (!Object.hasOwn(known, name))
      throw new UsageError(`${what} has no option "${name}". ${meant(name, Object.keys(known))}`);
    if (value !== undefined) requireArgument(`"${name}" of ${what}`, known[name as keyof Options], value);
  }
}

/** How many names a message lists. */
const mostNames = 20;

/** What to say of a name that is not known: the one that was meant, or those there are. */
export function meant(name: string, known: Iterable<string>): string {
  const all = [...known];
  const near = nearestName(name, all);
  if (near !== undefined) return `Did you mean "${near}"?`;
  if (all.length === 0) return "It has none.";
  const more = all.length > mostNames ? ` and ${all.length - mostNames} more` : "";
  return `It has: ${all.slice(0, mostNames).join(", ")}${more}.`;
}
