import { iterators } from "../../ir/contraction.ts";
import type { Expr } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import { inherited } from "../../ir/walks/inherited.ts";
import { contract, type Terms, termsOf } from "../arrays/contractions.ts";
import { stopGradient } from "../elementary/opaque.ts";

/** A function of one element of a vector, the same for all of them, that an expression is along one of its axes. */
export interface Elementwise {
  /** The vector: its last axis is the one along which the function is taken. undefined: the function is constant. */
  readonly source: Expr | undefined;
  /** The function at points, which have any number of axes in the place of the source's last one. */
  readonly at: (points: Expr) => Expr;
}

/** Longer expressions are taken for no function of one element. */
const longest = 1000;

/** A node, and which of its axes the function is along. */
interface Part {
  readonly node: Expr;
  readonly axis: number;
}

const keyOf = ({ node, axis }: Part) => `${node.id} ${axis}`;

/**
 * The expression as one function of the elements of a source; undefined where it tells elements apart by their positions, or
 * depends on anything else that may vary.
 */
export function elementwiseIn(root: Expr, axis: number, isSource: (node: Expr) => boolean): Elementwise | undefined {
  const parts = new Map<string, Part>();
  const order = new Set<Part>();
  const pending: Part[] = [{ node: root, axis }];
  let source: Expr | undefined;
  for (let part = pending.at(-1); part; part = pending.at(-1)) {
    const key = keyOf(part);
    if (parts.has(key)) {
      pending.pop();
      if (parts.get(key) === part) order.add(part);
      continue;
    }
    if (parts.size === longest) return undefined;
    parts.set(key, part);
    if (isSource(part.node)) {
      if (part.axis !== part.node.shape.length - 1 || (source && source !== part.node)) return undefined;
      source = part.node;
      continue;
    }
    const below = partsBelow(part);
    if (!below) return undefined;
    for (const operand of below) if (!parts.has(keyOf(operand))) pending.push(operand);
  }
  const found = source;
  return { source: found, at: (points) => (found ? formAt([...order], found, points) : root) };
}

/** What a part is made of along its axis; undefined where it is no function of one element. */
function partsBelow({ node, axis }: Part): readonly Part[] | undefined {
  switch (node.kind) {
    case "constant":
      return [];
    case "map":
      // held fixed, an element is a number of its own
      if (node.graph.primitiveOf(node.id) === stopGradient.primitive) return undefined;
      return node.operands.map((operand) => ({ node: operand, axis }));
    case "contraction": {
      const { output, guards, factors, extents } = termsOf(node);
      const own = iterators(axis);
      const uses = (index: Integer) => index.iterators().includes(axis);
      if (output.some((index, k) => index.key !== iterators(k).key) || guards.some(({ index }) => uses(index))) {
        return undefined;
      }
      const below: Part[] = [];
      for (const { of, index } of factors) {
        const at = index.flatMap((each, k) => (uses(each) ? [k] : []));
        if (at.length === 0) {
          if (varies(of.graph, of.id)) return undefined;
          continue;
        }
        const [only] = at;
        const isPlain = at.length === 1 && index[only!]!.key === own.key && of.shape[only!]!.equals(extents[axis]!);
        if (!isPlain) return undefined;
        below.push({ node: of, axis: only! });
      }
      return below;
    }
    default:
      return undefined;
  }
}

/** The last part with points in the place of the source; parts are in order, operands first. */
function formAt(order: readonly Part[], source: Expr, points: Expr): Expr {
  const forms = new Map<string, Expr>();
  const count = points.shape.length - source.shape.length + 1;
  const extents = points.shape.slice(source.shape.length - 1);
  const wider = <T>(list: readonly T[], axis: number, inserted: readonly T[]) => [
    ...list.slice(0, axis),
    ...inserted,
    ...list.slice(axis + 1),
  ];
  for (const part of order) {
    const { node, axis } = part;
    const formOf = (operand: Expr, at: number) => forms.get(keyOf({ node: operand, axis: at }))!;
    const make = (): Expr => {
      if (node === source) return points;
      const { graph } = node;
      const shape = wider(node.shape, axis, extents);
      if (node.kind === "constant") return graph.constant(node.constant!, shape, node.dtype);
      if (node.kind === "map") {
        return graph.map(
          graph.primitiveOf(node.id),
          node.operands.map((operand) => formOf(operand, axis)),
        );
      }
      const terms = termsOf(node);
      const own = Array.from({ length: count }, (_, k) => iterators(axis + k));
      const moved = terms.extents.map((_, k) => (k === axis ? undefined : iterators(k < axis ? k : k + count - 1)));
      const move = (index: Integer) => index.withIterators(moved);
      const wide: Terms = {
        extents: wider(terms.extents, axis, extents),
        output: shape.map((_, k) => iterators(k)),
        shape,
        guards: terms.guards.map((guard) => ({ index: move(guard.index), extent: guard.extent })),
        lookups: terms.lookups,
        factors: terms.factors.map(({ of, index }) => {
          const at = index.findIndex((each) => each.iterators().includes(axis));
          if (at < 0) return { of, index: index.map(move) };
          return {
            of: formOf(of, at),
            index: wider(
              index.map((each, k) => (k === at ? each : move(each))),
              at,
              own,
            ),
          };
        }),
      };
      return contract(wide);
    };
    forms.set(keyOf(part), make());
  }
  return forms.get(keyOf(order.at(-1)!))!;
}

/** Whether a node may change with something that derivatives are taken in. */
export const varies = inherited((graph, id) => {
  if (graph.dtypeOf(id) !== "real") return false;
  const kind = graph.kindOf(id);
  if (kind === "map" && graph.primitiveOf(id) === stopGradient.primitive) return false;
  return kind === "leaf" ? true : undefined;
});
