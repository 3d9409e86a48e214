import type { Expr, Graph } from "../../ir/graph.ts";
import { idsUnder } from "../../ir/walks/traverse.ts";
import { add, div, mul, sub } from "../../ops/elementary/algebra.ts";
import { toReal } from "../../ops/elementary/cast.ts";
import { select } from "../../ops/elementary/comparison.ts";
import { isMap, isOneOf } from "../../ops/maps.ts";
import { LogDegrees } from "../forms/degrees.ts";
import { Neighbourhood, QuotientNeighbourhood } from "./neighbourhoods.ts";

/** What a node is near a point, and where that is. */
type Choice = readonly [near: Expr, isNear: Expr];
type NeighbourhoodsOf = (node: Expr) => readonly Neighbourhood[];

/**
 * Functions with f(r x, r y) = r^k f(x, y) are y^k g(x/y) for y > 0: where x and y are nearly equal, or x is small beside y, a
 * series of g in (x - y)/y or in x/y holds what cancels in f or in its slopes. So does one of f(x) where x is nearly 1 or -1.
 * Before derivatives, which inherit the series.
 */
export function withSeries(roots: readonly Expr[], note?: (node: Expr, replacement: Expr) => void): Expr[] {
  const graph = roots[0]?.graph;
  if (!graph) return [];
  const ids = idsUnder(roots);
  const near = ids.length > mostNodes ? undefined : neighbourhoodsIn(graph, ids);
  const choices = near && choicesIn(roots, ids, near);
  if (!choices || choices.size === 0) return [...roots];
  const forms = new Map<Expr, Expr>();
  for (const id of ids) {
    const node = graph.expr(id);
    const operands = node.operands.map((operand) => forms.get(operand) ?? operand);
    let form = node;
    if (operands.some((operand, k) => operand !== node.operands[k])) {
      form = graph.expr(graph.withOrigin(graph.originOf(id), () => graph.withOperands(id, operands).id));
    }
    for (const [near, isNear] of choices.get(node) ?? []) form = select(isNear, near, form);
    if (form === node) continue;
    forms.set(node, form);
    if (choices.has(node)) note?.(node, form);
  }
  return roots.map((root) => forms.get(root) ?? root);
}

/** Larger graphs are no formulas, and are not looked into. */
const mostNodes = 200;

/** From the whole to its parts: within the far side of a choice nothing is left to choose in the neighbourhood. */
function choicesIn(
  roots: readonly Expr[],
  ids: readonly number[],
  near: NeighbourhoodsOf,
): ReadonlyMap<Expr, readonly Choice[]> {
  const { graph } = roots[0]!;
  const choices = new Map<Expr, readonly Choice[]>();
  /** Where all that uses a node has a choice, or stands within one. */
  const taken = new Map<number, ReadonlySet<Neighbourhood>>(roots.map(({ id }) => [id, new Set()]));
  for (const id of [...ids].reverse()) {
    const node = graph.expr(id);
    const here = new Set(taken.get(id)!);
    for (const neighbourhood of near(node)) {
      const choice = here.has(neighbourhood) ? undefined : neighbourhood.nearly(node);
      if (!choice) continue;
      here.add(neighbourhood);
      choices.set(node, [...(choices.get(node) ?? []), choice]);
    }
    for (const operand of node.operands) {
      const others = taken.get(operand.id);
      taken.set(operand.id, others ? new Set([...here].filter((each) => others.has(each))) : here);
    }
  }
  return choices;
}

/** The neighbourhoods of the numbers that nodes are functions of, one or two, in a graph that holds no array. */
function neighbourhoodsIn(graph: Graph, ids: readonly number[]): NeighbourhoodsOf | undefined {
  const below = new Map<number, readonly number[]>();
  for (const id of ids) {
    const node = graph.expr(id);
    if (node.shape.length > 0 || !["map", "leaf", "constant"].includes(node.kind)) return undefined;
    // a whole number that is used as a real is a number of its own
    const isNumber = node.kind === "leaf" || isMap(node, toReal);
    const leaves = isNumber ? [id] : graph.operandIds(id).flatMap((operand) => below.get(operand)!);
    below.set(
      id,
      [...new Set(leaves)].sort((a, b) => a - b),
    );
  }
  const known = new Map<string, readonly Neighbourhood[]>();
  return (node) => {
    const leaves = below.get(node.id)!;
    if (node.dtype !== "real" || !isOneOf(node, add, sub, mul, div)) return [];
    const made = known.get(leaves.join()) ?? neighbourhoodsOf(leaves.map((id) => graph.expr(id)));
    known.set(leaves.join(), made);
    return made;
  };
}

function neighbourhoodsOf(leaves: readonly Expr[]): readonly Neighbourhood[] {
  const [x, y, ...others] = leaves;
  // what chooses is near nothing, and whole numbers as such neither
  if (!x || others.length > 0 || leaves.some(({ dtype }) => dtype !== "real")) return [];
  if (!y) return [1, -1].map((centre) => new Neighbourhood(x, centre));
  const degrees = new LogDegrees([x, y]);
  return [
    new QuotientNeighbourhood(y, x, degrees, 1),
    new QuotientNeighbourhood(y, x, degrees, 0),
    new QuotientNeighbourhood(x, y, degrees, 0),
  ];
}
