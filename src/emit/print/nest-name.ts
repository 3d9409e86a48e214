import type { SharedNest, Statement, Value } from "../../lower/program/loops.ts";
import { visitStatement } from "../../lower/program/rewrite-statements.ts";
import { mul } from "../../ops/elementary/algebra.ts";

/** What the function of shared loops is called, after what they do to arrays, and what is said above it. */
export function nestName({ name, loop, uses }: SharedNest): { readonly name: string; readonly summary: string } {
  const kind = name === "product" || loop.making?.layouts.includes("tiles") ? "product" : kindOf(loop);
  return { name: kind, summary: `/** ${summaries[kind]} in ${uses} places. */` };
}

const summaries = {
  product: "A product of matrices in register tiles",
  addMultiples: "Adds multiples of elements to others",
  addTerms: "Adds terms to elements",
  writeMultiples: "Writes multiples of elements",
  writeElements: "Writes elements",
  loops: "What loops do",
};

function kindOf(loop: Statement): keyof typeof summaries {
  const kinds = new Set<"write" | "add" | "other">();
  let areMultiples = true;
  const visit = (inner: Statement): void => {
    if (inner.kind === "store" || inner.kind === "accumulate") {
      kinds.add(inner.kind === "store" ? "write" : inner.combine === "sum" ? "add" : "other");
      areMultiples &&= isMultiple(inner.value);
    } else if (inner.kind === "combine") kinds.add("other");
  };
  visitStatement(loop, { statement: visit });
  const [kind] = kinds;
  if (kinds.size !== 1 || !kind || kind === "other") return "loops";
  return areMultiples ? `${kind}Multiples` : kind === "add" ? "addTerms" : "writeElements";
}

/** True for an element times a number that the loops are given. */
const isMultiple = (value: Value): boolean =>
  value.kind === "apply" &&
  value.primitive === mul.primitive &&
  value.operands.some(({ kind }) => kind === "load") &&
  value.operands.some(({ kind }) => kind === "temporary" || kind === "constant");
