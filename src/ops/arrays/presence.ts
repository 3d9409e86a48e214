import { alwaysHolds, areAxes, type Guard, iterators } from "../../ir/contraction.ts";
import type { Integer } from "../../ir/integer.ts";
import type { Terms } from "./contractions.ts";

/** So many conditions at once are followed. */
const mostBounds = 16;

/**
 * Guards on the axes of the result under which an element has terms; undefined where none say so, as where numbers that are looked
 * up at summed iterators decide it. Ranges up to sizes are taken to have elements.
 */
export function guardsOfElements(terms: Required<Terms>): Guard[] | undefined {
  const { extents, guards, factors, output } = terms;
  const first = output.length;
  if (!areAxes(output)) return undefined;
  const holds = (index: Integer) => alwaysHolds({ index, extent: undefined }, extents);
  let bounds = [
    ...guards,
    ...factors.flatMap(({ of, index }) => index.map((each, axis) => ({ index: each, extent: of.shape[axis] }))),
  ]
    .flatMap(boundsOf)
    .filter((bound) => !holds(bound));
  // an iterator between bounds that are whole numbers has a value where no lower one is above an upper one
  for (let iterator = extents.length - 1; iterator >= first; iterator--) {
    const own = bounds.filter((bound) => bound.iterators().includes(iterator));
    if (own.length === 0) continue;
    const slopes = own.map((bound) => bound.coefficientOf(iterator)?.value);
    if (slopes.some((slope) => slope !== 1 && slope !== -1)) return undefined;
    const [least, most] = [iterators(iterator), extents[iterator]!.minus(1).minus(iterators(iterator))];
    const lower = own.filter((_, k) => slopes[k] === 1);
    const upper = own.filter((_, k) => slopes[k] === -1);
    const met = [
      ...lower.flatMap((bound) => [...upper, most].map((other) => bound.plus(other))),
      ...upper.map((bound) => bound.plus(least)),
    ];
    bounds = [...bounds.filter((bound) => !own.includes(bound)), ...met.filter((bound) => !holds(bound))];
    if (bounds.length > mostBounds) return undefined;
  }
  return bounds.map((index) => ({ index, extent: undefined }));
}

/** The same guards, and that ranges up to sizes have elements: without them a sum is 0, whatever multiplies it. */
export function guardsOfTerms(terms: Required<Terms>): Guard[] | undefined {
  const summed = terms.extents.slice(terms.output.length);
  const ofSizes = summed.map((extent) => ({ index: extent.minus(1), extent: undefined }));
  const ofElements = guardsOfElements(terms);
  return ofElements && [...ofElements, ...ofSizes.filter((guard) => !alwaysHolds(guard, []))];
}

/** What is not negative where a guard holds. */
const boundsOf = ({ index, extent }: Guard): Integer[] => (extent ? [index, extent.minus(1).minus(index)] : [index]);
