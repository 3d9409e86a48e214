import { gradient, hessian, slopesAlong } from "../autodiff/derivatives.ts";
import { UsageError } from "../ir/errors.ts";
import type { Expr, Graph } from "../ir/graph.ts";
import { Integer } from "../ir/integer.ts";
import { substitute } from "../ir/walks/traverse.ts";
import { type LowerOptions, lower, type Target } from "../lower/lower.ts";
import type { Buffer, Program } from "../lower/program/loops.ts";
import { turned } from "../ops/arrays/contractions.ts";
import { type Lookups, tablesOf } from "../rewrite/closing/in-tables.ts";
import { compareCost, elementCount, type SizeHints, sizeHints } from "../rewrite/cost.ts";
import { simplify } from "../rewrite/rewrite.ts";
import type { Level } from "../rewrite/rule.ts";
import type { Settled } from "../rewrite/sweeps/settled.ts";

/** A named leaf that derivatives are taken in. */
export interface Variable {
  readonly name: string;
  readonly expr: Expr;
}

/** The functions that every compiled model has. */
export type FunctionName = "loss" | "gradient" | "lossAndGradient" | "hvp" | "lossGradientHvp" | "hessian" | "outputs";

/** Graphs of one function: a loss scalar, one vector part per variable, and whatever else it returns. */
export interface DerivedFunction {
  readonly name: string;
  readonly loss: Expr | undefined;
  readonly gradient: readonly Expr[];
  readonly hvp: readonly Expr[];
  /** Hessian blocks, row variable first. */
  readonly hessian: readonly Expr[];
  readonly outputs: readonly Target[];
  /** The stand-ins for the direction of a product: one for each variable, or for each output that cotangents belong to. */
  readonly direction: readonly Expr[];
  /** Leaves that a call brings further arrays for, each whole, by the names of these. */
  readonly arrays?: readonly Variable[];
}

export interface DerivationInput {
  readonly graph: Graph;
  /** Simplified, as far as value and subgradients allow. */
  readonly loss: Expr;
  /** As the model states it: outputs are found in it. */
  readonly lossAsWritten?: Expr | undefined;
  readonly outputs: ReadonlyMap<string, Expr>;
  readonly variables: readonly Variable[];
  /** The gradient of the loss in the variables, where one is kept for all functions. */
  readonly slopes?: readonly Expr[] | undefined;
  readonly level: Level;
  /** Int leaves whose elements are checked before any function is called, and the sizes that they stay below. */
  readonly checked?: ReadonlyMap<Expr, Integer> | undefined;
  /** The leaves that tables of functions are made of, beside what is checked. */
  readonly lookups?: Lookups | undefined;
  /** What sizes are taken to be where costs are compared. */
  readonly hints?: SizeHints | undefined;
  /** What simplifying one function taught about nodes that others share. */
  readonly settled?: Settled | undefined;
}

/** What is known of a model's lookups: the tables that it makes are found when they are asked for. */
export function lookupsOf(
  { loss, outputs }: { readonly loss?: Expr | undefined; readonly outputs: ReadonlyMap<string, Expr> },
  checked: Lookups["checked"],
): Lookups {
  let tables: ReadonlySet<number> | undefined;
  return {
    checked,
    tables: () => {
      tables ??= tablesOf([...(loss ? [loss] : []), ...outputs.values()]);
      return tables;
    },
  };
}

/** Builds the graphs of a function: simplify, differentiate the loss where it is asked, then simplify for good. */
export function derive(
  name: FunctionName,
  input: DerivationInput,
  outputs: ReadonlyMap<string, Expr> = input.outputs,
): DerivedFunction {
  const { graph, level, hints, settled, lookups } = input;
  const wrt = input.variables.map((variable) => variable.expr);
  const empty = { loss: undefined, gradient: [], hvp: [], hessian: [], outputs: [], direction: [] };
  const finish = (roots: readonly Expr[]) => simplify(roots, { level, last: true, hints, settled, lookups });
  if (name === "outputs") {
    const names = [...outputs.keys()];
    if (names.length === 0)
      throw new UsageError("outputs needs outputs, and the model has none: name some with output.");
    // as the loss is: what cancels near a point is found before the last phase
    const nodes = finish(simplify([...outputs.values()], { level, hints, settled }));
    return { ...empty, name, outputs: nodes.map((node, k) => ({ name: names[k]!, node })) };
  }
  const { loss } = input;
  if (name === "loss") return { ...empty, name, loss: finish([loss])[0]! };
  requireVariables(name, wrt);
  if (name === "gradient" || name === "lossAndGradient") {
    const wantsLoss = name === "lossAndGradient";
    const roots = finish([...slopesOf(input), ...(wantsLoss ? [loss] : [])]);
    return { ...empty, name, gradient: roots.slice(0, wrt.length), loss: wantsLoss ? roots[wrt.length] : undefined };
  }
  if (name === "hessian") return { ...empty, name, hessian: blocksOf(loss, wrt, hints, finish) };
  const direction = wrt.map((x) => graph.variable(x.shape));
  const slopes = slopesOf(input);
  const product = slopesAlong(slopes, wrt, direction);
  if (name === "hvp") return { ...empty, name, direction, hvp: finish(product) };
  const roots = finish([...product, ...slopes, loss]);
  const count = wrt.length;
  return {
    ...empty,
    name,
    direction,
    hvp: roots.slice(0, count),
    gradient: roots.slice(count, 2 * count),
    loss: roots[2 * count],
  };
}

/**
 * The blocks of a Hessian, row variable first. Of two that are each other's transposes the one is derived whose columns are fewer:
 * a Jacobian takes a pass for each column.
 */
function blocksOf(
  loss: Expr,
  wrt: readonly Expr[],
  hints: SizeHints | undefined,
  finish: (roots: readonly Expr[]) => Expr[],
): Expr[] {
  const known = hints ?? sizeHints(wrt);
  const isNarrow = (x: Expr, y: Expr) => compareCost(elementCount(y), elementCount(x), known) <= 0;
  const pairs = wrt.flatMap((x, i) => wrt.slice(i).map((y) => (isNarrow(x, y) ? [x, y] : [y, x]) as [Expr, Expr]));
  const derived = finish(pairs.map(([x, y]) => hessian(loss, x, y)));
  const keyOf = (x: Expr, y: Expr) => `${x.id} ${y.id}`;
  const blocks = new Map(pairs.map(([x, y], k) => [keyOf(x, y), derived[k]!]));
  return wrt.flatMap((x) =>
    wrt.map((y) => blocks.get(keyOf(x, y)) ?? turned(blocks.get(keyOf(y, x))!, y.shape.length)),
  );
}

/** The expressions as outputs of a function of their own. */
export function computing(name: string, nodes: readonly Expr[]): DerivedFunction {
  const outputs = nodes.map((node, k) => ({ name: `value${k}`, node }));
  return { name, loss: undefined, gradient: [], hvp: [], hessian: [], outputs, direction: [] };
}

/** All that a function computes. */
export function rootsOf({ loss, gradient, hvp, hessian, outputs }: DerivedFunction): Expr[] {
  return [...(loss ? [loss] : []), ...gradient, ...hvp, ...hessian, ...outputs.map(({ node }) => node)];
}

/** The gradient of the loss: both it and products with the Hessian are made of it. */
const slopesOf = ({ slopes, loss, variables }: DerivationInput): readonly Expr[] =>
  slopes ??
  gradient(
    loss,
    variables.map(({ expr }) => expr),
  );

/** Throws UsageError where there are no parameters for what `name` says. */
export function requireVariables(name: string, wrt: readonly unknown[]): void {
  if (wrt.length > 0) return;
  throw new UsageError(`${name} needs parameters, and there are none: declare a leaf as param, or name leaves in wrt.`);
}

/** A derived function as loops, and which of the program's buffers plays which part. */
export interface LoweredFunction {
  readonly derived: DerivedFunction;
  readonly program: Program;
  /** What it computes, and where that goes. */
  readonly results: readonly (readonly [node: Expr, buffer: Buffer])[];
  readonly loss: Buffer | undefined;
  readonly gradient: readonly Buffer[];
  readonly hvp: readonly Buffer[];
  readonly hessian: readonly Buffer[];
  readonly outputs: readonly Buffer[];
  /** The input buffer of each variable and direction; undefined when the function does not read it. */
  readonly variables: readonly (Buffer | undefined)[];
  readonly direction: readonly (Buffer | undefined)[];
  readonly arrays: readonly (Buffer | undefined)[];
  /** What a binding computes once, and the input buffers that take it. */
  readonly prepared: readonly (readonly [node: Expr, buffer: Buffer])[];
}

/** What loops may do at a level of rewrites: at "all" whatever is equal in real arithmetic. */
export const loweringAt = (level: Level): LowerOptions => ({
  keepsSums: level !== "all",
  sharesWork: level === "all",
});

/** `prepared`: parts of the function that follow from data alone, and come as inputs. */
export function lowerFunction(
  derived: DerivedFunction,
  variables: readonly Variable[],
  options: LowerOptions = {},
  prepared: readonly Expr[] = [],
): LoweredFunction {
  const targets: Target[] = [];
  const place = (nodes: readonly Expr[], nameOf: (k: number) => string) => {
    const first = targets.length;
    for (const [k, node] of nodes.entries()) targets.push({ name: nameOf(k), node });
    return () => outputs.slice(first, first + nodes.length);
  };
  const named = (prefix: string) => (k: number) => `${prefix}_${variables[k]?.name}`;
  const block = (k: number) =>
    `hessian_${variables[Math.floor(k / variables.length)]?.name}_${variables[k % variables.length]?.name}`;
  const loss = place(derived.loss ? [derived.loss] : [], () => "loss");
  const gradientPart = place(derived.gradient, named("gradient"));
  const hvpPart = place(derived.hvp, named("hvp"));
  const hessianPart = place(derived.hessian, block);
  const first = targets.length;
  for (const output of derived.outputs) targets.push(output);
  const standIns = new Map(prepared.map((node) => [node, standInFor(node)]));
  const program = withOffsetSizes(lower(withStandIns(targets, standIns), options), derived, variables);
  const outputs = program.buffers.filter((buffer) => buffer.role === "output");
  return {
    derived,
    program,
    results: targets.map(({ node }, k) => [node, outputs[k]!]),
    loss: loss()[0],
    gradient: gradientPart(),
    hvp: hvpPart(),
    hessian: hessianPart(),
    outputs: outputs.slice(first),
    variables: variables.map((variable) => program.inputOf(variable.expr)),
    direction: derived.direction.map((expr) => program.inputOf(expr)),
    arrays: (derived.arrays ?? []).map(({ expr }) => program.inputOf(expr)),
    prepared: [...standIns].flatMap(([node, standIn]) => {
      const buffer = program.inputOf(standIn);
      return buffer ? [[node, buffer] as const] : [];
    }),
  };
}

function standInFor({ graph, id, shape, dtype }: Expr): Expr {
  const standIn = graph.variable(shape, dtype);
  graph.names.set(standIn.id, graph.names.of(id) ?? "prepared");
  return standIn;
}

function withStandIns(targets: readonly Target[], standIns: ReadonlyMap<Expr, Expr>): readonly Target[] {
  if (standIns.size === 0) return targets;
  const nodes = substitute(
    targets.map(({ node }) => node),
    standIns,
  );
  return targets.map(({ name }, k) => ({ name, node: nodes[k]! }));
}

/** The program with the sizes that addresses in packed vectors need: those of every variable before one in use. */
function withOffsetSizes(program: Program, derived: DerivedFunction, variables: readonly Variable[]): Program {
  const writesAll = derived.gradient.length > 0 || derived.hvp.length > 0;
  const isRead = (expr: Expr | undefined) => expr !== undefined && program.inputOf(expr) !== undefined;
  const { offsets } = packedOffsets(variables);
  const used = offsets.filter((_, k) => writesAll || isRead(variables[k]!.expr) || isRead(derived.direction[k]));
  // the last holds the others
  const names = used.at(-1)?.names() ?? [];
  return { ...program, sizes: [...new Set([...program.sizes, ...names])].sort() };
}

/** Where each variable begins in the packed vector, parameters in order, row-major, and how long it is. */
export function packedOffsets(variables: readonly Variable[]): {
  readonly offsets: readonly Integer[];
  readonly lengths: readonly Integer[];
  readonly length: Integer;
} {
  const lengths = variables.map(({ expr }) => Integer.product(expr.shape));
  const offsets: Integer[] = [];
  let length: Integer = Integer.zero;
  for (const own of lengths) {
    offsets.push(length);
    length = length.plus(own);
  }
  return { offsets, lengths, length };
}
