import { draftOf, partsOf, rootsOf, type Scan, scanOf } from "../../ir/bodies/scan.ts";
import type { Expr } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { Call } from "../../ir/operation.ts";
import { idsUnder, rebuild } from "../../ir/walks/traverse.ts";
import { contract, termsOf } from "../../ops/arrays/contractions.ts";
import type { NoteReplacement } from "./replace.ts";

/** The roots with stacks of which only the last slice is read as carries: one slice is stored in place of all. */
export function lastSlices(roots: readonly Expr[], note?: NoteReplacement): Expr[] {
  let current = [...roots];
  for (let found = stackReadAtEnd(current); found; found = stackReadAtEnd(current)) {
    const { stack, last } = carried(found);
    note?.(stack, last);
    current = rebuild(current, (node) => (node.operands.includes(stack) ? readOf(node, stack, last) : undefined));
  }
  return current;
}

/** A stack whose every reader is a sum that asks for the slice of the last step. */
function stackReadAtEnd(roots: readonly Expr[]): Expr | undefined {
  const { graph } = roots[0]!;
  const ids = idsUnder(roots);
  const readers = new Map<number, number[]>();
  for (const id of ids) {
    for (const operand of new Set(graph.operandIds(id))) {
      if (graph.kindOf(operand) === "operation") readers.set(operand, [...(readers.get(operand) ?? []), id]);
    }
  }
  for (const [id, users] of readers) {
    const operation = graph.operationOf(id);
    const stack = graph.expr(id);
    if (operation.kind !== "scan" || stack.dtype !== "real" || roots.includes(stack)) continue;
    const number = graph.resultOf(id);
    const isStack = number >= operation.carries && number < operation.carries + operation.stacks;
    const last = operation.isReversed ? Integer.zero : operation.length.minus(1);
    if (isStack && users.every((user) => readsAt(graph.expr(user), stack, last))) return stack;
  }
  return undefined;
}

function readsAt(node: Expr, stack: Expr, last: Integer): boolean {
  if (node.kind !== "contraction") return false;
  const { factors, output, guards = [] } = termsOf(node);
  const position = node.operands.indexOf(stack);
  const indices = [...output, ...factors.flatMap(({ index }) => index), ...guards.map(({ index }) => index)];
  const isLookup = indices.some((index) =>
    index.atoms().some((atom) => atom.kind === "lookup" && atom.operand === position),
  );
  return !isLookup && factors.every(({ of, index }) => of !== stack || index[0]!.equals(last));
}

/** The stack's call with its slice as one more carry. */
function carried(stack: Expr): { readonly stack: Expr; readonly last: Expr } {
  const { graph } = stack;
  const { operation: scan, operands } = graph.call(stack.id) as Call<Scan>;
  const draft = draftOf(scan);
  const slice = draft.roots.stacks[graph.resultOf(stack.id) - scan.carries]!;
  const more = scanOf({
    ...draft,
    parameters: {
      ...draft.parameters,
      carries: [...draft.parameters.carries, draft.step.graph.variable(slice.shape)],
    },
    roots: { ...draft.roots, carries: [...draft.roots.carries, slice] },
  });
  const given = partsOf(scan, operands);
  const results = graph.operation(more, [
    ...given.carries,
    graph.constant(0, slice.shape),
    ...given.inputs,
    ...given.constants,
  ]);
  return { stack, last: rootsOf(more, results).carries.at(-1)! };
}

function readOf(node: Expr, stack: Expr, last: Expr): Expr {
  const terms = termsOf(node);
  const factors = terms.factors.map((factor) =>
    factor.of === stack ? { of: last, index: factor.index.slice(1) } : factor,
  );
  return contract({ ...terms, factors });
}
