import { allVarying } from "../../autodiff/variation.ts";
import type { Bindings } from "../../interpreter/interpret.ts";
import { lostAt } from "../../interpreter/noise.ts";
import { sureValues } from "../../interpreter/sure.ts";
import { wideValues } from "../../interpreter/wide.ts";
import type { Expr } from "../../ir/graph.ts";
import { bodiesOf } from "../../ir/walks/sizes.ts";
import { reachableIds } from "../../ir/walks/traverse.ts";
import type { Again, Array1D, Looked, LookedAt } from "../javascript.ts";
import { type Place, placesOf } from "../signature.ts";
import { isLong } from "./steps.ts";

/** Longer expressions take too long to be computed again. */
const mostNodes = 2000;

/**
 * How results of a function of numbers that are not finite, or have lost digits, are computed once more: as written, with as many
 * digits as it takes to be sure; and of those that are not finite, where that tells nothing, as rewritten, by numbers that neither
 * overflow nor vanish on the way. undefined for functions of arrays, and where rewriting is limited.
 */
export function secondLook(fn: Looked, b: LookedAt): Again | undefined {
  const { program, results } = fn.lowered;
  const places = fn.level === "all" ? placesOf(program, fn.signature) : undefined;
  const roots = results.map(([node]) => node);
  if (!places) return undefined;
  const numberFor: NumberFor = (leaf) => {
    const buffer = program.inputOf(leaf);
    return (buffer && places.get(buffer)) ?? dataOf(leaf, b);
  };
  const rewritten = looking(roots, numberFor, b, wideValues);
  const lost = looking(roots, numberFor, b, lostAt);
  let sure: Readonly<Record<"asWritten" | "varying", Look<number>>> | undefined;
  return (returned, ...vectors) => {
    const known = results.map(([, buffer]) => {
      const place = places.get(buffer);
      return place ? vectors[place.vector]![place.at]! : returned!;
    });
    const areFinite = known.every(Number.isFinite);
    const areLost = areFinite ? lost(vectors) : undefined;
    if (areLost?.includes(true) === false) return returned;
    sure ??= { asWritten: sureLook(fn, b), varying: sureLook(fn, b, allVarying) };
    const asWritten = areFinite ? undefined : sure.asWritten(vectors);
    // a number that is finite is better than the 0 of what is held
    const varying = known.some(Number.isFinite) ? sure.varying(vectors) : undefined;
    const surely = known.map((value, k) => (Number.isFinite(value) ? varying : asWritten)?.[k] ?? Number.NaN);
    const isFound = areFinite || asWritten?.some(Number.isNaN) === false;
    const found = isFound ? undefined : rewritten(vectors);
    let result = returned;
    for (const [k, [, buffer]] of results.entries()) {
      if (areLost?.[k] === false) continue;
      const place = places.get(buffer);
      const value = settled(known[k]!, surely[k]!, found?.[k] ?? Number.NaN);
      if (place) vectors[place.vector]![place.at] = value;
      else result = value;
    }
    return result;
  };
}

/** A result by what is known of it: a number stays to its last bit, unless it is surely another one. */
function settled(known: number, sure: number, found: number): number {
  if (!Number.isNaN(sure)) return Math.abs(known - sure) <= mostOff * Math.abs(sure) ? known : sure;
  // what is 0 may have vanished beside what has overflown
  return (Number.isFinite(known) && known !== 0) || Number.isNaN(found) ? known : found;
}

/** By what part a number is off that is not taken for rounded. */
const mostOff = 1e-12;

/** The values of roots at the point of a call; undefined where that is none, and for long expressions. */
type Look<T> = (vectors: readonly Array1D[]) => readonly T[] | undefined;
type ValuesOf<T> = (roots: readonly Expr[], bindings: Bindings<number>) => readonly T[];
/** Where the number of a leaf stands, or its numbers: of arrays, sums that are prepared may be all that a function reads. */
type NumberFor = (leaf: Expr) => Place | Array1D | undefined;

const dataOf = (leaf: Expr, b: LookedAt): Array1D | undefined => b.data.get(leaf.graph.leafOf(leaf.id).name);

function looking<T>(roots: readonly Expr[], numberFor: NumberFor, b: LookedAt, valuesOf: ValuesOf<T>): Look<T> {
  let leaves: readonly Expr[] | "no formula" | undefined;
  return (vectors) => {
    leaves ??= leavesOf(roots);
    if (leaves !== "no formula" && leaves.some(isArray) && isLong(roots, b)) leaves = "no formula";
    if (leaves === "no formula") return undefined;
    const values = new Map<Expr, readonly number[]>();
    for (const leaf of leaves) {
      const found = numberFor(leaf);
      const numbers = found && ("vector" in found ? [vectors[found.vector]![found.at]!] : Array.from(found));
      // what comes of no number is none
      if (!numbers?.every(Number.isFinite)) return undefined;
      values.set(leaf, numbers);
    }
    return valuesOf(roots, { sizes: b.sizes, values });
  };
}

const isArray = ({ shape }: Expr) => shape.length > 0;

/** The values of the function as the model states it. */
function sureLook({ asWritten }: Looked, b: LookedAt, as: typeof allVarying = (roots) => [...roots]): Look<number> {
  const form = asWritten?.();
  if (!form) return () => undefined;
  const { derived, variables } = form;
  const { loss, gradient, hvp, hessian, outputs } = derived;
  const roots = as([...(loss ? [loss] : []), ...gradient, ...hvp, ...hessian, ...outputs.map(({ node }) => node)]);
  // a place in a vector is a number only where all that come before are numbers
  if (variables.some(({ expr }) => expr.shape.length > 0)) return () => undefined;
  const sides = [variables.map(({ expr }) => expr), derived.direction];
  const numberFor: NumberFor = (leaf) => {
    const vector = sides.findIndex((side) => side.includes(leaf));
    if (vector < 0) return dataOf(leaf, b);
    return { vector, at: sides[vector]!.indexOf(leaf) };
  };
  return looking(roots, numberFor, b, sureValues);
}

/** The leaves of expressions, unless these are long or search: what a search ends with depends on the numbers it goes through. */
export function leavesOf(roots: readonly Expr[]): readonly Expr[] | "no formula" {
  const nodes = nodesOf(roots);
  if (nodes.length > mostNodes || nodes.some(isSearch)) return "no formula";
  return nodes.filter(({ kind }) => kind === "leaf");
}

/** True for solutions and loops with a test, and for operations that have them within. */
function isSearch({ kind, graph, id }: Expr): boolean {
  if (kind !== "operation") return false;
  const operation = graph.operationOf(id);
  if (operation.kind === "implicit" || operation.kind === "while") return true;
  return bodiesOf(operation).some(({ roots }) => nodesOf(roots).some(isSearch));
}

function nodesOf(roots: readonly Expr[]): readonly Expr[] {
  const { graph } = roots[0]!;
  const ids = roots.map(({ id }) => id);
  return reachableIds(graph, ids).map((id) => graph.expr(id));
}
