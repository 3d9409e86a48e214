import type { Expr, Graph } from "../../ir/graph.ts";
import type { Primitive } from "../../ir/primitive.ts";
import { reachableIds } from "../../ir/traverse.ts";
import { mul } from "../../ops/algebra.ts";
import { and, equal, greaterEqual, less, max, min, select } from "../../ops/comparison.ts";
import { pow } from "../../ops/powers.ts";
import { abs } from "../../ops/rounding.ts";

/**
 * Functions f of two or three numbers with f(r x, r y) = r^k f(x, y): the parts of quotients, roots and their slopes overflow or
 * vanish where all numbers are huge or tiny although the whole does not. There r is a power of two that makes the numbers
 * ordinary; elsewhere it is 1, and no bit changes. Only once no derivative follows: r has none.
 */
export function rescaled(roots: readonly Expr[], note?: (node: Expr, replacement: Expr) => void): Expr[] {
  const graph = roots[0]?.graph;
  if (!graph) return [];
  const ids = reachableIds(
    graph,
    roots.map(({ id }) => id),
  );
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

/** k of f(r x, r y) = r^k f(x, y); "any" of 0, infinity and NaN. */
export type Degree = number | "any";

/** Of nodes as functions of some numbers, from what primitives say of units: one unit for all of the numbers. */
export class Degrees {
  private readonly known = new Map<Expr, Degree | undefined>();

  constructor(leaves: readonly Expr[]) {
    for (const leaf of leaves) this.known.set(leaf, 1);
  }

  /** Undefined of what is not homogeneous. */
  of(node: Expr): Degree | undefined {
    if (!this.known.has(node)) this.known.set(node, this.find(node));
    return this.known.get(node);
  }

  private find(node: Expr): Degree | undefined {
    if (node.kind === "constant") {
      const value = node.graph.constantOf(node.id);
      return value === 0 || !Number.isFinite(value) ? "any" : 0;
    }
    if (node.kind !== "map") return 0;
    const primitive = node.graph.primitiveOf(node.id);
    const { operands } = node;
    const degrees: Degree[] = [];
    for (const operand of operands) {
      const degree = this.of(operand);
      if (degree === undefined) return undefined;
      degrees.push(degree);
    }
    if (primitive === pow.primitive) return degreeOfPower(degrees, operands[1]!);
    const { units, program } = primitive;
    if (units !== undefined) return degreeBy(units, degrees);
    if (degrees.every(isPure)) return 0;
    return program && degrees.every((degree) => degree !== "any") ? this.of(program(...operands)) : undefined;
  }
}

const isPure = (degree: Degree) => degree === 0 || degree === "any";

function degreeOfPower([degree, exponent]: readonly Degree[], power: Expr): Degree | undefined {
  if (degree === "any" || degree === 0) return exponent === undefined || isPure(exponent) ? degree : undefined;
  return power.kind === "constant" ? degree! * power.graph.constantOf(power.id) : undefined;
}

/** The degree of a result by a primitive's units, such as "a, a^2 -> a". */
function degreeBy(units: Primitive["units"] & string, degrees: readonly Degree[]): Degree | undefined {
  const [needed, result] = units.split("->") as [string, string];
  const operands = needed.split(",").map(factorsOf);
  const found = new Map<string, number>();
  let isAny = false;
  for (const [k, degree] of degrees.entries()) {
    const [factor] = operands[Math.min(k, operands.length - 1)]!;
    if (degree === "any") {
      isAny = true;
      continue;
    }
    const [letter, exponent] = factor ?? ["", 1];
    const value = degree / exponent;
    if ((found.get(letter) ?? value) !== value || (letter === "" && value !== 0)) return undefined;
    found.set(letter, value);
  }
  let total = 0;
  for (const [letter, exponent] of factorsOf(result)) {
    const value = found.get(letter);
    if (value === undefined) return isAny ? "any" : undefined;
    total += exponent * value;
  }
  return total;
}

/** The letters of a product of powers with their exponents. */
function factorsOf(text: string): (readonly [letter: string, exponent: number])[] {
  return [...text.matchAll(/([*/]?)\s*([a-z])(?:\^(-?\d+))?/g)].map(
    ([, operator, letter, exponent]) => [letter!, Number(exponent ?? 1) * (operator === "/" ? -1 : 1)] as const,
  );
}
