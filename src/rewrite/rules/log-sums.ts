import type { Expr } from "../../ir/graph.ts";
import { softplus } from "../../ops/activation.ts";
import { add, mul, neg, sub } from "../../ops/algebra.ts";
import { max } from "../../ops/comparison.ts";
import { exp, exp2, log, log1p, log2, log10 } from "../../ops/exponential.ts";
import { cosh, logCosh } from "../../ops/hyperbolic.ts";
import { pow } from "../../ops/powers.ts";
import { abs } from "../../ops/rounding.ts";
import { logaddexp } from "../../ops/special.ts";
import { constantLike, constantOf } from "../conditions.ts";
import { isMap } from "../nodes.ts";
import { x, y } from "../pattern.ts";
import { type Rules, rule, structural } from "../rule.ts";
import { isConstant } from "../splat.ts";

/** Logarithms of sums of two or three positive constants and multiples of exponentials, which overflow on their own. */
export const logSumRules: Rules = {
  stable: [
    structural(
      "log of exps and constants",
      [log.primitive],
      (node) => {
        const terms = termsOf(node.operands[0]!);
        // with 1 among them it is a log1p first
        return terms.some((term) => isConstant(term, 1)) ? undefined : logOf(terms, node);
      },
      [add.primitive],
    ),
    structural("log1p of exps", [log1p.primitive], (node) => {
      const terms = termsOf(node.operands[0]!);
      // of e^x alone it is a softplus anyway
      return isMap(terms[0]!, exp.primitive) && terms.length === 1
        ? undefined
        : logOf([constantLike(1, node), ...terms], node);
    }),
    ...(
      [
        [log2, Math.LOG2E],
        [log10, Math.LOG10E],
      ] as const
    ).map(([f, factor]) =>
      structural(
        `${f.primitive.name} of exps and constants`,
        [f.primitive],
        (node) => {
          const natural = logOf(termsOf(node.operands[0]!), node);
          return natural && mul(natural, factor);
        },
        [add.primitive],
      ),
    ),
    rule(logaddexp(x, neg(x)), add(logCosh(x), Math.LN2)),
    rule(sub(logaddexp(x, y), x), softplus(sub(y, x))),
    rule(sub(x, logaddexp(x, y)), (of) => {
      const [own, other] = [of(x), of(y)];
      return sub(constantLike(0, own), softplus(sub(other, own)));
    }),
    rule(sub(logaddexp(x, y), max(x, y)), (of) => log1p(exp(sub(constantLike(0, of(x)), abs(sub(of(x), of(y))))))),
  ],
};

const termsOf = (node: Expr): readonly Expr[] => (isMap(node, add.primitive) ? node.operands : [node]);

/** The logarithm of a sum by those of its terms; undefined unless all are known and one varies. */
function logOf(terms: readonly Expr[], like: Expr): Expr | undefined {
  if (terms.length < 2 || terms.length > 3) return undefined;
  const logs = terms.map((term) => logarithmOf(term, like));
  const known = logs.filter((each) => each !== undefined);
  const varying = known.filter(({ kind }) => kind !== "constant");
  if (known.length < terms.length || varying.length === 0) return undefined;
  const [first, ...others] = known as [Expr, ...Expr[]];
  const isUnit = first.kind === "constant" && constantOf(first) === 0;
  return isUnit && others.length === 1 ? softplus(others[0]!) : logaddexp(first, ...others);
}

/** The logarithm of a positive constant or of a multiple of an exponential. */
function logarithmOf(term: Expr, like: Expr): Expr | undefined {
  if (term.kind === "constant") {
    const value = constantOf(term);
    return value > 0 && value < Number.POSITIVE_INFINITY ? constantLike(Math.log(value), like) : undefined;
  }
  if (isMap(term, exp.primitive)) return term.operands[0];
  if (isMap(term, cosh.primitive)) return logCosh(term.operands[0]!);
  if (isMap(term, exp2.primitive)) return mul(term.operands[0]!, Math.LN2);
  const [a, b] = term.operands;
  if (isMap(term, pow.primitive) && a!.kind === "constant") {
    const ofBase = logarithmOf(a!, like);
    return ofBase && mul(b!, ofBase);
  }
  const factor = isMap(term, mul.primitive) ? [a!, b!].find(({ kind }) => kind === "constant") : undefined;
  if (!factor) return undefined;
  const power = factor === a ? b! : a!;
  const shift = logarithmOf(factor, like);
  const exponent = power.kind === "constant" ? undefined : logarithmOf(power, like);
  return shift && exponent && add(exponent, shift);
}
