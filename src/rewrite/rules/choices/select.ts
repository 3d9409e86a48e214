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
    rule(add(select(p, x, 0), select(p, y, 0)), select(p, add(x, y), 0), {
      once: [select(p, x, 0), select(p, y, 0)],
    }),
    rule(add(select(p, 0, x), select(p, 0, y)), select(p, 0, add(x, y)), {
      once: [select(p, 0, x), select(p, 0, y)],
    }),
    rule(sub(select(p, x, 0), select(p, y, 0)), select(p, sub(x, y), 0), {
      once: [select(p, x, 0), select(p, y, 0)],
    }),
    rule(sub(select(p, 0, x), select(p, 0, y)), select(p, 0, sub(x, y)), {
      once: [select(p, 0, x), select(p, 0, y)],
    }),
    rule(mul(select(p, x, 0), select(p, y, 0)), select(p, mul(x, y), 0)),
    rule(mul(select(p, 0, x), select(p, 0, y)), select(p, 0, mul(x, y))),
    rule(exp(select(p, x, least)), select(p, exp(x), 0)),
    rule(exp(select(p, least, x)), select(p, 0, exp(x))),
    rule(not(not(p)), p),
    rule(and(p, p), p),
    rule(or(p, p), p),
    rule(and(p, yes), p),
    rule(and(p, no), no),
    rule(or(p, yes), yes),
    rule(or(p, no), p),
    // where results of loops are kept, conditions of derivatives are made of one condition and its contrary
    rule(and(p, not(p)), no),
    rule(or(p, not(p)), yes),
    rule(and(p, and(p, q)), and(p, q)),
    rule(or(p, or(p, q)), or(p, q)),
    rule(and(p, or(p, q)), p),
    rule(or(p, and(p, q)), p),
    ...[p, not(p)].flatMap((one) => {
      const other = one === p ? not(p) : p;
      return [
        rule(and(one, and(other, q)), no),
        rule(or(one, or(other, q)), yes),
        rule(and(one, or(other, q)), and(one, q)),
        rule(or(one, and(other, q)), or(one, q)),
      ];
    }),
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
    rule(exp(sub(select(p, x, least), y)), select(p, exp(sub(x, y)), 0)),
    rule(exp(sub(select(p, least, x), y)), select(p, 0, exp(sub(x, y)))),
    // absorbing the factor keeps 0 * NaN and 0 * Infinity out of the masked branch
    rule(mul(x, select(p, y, 0)), select(p, mul(x, y), 0), {
      once: [select(p, y, 0)],
    }),
    rule(mul(x, select(p, 0, y)), select(p, 0, mul(x, y)), {
      once: [select(p, 0, y)],
    }),
    rule(div(select(p, x, 0), y), select(p, div(x, y), 0), {
      once: [select(p, x, 0)],
    }),
    rule(div(select(p, 0, x), y), select(p, 0, div(x, y)), {
      once: [select(p, 0, x)],
    }),
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
