import type { CompilableModel } from "../../compile/compile.ts";
import { allExtensions } from "../../extensions/all.ts";
import { type Expr, Graph } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { topologicalOrder } from "../../ir/walks/traverse.ts";
import { sum } from "../../ops/arrays/contractions.ts";
import { add } from "../../ops/elementary/algebra.ts";
import type { Bounded } from "./boxes.ts";
import { kinked, smooth } from "./elementwise.ts";
import { paired, reshaped, tripled } from "./forms.ts";
import { d, type Kind, kindOf, mostColumns, mostRows, n } from "./kinds.ts";
import { looped } from "./loops.ts";
import { fineness, offsetOf } from "./offsets.ts";

/** What bounds the elements of leaves. */
const largestLeaf = 2.25;

/** One step of a straight-line program: the operation and its arguments as positions among earlier values. */
export interface Instruction {
  readonly operation: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** A random program as numbers: any numbers are one. */
export interface Recipe {
  readonly instructions: readonly Instruction[];
  readonly rows: number;
  readonly columns: number;
  /** Chooses the numbers that leaves are given. */
  readonly seed: number;
}

export interface ProgramOptions {
  /** Also abs, max, floor, comparisons and the like; intermediate values may then lie at a kink. Default: true. */
  readonly hasKinks?: boolean;
}

/** A graph with a scalar output over parameters and data, with sizes and numbers for all of them. */
export interface RandomProgram {
  readonly graph: Graph;
  readonly output: Expr;
  /** The scalars that the output sums up. */
  readonly parts: readonly Expr[];
  readonly parameters: readonly Expr[];
  readonly data: readonly Expr[];
  readonly sizes: ReadonlyMap<string, number>;
  readonly values: ReadonlyMap<Expr, readonly number[]>;
}

/**
 * Reads a recipe as a program. Arguments are taken modulo the values at hand, so that sharing is natural and leaving
 * an instruction out leaves a program; every value carries an interval, and operands are brought into their domains.
 */
export function elaborate(recipe: Recipe, { hasKinks = true }: ProgramOptions = {}): RandomProgram {
  const graph = new Graph(allExtensions);
  const parameters = [graph.param("a"), graph.param("r", [n]), graph.param("c", [d]), graph.param("M", [n, d])];
  const real = [graph.data("X", [n, d]), graph.data("y", [n])];
  const pick = graph.data("pick", [n], "int");
  const sizes = new Map([
    ["n", 1 + (recipe.rows % mostRows)],
    ["d", 1 + (recipe.columns % mostColumns)],
  ]);
  const values: Bounded[] = [...parameters, ...real].map((node) => ({ node, interval: [-largestLeaf, largestLeaf] }));
  for (const instruction of recipe.instructions) values.push(step(instruction, values, hasKinks));
  const results = unread(values.slice(parameters.length + real.length).map(({ node }) => node));
  const scalars = (results.length > 0 ? results : parameters).map((node) => (node.isScalar ? node : sum(node)));
  const drawn = [...parameters, ...real].map((leaf, at) => [leaf, numbersFor(leaf, sizes, recipe.seed, at)] as const);
  const rows = sizes.get("n")!;
  return {
    graph,
    output: scalars.length > 1 ? add(...scalars) : scalars[0]!,
    parts: scalars,
    parameters,
    data: [...real, pick],
    sizes,
    values: new Map<Expr, readonly number[]>([
      ...drawn,
      [pick, Array.from({ length: rows }, (_, at) => (recipe.seed + at * at) % rows)],
    ]),
  };
}

/** The nodes that no other of them needs, each once. */
function unread(nodes: readonly Expr[]): Expr[] {
  const read = new Set<Expr>();
  for (const node of topologicalOrder(nodes)) for (const operand of node.operands) read.add(operand);
  return [...new Set(nodes)].filter((node) => !read.has(node));
}

function step({ operation, a, b, c }: Instruction, values: readonly Bounded[], hasKinks: boolean): Bounded {
  const x = values[a % values.length]!;
  const choice = Math.floor(operation / 8);
  const ofKind = (kind: Kind) => values.filter(({ node }) => kindOf(node) === kind);
  const pick = (list: readonly Bounded[], at: number) => list[at % list.length]!;
  switch (operation % 8) {
    case 0:
      return reshaped(x, choice, hasKinks);
    case 1:
      return paired(x, pick(values, b), choice) ?? reshaped(x, choice, hasKinks);
    case 2:
      if (choice % 4 === 0)
        return tripled(pick(ofKind("rows"), a), pick(ofKind("matrix"), b), pick(ofKind("columns"), c));
      if (choice % 4 === 1) {
        const isMatrix = choice % 8 === 1;
        const alike = ofKind(isMatrix ? "columns" : "scalar");
        const over = pick(ofKind(isMatrix ? "matrix" : "rows"), a);
        return looped(over, pick(alike, b), pick(alike, c), Math.floor(choice / 8));
      }
      return reshaped(x, choice, hasKinks);
    default: {
      const operations = hasKinks ? [...smooth, ...kinked] : smooth;
      const alike = ofKind(kindOf(x.node));
      return operations[choice % operations.length]!(x, pick(alike, b), pick(alike, c));
    }
  }
}

/** Scaled integers in -2 .. 2 at odd offsets. */
function numbersFor(leaf: Expr, sizes: ReadonlyMap<string, number>, seed: number, number: number): number[] {
  const count = leaf.shape.reduce((length, size) => length * sizes.get(size.names()[0]!)!, 1);
  const whole = (at: number) => ((seed * 7 + number * 5 + at * 10) % 33) - 16;
  return Array.from({ length: count }, (_, at) => (whole(at) + offsetOf(number, at)) / fineness);
}

/** The program as a model: its leaves by name, bounded as its intervals assume. */
export function modelOf({ graph, output, parameters, data }: RandomProgram): CompilableModel {
  const nameOf = (leaf: Expr) => graph.leafOf(leaf.id).name;
  const within = { low: graph.constant(-largestLeaf), high: graph.constant(largestLeaf) };
  return {
    name: "random",
    graph,
    parameters: parameters.map((expr) => ({ name: nameOf(expr), expr, within })),
    data: data.map((expr) => ({
      name: nameOf(expr),
      expr,
      within: expr.dtype === "int" ? { low: Integer.zero, high: n } : undefined,
    })),
    loss: output,
    outputs: new Map(),
  };
}
