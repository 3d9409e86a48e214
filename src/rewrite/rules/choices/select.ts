import type { Expr } from "../../../ir/graph.ts";
import { termsOf, view } from "../../../ops/arrays/contractions.ts";
import { add, div, mul, reciprocal, sub } from "../../../ops/elementary/algebra.ts";
import { and, not, or, select } from "../../../ops/elementary/comparison.ts";
import { exp, log } from "../../../ops/elementary/exponential.ts";
import { isMap } from "../../../ops/maps.ts";
import { isConstant } from "../../forms/contractions/splat.ts";
import { isView } from "../../forms/nodes.ts";
import { number, p, q, w, x, y } from "../../pattern.ts";
import { type Rules, rule, structural } from "../../rule.ts";

const yes = number(1, "bool");
const no = number(0, "bool");
const least = Number.NEGATIVE_INFINITY;

/** x on one side of a condition, and a number on the other. */
type Side = (x: Expr, other: number) => Expr;
const sides: readonly Side[] = [(x, other) => select(p, x, other), (x, other) => select(p, other, x)];
const orZero = sides.map((side) => (x: Expr) => side(x, 0));

/** Choices, and zeros chosen in place of what may be NaN. */
export const selectRules: Rules = {
  exact: [
    rule(select(yes, x, y), x),
    rule(select(no, x, y), y),
    rule(select(p, x, x), x),
    rule(select(not(p), x, y), select(p, y, x)),
    rule(select(p, select(p, x, y), w), select(p, x, w)),
    rule(select(p, x, select(p, y, w)), select(p, x, w)),
    rule(select(p, select(q, x, y), y), select(and(p, q), x, y), {
      once: [select(q, x, y)],
    }),
    rule(select(p, x, select(q, x, y)), select(or(p, q), x, y), {
      once: [select(q, x, y)],
    }),
    ...orZero.flatMap((side) => [
      ...[add, sub].map((f) => rule(f(side(x), side(y)), side(f(x, y)), { once: [side(x), side(y)] })),
      rule(mul(side(x), side(y)), side(mul(x, y))),
    ]),
    ...sides.map((side) => rule(exp(side(x, least)), side(exp(x), 0))),
    rule(not(not(p)), p),
    // each law of "and" is one of "or"
    ...(
      [
        [and, or, yes, no],
        [or, and, no, yes],
      ] as const
    ).flatMap(([f, g, neutral, decisive]) => [
      rule(f(p, p), p),
      rule(f(p, neutral), p),
      rule(f(p, decisive), decisive),
      // where results of loops are kept, conditions of derivatives are made of one condition and its contrary
      rule(f(p, not(p)), decisive),
      rule(f(p, f(p, q)), f(p, q)),
      rule(f(p, g(p, q)), p),
      ...(
        [
          [p, not(p)],
          [not(p), p],
        ] as const
      ).flatMap(([one, other]) => [rule(f(one, f(other, q)), decisive), rule(f(one, g(other, q)), f(one, q))]),
    ]),
    // what keeps the other side from NaN, for derivatives, makes a function of another number: it would share no work with its kin
    structural(
      "choice below a side of that choice",
      { roots: [select], phase: "last" },
      (node, { graph, isShared }) => {
        const [condition, ...sides] = node.operands as [Expr, Expr, Expr];
        const decided = sides.map((side, at) => {
          if (side.kind !== "map" || isShared(side.id)) return side;
          const isDecided = (operand: Expr) => isMap(operand, select) && operand.operands[0] === condition;
          const operands = side.operands.map((operand) => (isDecided(operand) ? operand.operands[at + 1]! : operand));
          return graph.map(graph.primitiveOf(side.id), operands);
        });
        const [yesSide, noSide] = decided as [Expr, Expr];
        return decided.every((side, at) => side === sides[at]) ? undefined : select(condition, yesSide, noSide);
      },
    ),
  ],
  stable: [
    // a choice costs less than a division
    structural("division by what may be 1", { roots: [div], phase: "last" }, ({ shape, operands: [x, divisor] }) => {
      const terms = divisor!.kind === "contraction" ? termsOf(divisor!) : undefined;
      const read = terms && isView(divisor!) ? terms.factors[0]! : undefined;
      const choice = read?.of ?? divisor!;
      if (!isMap(choice, select) || !isConstant(choice.operands[1]!, 1)) return undefined;
      const spread = (part: Expr) => (read ? view(part, shape, read.index, terms!.guards, terms!.lookups) : part);
      const [condition, , other] = choice.operands;
      return select(spread(condition!), x!, div(x!, spread(other!)));
    }),
    rule(reciprocal(select(p, 1, y)), select(p, 1, reciprocal(y)), { phase: "last" }),
    // either side may have a form of its own
    rule(log(select(p, x, y)), select(p, log(x), log(y))),
    // a power of what is left out is an absent term, however it is shifted
    ...sides.map((side) => rule(exp(sub(side(x, least), y)), side(exp(sub(x, y)), 0))),
    ...orZero.flatMap((side) => [
      // absorbing the factor keeps 0 * NaN and 0 * Infinity out of the masked branch
      rule(mul(x, side(y)), side(mul(x, y)), { once: [side(y)] }),
      rule(div(side(x), y), side(div(x, y)), { once: [side(x)] }),
    ]),
  ],
  real: [
    rule(add(select(p, x, 0), select(p, 0, y)), select(p, x, y), {
      once: [select(p, x, 0), select(p, 0, y)],
    }),
    structural("choices of one condition in a sum", { roots: [add], operands: [select] }, (node, context) => {
      if (context.graph.operandCount(node.id) < 3) return undefined;
      const terms = node.operands;
      const chosen = new Map<Expr, Expr[]>();
      for (const term of terms) {
        if (!isMap(term, select) || context.isShared(term.id)) continue;
        const condition = term.operands[0]!;
        chosen.set(condition, [...(chosen.get(condition) ?? []), term]);
      }
      for (const [condition, choices] of chosen) {
        if (choices.length < 2) continue;
        const [yesTerms, noTerms] = [1, 2].map((side) => choices.map((choice) => choice.operands[side]!));
        const merged = select(condition, total(yesTerms!), total(noTerms!));
        const others = terms.filter((term) => !choices.includes(term));
        return others.length === 0 ? merged : add(...others, merged);
      }
      return undefined;
    }),
  ],
};

/** The sum without its zeros. */
function total(terms: readonly Expr[]): Expr {
  const rest = terms.filter((term) => term.constant !== 0);
  return rest.length === 0 ? terms[0]! : rest.length === 1 ? rest[0]! : add(...rest);
}
