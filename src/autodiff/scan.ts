import {
  draftOf,
  partsOf,
  rootsOf,
  type Scan,
  type ScanDraft,
  type ScanParts,
  type ScanRoots,
  scanOf,
} from "../ir/bodies/scan.ts";
import { mayHoldLookup } from "../ir/contraction.ts";
import type { Expr, Shape } from "../ir/graph.ts";
import type { Integer } from "../ir/integer.ts";
import type { Call } from "../ir/operation.ts";
import { leavesUnder } from "../ir/walks/traverse.ts";
import { axes, view } from "../ops/arrays/contractions.ts";
import { greater, select } from "../ops/elementary/comparison.ts";
import { Marks } from "./marks.ts";
import { conjunctsOf, masked, maskOf, throughViews } from "./masks.ts";
import type { Sweeps } from "./sweeps.ts";

// The derivatives of scans are scans. Forward mode carries tangents beside the carries. Reverse mode runs the steps the
// other way: what flows back through carries is carried, slices give slices, and constants collect sums. It reads the
// carries of every step, which the primal scan stacks for it.

type Optional = Expr | undefined;

/** The tangents of a scan's results; undefined is the structural zero. */
export function scanTangents(
  call: Call<Scan>,
  tangents: readonly Optional[],
  batch: Shape,
  { pushforward }: Sweeps,
): readonly Optional[] {
  const { operation: scan, operands, results } = call;
  const draft = draftOf(scan);
  const { graph } = draft.step;
  const { parameters, roots } = draft;
  const given = partsOf(scan, tangents);
  const { variables, changes } = flowsForward(draft, given, batch, pushforward);
  const { carries, inputs, constants } = variables;
  const tangentOf = rootsOf(scan, changes);
  const active = present(carries);
  const tangentScan = scanOf({
    ...draft,
    parameters: {
      carries: [...parameters.carries, ...defined(carries)],
      inputs: [...parameters.inputs, ...defined(inputs)],
      constants: [...parameters.constants, ...defined(constants)],
    },
    roots: {
      carries: [...roots.carries, ...active.map((k) => tangentOf.carries[k] ?? graph.constant(0, carries[k]!.shape))],
      stacks: defined(tangentOf.stacks),
      sums: defined(tangentOf.sums),
    },
  });
  const outer = results[0]!.graph;
  const primal = partsOf(scan, operands);
  const computed = outer.operation(tangentScan, [
    ...primal.carries,
    ...active.map((k) => given.carries[k] ?? outer.constant(0, carries[k]!.shape)),
    ...primal.inputs,
    ...defined(given.inputs),
    ...primal.constants,
    ...defined(given.constants),
  ]);
  const found = rootsOf(tangentScan, computed);
  return [
    ...placed(scan.carries, active, found.carries.slice(scan.carries)),
    ...placed(scan.stacks, present(tangentOf.stacks), found.stacks),
    ...placed(tangentOf.sums.length, present(tangentOf.sums), found.sums),
  ];
}

/** What changes in every step: variables for the tangents of parameters, and the tangents of the roots. */
interface FlowsForward {
  readonly variables: ScanParts<Optional>;
  readonly changes: readonly Optional[];
}

/** One step forwards: a carry changes from some step on when the next one does. */
function flowsForward(
  { parameters, roots }: ScanDraft,
  given: ScanParts<Optional>,
  batch: Shape,
  pushforward: Sweeps["pushforward"],
): FlowsForward {
  const changed = ({ graph, shape }: Expr) => graph.variable([...shape, ...batch]);
  const inputs = parameters.inputs.map((slice, k) => given.inputs[k] && changed(slice));
  const constants = parameters.constants.map((constant, k) => given.constants[k] && changed(constant));
  const carries: Optional[] = parameters.carries.map((carry, k) => given.carries[k] && changed(carry));
  const all = [...roots.carries, ...roots.stacks, ...roots.sums];
  for (;;) {
    const tangentOf = new Map<Expr, Expr>();
    const note = (list: readonly Expr[], tangents: readonly Optional[]) => {
      for (const [k, parameter] of list.entries()) if (tangents[k]) tangentOf.set(parameter, tangents[k]);
    };
    note(parameters.carries, carries);
    note(parameters.inputs, inputs);
    note(parameters.constants, constants);
    const changes = pushforward(all, tangentOf, batch);
    const fresh = parameters.carries.flatMap((_, k) => (!carries[k] && changes[k] ? [k] : []));
    if (fresh.length === 0) return { variables: { carries, inputs, constants }, changes };
    for (const k of fresh) carries[k] = changed(parameters.carries[k]!);
  }
}

/** What cotangents of a scan's results contribute to its operands; undefined is the structural zero. */
export function scanCotangents(
  call: Call<Scan>,
  cotangents: readonly Optional[],
  wanted: readonly boolean[],
  { pullback }: Sweeps,
): readonly Optional[] {
  const { operation: scan, operands } = call;
  const draft = draftOf(scan);
  const { parameters } = draft;
  const given = rootsOf(scan, cotangents);
  const back = flowsBack(call, draft, given, partsOf(scan, wanted), pullback);
  const { flows, slopeOf, marks } = back;
  const slopes = partsOf(scan, [...parameters.carries, ...parameters.inputs, ...parameters.constants].map(slopeOf));
  const primal = partsOf(scan, operands);
  const shown = {
    inputs: shownWhere(primal.inputs, slopes.inputs, marks),
    constants: shownWhere(primal.constants, slopes.constants, marks),
  };
  const active = present(flows.carries);
  const zeroLike = ({ graph, shape }: Expr) => graph.constant(0, shape);
  const found = reverseScan(call, draft, given, back, {
    carries: active.map((k) => slopes.carries[k] ?? zeroLike(flows.carries[k]!)),
    stacks: [...defined(slopes.inputs), ...shown.inputs.map(({ mark }) => mark)],
    sums: [...defined(slopes.constants), ...shown.constants.map(({ mark }) => mark)],
  });
  const hidden = (list: readonly Optional[], inSteps: readonly Optional[], first: number) =>
    list.map((value, k) => value && marks.onSlope(value, inSteps[k]!, first));
  const begun = found.carries.map((slope) => marks.onCarry(slope));
  return [
    ...placed(scan.carries, active, begun),
    ...hidden(maskedAgain(slopes.inputs, shown.inputs, found.stacks, 1), slopes.inputs, 1),
    ...hidden(maskedAgain(slopes.constants, shown.constants, found.sums, 0), slopes.constants, 0),
  ];
}

/** The results of the steps the other way, which read what of the primal steps their roots are made of. */
function reverseScan(
  call: Call<Scan>,
  { parameters, step }: ScanDraft,
  given: ScanRoots<Optional>,
  { flows, marks }: FlowsBack,
  roots: ScanRoots<Expr>,
): ScanRoots<Expr> {
  const { operation: scan, operands, results } = call;
  const read = leavesUnder([...roots.carries, ...roots.stacks, ...roots.sums]);
  const needed = (list: readonly Expr[]) => list.flatMap((parameter, k) => (read.has(parameter) ? [k] : []));
  const [history, inputs, constants] = [parameters.carries, parameters.inputs, parameters.constants].map(needed);
  const reverse = scanOf({
    extension: scan.extension,
    length: scan.length,
    isReversed: !scan.isReversed,
    isBlocks: scan.isBlocks,
    step,
    parameters: {
      carries: defined(flows.carries),
      inputs: [...pick(parameters.carries, history!), ...pick(parameters.inputs, inputs!), ...defined(flows.stacks)],
      constants: [
        ...pick(parameters.constants, constants!),
        ...defined(flows.sums),
        ...marks.added.map(({ variable }) => variable),
      ],
    },
    roots,
  });
  const outer = results[0]!.graph;
  const primal = partsOf(scan, operands);
  const computed = outer.operation(reverse, [
    ...present(flows.carries).map((k) => given.carries[k] ?? outer.constant(0, flows.carries[k]!.shape)),
    ...historyOf(call, history!),
    ...pick(primal.inputs, inputs!),
    ...defined(given.stacks),
    ...pick(primal.constants, constants!),
    ...defined(given.sums),
    ...marks.added.map(({ condition }) => condition),
  ]);
  return rootsOf(reverse, computed);
}

/** What flows back in every step: variables for what comes into it, and the slopes of what it reads. */
interface FlowsBack {
  readonly flows: ScanRoots<Optional>;
  readonly slopeOf: (parameter: Expr) => Optional;
  readonly marks: Marks;
}

/** One step backwards, with as few flows as there are: what flows back through a carry in one step flows on in the next. */
function flowsBack(
  call: Call<Scan>,
  draft: ScanDraft,
  given: ScanRoots<Optional>,
  wants: ScanParts<boolean>,
  pullback: Sweeps["pullback"],
): FlowsBack {
  const { parameters, roots } = draft;
  const varies = varyingCarries(draft, wants);
  const like = ({ graph, shape }: Expr) => graph.variable(shape);
  const stacks = roots.stacks.map((slice, k) => given.stacks[k] && like(slice));
  const sums = roots.sums.map((term, k) => given.sums[k] && like(term));
  const carries: Optional[] = parameters.carries.map((carry, k) =>
    varies[k] && given.carries[k] ? like(carry) : undefined,
  );
  const targets = (list: readonly Expr[], isWanted: readonly boolean[]) => list.filter((_, k) => isWanted[k]);
  const wrt = [
    ...targets(parameters.carries, varies),
    ...targets(parameters.inputs, wants.inputs),
    ...targets(parameters.constants, wants.constants),
  ];
  const all = [...roots.carries, ...roots.stacks, ...roots.sums];
  for (let marks = Marks.of(call, draft, given); ; ) {
    const shown = marks.onFlows({ carries, stacks, sums });
    const found = pullback(all, [...shown.carries, ...shown.stacks, ...shown.sums], wrt);
    const slopes = new Map(wrt.map((x, k) => [x, found[k]]));
    const kept = marks.keptBy(parameters.carries.map((carry) => slopes.get(carry)));
    const fresh = parameters.carries.flatMap((carry, k) => (!carries[k] && slopes.get(carry) ? [k] : []));
    if (kept === marks && fresh.length === 0) {
      return { flows: { carries, stacks, sums }, slopeOf: (parameter) => slopes.get(parameter), marks };
    }
    for (const k of fresh) carries[k] = like(parameters.carries[k]!);
    marks = kept;
  }
}

/** 1 where conditions on the slope of operand k hold in a step, else 0, over the axes that they depend on, read at an index. */
interface Shown {
  readonly k: number;
  readonly mark: Expr;
  readonly index: readonly Integer[];
}

/**
 * Where slopes are shown in a step; nothing where marks are all the conditions there are. What a choice hides in every step may be
 * infinite or NaN where the operand comes from: products with the slope are taken under the condition there too, over its own axes, for
 * what it hides may have no others.
 */
function shownWhere(operands: readonly Expr[], slopes: readonly Optional[], marks: Marks): Shown[] {
  return slopes.flatMap((slope, k) => {
    const mask = slope && operands[k]!.kind !== "leaf" ? maskOf(slope) : undefined;
    const conditions = mask ? [...conjunctsOf(mask.condition)] : [];
    if (conditions.every((condition) => marks.states(condition))) return [];
    const everywhere = axes(slope!.shape.length);
    const alike = new Map<string, Shown>();
    for (const whole of conditions) {
      const read = throughViews(whole, everywhere);
      const isWhole = read.guards.length > 0 || read.index.some(mayHoldLookup);
      const [of, index] = isWhole ? [whole, everywhere] : [read.of, read.index];
      const key = [...of.shape, ...index].map((each) => each.key).join();
      const others = alike.get(key)?.mark ?? of.graph.constant(1, of.shape);
      alike.set(key, { k, mark: select(of, others, 0), index });
    }
    return [...alike.values()];
  });
}

/** Results for the slopes, whose own axes begin at `first`, and behind them for where they are shown, as slopes that are masked. */
function maskedAgain(
  slopes: readonly Optional[],
  shown: readonly Shown[],
  found: readonly Expr[],
  first: number,
): Optional[] {
  const places = present(slopes);
  const values = placed(slopes.length, places, found.slice(0, places.length));
  for (const [at, { k, index }] of shown.entries()) {
    const mark = greater(found[places.length + at]!, 0);
    const { shape } = values[k]!;
    const own = axes(shape.length).slice(first);
    const there = [...axes(first), ...index.map((each) => each.withIterators(own))];
    values[k] = masked(view(mark, shape, there), values[k]);
  }
  return values;
}

/** The carries as every step begins, stacked. */
function historyOf({ operation: scan, operands, results }: Call<Scan>, which: readonly number[]): Expr[] {
  const { body } = scan;
  const { stacks } = rootsOf(scan, body.roots);
  const known = which.map((k) => stacks.indexOf(body.parameters[k]!));
  const missing = which.filter((_, at) => known[at]! < 0);
  if (missing.length === 0) return known.map((at) => results[scan.carries + at]!);
  const draft = draftOf(scan);
  const more = scanOf({
    ...draft,
    roots: {
      ...draft.roots,
      stacks: [...draft.roots.stacks, ...pick(draft.parameters.carries, missing)],
    },
  });
  const found = rootsOf(more, results[0]!.graph.operation(more, operands)).stacks;
  return which.map((k, at) => found[known[at]! >= 0 ? known[at]! : scan.stacks + missing.indexOf(k)]!);
}

/** The carries that change with what is wanted: their own beginning, an input or a constant, in some step. */
function varyingCarries({ parameters, roots }: ScanDraft, wants: ScanParts<boolean>): boolean[] {
  const reads = roots.carries.map((root) => leavesUnder([root]));
  const varies = parameters.carries.map((_, k) => wants.carries[k]!);
  const active = new Set<Expr>();
  const note = (list: readonly Expr[], isActive: readonly boolean[]) => {
    for (const [k, parameter] of list.entries()) if (isActive[k]) active.add(parameter);
  };
  note(parameters.carries, varies);
  note(parameters.inputs, wants.inputs);
  note(parameters.constants, wants.constants);
  for (let settled = false; !settled; ) {
    settled = true;
    for (const [k, carry] of parameters.carries.entries()) {
      if (varies[k] || carry.dtype !== "real" || ![...reads[k]!].some((leaf) => active.has(leaf))) continue;
      varies[k] = true;
      active.add(carry);
      settled = false;
    }
  }
  return varies;
}

const defined = (list: readonly Optional[]): Expr[] => list.filter((x) => x !== undefined);
const present = (list: readonly Optional[]): number[] => list.flatMap((x, k) => (x ? [k] : []));
const pick = <T>(list: readonly T[], positions: readonly number[]): T[] => positions.map((k) => list[k]!);

/** A list with the values at positions, and nothing elsewhere. */
function placed(length: number, positions: readonly number[], values: readonly Expr[]): Optional[] {
  const list = new Array<Optional>(length).fill(undefined);
  for (const [at, k] of positions.entries()) list[k] = values[at];
  return list;
}
