import { applied } from "../../ir/bodies/body.ts";
import { partsOf, rootsOf, type Scan, scanOf } from "../../ir/bodies/scan.ts";
import { type Expr, Graph, type Shape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { Call } from "../../ir/operation.ts";
import { copyNodes } from "../../ir/walks/copy-graph.ts";
import { dependentOn } from "../../ir/walks/dependence.ts";
import { idsAbove, idsUnder, substitute } from "../../ir/walks/traverse.ts";
import type { NoteReplacement } from "./replace.ts";

// A loop that runs over what another one has stacked begins each step by computing again what that one computed there: the
// functions of a step, for its derivatives. What takes longer than a load is stacked by the first loop, and read by the others.

/** More loops than these are not compared with each other. */
const mostLoops = 30;

/** Operations of this cost take longer than a number is stored and loaded. */
const dear = 6;

/** The roots with loops that read what earlier ones of as many steps compute at the same step. */
export function sharedSteps(roots: readonly Expr[], note?: NoteReplacement): Expr[] {
  let current = [...roots];
  const apart = new Set<string>();
  for (;;) {
    const bindings = firstShared(current, apart);
    if (!bindings) return current;
    for (const [result, replacement] of bindings) note?.(result, replacement);
    current = substitute(current, bindings);
  }
}

/** Of the first two loops that compute something in common: what takes the place of their results. */
function firstShared(roots: readonly Expr[], apart: Set<string>): ReadonlyMap<Expr, Expr> | undefined {
  const { graph } = roots[0]!;
  const calls = new Map<number, Call<Scan>>();
  for (const id of idsUnder(roots)) {
    if (graph.kindOf(id) !== "operation" || graph.operationOf(id).kind !== "scan" || calls.size >= mostLoops) continue;
    calls.set(graph.callOf(id), graph.call(id) as Call<Scan>);
  }
  const list = [...calls.values()].filter(({ operation }) => !operation.isBlocks);
  // operands come before users: an earlier call reads nothing of a later one
  for (const [k, later] of list.entries()) {
    for (const earlier of list.slice(0, k)) {
      if (!earlier.operation.length.equals(later.operation.length)) continue;
      const meeting = meetingOf(earlier, later);
      if (!meeting || apart.has(meeting.key)) continue;
      const shared = sharedBy(earlier, later, meeting);
      if (shared) return shared;
      apart.add(meeting.key);
    }
  }
  return undefined;
}

/** Where the parameters of one loop's steps are in the steps of another: an input, a stacked root, or a constant. */
interface Meeting {
  readonly inputs: readonly (number | undefined)[];
  readonly stacks: readonly (number | undefined)[];
  readonly constants: readonly (number | undefined)[];
  readonly key: string;
}

function meetingOf(earlier: Call<Scan>, later: Call<Scan>): Meeting | undefined {
  const [one, two] = [earlier.operation, later.operation];
  const [given, read] = [partsOf(one, earlier.operands), partsOf(two, later.operands)];
  const results = rootsOf(one, earlier.results);
  const placesIn = (list: readonly Expr[], of: readonly Expr[]) =>
    of.map((operand) => {
      const at = list.indexOf(operand);
      return at < 0 ? undefined : at;
    });
  const inputs = placesIn(given.inputs, read.inputs);
  const stacks = placesIn(results.stacks, read.inputs);
  if ([...inputs, ...stacks].every((at) => at === undefined)) return undefined;
  const constants = placesIn(given.constants, read.constants);
  return { inputs, stacks, constants, key: [one.key, two.key, inputs, stacks, constants].join("\n") };
}

/** What takes the place of both loops' results, where the first stacks what they have in common; undefined where that is nothing. */
function sharedBy(earlier: Call<Scan>, later: Call<Scan>, at: Meeting): ReadonlyMap<Expr, Expr> | undefined {
  const [one, two] = [earlier.operation, later.operation];
  const graph = new Graph();
  const like = ({ shape, dtype }: Expr) => graph.variable(shape, dtype);
  const variables = one.body.parameters.map(like);
  const own = partsOf(one, variables);
  const step = variables.at(-1)!;
  const roots = rootsOf(one, applied(one.body, graph, variables));
  // the steps of the second loop over the nodes of the first: equal nodes are one
  const parameters = partsOf(two, two.body.parameters.map(like));
  const inputs = parameters.inputs.map(
    (slice, k) => own.inputs[at.inputs[k] ?? -1] ?? roots.stacks[at.stacks[k] ?? -1] ?? slice,
  );
  const constants = parameters.constants.map((constant, k) => own.constants[at.constants[k] ?? -1] ?? constant);
  const leaves = [...parameters.carries, ...inputs, ...constants, step];
  const next = applied(two.body, graph, leaves);
  const taken = worthStacking([...roots.carries, ...roots.stacks, ...roots.sums], next, {
    carries: own.carries,
    moving: [...own.carries, ...own.inputs, step],
    given: new Set(leaves),
  });
  if (taken.length === 0) return undefined;
  const stacks = [...roots.stacks];
  const places = taken.map((node) => (stacks.includes(node) ? stacks.indexOf(node) : stacks.push(node) - 1));
  const first = scanOf({ ...one, parameters: own, step, roots: { ...roots, stacks } });
  const outer = earlier.results[0]!.graph;
  const found = rootsOf(first, outer.operation(first, earlier.operands));
  const bindings = new Map<Expr, Expr>();
  const replace = (list: readonly Expr[], by: readonly Expr[]) => {
    for (const [k, result] of list.entries()) bindings.set(result, by[k]!);
  };
  const before = rootsOf(one, earlier.results);
  replace(before.carries, found.carries);
  replace(before.stacks, found.stacks);
  replace(before.sums, found.sums);
  const operands = partsOf(two, substitute(later.operands, bindings));
  const smaller = withSlices(two, leaves, next, taken);
  replace(
    later.results,
    outer.operation(smaller, [
      ...operands.carries,
      ...operands.inputs,
      ...places.map((k) => found.stacks[k]!),
      ...operands.constants,
    ]),
  );
  return bindings;
}

/** The scan with its steps over leaves of their own, and further slices in the place of what they need not compute. */
function withSlices(scan: Scan, leaves: readonly Expr[], roots: readonly Expr[], taken: readonly Expr[]): Scan {
  const graph = new Graph();
  const like = ({ shape, dtype }: Expr) => graph.variable(shape, dtype);
  const variables = leaves.map(like);
  const slices = taken.map(like);
  const given = new Map(leaves.map((leaf, k) => [leaf, variables[k]!]));
  for (const [k, node] of taken.entries()) given.set(node, slices[k]!);
  const parameters = partsOf(scan, variables);
  return scanOf({
    ...scan,
    parameters: { ...parameters, inputs: [...parameters.inputs, ...slices] },
    step: variables.at(-1)!,
    roots: rootsOf(scan, roots.map(copyNodes(roots, graph, given))),
  });
}

interface Leaves {
  /** The carries of the first loop, and whatever changes from step to step there. */
  readonly carries: readonly Expr[];
  readonly moving: readonly Expr[];
  /** What a step of the second loop is given. */
  readonly given: ReadonlySet<Expr>;
}

/** The largest parts of a second loop's roots that the roots of a first one hold too, and that take longer than a load. */
function worthStacking(first: readonly Expr[], second: readonly Expr[], { carries, moving, given }: Leaves): Expr[] {
  const { graph } = first[0]!;
  const known = idsUnder(first);
  const inFirst = new Set(known);
  const carried = dependentOn(graph, known, carries);
  const varies = dependentOn(graph, known, moving);
  const ids = idsAbove(second, given);
  const readers = new Map<number, number>();
  for (const id of ids) {
    for (const operand of new Set(graph.operandIds(id))) readers.set(operand, (readers.get(operand) ?? 0) + 1);
  }
  for (const { id } of second) readers.set(id, (readers.get(id) ?? 0) + 1);
  // whole numbers only as what comes with real ones: an index that is read from memory has lost its range
  const isStackable = (id: number) => graph.dtypeOf(id) === "real" || graph.kindOf(id) === "operation";
  const isCommon = (id: number) => inFirst.has(id) && varies.has(id) && isStackable(id) && !given.has(graph.expr(id));
  // what needs no carry is summed for all steps together, and is one for both loops then
  const isHeavy = (id: number) => graph.kindOf(id) === "operation" || (isSum(graph, id) && carried.has(id));
  const isWorth = new Set<number>();
  /** Operations for an element, from what is given or worth a place. */
  const costs = new Map<number, number>();
  for (const id of ids) {
    if (!isCommon(id)) continue;
    const isMap = graph.kindOf(id) === "map";
    const operands = graph.operandIds(id);
    const cost = operands.reduce(
      (sum, operand) => sum + (isWorth.has(operand) ? 0 : (costs.get(operand) ?? 0)),
      isMap ? graph.primitiveOf(id).cost : 0,
    );
    costs.set(id, cost);
    // what alone reads something dear stands for it
    const standsFor = (operand: number) =>
      isWorth.has(operand) && readers.get(operand) === 1 && isNoLarger(graph.shapeOf(id), graph.shapeOf(operand));
    const isPointwise = isMap || graph.isView(id);
    if (isHeavy(id) || (isMap && cost >= dear) || (isPointwise && operands.some(standsFor))) isWorth.add(id);
  }
  const taken: Expr[] = [];
  const needed = new Set(second.map(({ id }) => id));
  for (const id of ids.reverse()) {
    if (!needed.has(id)) continue;
    if (isWorth.has(id)) taken.push(graph.expr(id));
    else for (const operand of graph.operandIds(id)) needed.add(operand);
  }
  return taken;
}

/** True where an element is a combination of several terms. */
function isSum(graph: Graph, id: number): boolean {
  const kind = graph.kindOf(id);
  if (graph.isView(id) || (kind !== "contraction" && kind !== "reduce")) return false;
  const { extents, shape } = graph.contractionOf(id);
  return extents.length > shape.length;
}

const isNoLarger = (shape: Shape, than: Shape): boolean =>
  Integer.product(than).minus(Integer.product(shape)).isProvablyNonNegative([]);
