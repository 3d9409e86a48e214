import { iterators } from "../../../ir/contraction.ts";
import type { Expr } from "../../../ir/graph.ts";
import type { Integer } from "../../../ir/integer.ts";
import { contract, type Read, readsWhole, termsOf, view } from "../../../ops/arrays/contractions.ts";
import { add, mul } from "../../../ops/elementary/algebra.ts";
import type { Axes } from "../../facts/symmetric.ts";
import { Exchanger, isByElement, onDiagonal } from "../../forms/contractions/exchange.ts";
import { firstSummed, type Terms } from "../../forms/contractions/terms.ts";
import { type Rules, structural } from "../../rule.ts";

/** Fewer elements are not worth a condition. */
const fewest = 8;

/** So many operations an element have to be shared where something else is read in both orders. */
const enough = 8;

/**
 * Sums over all pairs of what is the same in both orders: each pair once, and the diagonal by itself. Matrices that come whole stay
 * whole until no derivative follows, which would multiply triangles of them where the matrix is.
 */
export const pairRules = {
  real: [
    structural("sum over pairs", { roots: ["sum"] }, (node) => sumByHalves(node, false)),
    structural("sum over pairs in matrices that come whole", { roots: ["sum"], phase: "last" }, (node) =>
      sumByHalves(node, true),
    ),
  ],
} satisfies Rules;

/** `takesWholes`: also of matrices that come whole. */
function sumByHalves(node: Expr, takesWholes: boolean): Expr | undefined {
  if (node.dtype !== "real") return undefined;
  const terms = termsOf(node);
  for (const pair of pairsOf(terms)) {
    const halved = byHalves(terms, pair, takesWholes);
    if (halved) return halved;
  }
  return undefined;
}

/** Summed iterators over one range with no condition on either, and no place in the result that follows from them. */
function pairsOf(terms: Terms): Axes[] {
  const { extents, guards, output } = terms;
  const isFree = (iterator: number) =>
    !((extents[iterator]!.value ?? fewest) < fewest) &&
    output.every((place) => !dependsOn(place, iterator)) &&
    guards.every(({ index, extent }) => !dependsOn(index, iterator) && !(extent && dependsOn(extent, iterator)));
  const free = [...extents.keys()].slice(firstSummed(terms)).filter(isFree);
  return free.flatMap((p, at) =>
    free.slice(at + 1).flatMap((q): Axes[] => (extents[p]!.equals(extents[q]!) ? [[p, q]] : [])),
  );
}

const dependsOn = (index: Integer, iterator: number) => index.iterators().includes(iterator);

/** sum over q < p of f(p, q) + f(q, p), and over p of f(p, p), where the two have enough in common. */
function byHalves(terms: Terms, pair: Axes, takesWholes: boolean): Expr | undefined {
  const [p, q] = pair;
  const places = terms.factors.map((read) => placesOf(read, pair));
  if (!terms.factors.every((read, k) => isOpen(read, pair, places[k], takesWholes))) return undefined;
  const partners = terms.factors.map((read, k) => partnerOf(read, pair, places[k]));
  const shared = partners.reduce((sum, partner) => sum + partner.shared, 0);
  if (shared === 0) return undefined;
  const [own, others] = apart(
    terms.factors,
    partners.map(({ read }) => read),
  );
  const both = own.length > 0 ? inBothOrders(terms, own, others, pair) : undefined;
  if (own.length > 0 && (!both || shared < enough)) return undefined;
  const common = terms.factors.filter((read) => !own.includes(read));
  const below = { index: iterators(p).minus(iterators(q)).minus(1), extent: undefined };
  const half = contract({
    ...terms,
    factors: both ? [...common, both] : common,
    guards: [...terms.guards, below],
  });
  return add(both ? half : mul(2, half), contract(onDiagonal(terms, pair)));
}

/** True of a factor of which half can be left out: what reads one of the two beside another iterator is in a product of matrices. */
function isOpen({ of, index }: Read, pair: Axes, places: Axes | undefined, takesWholes: boolean): boolean {
  if (places) return isByElement(of, places, takesWholes);
  const own = [...index.keys()].filter((axis) => pair.some((iterator) => dependsOn(index[axis]!, iterator)));
  const isAlone = own.length === 0 || new Set(index.flatMap((each) => each.iterators())).size === 1;
  return isAlone && isByElement(of, own, takesWholes);
}

/** The axes at which a factor reads two iterators, each at one of its own and no more of them elsewhere. */
function placesOf({ of, index }: Read, [p, q]: Axes): Axes | undefined {
  const placesAt = (iterator: number) => [...index.keys()].filter((axis) => index[axis]!.equals(iterators(iterator)));
  const [[r, ...furtherR], [s, ...furtherS]] = [placesAt(p), placesAt(q)] as [number[], number[]];
  if (r === undefined || s === undefined || furtherR.length + furtherS.length > 0) return undefined;
  const isElsewhere = index.some(
    (each, axis) => axis !== r && axis !== s && (dependsOn(each, p) || dependsOn(each, q)),
  );
  return !isElsewhere && of.shape[r]!.equals(of.shape[s]!) ? [r, s] : undefined;
}

/** What a factor reads when two iterators are exchanged, and the operations an element that it shares with the factor. */
function partnerOf({ of, index }: Read, [p, q]: Axes, places: Axes | undefined): { read: Read; shared: number } {
  if (places) {
    const { of: turned, shared } = new Exchanger(places).of(of);
    return { read: { of: turned, index }, shared };
  }
  const exchange: Integer[] = [];
  exchange[p] = iterators(q);
  exchange[q] = iterators(p);
  return { read: { of, index: index.map((each) => each.withIterators(exchange)) }, shared: 0 };
}

/** The reads of each of two lists that the other has not. */
function apart(one: readonly Read[], two: readonly Read[]): readonly [Read[], Read[]] {
  const others = [...two];
  const own = one.filter((read) => {
    const at = others.findIndex(
      ({ of, index }) => of === read.of && index.every((each, axis) => each.equals(read.index[axis]!)),
    );
    if (at >= 0) others.splice(at, 1);
    return at < 0;
  });
  return [own, others];
}

/** The sum of two products as one factor over the iterators that they depend on; undefined where they may leave their arrays. */
function inBothOrders(terms: Terms, own: readonly Read[], others: readonly Read[], pair: Axes): Read | undefined {
  const all = [...own, ...others];
  if (!all.every((read) => readsWhole(read, terms.extents))) return undefined;
  const used = [...new Set([...pair, ...all.flatMap(({ index }) => index.flatMap((each) => each.iterators()))])];
  const shape = used.map((iterator) => terms.extents[iterator]!);
  const places: Integer[] = [];
  for (const [axis, iterator] of used.entries()) places[iterator] = iterators(axis);
  const spread = ({ of, index }: Read) =>
    view(
      of,
      shape,
      index.map((each) => each.withIterators(places)),
    );
  const product = (reads: readonly Read[]) => reads.map(spread).reduce((all, factor) => mul(all, factor));
  return { of: add(product(own), product(others)), index: used.map((iterator) => iterators(iterator)) };
}
