import type { Primitive } from "./primitive.ts";

const counts = new Map<string, number>();
const keys = new WeakMap<Primitive, string>();

/** The name of a primitive, with a number where another record has had that name: a text that tells records apart. */
export function primitiveKey(primitive: Primitive): string {
  const known = keys.get(primitive);
  if (known !== undefined) return known;
  const { name } = primitive;
  const others = counts.get(name) ?? 0;
  counts.set(name, others + 1);
  const key = others > 0 ? `${name}#${others}` : name;
  keys.set(primitive, key);
  return key;
}
