import { alwaysHolds } from "../../../ir/contraction.ts";
import type { Expr } from "../../../ir/graph.ts";
import { Integer } from "../../../ir/integer.ts";
import { termsOf, view } from "../../../ops/arrays/contractions.ts";
import { mul } from "../../../ops/elementary/algebra.ts";
import { toReal } from "../../../ops/elementary/cast.ts";
import { less, select } from "../../../ops/elementary/comparison.ts";
import { floorDiv } from "../../../ops/elementary/rounding.ts";
import { isMap } from "../../../ops/maps.ts";
import { positionOf } from "../../forms/contractions/positions.ts";
import { type Rules, structural } from "../../rule.ts";

/**
 * Reads at remainders, as neighbours on a ring have them, are reads of two parts without any: a division and the question whether the
 * rest lies in the array would be asked of every element, and derivatives would scatter.
 */
export const periodicRules: Rules = {
  exact: [
    structural("read that wraps around once", { roots: ["view"], operands: [mul] }, (node) => {
      const { graph, shape, dtype } = node;
      if (dtype !== "real") return undefined;
      const { factors, guards, lookups } = termsOf(node);
      const { of, index } = factors[0]!;
      for (const atom of index.flatMap((each) => each.atoms())) {
        const found = atom.kind === "lookup" ? wrapOf(lookups[atom.operand]!, atom.index, shape) : undefined;
        if (!found || atom.kind !== "lookup") continue;
        const { numerator, position, period, turns } = found;
        const part = (turn: number) => {
          const lap = period.scaled(turn);
          const there = index.map((each) =>
            each.substitute(({ key }) => (key === atom.key ? lap.scaled(-1) : undefined)),
          );
          return view(of, shape, there, [...guards, { index: position.minus(lap), extent: period }], lookups);
        };
        const end = toReal(graph.size(period.scaled(turns + 1), shape));
        const isBefore = less(toReal(view(numerator, shape, atom.index, [], lookups)), end);
        return select(isBefore, part(turns), part(turns + 1));
      }
      return undefined;
    }),
  ],
};

/** What a position loses to become a remainder, the period as often as it fits, where that is one of two numbers of turns. */
function wrapOf(lost: Expr, index: readonly Integer[], extents: readonly Integer[]) {
  const quotient = isMap(lost, mul) ? lost.operands.find((operand) => isMap(operand, floorDiv)) : undefined;
  if (!quotient || lost.operands.length > 2) return undefined;
  const factor = lost.operands.find((operand) => operand !== quotient);
  const [numerator, denominator] = quotient.operands as [Expr, Expr];
  const [position, period, scale] = [numerator, denominator, factor].map(
    (part) => part && positionOf(part, index, [], () => false),
  );
  if (!position || !period || !scale?.equals(period.scaled(-1)) || period.isVariable()) return undefined;
  const holds = holdsWithin(extents);
  const turns = [0, -1].find(
    (least) =>
      holds(position.minus(period.scaled(least))) &&
      holds(
        period
          .scaled(least + 2)
          .minus(position)
          .minus(1),
      ),
  );
  return turns === undefined ? undefined : { numerator, position, period, turns };
}

/** Tells what is never negative over a domain: where it has a place, no extent is 0. */
function holdsWithin(extents: readonly Integer[]): (index: Integer) => boolean {
  const names = new Set(extents.map(({ key }) => key));
  const inhabited = (integer: Integer) =>
    integer.substitute((atom) => {
      const size = Integer.ofAtom(atom);
      return atom.kind === "name" && names.has(size.key) ? size.plus(1) : undefined;
    });
  const domain = extents.map(inhabited);
  return (index) => alwaysHolds({ index: inhabited(index), extent: undefined }, domain);
}
