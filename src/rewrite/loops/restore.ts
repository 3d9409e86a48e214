import { draftOf, partsOf, rootsOf, type Scan, type ScanDraft, scanOf } from "../../ir/bodies/scan.ts";
import type { Expr, Shape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { Call } from "../../ir/operation.ts";
import { copyNodes } from "../../ir/walks/copy-graph.ts";
import { idsUnder, leavesUnder, substitute } from "../../ir/walks/traverse.ts";
import { select } from "../../ops/elementary/comparison.ts";
import { changesOf, type Put } from "../forms/changes.ts";
import { alongSlice, sliceOf } from "../forms/contractions/slices.ts";
import type { NoteReplacement } from "./replace.ts";

// Reverse mode reads what an array was at every step. Where a step changes one place of it, what was there is stored in place of the
// array: the loop back begins with the array as it is in the end, and puts back what each step has changed.

/** Arrays of fewer elements are stacked whole. */
const fewest = 8;

/** The roots with loops back that restore what earlier loops have changed, where these would have stacked it. */
export function restoringLoops(roots: readonly Expr[], note?: NoteReplacement): Expr[] {
  let current = [...roots];
  for (let found = firstRestored(current); found; found = firstRestored(current)) {
    for (const [result, replacement] of found) note?.(result, replacement);
    current = substitute(current, found);
  }
  return current;
}

/** What takes the place of the results of two loops, the second of which reads a stack that it can restore. */
function firstRestored(roots: readonly Expr[]): ReadonlyMap<Expr, Expr> | undefined {
  const graph = roots[0]?.graph;
  if (!graph) return undefined;
  const readers = new Map<number, number[]>();
  for (const id of idsUnder(roots)) {
    for (const operand of new Set(graph.operandIds(id))) {
      if (graph.kindOf(operand) !== "operation" || graph.operationOf(operand).kind !== "scan") continue;
      readers.set(operand, [...(readers.get(operand) ?? []), id]);
    }
  }
  for (const [id, ids] of readers) {
    const stack = graph.expr(id);
    if (roots.includes(stack)) continue;
    const changed = changedIn(stack);
    if (!changed) continue;
    const calls = ids.map((reader) => callBack(graph.expr(reader), stack, changed.call.operation));
    if (calls.every((call) => call !== undefined)) return restored(calls[0]!, stack, changed);
  }
  return undefined;
}

/** A stack of a carry of which each step puts some places. */
interface Changed {
  readonly call: Call<Scan>;
  readonly draft: ScanDraft;
  /** The number of the carry. */
  readonly carry: number;
  readonly puts: readonly Put[];
  /** True of the carry as a step leaves it; else as it finds it. */
  readonly isAfter: boolean;
}

function changedIn(stack: Expr): Changed | undefined {
  const call = stack.graph.call(stack.id) as Call<Scan>;
  const { operation } = call;
  const number = stack.graph.resultOf(stack.id) - operation.carries;
  const size = Integer.product(stack.shape.slice(1)).value ?? fewest;
  if (operation.isBlocks || number < 0 || number >= operation.stacks || stack.dtype !== "real" || size < fewest)
    return undefined;
  const draft = draftOf(operation);
  const { carries } = draft.parameters;
  const root = draft.roots.stacks[number]!;
  const carry = carries.findIndex((each, k) => each === root || draft.roots.carries[k] === root);
  if (carry < 0) return undefined;
  const changes = changesOf(draft.roots.carries[carry]!, carries[carry]!) ?? [];
  const puts = changes.filter((change) => change.kind === "put");
  const read = leavesUnder(puts.map(({ condition }) => condition));
  const isKnown = puts.length > 0 && puts.length === changes.length && !carries.some((each) => read.has(each));
  return isKnown ? { call, draft, carry, puts, isAfter: carries[carry] !== root } : undefined;
}

/** The call of a loop that reads a stack from its end to its beginning, slice by slice. */
function callBack(reader: Expr, stack: Expr, first: Scan): Call<Scan> | undefined {
  if (reader.kind !== "operation") return undefined;
  const { graph } = reader;
  const call = graph.call(reader.id);
  if (call.operation.kind !== "scan") return undefined;
  const scan = call.operation as Scan;
  const { carries, constants } = partsOf(scan, call.operands);
  const isBack = scan.isReversed !== first.isReversed && scan.length.equals(first.length) && !scan.isBlocks;
  return isBack && ![...carries, ...constants].includes(stack) ? (call as Call<Scan>) : undefined;
}

function restored(later: Call<Scan>, stack: Expr, changed: Changed): ReadonlyMap<Expr, Expr> {
  const { call: earlier, puts } = changed;
  const outer = stack.graph;
  const bindings = new Map<Expr, Expr>();
  const replace = (list: readonly Expr[], by: readonly Expr[]) => {
    for (const [k, result] of list.entries()) bindings.set(result, by[k]!);
  };
  // what stood at each place joins the stacks of the first loop
  const { draft } = changed;
  const { roots } = draft;
  const stacks = [...roots.stacks];
  const array = draft.parameters.carries[changed.carry]!;
  const places = puts.map(({ slice }) => {
    const before = sliceOf(array, slice);
    return stacks.includes(before) ? stacks.indexOf(before) : stacks.push(before) - 1;
  });
  const first = scanOf({ ...draft, roots: { ...roots, stacks } });
  const found = rootsOf(first, outer.operation(first, earlier.operands));
  const before = rootsOf(earlier.operation, earlier.results);
  replace(before.carries, found.carries);
  replace(before.stacks, found.stacks);
  replace(before.sums, found.sums);

  const operands = partsOf(later.operation, substitute(later.operands, bindings));
  const isOther = partsOf(later.operation, later.operands).inputs.map((operand) => operand !== stack);
  const { scan, further } = loopBack(later, isOther, stack.shape.slice(1), changed);
  const inputs = substitute(further.inputs, bindings);
  const constants = substitute(further.constants, bindings);
  const results = outer.operation(scan, [
    ...[...operands.carries, found.carries[changed.carry]!],
    ...[...operands.inputs.filter((_, k) => isOther[k]), ...places.map((k) => found.stacks[k]!), ...inputs],
    ...[...operands.constants, ...constants],
  ]);
  const own = later.operation.carries;
  replace(
    later.results,
    results.filter((_, k) => k !== own),
  );
  return bindings;
}

/** The loop back with the array as one more carry, and what it needs to know where each step has changed it. */
function loopBack(
  later: Call<Scan>,
  isOther: readonly boolean[],
  shape: Shape,
  { call: earlier, draft: first, puts, isAfter }: Changed,
) {
  const draft = draftOf(later.operation);
  const { parameters, roots, step } = draft;
  const { graph } = step;
  const like = ({ shape, dtype }: Expr) => graph.variable(shape, dtype);
  const given = partsOf(later.operation, later.operands);
  const known = partsOf(earlier.operation, earlier.operands);
  const read = leavesUnder(puts.map(({ condition }) => condition));
  const leaves = new Map([[first.step, step]]);
  const further = { inputs: [] as Expr[], constants: [] as Expr[] };
  const variables = { inputs: [] as Expr[], constants: [] as Expr[] };
  for (const part of ["inputs", "constants"] as const) {
    for (const [k, leaf] of first.parameters[part].entries()) {
      if (!read.has(leaf)) continue;
      const at = given[part].indexOf(known[part][k]!);
      leaves.set(leaf, parameters[part][at] ?? like(leaf));
      if (at >= 0) continue;
      further[part].push(known[part][k]!);
      variables[part].push(leaves.get(leaf)!);
    }
  }
  const conditions = puts.map(({ condition }) => condition);
  const copyOf = copyNodes(conditions, graph, leaves);
  const array = graph.variable(shape);
  const olds = puts.map(({ value }) => like(value));
  const before = puts.reduce(
    (rest, { slice, condition }, k) => select(copyOf(condition), alongSlice(array, slice, olds[k]!), rest),
    array,
  );
  const slices = parameters.inputs.filter((_, k) => !isOther[k]);
  const bindings = new Map(slices.map((slice) => [slice, isAfter ? array : before]));
  const all = substitute([...roots.carries, ...roots.stacks, ...roots.sums], bindings);
  const next = rootsOf(later.operation, all);
  const scan = scanOf({
    ...draft,
    parameters: {
      carries: [...parameters.carries, array],
      inputs: [...parameters.inputs.filter((_, k) => isOther[k]), ...olds, ...variables.inputs],
      constants: [...parameters.constants, ...variables.constants],
    },
    roots: { ...next, carries: [...next.carries, before] },
  });
  return { scan, further };
}
