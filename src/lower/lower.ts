import { howTo } from "../ir/extension.ts";
import type { Expr, Graph } from "../ir/graph.ts";
import { Integer } from "../ir/integer.ts";
import type { ValueType } from "../ir/operation.ts";
import { integersOf } from "../ir/walks/sizes.ts";
import type { SizeHints } from "../rewrite/cost.ts";
import { nestSharing, type Routines, routineTables } from "./bodies/calls.ts";
import { Frames } from "./bodies/frames.ts";
import { type Kernels, kernelLoops } from "./bodies/kernels.ts";
import { LoopBuilder } from "./builder/builder.ts";
import { finishing } from "./items/finishing.ts";
import { allAxes, type Item, ItemTable, isWhole } from "./items/item.ts";
import { itemsOf } from "./items/items.ts";
import { Plan } from "./items/plan.ts";
import { writeScalars } from "./items/scalars.ts";
import { noteWanted } from "./items/wanted.ts";
import { decays, evenDecays } from "./kin/decays.ts";
import { type Family, furtherFamilies, SharedWork } from "./kin/kin.ts";
import { lengths } from "./kin/lengths.ts";
import { powers } from "./kin/powers.ts";
import { shares } from "./kin/shares.ts";
import { withBranches } from "./passes/branches.ts";
import { withoutDecided } from "./passes/decided.ts";
import { withEndsApart } from "./passes/ends.ts";
import { inShortLives } from "./passes/order.ts";
import { reuseBuffers } from "./passes/reuse.ts";
import { shareLoads } from "./passes/share.ts";
import { inParts, loopsWithVectors } from "./passes/split.ts";
import type { Name } from "./passes/stretch.ts";
import { withoutUnread, withoutUnreadNames } from "./passes/unread.ts";
import type { Buffer, Loop, Program, Statement } from "./program/loops.ts";
import { mentionedBy } from "./program/mentioned.ts";
import { Scheduler } from "./schedule/schedule.ts";

/** A result of a program: the node and the name of the output that receives it. */
export interface Target {
  readonly name: string;
  readonly node: Expr;
}

export interface LowerOptions {
  /** Int leaves whose elements have been checked to be at least 0 and below a size. */
  readonly checked?: ReadonlyMap<Expr, Integer> | undefined;
  /** Sums keep the order of their terms, as the interpreter takes them. Default: false. */
  readonly ordered?: boolean;
  /** Sums that are written out keep the order of their terms. Default: as `ordered` says. */
  readonly keepsSums?: boolean;
  /** Functions of the same numbers share what they have in common: for real numbers that may be rounded in another way. Default: false. */
  readonly sharesWork?: boolean;
  /** What sizes are taken to be where orders of loops are compared. Default: by what the roots mention. */
  readonly hints?: SizeHints | undefined;
  /** Loops stay as they are, for a printer that takes several iterations at a time: those of vectors.ts. Default: for others. */
  readonly forVectors?: VectorLoops | undefined;
  /** Loops that are alike are written once, where an extension can tell them: for printers that call functions. Default: false. */
  readonly sharesNests?: boolean;
  /** The program is not cut into parts that V8 optimises: for whoever changes it and cuts it then. */
  readonly inOnePiece?: boolean;
  /** The loops of kernels. Default: those of the extensions that the graph knows. */
  readonly kernels?: Kernels;
}

/** What is written in another way for a printer that takes several iterations at a time. */
export interface VectorLoops {
  matrixProduct(item: Item, target: Buffer, builder: LoopBuilder, buffers: BufferTable, hints: SizeHints): void;
  rearranged(
    statements: readonly Statement[],
    builder: LoopBuilder,
    buffers: BufferTable,
    hints: SizeHints,
  ): Statement[];
  /** True for a loop of which several iterations are taken at a time: both sides of its choices are computed. */
  isTakenTogether(loop: Loop): boolean;
  /** The program with loops that are alike written once, where `sharesNests` asks for it. */
  shareNests(program: Program): Program;
}

/**
 * Turns graphs into loops: decides what is stored, fuses loops over the same domain, and builds statements.
 * Every target gets an output buffer, in order.
 */
export function lower(targets: readonly Target[], options: LowerOptions = {}): Program {
  // what the program was made from is let go before it is cut, which may need as much room
  const program = inOnePiece(targets, options);
  if (options.inOnePiece) return program;
  const { forVectors, sharesNests = false } = options;
  const inLoops = forVectors ? loopsWithVectors : 1;
  const parts = inParts(program, inLoops);
  // what fits one function runs fastest as it stands
  if (!sharesNests || parts.parts.length === 1) return parts;
  const share = forVectors?.shareNests ?? program.graph?.ability(nestSharing);
  const shared = share?.(program) ?? program;
  return shared === program ? parts : inParts(shared, inLoops);
}

function inOnePiece(targets: readonly Target[], options: LowerOptions): Program {
  const { ordered = false, forVectors, keepsSums = ordered } = options;
  const plan = new Plan(
    targets.map((target) => target.node),
    { ordered, forVectors, hints: options.hints },
  );
  const frames = new Frames();
  frames.add(plan);
  const buffers = new BufferTable(frames);
  buffers.addLeaves(plan);
  const outputs = targets.map((target) => buffers.output(target));
  const builder = new LoopBuilder(frames, (node) => buffers.of(node), {
    ordered,
    forVectors,
    checked: options.checked,
  });
  const roots = targets.map(({ node }) => node);
  const routines = routinesOf(roots);
  const lowering: Lowering = { builder, buffers, frames, routines, kernels: options.kernels ?? kernelsOf(targets) };
  emitRoots(plan, roots, lowering);
  for (const [k, target] of targets.entries()) copyToOutput(target.node, outputs[k]!, buffers, builder);
  const drafts = routines?.drafts ?? [];
  const bodies = [builder.statements, ...drafts.map(({ body }) => body)];
  const arrange = (body: readonly Statement[]) =>
    (ordered ? undefined : forVectors?.rearranged(body, builder, buffers, plan.hints)) ?? body;
  const name: Name = (dtype) => builder.temporary(dtype);
  const branched = (body: readonly Statement[]) =>
    withBranches(body, name, { keepsSums, isTakenTogether: forVectors?.isTakenTogether });
  const families = options.sharesWork
    ? familiesOf(targets, [...(forVectors ? [evenDecays] : [decays, lengths]), powers, shares])
    : [];
  const shared = (body: readonly Statement[]) => new SharedWork(families, name).in(body);
  const inOrder = (body: readonly Statement[]) =>
    inShortLives(branched(shared(withEndsApart(arrange(withoutDecided(body))))), name, keepsSums);
  const finished = finish(bodies, buffers, builder, inOrder);
  return {
    sizes: sizeNames(frames, finished.buffers),
    buffers: finished.buffers,
    parts: [finished.blocks[0]!],
    routines: drafts.map(({ name }, k) => ({ name, parts: [finished.blocks[k + 1]!] })),
    graph: roots[0]?.graph,
    inputOf: buffers.inputs(),
  };
}

/** Blocks of statements after the last passes, and the buffers that they need. */
function finish(
  bodies: readonly (readonly Statement[])[],
  table: BufferTable,
  builder: LoopBuilder,
  arrange: (body: readonly Statement[]) => readonly Statement[],
): { readonly blocks: readonly (readonly Statement[])[]; readonly buffers: readonly Buffer[] } {
  const needed = withoutUnread(bodies, table.all);
  const blocksOf = new Map<Buffer, number>();
  const mentioned = needed.blocks.length > 1 ? needed.blocks.map((block) => mentionedBy(block).buffers) : [];
  for (const buffer of mentioned.flat()) blocksOf.set(buffer, (blocksOf.get(buffer) ?? 0) + 1);
  const known = table.all.length;
  let { buffers } = needed;
  const blocks = needed.blocks.map((block) => {
    const planned = reuseBuffers(block, buffers, (buffer) => (blocksOf.get(buffer) ?? 0) > 1);
    buffers = planned.buffers;
    return withoutUnreadNames(shareLoads(arrange(planned.body), (buffer) => builder.temporary(buffer.dtype)));
  });
  return { blocks, buffers: [...buffers, ...table.all.slice(known)] };
}

/** The routines of a graph whose extensions have any. */
function routinesOf(roots: readonly Expr[]): Routines | undefined {
  return roots[0]?.graph.ability(routineTables)?.(roots);
}

/** Functions that share work, as far as the graph may hold them. */
function familiesOf(targets: readonly Target[], always: readonly Family[]): readonly Family[] {
  const extensions = targets[0]?.node.graph.extensions ?? [];
  return [...always, ...[...extensions].flatMap((extension) => howTo(furtherFamilies, extension) ?? [])];
}

function kernelsOf(targets: readonly Target[]): Kernels {
  const extensions = targets[0]?.node.graph.extensions ?? [];
  return Object.assign({}, ...extensions.map((extension) => howTo(kernelLoops, extension)));
}

/** What the parts of one lowering share. */
export interface Lowering {
  readonly builder: LoopBuilder;
  readonly buffers: BufferTable;
  readonly frames: Frames;
  readonly kernels: Kernels;
  readonly routines: Routines | undefined;
}

/** The loops of everything that the roots of a plan need, in the block at hand. */
export function emitRoots(plan: Plan, roots: readonly Expr[], lowering: Lowering): void {
  const isWritten = writeScalars(plan, roots, lowering);
  const items: Item[] = [];
  const itemsByNode = new ItemTable(plan.graph);
  const finish = finishing(plan, roots);
  /** Products that wait for what else their last step reads. */
  const waiting = new Map<Expr, Item>();
  const takeUp = (node: Expr): void => {
    if (itemsByNode.get(node)) return;
    const begun = waiting.get(node);
    const own = begun ? [withKept(begun, plan)] : itemsOf(node, plan, itemsByNode);
    const computed = lowering.buffers.of(node)?.adds ? own.map(ontoExisting) : own;
    const finished = begun ? undefined : finish(computed[0]!);
    if (finished) {
      waiting.set(finished.node, finished);
      return;
    }
    // one item computes every result of a call
    const results = node.kind === "operation" ? plan.graph.call(node.id).results : [node];
    for (const result of results) itemsByNode.set(result, computed);
    items.push(...computed);
  };
  for (let at = 0; at < plan.ids.length; at++) {
    const id = plan.ids[at]!;
    if (plan.isStored(id) && !isWritten(id)) takeUp(plan.graph.expr(id));
  }
  // a root without a place of its own is copied at the end, and so is what it reads again under another shape
  for (const node of roots) {
    const isKept = node.isScalar || lowering.buffers.of(node) !== undefined;
    for (const item of (isKept ? undefined : itemsByNode.get(node)) ?? []) item.storedAxes = allAxes(item);
    let base = plan.aliasOf(node);
    for (let next = base; next; next = plan.aliasOf(next)) base = next;
    for (const item of (base && itemsByNode.get(base)) ?? []) item.storedAxes = allAxes(item);
  }
  const kept = new Set(roots.flatMap((node) => itemsByNode.get(node) ?? []));
  noteWanted(items, itemsByNode, (item) => item.storedAxes !== undefined || kept.has(item));
  new Scheduler(lowering, itemsByNode, plan.hints).run(items);
}

/** What would be written once for each element is added instead, where there is something. */
function ontoExisting(item: Item): Item {
  const isPlain = item.how === "define" && !item.running && !item.isSpelledOut && !isWhole(item);
  return isPlain ? { ...item, how: "sum", ontoExisting: true } : item;
}

/** A finished product that reads what has finished other products since it was begun. */
function withKept(item: Item, plan: Plan): Item {
  return { ...item, reads: item.reads.map(({ node, index }) => ({ node: plan.keptFor(node), index })) };
}

/** Targets whose values live elsewhere (a leaf, an alias, a node wanted twice) are copied at the end. */
function copyToOutput(node: Expr, output: Buffer, buffers: BufferTable, builder: LoopBuilder): void {
  if (buffers.of(node) === output) return;
  const variables = node.shape.map((extent) => builder.openLoop(extent));
  const index = variables.map((variable) => Integer.iterator(variable));
  const { value } = builder.evaluate({ node, index });
  builder.emit({ kind: "store", buffer: output, address: builder.address(index, node.shape), value });
  for (const [axis, variable] of [...variables.entries()].reverse()) {
    const body = builder.close();
    builder.emit({ kind: "for", variable, from: [Integer.zero], to: [node.shape[axis]!], step: 1, body });
  }
}

/** The arrays of one program: inputs and tables as they are met, workspace as the scheduler asks for it. */
export class BufferTable {
  readonly all: Buffer[] = [];
  private readonly byNode = new Map<Expr, Buffer>();
  private readonly frames: Frames;
  private places = 0;

  constructor(frames: Frames) {
    this.frames = frames;
  }

  /** The inputs that a plan reads, and its tables; of a body, whose leaves are bound, its tables alone. */
  addLeaves(plan: Plan, isBody = false): void {
    for (let at = 0; at < plan.ids.length; at++) {
      const id = plan.ids[at]!;
      const kind = plan.graph.kindOf(id);
      if (kind === "leaf" && !isBody) this.add(plan.graph.expr(id), "input", inputName(plan.graph, id));
      if (kind === "tensor") this.add(plan.graph.expr(id), "table", "constant");
    }
  }

  /** A name for a part of an array that moves: statements that mention it are rewritten, see views.ts. */
  place(node: Expr, isWritten: boolean, adds = false): Buffer {
    const role = isWritten ? "output" : "workspace";
    const buffer: Buffer = { id: -1 - this.places++, role, name: "place", dtype: node.dtype, shape: node.shape, adds };
    this.byNode.set(node, buffer);
    return buffer;
  }

  of(node: Expr): Buffer | undefined {
    const buffer = this.byNode.get(node);
    if (buffer) return buffer;
    const base = this.frames.planOf(node).aliasOf(node);
    return base && this.of(base);
  }

  /** Finds the buffers of the leaves that some root needs; keeps nothing else of what was lowered. */
  inputs(): (leaf: Expr) => Buffer | undefined {
    const byLeaf = new Map([...this.byNode].filter(([, { role }]) => role === "input"));
    return (leaf) => byLeaf.get(leaf);
  }

  /** The first output of a node is its buffer; further ones receive copies. */
  output(target: Target): Buffer {
    const canHold = this.frames.planOf(target.node).isStored(target.node.id) && !this.byNode.has(target.node);
    const buffer = this.create("output", target.name, target.node);
    if (canHold) this.byNode.set(target.node, buffer);
    return buffer;
  }

  /** Memory for a node, or for those of its axes that need it. */
  workspace(node: Expr, axes?: readonly number[]): Buffer {
    return this.byNode.get(node) ?? this.add(node, "workspace", node.graph.names.of(node.id) ?? "work", axes);
  }

  /** A workspace array that no node has. */
  scratch({ dtype, shape }: ValueType, isPassing = false): Buffer {
    const buffer: Buffer = { id: this.all.length, role: "workspace", name: "work", dtype, shape, isPassing };
    this.all.push(buffer);
    return buffer;
  }

  private add(node: Expr, role: Buffer["role"], name: string, axes?: readonly number[]): Buffer {
    const buffer = this.create(role, name, node, axes);
    this.byNode.set(node, buffer);
    return buffer;
  }

  private create(role: Buffer["role"], name: string, node: Expr, axes?: readonly number[]): Buffer {
    const values = role === "table" ? { values: node.graph.tensorOf(node.id) } : {};
    const isPart = axes !== undefined && axes.length < node.shape.length;
    const held = isPart ? { shape: axes.map((axis) => node.shape[axis]!), axes } : { shape: node.shape };
    const buffer: Buffer = { id: this.all.length, role, name, dtype: node.dtype, ...held, ...values };
    this.all.push(buffer);
    return buffer;
  }
}

/** What is given by name keeps it; a stand-in is called what people call it. */
function inputName(graph: Graph, id: number): string {
  const { role, name } = graph.leafOf(id);
  return (role === "variable" && graph.names.of(id)) || name;
}

/** Every size name that shapes or statements mention, sorted. */
function sizeNames(frames: Frames, buffers: readonly Buffer[]): string[] {
  const names = new Set<string>();
  const seen = new Set<Integer>();
  const note = (integer: Integer) => {
    if (seen.has(integer)) return;
    seen.add(integer);
    for (const name of integer.names()) names.add(name);
  };
  for (const buffer of buffers) buffer.shape.forEach(note);
  for (const { graph, ids } of frames.plans) for (const id of ids) integersOf(graph, id).forEach(note);
  return [...names].sort();
}
