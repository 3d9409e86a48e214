import { draftOf, partsOf, rootsOf, type Scan, type ScanParts, type ScanRoots, scanOf } from "../../ir/bodies/scan.ts";
import { iterators } from "../../ir/contraction.ts";
import { type Expr, Graph } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { Call } from "../../ir/operation.ts";
import { substitute } from "../../ir/walks/traverse.ts";
import { contract, view } from "../../ops/arrays/contractions.ts";
import { add, mul } from "../../ops/elementary/algebra.ts";
import { estimate, type SizeHints } from "../cost.ts";
import type { Checkpoints } from "../rewrite.ts";
import { replaceCalls } from "./replace.ts";

// Long loops as loops over blocks of steps. The reverse mode of a loop stores its carries at every step: here at every block,
// and once more the steps of one block at a time, which it runs again. Nothing else changes.

/** The roots with every long loop in blocks. */
export function inBlocks(roots: readonly Expr[], checkpoints: Checkpoints, hints: SizeHints): Expr[] {
  return replaceCalls(roots, (call) => {
    if (call.operation.kind !== "scan" || call.operation.isBlocks) return undefined;
    const scan = call as Call<Scan>;
    const every = stepsOf(scan.operation, checkpoints, hints);
    return every === undefined ? undefined : blocked(scan, every);
  });
}

/** The steps of a block; undefined where a loop stays whole. */
function stepsOf(scan: Scan, checkpoints: Checkpoints, hints: SizeHints): number | undefined {
  const isReal = scan.results.every(({ dtype }) => dtype === "real");
  if (scan.carries === 0 || !isReal) return undefined;
  const length = estimate(scan.length, hints);
  if (typeof checkpoints === "number") return length > checkpoints ? checkpoints : undefined;
  const carried = scan.operands.slice(0, scan.carries).map(({ shape }) => estimate(Integer.product(shape), hints));
  const atEach = 8 * carried.reduce((sum, count) => sum + count, 0);
  if (atEach * length <= checkpoints.bytes) return undefined;
  // the longest block that fits beside the carries of all blocks; least is stored at the square root
  const balanced = Math.max(1, Math.round(Math.sqrt(length)));
  let every = balanced;
  while (every > 1 && atEach * (every - 1 + length / (every - 1)) <= checkpoints.bytes) every--;
  return every;
}

/** Iterators for the axes of a slice of an input, from number `shift` on. */
const own = (input: Expr, shift: number) => input.shape.slice(1).map((_, axis) => iterators(axis + shift));

/** The results of a scan as those of a scan over blocks, with a scan over the steps that are left over. */
function blocked({ operation: scan, operands, results }: Call<Scan>, every: number): readonly Expr[] {
  const { length, isReversed } = scan;
  const outer = results[0]!.graph;
  const blocks = length.floorDiv(every);
  const whole = blocks.times(every);
  const left = length.minus(whole);
  const given = partsOf(scan, operands);
  const grouped = given.inputs.map((input) =>
    view(
      input,
      [blocks, Integer.constant(every), ...input.shape.slice(1)],
      [iterators(0).times(every).plus(iterators(1)), ...own(input, 2)],
    ),
  );
  const rest = given.inputs.map((input) =>
    view(input, [left, ...input.shape.slice(1)], [whole.plus(iterators(0)), ...own(input, 1)]),
  );
  const overBlocks = scanOverBlocks(scan, { ...given, inputs: grouped }, blocks, every);
  const runBlocks = (from: readonly Expr[]) =>
    rootsOf(overBlocks, outer.operation(overBlocks, [...from, ...grouped, ...given.constants]));
  const restScan = shifted(scan, left);
  const runRest = (from: readonly Expr[]) =>
    rootsOf(restScan, outer.operation(restScan, [...from, ...rest, ...given.constants, outer.size(whole)]));
  // the steps left over are the last ones: the first to run in a loop that runs backwards
  const start = isReversed ? runRest(given.carries) : runBlocks(given.carries);
  const end = isReversed ? runBlocks(start.carries) : runRest(start.carries);
  const [main, extra]: [ScanRoots<Expr>, ScanRoots<Expr>] = isReversed ? [end, start] : [start, end];
  return [
    ...end.carries,
    ...main.stacks.map((stack, k) => joined(stack, extra.stacks[k]!, results[scan.carries + k]!, whole, every)),
    ...main.sums.map((sum, k) => add(sum, extra.sums[k]!)),
  ];
}

/** The scan whose steps are blocks of so many steps, each a scan of its own. The inputs are grouped by blocks. */
function scanOverBlocks(scan: Scan, given: ScanParts<Expr>, blocks: Integer, every: number): Scan {
  const graph = new Graph();
  const like = ({ shape, dtype }: Expr) => graph.variable(shape, dtype);
  const carries = given.carries.map(like);
  const inputs = given.inputs.map(({ shape, dtype }) => graph.variable(shape.slice(1), dtype));
  const constants = given.constants.map(like);
  const step = graph.variable([], "int");
  const first = mul(step, graph.constant(every, [], "int"));
  const block = shifted(scan, Integer.constant(every));
  return scanOf({
    extension: scan.extension,
    length: blocks,
    isReversed: scan.isReversed,
    isBlocks: true,
    parameters: { carries, inputs, constants },
    step,
    roots: rootsOf(scan, graph.operation(block, [...carries, ...inputs, ...constants, first])),
  });
}

/** The scan over other steps: as many as `length`, whose numbers begin at one more constant, an int. */
function shifted(scan: Scan, length: Integer): Scan {
  const draft = draftOf(scan);
  const { step, parameters, roots } = draft;
  const { graph } = step;
  const first = graph.variable([], "int");
  const position = graph.variable([], "int");
  const moved = substitute([...roots.carries, ...roots.stacks, ...roots.sums], new Map([[step, add(first, position)]]));
  return scanOf({
    ...draft,
    length,
    step: position,
    parameters: { ...parameters, constants: [...parameters.constants, first] },
    roots: rootsOf(scan, moved),
  });
}

/** Slices of blocks and of what is left over, in one stack. */
function joined(stack: Expr, rest: Expr, like: Expr, whole: Integer, every: number): Expr {
  const { shape } = like;
  const place = (of: Expr, at: Integer, axes: number) => {
    const index = of.shape.map((_, axis) => iterators(axis));
    return contract({
      extents: of.shape,
      output: [at, ...index.slice(axes)],
      shape,
      factors: [{ of, index }],
    });
  };
  return add(place(stack, iterators(0).times(every).plus(iterators(1)), 2), place(rest, whole.plus(iterators(0)), 1));
}
