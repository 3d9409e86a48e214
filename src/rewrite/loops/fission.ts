import { type Batched, batched, repeated } from "../../autodiff/batch.ts";
import { draftOf, partsOf, rootsOf, type Scan, type ScanDraft, scanOf } from "../../ir/bodies/scan.ts";
import { iterators } from "../../ir/contraction.ts";
import type { Expr, Shape } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import type { Call } from "../../ir/operation.ts";
import { dependentOn } from "../../ir/walks/dependence.ts";
import { followsFromData } from "../../ir/walks/given.ts";
import { idsUnder, reachableIds, substitute } from "../../ir/walks/traverse.ts";
import { contract, type Read, termsOf } from "../../ops/arrays/contractions.ts";
import { add, sub } from "../../ops/elementary/algebra.ts";
import { isMap } from "../../ops/maps.ts";
import { isConstant } from "../forms/contractions/splat.ts";

// What a step does not need of the step before it is computed for all steps at once: a matrix times the slice of every step
// is one product of matrices, before the loop or behind it, and so is its gradient.

/** A sum of products, or another combination of many terms: worth a pass of its own. */
const isHeavy = (node: Expr) => (node.kind === "contraction" && !node.graph.isView(node.id)) || node.kind === "reduce";

/** The call with what depends on no carry and is heavy computed before the loop; `withGiven`: also functions of data alone. */
export function hoisted(
  { operation: scan, operands, results }: Call<Scan>,
  { withGiven }: { readonly withGiven: boolean },
): readonly Expr[] | undefined {
  const draft = draftOf(scan);
  const given = partsOf(scan, operands);
  const candidates = carriedByNone(draft, {
    made: madeOutside(draft, given),
    varying: withGiven ? varyingIn(draft, given) : undefined,
  });
  if (candidates.length === 0) return undefined;
  const outer = results[0]!.graph;
  const forms = batched(candidates, leavesOutside(draft, given, scan.length, outer), scan.length, outer);
  return forms && withInputs(scan, draft, given, candidates, forms);
}

/** Leaves of a step by what they are outside. */
interface Leaves {
  /** Those that are values of functions. */
  readonly made: ReadonlySet<Expr>;
  /** Those that do not follow from data alone, where what does may leave the loop. */
  readonly varying: readonly Expr[] | undefined;
}

/**
 * The largest parts of a step that need no carry: heavy ones, whatever is the same in every step, functions of functions outside,
 * and what data alone tell.
 */
function carriedByNone({ parameters, step, roots }: ScanDraft, { made, varying }: Leaves): readonly Expr[] {
  const { graph } = step;
  const all = allRoots(roots);
  const ids = idsUnder(all);
  const carried = dependentOn(graph, ids, parameters.carries);
  const moving = dependentOn(graph, ids, [...parameters.inputs, step]);
  const isCostly = varying ? costlyGiven(graph, ids, varying) : noIds;
  const isComposed = composedOutside(graph, ids, made);
  const leaves = new Set([...parameters.inputs, ...parameters.constants, step]);
  const isWorth = (node: Expr) => {
    const isComputed = node.kind === "map" || node.kind === "contraction" || node.kind === "reduce";
    if (moving.has(node.id)) return isHeavy(node) || isCostly.has(node.id) || isComposed.has(node.id);
    return isComputed && !graph.isView(node.id) && readsLeaf(node, leaves);
  };
  const wanted = new Set(all.map(({ id }) => id));
  for (const id of ids) if (carried.has(id)) for (const operand of graph.operandIds(id)) wanted.add(operand);
  const found: Expr[] = [];
  for (const id of [...ids].reverse()) {
    if (carried.has(id) || !wanted.has(id)) continue;
    const node = graph.expr(id);
    if (node.dtype === "real" && isWorth(node)) found.push(node);
    else for (const operand of graph.operandIds(id)) wanted.add(operand);
  }
  return found;
}

/** The loop with nodes of its step replaced by what is known of them outside: inputs where that varies, else constants. */
function withInputs(
  scan: Scan,
  draft: ScanDraft,
  given: ReturnType<typeof partsOf<Expr>>,
  nodes: readonly Expr[],
  forms: readonly Batched[],
): readonly Expr[] {
  const { parameters, step, roots } = draft;
  const stands = nodes.map(({ shape, dtype }) => step.graph.variable(shape, dtype));
  const pick = <T>(list: readonly T[], varies: boolean) => list.filter((_, k) => forms[k]!.varies === varies);
  const outside = (varies: boolean) => pick(forms, varies).map(({ expr }) => expr);
  const smaller = scanOf({
    ...draft,
    parameters: {
      carries: parameters.carries,
      inputs: [...parameters.inputs, ...pick(stands, true)],
      constants: [...parameters.constants, ...pick(stands, false)],
    },
    roots: rootsOf(scan, substitute(allRoots(roots), new Map(nodes.map((node, k) => [node, stands[k]!])))),
  });
  const operands = [given.carries, given.inputs, outside(true), given.constants, outside(false)].flat();
  return forms[0]!.expr.graph.operation(smaller, operands);
}

const allRoots = ({ carries, stacks, sums }: ScanDraft["roots"]) => [...carries, ...stacks, ...sums];

/** The leaves of a step that do not follow from data alone. */
function varyingIn({ parameters }: ScanDraft, given: ReturnType<typeof partsOf<Expr>>): Expr[] {
  const { carries, inputs, constants } = parameters;
  return [
    ...carries,
    ...inputs.filter((_, k) => !followsFromData(given.inputs[k]!)),
    ...constants.filter((_, k) => !followsFromData(given.constants[k]!)),
  ];
}

const noIds: ReadonlySet<number> = new Set();

/** Operations of a function that is rather computed once for all calls. */
const costly = 10;

/**
 * Functions that cost something and follow from data alone, with what is made of them and no larger: behind a binding they need not be
 * computed at all.
 */
function costlyGiven(graph: Expr["graph"], ids: readonly number[], varying: readonly Expr[]): ReadonlySet<number> {
  const varies = dependentOn(graph, ids, varying);
  const found = new Set<number>();
  const axes = (id: number) => graph.shapeOf(id).length;
  for (const id of ids) {
    if (varies.has(id) || graph.kindOf(id) !== "map") continue;
    const isMade = graph.operandIds(id).some((operand) => found.has(operand) && axes(operand) >= axes(id));
    if (isMade || graph.primitiveOf(id).cost >= costly) found.add(id);
  }
  return found;
}

/** The leaves of a step that are values of functions outside. */
function madeOutside({ parameters }: ScanDraft, given: ReturnType<typeof partsOf<Expr>>): ReadonlySet<Expr> {
  const isMade = (outside: Expr) => outside.kind === "map" && outside.dtype === "real";
  return new Set([
    ...parameters.inputs.filter((_, k) => isMade(given.inputs[k]!)),
    ...parameters.constants.filter((_, k) => isMade(given.constants[k]!)),
  ]);
}

/**
 * Differences from 1, and functions that cost something, of one function outside: there the two meet, and may be one in which
 * nothing cancels, as log(1 - p) of p = sigmoid(w) is.
 */
function composedOutside(graph: Expr["graph"], ids: readonly number[], made: ReadonlySet<Expr>): ReadonlySet<number> {
  const leafOf = new Map([...made].map((leaf) => [leaf.id, leaf]));
  const found = new Set<number>();
  for (const id of ids) {
    const node = graph.expr(id);
    const isFunction = node.kind === "map";
    if (!isFunction && !graph.isView(id)) continue;
    const varying = node.operands.filter(({ dtype, kind }) => dtype === "real" && kind !== "constant");
    const leaf = varying[0] && leafOf.get(varying[0].id);
    if (!leaf || varying.some((operand) => leafOf.get(operand.id) !== leaf)) continue;
    leafOf.set(id, leaf);
    const isLeft = isMap(node, sub) && isConstant(node.operands[0]!, 1);
    if (isFunction && (isLeft || graph.primitiveOf(id).cost >= costly)) found.add(id);
  }
  return found;
}

function readsLeaf(node: Expr, leaves: ReadonlySet<Expr>): boolean {
  const { graph } = node;
  return reachableIds(graph, [node.id]).some((id) => leaves.has(graph.expr(id)));
}

/** What a body's leaves are for all steps at once. */
function leavesOutside(
  { parameters, step }: ScanDraft,
  given: ReturnType<typeof partsOf<Expr>>,
  length: Integer,
  outer: Expr["graph"],
): Map<Expr, Batched> {
  const leaves = new Map<Expr, Batched>();
  for (const [k, slice] of parameters.inputs.entries()) leaves.set(slice, { expr: given.inputs[k]!, varies: true });
  for (const [k, constant] of parameters.constants.entries()) {
    leaves.set(constant, { expr: given.constants[k]!, varies: false });
  }
  leaves.set(step, { expr: outer.iota([length], 0), varies: true });
  return leaves;
}

/** The call with stacks and sums that are products computed behind the loop, from smaller stacks. */
export function sunk({ operation: scan, operands, results }: Call<Scan>): readonly Expr[] | undefined {
  const draft = draftOf(scan);
  const { roots } = draft;
  const sources = sourcesOf(draft);
  if (!sources) return undefined;
  const { stacked, stacks } = stacksFor(draft, sources);
  const rests = sources.sums.map((terms) => terms.filter(({ of }) => !of).map(({ term }) => term));
  const sums = rests.filter((terms) => terms.length > 0).map((terms) => sumOf(terms));
  const smaller = scanOf({ ...draft, roots: { carries: roots.carries, stacks, sums } });
  const outer = results[0]!.graph;
  const found = rootsOf(smaller, outer.operation(smaller, operands));
  const leaves = leavesOutside(draft, partsOf(scan, operands), scan.length, outer);
  for (const [node, k] of stacked) leaves.set(node, { expr: found.stacks[k]!, varies: true });
  const outsideStacks = roots.stacks.map((root, k) => {
    if (!sources.stacks[k]) return leaves.get(root)!;
    return batched([root], leaves, scan.length, outer)?.[0];
  });
  let next = 0;
  const outsideSums = sources.sums.map((terms, k) => {
    const parts = terms.flatMap(({ term, of }) => (of ? [summed(term, leaves, scan.length, outer)] : []));
    if (rests[k]!.length > 0) parts.push(found.sums[next++]!);
    return parts.every((part) => part !== undefined) ? sumOf(parts as Expr[]) : undefined;
  });
  if ([...outsideStacks, ...outsideSums].some((form) => form === undefined)) return undefined;
  return [
    ...found.carries,
    ...outsideStacks.map((form) => repeated(form!, scan.length)),
    ...outsideSums.map((form) => form!),
  ];
}

/** The factors that must be stacked for a stack, or a term of a sum, to be computed behind the loop; undefined where it stays. */
interface Sources {
  readonly stacks: readonly (readonly Expr[] | undefined)[];
  readonly sums: readonly (readonly { readonly term: Expr; readonly of: readonly Expr[] | undefined }[])[];
}

/** Undefined where nothing leaves the loop. */
function sourcesOf({ parameters, step, roots }: ScanDraft): Sources | undefined {
  const { graph } = step;
  const all = allRoots(roots);
  const ids = idsUnder(all);
  const varying = dependentOn(graph, ids, [...parameters.carries, ...parameters.inputs, step]);
  const usedBy = readersOf(graph, ids);
  const isAlone = (node: Expr) => !usedBy.has(node.id) && all.indexOf(node) === all.lastIndexOf(node);
  const isStored = (node: Expr) => parameters.inputs.includes(node) || roots.stacks.includes(node);
  const sources = (root: Expr, isSum: boolean): Expr[] | undefined => {
    if (root.kind !== "contraction" || root.dtype !== "real" || graph.isView(root.id)) return undefined;
    if (!isSum && !isAlone(root)) return undefined;
    const needed = root.operands.filter((operand) => varying.has(operand.id));
    const isOuter = graph.contractionOf(root.id).extents.length === root.shape.length;
    const isSmall = needed.every((operand) => {
      // a product of elements that would have to be stored saves nothing
      const isSmaller = isSum || (isOuter && !isStored(operand));
      return operand.shape.length < root.shape.length + (isSmaller ? 0 : 1);
    });
    return isSmall && needed.length > 0 ? needed : undefined;
  };
  const stacks = roots.stacks.map((root) => sources(root, false));
  const sums = roots.sums.map((root) => termsOfSum(root).map((term) => ({ term, of: sources(term, true) })));
  return stacks.some(Boolean) || sums.flat().some(({ of }) => of) ? { stacks, sums } : undefined;
}

/** The stacks of the smaller loop, and the place of each among them; what comes from outside is known there. */
function stacksFor({ parameters, step, roots }: ScanDraft, sources: Sources) {
  const known = new Set<Expr>([...parameters.constants, ...parameters.inputs, step]);
  const stacks = new Set<Expr>();
  const need = (node: Expr) => {
    if (!known.has(node)) stacks.add(node);
  };
  for (const [k, root] of roots.stacks.entries()) (sources.stacks[k] ?? [root]).forEach(need);
  for (const { of } of sources.sums.flat()) of?.forEach(need);
  const list = [...stacks];
  return { stacks: list, stacked: new Map(list.map((node, k) => [node, k])) };
}

/** The sum over all steps of a term that is a product: the step is one more summed iterator. */
function summed(
  term: Expr,
  leaves: ReadonlyMap<Expr, Batched>,
  length: Integer,
  outer: Expr["graph"],
): Expr | undefined {
  const terms = termsOf(term);
  const forms = batched(term.operands, leaves, length, outer);
  if (!forms) return undefined;
  const byOperand = new Map(term.operands.map((operand, k) => [operand, forms[k]!]));
  const hasLookups = [...terms.output, ...terms.factors.flatMap(({ index }) => index)].some((index) =>
    index.atoms().some(({ kind }) => kind === "lookup"),
  );
  if (hasLookups) return undefined;
  const extents: Shape = [...terms.extents, length];
  const t = iterators(terms.extents.length);
  const factors = terms.factors.map(({ of, index }): Read => {
    const { expr, varies } = byOperand.get(of)!;
    return { of: expr, index: [...(varies ? [t] : []), ...index] };
  });
  return contract({ ...terms, extents, factors, lookups: [] });
}

function termsOfSum(root: Expr): readonly Expr[] {
  const isSum = isMap(root, add);
  return isSum ? root.operands : [root];
}

const sumOf = (terms: readonly Expr[]): Expr => (terms.length === 1 ? terms[0]! : add(...terms));

/** The ids of nodes that others among `ids` read. */
function readersOf(graph: Expr["graph"], ids: readonly number[]): Set<number> {
  return new Set(ids.flatMap((id) => graph.operandIds(id)));
}
