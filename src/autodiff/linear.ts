import { requireThat } from "../ir/arguments/arguments.ts";
import { areAxes, type Guard, iterators, neutralElement } from "../ir/contraction.ts";
import type { Expr, Shape } from "../ir/graph.ts";
import { Integer } from "../ir/integer.ts";
import type { Partial } from "../ir/primitive.ts";
import { axes, contract, type Read, reduce, type Terms, termsOf, view } from "../ops/arrays/contractions.ts";
import { div, mul } from "../ops/elementary/algebra.ts";
import { toReal } from "../ops/elementary/cast.ts";
import { and, equal, not, select } from "../ops/elementary/comparison.ts";
import { choiceOr } from "../ops/masked.ts";
import { isSelect } from "./masks.ts";
import { scale, scalePart } from "./products.ts";
import { shielded } from "./shields.ts";
import { variationAtSteep, withoutFixed } from "./variation.ts";

/**
 * How a node responds, to first order, to one of its operands: d node = factor * d operand (pointwise), or a
 * contraction of d operand with fixed factors. Both directions of differentiation read the same terms.
 */
export type LinearTerm =
  | { readonly kind: "pointwise"; readonly operand: Expr; readonly factor: Expr }
  | { readonly kind: "contraction"; readonly operand: Expr; readonly terms: Terms; readonly position: number };

/** Why a node has no derivative in an operand. */
export interface NoDerivative {
  readonly kind: "none";
  readonly operand: Expr;
  readonly reason: string;
}

/** The first-order response of `node` to those of its operands that `isActive`; `depends` is true of all that depends on a variable. */
export function linearTerms(
  node: Expr,
  isActive: (operand: Expr) => boolean,
  depends = isActive,
): (LinearTerm | NoDerivative)[] {
  const activeReal = (operand: Expr) => operand.dtype === "real" && isActive(operand);
  switch (node.kind) {
    case "map":
      return mapTerms(node, isActive, depends);
    case "contraction":
      return contractionTerms(termsOf(node), activeReal);
    case "reduce":
      return reduceTerms(node, activeReal);
    default:
      return [];
  }
}

/**
 * The change of the node for a change `tangent` of the term's operand. With `batch`, the tangent carries extra axes
 * at its end, one change for each of their elements, and so does the result.
 */
export function applyForward(term: LinearTerm, tangent: Expr, batch: Shape = []): Expr | undefined {
  if (term.kind === "pointwise") {
    const { factor } = term;
    if (batch.length === 0) return scale(tangent, factor);
    return scalePart(tangent, factor) ?? scale(tangent, view(factor, tangent.shape, axes(factor.shape.length)));
  }
  const { terms, position } = term;
  const along = batch.map((_, axis) => iterators(terms.extents.length + axis));
  const factors = terms.factors.map((factor, k) =>
    k === position ? { of: tangent, index: [...factor.index, ...along] } : factor,
  );
  return contract({
    ...shielded({ ...terms, factors }, position),
    extents: [...terms.extents, ...batch],
    output: [...terms.output, ...along],
    shape: [...terms.shape, ...batch],
  });
}

/** The transpose: what a cotangent of the node contributes to the operand's. Output and factor change places. */
export function applyTranspose(term: LinearTerm, cotangent: Expr): Expr | undefined {
  if (term.kind === "pointwise") return scale(cotangent, term.factor);
  const { terms, position } = term;
  const target = terms.factors[position]!;
  const factors: Read[] = terms.factors.map((factor, k) =>
    k === position ? { of: cotangent, index: terms.output } : factor,
  );
  const product = shielded({ ...terms, factors }, position);
  return contract({ ...product, output: target.index, shape: target.of.shape });
}

function mapTerms(
  node: Expr,
  isActive: (operand: Expr) => boolean,
  depends: (node: Expr) => boolean,
): (LinearTerm | NoDerivative)[] {
  const primitive = node.graph.primitiveOf(node.id);
  const operands = node.operands;
  const terms = new Array<LinearTerm | NoDerivative>(operands.length);
  let count = 0;
  for (let position = 0; position < operands.length; position++) {
    const operand = operands[position]!;
    if (operand.dtype !== "real" || !isActive(operand)) continue;
    const partial: Partial = primitive.partials[Math.min(position, primitive.partials.length - 1)]!;
    if (partial === "zero") continue;
    if (typeof partial === "object") {
      terms[count++] = { kind: "none", operand, reason: partial.none };
      continue;
    }
    const factor = partial(operands, node, position);
    const isFit = factor?.shape === node.shape;
    requireThat(isFit, `a partial of ${primitive.name}`, "an expression in the shape of its operands", factor);
    terms[count++] = { kind: "pointwise", operand, factor: whereVarying(factor, node, position, depends) };
  }
  terms.length = count;
  return terms;
}

/** A slope of a node, 0 where it may be infinite and the operand does not vary; a choice that says so holds for what is fixed alone. */
function whereVarying(factor: Expr, node: Expr, position: number, depends: (node: Expr) => boolean): Expr {
  if (position === 1 && isSelect(node)) {
    const [condition] = node.operands;
    const kept = withoutFixed(condition!, depends);
    if (kept === condition) return factor;
    const one = node.graph.constantLike(1, node);
    return kept ? select(kept, one, 0) : one;
  }
  const varying = variationAtSteep(node, position, depends);
  return varying ? select(varying, factor, 0) : factor;
}

/** Multilinear: one term per factor. */
function contractionTerms(terms: Terms, isActive: (operand: Expr) => boolean): LinearTerm[] {
  return terms.factors.flatMap((factor, position) =>
    isActive(factor.of) ? [{ kind: "contraction" as const, operand: factor.of, terms, position }] : [],
  );
}

/** One term: the operand's change, times weights over the whole domain. */
function reduceTerms(node: Expr, isActive: (operand: Expr) => boolean): LinearTerm[] {
  const operand = termsOf(node).factors[0]!.of;
  if (!isActive(operand)) return [];
  const terms = node.graph.combineOf(node.id) === "prod" ? othersOf(node) : winnersOf(node);
  return [{ kind: "contraction", operand, terms, position: 0 }];
}

/**
 * max, min: the change of the winners, as a sum of the changes times weights; k tied winners weigh 1/k each. The weight, the
 * last factor, is a tensor over the whole domain.
 */
export function winnersOf(node: Expr): Required<Terms> {
  const terms = termsOf(node);
  const { extents, output, lookups } = terms;
  const read = terms.factors[0]!;
  const everywhere = axes(extents.length);
  const guards = [...terms.guards, ...read.index.map((index, axis) => ({ index, extent: read.of.shape[axis]! }))];
  // what a condition leaves out is no candidate: it is asked of the positions alone, also where there are no others
  const choice = choiceOr(read.of, neutralElement[node.graph.combineOf(node.id)]);
  const [condition, isMet, side] = choice ?? [undefined, true, read.of];
  const there = (of: Expr) => view(of, extents, read.index, [], lookups);
  const isLargest = equal(there(side), view(node, extents, output, [], lookups));
  const wins = condition ? and(there(isMet ? condition : not(condition)), isLargest) : isLargest;
  const counted = contract({ ...terms, factors: [{ of: toReal(wins), index: everywhere }], guards });
  const weight = select(wins, div(1, view(counted, extents, output, [], lookups)), 0);
  return { ...terms, guards, factors: [read, { of: weight, index: everywhere }] };
}

/**
 * prod: each factor changes the result by the product of all the others, earlier ones times later ones. Of a result whose places
 * are looked up these are the ones that fall there, too.
 */
function othersOf(node: Expr): Required<Terms> {
  const terms = termsOf(node);
  const read = terms.factors[0]!;
  const isGathered = areAxes(terms.output);
  const domain = terms.extents;
  let others: Expr | undefined;
  for (let level = isGathered ? terms.output.length : 0; level < domain.length; level++) {
    // the other factor agrees in the iterators before `level` and is smaller or larger at `level`
    const primed = (iterator: number) => iterators(domain.length + iterator - level);
    const rename = domain.map((_, iterator) => (iterator < level ? undefined : primed(iterator)));
    const move = (index: Integer) => index.withIterators(rename);
    const meets = isGathered
      ? []
      : terms.output.map((index) => ({ index: move(index).minus(index), extent: Integer.one }));
    for (const side of [1, -1]) {
      const gap = iterators(level).minus(primed(level)).scaled(side);
      const product = reduce("prod", {
        extents: [...domain, ...domain.slice(level)],
        output: axes(domain.length),
        shape: domain,
        factors: [{ of: read.of, index: read.index.map(move) }],
        guards: [
          { index: gap.minus(1), extent: undefined },
          ...meets,
          ...terms.guards
            .filter((guard) => !holdsBeside(guard, level, side))
            .map((guard) => ({ index: move(guard.index), extent: guard.extent })),
        ],
        lookups: terms.lookups,
      });
      others = others ? mul(others, product) : product;
    }
  }
  const weight = others ?? node.graph.constant(1, domain);
  return { ...terms, factors: [read, { of: weight, index: axes(domain.length) }] };
}

/**
 * Whether a condition that holds of a term holds of all terms on one side of it, those with smaller (1) or larger (-1) places at
 * `level`: these then depend on no more than they must, such as products over j < k, of prefixes 0..i, not on i.
 */
function holdsBeside({ index, extent }: Guard, level: number, side: number): boolean {
  const slope = index.coefficientOf(level)?.value;
  const isDeeper = index.iterators().some((iterator) => iterator > level);
  if (slope === undefined || isDeeper || extent?.iterators().some((iterator) => iterator >= level)) return false;
  return slope === 0 || (!extent && slope * side < 0);
}
