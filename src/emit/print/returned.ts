import type { Buffer, Statement } from "../../lower/program/loops.ts";
import { visitStatement } from "../../lower/program/rewrite-statements.ts";

/** How a function writes the number that it returns. */
export interface Returned {
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** The one store that writes the number whatever the data, and its text. */
  readonly store?: Statement;
  written?(value: string): string;
}

/**
 * What is written once has no need of a variable: it is a constant, or the value of the function when nothing comes after it.
 * undefined for what is written in more places, or only where a condition holds.
 */
export function returnedBy(buffer: Buffer, statements: readonly Statement[], name: string): Returned | undefined {
  const writes: Statement[] = [];
  for (const statement of statements) {
    visitStatement(statement, { statement: (inner) => isWrite(inner, buffer) && writes.push(inner) });
    if (writes.length > 1) return undefined;
  }
  const [store] = writes;
  if (!store) return { before: [], after: ["  return 0;"] };
  if (store.kind !== "store" || !statements.includes(store)) return undefined;
  if (store === statements[statements.length - 1])
    return { before: [], after: [], store, written: (value) => `return ${value};` };
  return { before: [], after: [`  return ${name};`], store, written: (value) => `const ${name} = ${value};` };
}

function isWrite(statement: Statement, buffer: Buffer): boolean {
  const { kind } = statement;
  return (kind === "store" || kind === "accumulate" || kind === "fill") && statement.buffer === buffer;
}
