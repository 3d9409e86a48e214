import type { Expr, Graph } from "../../ir/graph.ts";
import { idsUnder } from "../../ir/walks/traverse.ts";
import { mul } from "../../ops/elementary/algebra.ts";
import { and, equal, greaterEqual, less, max, min, select } from "../../ops/elementary/comparison.ts";
import { abs } from "../../ops/elementary/rounding.ts";
import { type Degree, Degrees } from "../forms/degrees.ts";

/**
 * Functions f of two or three numbers with f(r x, r y) = r^k f(x, y): the parts of quotients, roots and their slopes overflow or
 * vanish where all numbers are huge or tiny although the whole does not. There r is a power of two that makes the numbers
 * ordinary; elsewhere it is 1, and no bit changes. Only once no derivative follows: r has none.
 */
export function rescaled(roots: readonly Expr[], note?: (node: Expr, replacement: Expr) => void): Expr[] {
  const graph = roots[0]?.graph;
  if (!graph) return [];
  const ids = idsUnder(roots);
  const leaves = numbersOf(graph, ids);
  if (!leaves) return [...roots];
  const degrees = new Degrees(leaves);
  const steep = steepOf(graph, ids, degrees);
  const isWanted = (root: Expr) => steep.has(root) && root.dtype === "real" && typeof degrees.of(root) === "number";
  if (!roots.some(isWanted)) return [...roots];
  const scale = scaleOf(leaves);
  const forms = new Map<Expr, Expr>(leaves.map((leaf) => [leaf, mul(leaf, scale(-1))]));
  const formOf = (node: Expr) => forms.get(node) ?? node;
  for (const id of ids) {
    const node = graph.expr(id);
    const operands = node.operands.map(formOf);
    if (operands.every((operand, k) => operand === node.operands[k])) continue;
    forms.set(node, graph.expr(graph.withOrigin(graph.originOf(id), () => graph.withOperands(id, operands).id)));
  }
  return roots.map((root) => {
    if (!isWanted(root)) return root;
    const whole = grown(formOf(root), scale, Number(degrees.of(root)));
    note?.(root, whole);
    return whole;
  });
}

/** More numbers have no common size, and functions of one are its powers. */
const mostLeaves = 3;
/** Larger graphs are no formulas, and are not looked into. */
const mostNodes = 2000;

/** The numbers that a graph is a function of, where it is one of two or three and holds no array. */
function numbersOf(graph: Graph, ids: readonly number[]): Expr[] | undefined {
  const leaves: Expr[] = [];
  if (ids.length > mostNodes) return undefined;
  for (const id of ids) {
    const kind = graph.kindOf(id);
    const node = graph.expr(id);
    if (node.shape.length > 0 || !(kind === "map" || kind === "leaf" || kind === "constant")) return undefined;
    if (kind !== "leaf" || graph.leafOf(id).role === "variable") continue;
    if (node.dtype !== "real" || leaves.push(node) > mostLeaves) return undefined;
  }
  return leaves.length > 1 ? leaves : undefined;
}

/** The homogeneous nodes of which parts may be lost. */
function steepOf(graph: Graph, ids: readonly number[], degrees: Degrees): Set<Expr> {
  const steep = new Set<Expr>();
  for (const id of ids) {
    const node = graph.expr(id);
    if (degrees.of(node) === undefined) continue;
    if (node.operands.some((operand) => steep.has(operand) || isSteep(degrees.of(operand)))) steep.add(node);
  }
  return steep;
}

/** What grows or falls as a square: half of the range of numbers is left to it. */
const isSteep = (degree: Degree | undefined) => typeof degree === "number" && Math.abs(degree) >= 2;

/** By what powers of two numbers are made ordinary: 2^step, and the square of that beyond 2^(1.5 step). */
const step = 400;
/** As tiny as numbers may be made, in powers of two: no less than what is left alone. */
const most = 250;

/** c^k for a number c that is 1 where the numbers are ordinary, and within a factor of 2^(step / 2) of them elsewhere. */
function scaleOf(leaves: readonly Expr[]): (k: number) => Expr {
  const sizes = leaves.map((leaf) => abs(leaf));
  const largest = sizes.reduce((a, b) => max(a, b));
  // what is made smaller must not vanish
  const least = sizes.map((size) => select(equal(size, 0), Number.POSITIVE_INFINITY, size)).reduce((a, b) => min(a, b));
  const isAbove = (exponent: number, room: number) =>
    and(greaterEqual(largest, 2 ** exponent), greaterEqual(least, 2 ** room));
  const made = new Map<number, Expr>();
  return (k) => {
    const known = made.get(k);
    if (known) return known;
    const at = (steps: number) => 2 ** (steps * step * k);
    const one = largest.graph.constantLike(1, largest);
    const small = select(
      less(largest, 2 ** (-1.5 * step)),
      at(-2),
      select(less(largest, 2 ** (-step / 2)), at(-1), one),
    );
    const large = select(isAbove(step / 2, step - most), at(1), small);
    const scale = select(isAbove(1.5 * step, 2 * step - most), at(2), large);
    made.set(k, scale);
    return scale;
  };
}

/** The node times c^k, by powers of c that are numbers. */
function grown(node: Expr, scale: (k: number) => Expr, k: number): Expr {
  const count = Math.ceil(Math.abs(k));
  let product = node;
  for (let n = 0; n < count; n++) product = mul(product, scale(k / count));
  return product;
}
