import type { Buffer, Statement } from "../../lower/program/loops.ts";
import { visitStatement } from "../../lower/program/rewrite-statements.ts";

/** How the number that a function returns is written: where it is computed, where it is declared, and how it is returned. */
export interface Returned {
  /** The one statement that writes it, whatever the data: it declares a constant, or returns when it comes last. */
  readonly store: Statement | undefined;
  readonly isLast: boolean;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Plans it for the statements of one function, by the name of the number. */
export function returnedBy(buffer: Buffer, statements: readonly Statement[], name: string): Returned {
  const writes: Statement[] = [];
  for (const statement of statements) {
    visitStatement(statement, { statement: (inner) => isWrite(inner, buffer) && writes.push(inner) });
    if (writes.length > 1) break;
  }
  const [only] = writes;
  const store = writes.length === 1 && only!.kind === "store" && statements.includes(only!) ? only : undefined;
  const isLast = store !== undefined && store === statements[statements.length - 1];
  const before = store || !only ? [] : [`  let ${name} = 0;`];
  return { store, isLast, before, after: isLast ? [] : [`  return ${only ? name : "0"};`] };
}

function isWrite(statement: Statement, buffer: Buffer): boolean {
  const { kind } = statement;
  return (kind === "store" || kind === "accumulate" || kind === "fill") && statement.buffer === buffer;
}
