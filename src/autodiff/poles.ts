import { alwaysHolds, isNone } from "../ir/contraction.ts";
import type { Expr, Graph } from "../ir/graph.ts";
import { inherited } from "../ir/inherited.ts";
import type { Primitive } from "../ir/primitive.ts";
import { div, reciprocal } from "../ops/algebra.ts";
import { select } from "../ops/comparison.ts";

// What may be infinite, and what may be nothing: first looks, which take one step a node of a graph.

/** Steps down from a node to what may be infinite. */
const deepestPole = 4;

const known = new WeakMap<Graph, number[]>();

/** True of what may be infinite although leaves are not, as slopes of roots and quotients may. */
export function mayBeInfinite({ graph, id }: Expr): boolean {
  const steps = known.get(graph) ?? [];
  known.set(graph, steps);
  while (steps.length <= id) steps.push(stepsToPole(graph, steps.length, steps));
  return steps[id]! < deepestPole;
}

function stepsToPole(graph: Graph, id: number, steps: readonly number[]): number {
  let least = deepestPole;
  if (graph.dtypeOf(id) !== "real" || graph.kindOf(id) === "operation" || graph.kindOf(id) === "reduce") return least;
  if (graph.kindOf(id) === "map" && hasPole(graph.primitiveOf(id)) && !dividesByNumber(graph, id)) return 0;
  for (let k = graph.operandCount(id) - 1; k >= 0; k--) least = Math.min(least, 1 + steps[graph.operandAt(id, k)]!);
  return least;
}

function dividesByNumber(graph: Graph, id: number): boolean {
  const primitive = graph.primitiveOf(id);
  if (primitive !== div.primitive && primitive !== reciprocal.primitive) return false;
  const divisor = graph.operandAt(id, graph.operandCount(id) - 1);
  return graph.kindOf(divisor) === "constant" && !isNothing(graph, divisor);
}

const poles = new WeakMap<Primitive, boolean>();

/** Whether a function is infinite, or is none, at small numbers of its domain or at an end of that. */
function hasPole(primitive: Primitive): boolean {
  const found = poles.get(primitive) ?? isInfiniteSomewhere(primitive);
  poles.set(primitive, found);
  return found;
}

function isInfiniteSomewhere({ arity, domain = [], real }: Primitive): boolean {
  let points: readonly (readonly number[])[] = [[]];
  for (let position = 0; position < (arity === "variadic" ? 2 : arity); position++) {
    const [low, high] = domain[position] ?? domain.at(-1) ?? [-1, 1];
    const places = [low, high, -1, -0.5, 0, 0.5, 1].filter((x) => Number.isFinite(x) && x >= low && x <= high);
    points = points.flatMap((point) => places.map((place) => [...point, place]));
  }
  return points.some((point) => !Number.isFinite(real(...point)));
}

/** True of what may be 0 because nothing is there: sums may be without terms, views read beside what they show, choices take one side. */
export const mayBeAbsent = inherited((graph, id) => {
  const kind = graph.kindOf(id);
  if (kind === "operation") return true;
  if (kind === "map") return graph.primitiveOf(id) === select.primitive || undefined;
  return kind === "contraction" ? !isWhole(graph, id) || undefined : isNothing(graph, id);
});

/** Zeros. */
export function isNothing(graph: Graph, id: number): boolean {
  if (graph.kindOf(id) === "constant") return graph.constantOf(id) === 0;
  return graph.kindOf(id) === "tensor" && graph.tensorOf(id).every((value) => value === 0);
}

/** Whether every element of a contraction has all its terms. */
function isWhole(graph: Graph, id: number): boolean {
  const { extents, guards, factors } = graph.contractionOf(id);
  return (
    guards.length === 0 &&
    !extents.some(isNone) &&
    factors.every(({ operand, index }) => {
      const shape = graph.shapeOf(graph.operandAt(id, operand));
      return index.every((each, axis) => alwaysHolds({ index: each, extent: shape[axis]! }, extents));
    })
  );
}
