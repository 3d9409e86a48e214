import { Term, termOf } from "../../build/terms/term.ts";
import { loops } from "../../extensions/loops.ts";
import type { NodeKind } from "../../ir/arena.ts";
import { defined } from "../../ir/bodies/definition.ts";
import type { Value } from "./values.ts";

/** The value as the result of a call of the definition: how often that is worth a function is seen when all is known. */
export function asCall(name: string, given: readonly Value[], value: Value): Value {
  const inputs = given.flatMap((each) => (each instanceof Term && each.dtype === "real" ? [each.expr] : []));
  const isComputed = (each: Value): each is Term =>
    each instanceof Term && each.dtype === "real" && !each.elements && !isClosed(each.expr.kind);
  if (!(value instanceof Term) && value.kind !== "record") return value;
  const fields = value instanceof Term ? new Map([["", value]]) : value.fields;
  const computed = [...fields].flatMap(([field, each]) => (isComputed(each) ? [[field, each] as const] : []));
  if (computed.length === 0) return value;
  const varied = [...new Set(inputs.filter(({ kind }) => !isClosed(kind)))];
  const roots = computed.map(([, { expr }]) => expr);
  const results = defined(name, varied, roots, loops);
  const terms = computed.map(([field, { builder, iterators }], k) => {
    return [field, termOf(builder, results[k]!, iterators)] as const;
  });
  return value instanceof Term ? terms[0]![1] : { kind: "record", fields: new Map([...fields, ...terms]) };
}

/** Values that the body of a definition holds itself. */
const isClosed = (kind: NodeKind) => kind === "constant" || kind === "size" || kind === "iota" || kind === "tensor";
