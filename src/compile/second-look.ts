import type { Again, BoundFunction } from "../emit/javascript.ts";
import { placesOf } from "../emit/signature.ts";
import { valuesAgain } from "../interpreter/interpret.ts";
import type { Expr } from "../ir/graph.ts";
import { reachableIds } from "../ir/traverse.ts";
import type { ModelFunction } from "./functions.ts";
import type { Binding } from "./inputs/binding.ts";

/** Longer expressions are no formulas, and take too long to be computed again. */
const mostNodes = 2000;

/**
 * How results of a function of numbers that are not finite are computed once more, by numbers that neither overflow nor vanish on
 * the way to them. undefined for functions of arrays, and where rewriting is limited.
 */
export function secondLook({ lowered, signature, level }: ModelFunction, b: Binding): Again | undefined {
  const { program, results } = lowered;
  const places = level === "all" ? placesOf(program, signature) : undefined;
  const roots = results.map(([node]) => node);
  const valuesOf = roots[0]?.graph.ability(valuesAgain);
  if (!places || !valuesOf) return undefined;
  let leaves: readonly Expr[] | "many" | undefined;
  return (returned, ...vectors) => {
    leaves ??= leavesOf(roots);
    if (leaves === "many") return returned;
    const values = new Map<Expr, readonly number[]>();
    for (const leaf of leaves) {
      const buffer = program.inputOf(leaf);
      const place = buffer && places.get(buffer);
      const value = place ? vectors[place.vector]![place.at]! : (b.data.get(buffer?.name ?? "")?.[0] ?? Number.NaN);
      // what comes of no number is none
      if (!Number.isFinite(value)) return returned;
      values.set(leaf, [value]);
    }
    const found = valuesOf(roots, { sizes: b.sizes, values });
    let result = returned;
    for (const [k, [, buffer]] of results.entries()) {
      const place = places.get(buffer);
      const known = place ? vectors[place.vector]![place.at] : result;
      // what is 0 may have vanished beside what has overflown
      if ((Number.isFinite(known) && known !== 0) || Number.isNaN(found[k])) continue;
      if (place) vectors[place.vector]![place.at] = found[k]!;
      else result = found[k];
    }
    return result;
  };
}

/** The leaves of expressions, unless these are long. */
function leavesOf(roots: readonly Expr[]): readonly Expr[] | "many" {
  const { graph } = roots[0]!;
  const ids = reachableIds(
    graph,
    roots.map(({ id }) => id),
  );
  if (ids.length > mostNodes) return "many";
  return ids.filter((id) => graph.kindOf(id) === "leaf").map((id) => graph.expr(id));
}

/** The function with that second look, for engines that take none themselves. */
export const lookingAgain =
  (run: BoundFunction, again: Again): BoundFunction =>
  (...vectors) => {
    const returned = run(...vectors);
    const isFine = Number.isFinite(returned ?? 0) && vectors.every((vector) => vector.every(Number.isFinite));
    return isFine ? returned : again(returned, ...vectors);
  };
