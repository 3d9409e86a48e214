import type { Expr } from "../../ir/graph.ts";
import type { Call } from "../../ir/operation.ts";
import { idsUnder } from "../../ir/walks/traverse.ts";

/** What takes the place of a call's results; `needed` tells which ones are read. undefined leaves the call as it is. */
export type ReplaceCall = (call: Call, needed: readonly boolean[]) => readonly (Expr | undefined)[] | undefined;

/** True where the roots need an operation. */
export function hasCalls(roots: readonly Expr[]): boolean {
  const graph = roots[0]?.graph;
  if (!graph) return false;
  return idsUnder(roots).some((id) => graph.kindOf(id) === "operation");
}

/** Told of each result that another node takes the place of. */
export type NoteReplacement = (result: Expr, replacement: Expr) => void;

/** The roots with calls replaced, operands first, and every node above them rebuilt. */
export function replaceCalls(roots: readonly Expr[], replace: ReplaceCall, note?: NoteReplacement): Expr[] {
  const { graph } = roots[0]!;
  const ids = idsUnder(roots);
  const reached = new Set(ids);
  const forms = new Map<number, Expr>();
  const formOf = (id: number) => forms.get(id) ?? graph.expr(id);
  const done = new Set<number>();
  for (const id of ids) {
    const operands = graph.operandIds(id);
    const isMoved = operands.some((operand) => forms.has(operand));
    const rebuilt = isMoved
      ? graph.withOrigin(graph.originOf(id), () => graph.withOperands(id, operands.map(formOf)))
      : graph.expr(id);
    if (graph.kindOf(id) !== "operation") {
      if (isMoved) forms.set(id, rebuilt);
      continue;
    }
    const first = graph.callOf(id);
    if (done.has(first)) continue;
    done.add(first);
    const call = graph.call(rebuilt.id);
    const needed = call.results.map((_, k) => reached.has(first + k));
    const results = graph.withOrigin(graph.originOf(id), () => replace(call, needed)) ?? call.results;
    for (const [k, result] of results.entries()) {
      if (!needed[k] || !result) continue;
      if (result.id !== first + k) forms.set(first + k, result);
      if (result !== call.results[k]) note?.(call.results[k]!, result);
    }
  }
  return roots.map(({ id }) => formOf(id));
}
