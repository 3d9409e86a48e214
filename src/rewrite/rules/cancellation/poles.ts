import type { Expr } from "../../../ir/graph.ts";
import { add, div, mul, reciprocal, sub } from "../../../ops/elementary/algebra.ts";
import { expm1Reciprocal } from "../../../ops/elementary/exponential.ts";
import { cosh, csch } from "../../../ops/elementary/hyperbolic.ts";
import { cos } from "../../../ops/elementary/trigonometric.ts";
import { isOneOf, primitivesOf } from "../../../ops/maps.ts";
import { bernoulliRatio } from "../../../ops/ratios/ratios.ts";
import { difference, type Monomial, monomialOf, nodeOf, over, times } from "../../forms/monomials.ts";
import { likeOperand } from "../../forms/near-zero.ts";
import { type SignedTerm, signedTermsOf, sumOfSigned } from "../../forms/signed-terms.ts";
import { type Context, type Rules, structural } from "../../rule.ts";

/** Functions of x that are 1/x near x = 0. */
const poles = primitivesOf(csch, expm1Reciprocal);
/** x/(e^x - 1), which is 1 there. */
const ones = primitivesOf(bernoulliRatio);

/** A term with a factor that is 1/x near x = 0, with functions of x beside it that are 1 there, and what else it is a product of. */
interface Pole extends SignedTerm {
  readonly x: Expr;
  readonly factor: Expr;
  readonly rest: Monomial;
}

function poleOf({ term, sign }: SignedTerm): Pole | undefined {
  const monomial = monomialOf(term);
  const found = [...monomial.powers].filter(([node, power]) => orderOf(node, power) !== undefined);
  if (found.length !== 1) return undefined;
  const [node, power] = found[0]!;
  const x = node.operands[0]!;
  const beside = [...monomial.powers].filter(([other]) => isOneOf(other, cosh, cos) && other.operands[0] === x);
  const whole = nodeOf({ number: 1, powers: new Map([[node, power], ...beside]) }, term);
  const rest = over(monomial, new Map([[node, power], ...beside]));
  const isPole = orderOf(node, power) === 1;
  return {
    term,
    sign,
    x,
    factor: isPole ? whole : div(whole, x),
    rest: isPole ? rest : times(rest, monomialOf(x)),
  };
}

/** The power of 1/x that the power of a function of x is near x = 0, where it is known. */
function orderOf(node: Expr, power: number): 0 | 1 | undefined {
  if (node.kind !== "map") return undefined;
  const primitive = node.graph.primitiveOf(node.id);
  if (power === 1 && ones.has(primitive)) return 0;
  return (power === -1 && likeOperand.has(primitive)) || (power === 1 && poles.has(primitive)) ? 1 : undefined;
}

/**
 * Terms that are infinite where a parameter is 0, or a number of an array, and whose sum is not, each without its pole: coth(x) without it
 * is coth(x) - 1/x, a function of one variable, which has a series.
 */
function withoutPoles(node: Expr, context: Context): Expr | undefined {
  const terms = signedTermsOf(node, context);
  const found = terms?.map(poleOf);
  const all = found?.filter((pole) => pole !== undefined);
  if (!terms || !all || new Set(all.map(({ x }) => x)).size < 2) return undefined;
  const residues = all.map(({ rest, x, sign }) => {
    const residue = over(rest, monomialOf(x).powers);
    return { ...residue, number: (sign * residue.number) / monomialOf(x).number };
  });
  if (difference(residues, []).length > 0) return undefined;
  const smooth = terms.map((each, k) => {
    const pole = found![k];
    if (!pole) return each;
    const left = sub(pole.factor, reciprocal(pole.x));
    return { sign: each.sign, term: mul(nodeOf(pole.rest, node), left) };
  });
  return sumOfSigned(smooth, node);
}

export const poleRules: Rules = {
  stable: [structural("poles of terms that cancel", { roots: [add, sub], phase: "early" }, withoutPoles)],
};
