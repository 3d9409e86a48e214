import {
  draftOf,
  partsOf,
  rootsOf,
  type Scan,
  type ScanDraft,
  type ScanParts,
  type ScanRoots,
  scanOf,
} from "../../ir/bodies/scan.ts";
import { type While, whileDraftOf, whileOf } from "../../ir/bodies/while.ts";
import { iterators } from "../../ir/contraction.ts";
import type { Expr } from "../../ir/graph.ts";
import type { Call } from "../../ir/operation.ts";
import { leavesUnder, substitute } from "../../ir/walks/traverse.ts";
import { axes, view } from "../../ops/arrays/contractions.ts";

/** Which carries are needed: as results, or because other needed roots read them, at once or steps later. */
function neededCarries(
  carries: readonly Expr[],
  next: readonly Expr[],
  isResult: readonly boolean[],
  others: readonly Expr[],
): boolean[] {
  const needed = carries.map(() => false);
  const read = leavesUnder(others);
  for (let settled = false; !settled; ) {
    settled = true;
    for (const [k, carry] of carries.entries()) {
      if (needed[k] || !(isResult[k] || read.has(carry))) continue;
      needed[k] = true;
      settled = false;
      for (const leaf of leavesUnder([next[k]!])) read.add(leaf);
    }
  }
  return needed;
}

const kept = <T>(list: readonly T[], isKept: readonly boolean[]): T[] => list.filter((_, k) => isKept[k]);

/** The number that all elements of a node are, where that is known. */
function valueEverywhere(node: Expr): number | undefined {
  const { graph } = node;
  const isRepeated = graph.isView(node.id) && graph.contractionOf(node.id).guards.length === 0;
  const [value] = node.operands;
  return (isRepeated && node.operands.length === 1 && value!.isScalar ? value! : node).constant;
}

/** What the kept results of a smaller operation are among all results. */
function spread(isKept: readonly boolean[], results: readonly Expr[]): (Expr | undefined)[] {
  let next = 0;
  return isKept.map((is) => (is ? results[next++] : undefined));
}

/** What a scan of no steps leaves: carries as they begin, empty stacks, and sums of nothing. */
export function withoutSteps({ operation, operands, results }: Call<Scan>): readonly Expr[] | undefined {
  if (operation.length.value !== 0) return undefined;
  return results.map((result, k) =>
    k < operation.carries ? operands[k]! : result.graph.constant(0, result.shape, result.dtype),
  );
}

/** Leaves of a body, and what a call gives them. */
interface Fed {
  readonly parameters: readonly Expr[];
  readonly operands: readonly Expr[];
}

/** Which operands are the first of equal ones; `same` takes the parameters of the others, each as that of the first. */
function firstOfEach({ operands, parameters }: Fed, same: Map<Expr, Expr>): boolean[] {
  return operands.map((operand, k) => {
    const first = operands.indexOf(operand);
    if (first !== k) same.set(parameters[k]!, parameters[first]!);
    return first === k;
  });
}

/** A number that is the same everywhere belongs to the body, which is simplified with it. */
function putNumbers({ operands, parameters }: Fed, same: Map<Expr, Expr>): void {
  for (const [k, operand] of operands.entries()) {
    const value = valueEverywhere(operand);
    const parameter = parameters[k]!;
    if (value !== undefined) same.set(parameter, parameter.graph.constant(value, parameter.shape, parameter.dtype));
  }
}

/** The scan without what no needed result reads; carries that never change become constants. */
export function prunedScan(
  { operation: scan, operands, results }: Call<Scan>,
  needed: readonly boolean[],
): readonly (Expr | undefined)[] | undefined {
  const draft = draftOf(scan);
  const { parameters } = draft;
  const { graph } = results[0]!;
  const given = partsOf(scan, operands);
  const wanted = rootsOf(scan, needed);
  const isFixed = parameters.carries.map((carry, k) => draft.roots.carries[k] === carry);
  const { constants: fed, isFirst, roots } = withoutEquals(scan, draft, given, isFixed);
  const stacks = kept(roots.stacks, wanted.stacks);
  const sums = kept(roots.sums, wanted.sums);
  const changes = neededCarries(parameters.carries, roots.carries, wanted.carries, [...stacks, ...sums]).map(
    (is, k) => is && !isFixed[k],
  );
  const carries = kept(roots.carries, changes);
  const read = leavesUnder([...carries, ...stacks, ...sums]);
  const inputs = parameters.inputs.map((slice, k) => isFirst.inputs[k]! && read.has(slice));
  const constants = fed.parameters.map((constant, k) => isFirst.constants[k]! && read.has(constant));
  if ([changes, wanted.stacks, wanted.sums, inputs, constants].every((list) => list.every(Boolean))) return undefined;
  const lasts = (found: readonly Expr[]) =>
    spread(changes, found).map((result, k) => (isFixed[k] ? given.carries[k] : result));
  if (carries.length + stacks.length + sums.length === 0) {
    return [...lasts([]), ...needed.slice(scan.carries).map(() => undefined)];
  }
  const smaller = scanOf({
    ...draft,
    parameters: {
      carries: kept(parameters.carries, changes),
      inputs: kept(parameters.inputs, inputs),
      constants: kept(fed.parameters, constants),
    },
    roots: { carries, stacks, sums },
  });
  const found = rootsOf(
    smaller,
    graph.operation(smaller, [
      ...kept(given.carries, changes),
      ...kept(given.inputs, inputs),
      ...kept(fed.operands, constants),
    ]),
  );
  return [...lasts(found.carries), ...spread(wanted.stacks, found.stacks), ...spread(wanted.sums, found.sums)];
}

/** The roots of a step with one parameter for what is given twice, and numbers in the body. */
interface WithoutEquals {
  readonly roots: ScanRoots<Expr>;
  /** The constants, and the carries that never change. */
  readonly constants: Fed;
  /** Which inputs and constants are the first of equal ones. */
  readonly isFirst: { readonly inputs: readonly boolean[]; readonly constants: readonly boolean[] };
}

function withoutEquals(
  scan: Scan,
  { parameters, roots }: ScanDraft,
  given: ScanParts<Expr>,
  isFixed: readonly boolean[],
): WithoutEquals {
  const inputs: Fed = { operands: given.inputs, parameters: parameters.inputs };
  const constants: Fed = {
    operands: [...given.constants, ...kept(given.carries, isFixed)],
    parameters: [...parameters.constants, ...kept(parameters.carries, isFixed)],
  };
  const same = new Map<Expr, Expr>();
  const isFirst = { inputs: firstOfEach(inputs, same), constants: firstOfEach(constants, same) };
  for (const fed of [inputs, constants]) putNumbers(fed, same);
  const flat = [...roots.carries, ...roots.stacks, ...roots.sums];
  return { roots: rootsOf(scan, same.size > 0 ? substitute(flat, same) : flat), constants, isFirst };
}

/** A stack that repeats an input, or a constant: no loop has to copy it. */
export function copiedStacks({ operation: scan, operands, results }: Call<Scan>): readonly Expr[] | undefined {
  const { parameters, roots } = draftOf(scan);
  const given = partsOf(scan, operands);
  const at = scan.carries;
  let found = false;
  const all = results.map((result, k) => {
    const root = k >= at && k < at + scan.stacks ? roots.stacks[k - at] : undefined;
    if (!root) return result;
    const input = parameters.inputs.indexOf(root);
    const constant = parameters.constants.indexOf(root);
    if (input < 0 && constant < 0) return result;
    found = true;
    if (input >= 0) return given.inputs[input]!;
    return view(
      given.constants[constant]!,
      result.shape,
      axes(root.shape.length).map((_, axis) => iterators(axis + 1)),
    );
  });
  return found ? all : undefined;
}

/** The while without carries that neither its condition nor a needed result reads. */
export function prunedWhile(
  { operation, operands, results }: Call<While>,
  needed: readonly boolean[],
): readonly (Expr | undefined)[] | undefined {
  const { carries: count } = operation;
  const draft = whileDraftOf(operation);
  const changes = neededCarries(draft.carries, draft.next, needed.slice(0, count), [draft.condition]);
  const next = kept(draft.next, changes);
  const read = leavesUnder([...next, draft.condition]);
  const constants = draft.constants.map((constant) => read.has(constant));
  if (changes.every(Boolean) && constants.every(Boolean)) return undefined;
  const smaller = whileOf({
    ...draft,
    carries: kept(draft.carries, changes),
    constants: kept(draft.constants, constants),
    next,
  });
  const found = results[0]!.graph.operation(smaller, [
    ...kept(operands.slice(0, count), changes),
    ...kept(operands.slice(count), constants),
  ]);
  return [...spread(changes, found), found.at(-1)];
}
