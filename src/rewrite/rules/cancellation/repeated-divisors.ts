import type { Expr } from "../../../ir/graph.ts";
import { broadcast, contract, type Read, termsOf } from "../../../ops/arrays/contractions.ts";
import { add, mul, sub } from "../../../ops/elementary/algebra.ts";
import { select } from "../../../ops/elementary/comparison.ts";
import { expm1 } from "../../../ops/elementary/exponential.ts";
import { isMap, isOneOf } from "../../../ops/maps.ts";
import { isTotal } from "../../facts/facts.ts";
import { isOnlyRead, withFactor } from "../../forms/contractions/terms.ts";
import { insideRepeated, repeatedIn, viewed } from "../../forms/contractions/views.ts";
import { fractionOf, parted, wholeOf } from "../../forms/fractions.ts";
import { varies } from "../../forms/nodes.ts";
import { type Rules, structural } from "../../rule.ts";

/** Numbers that divide what is read elsewhere, as divisors of a difference that may vanish with them: nothing is 0/0 then. */
export const repeatedDivisorRules: Rules = {
  stable: [
    structural("map and a divisor that is repeated as one", { roots: ["sum"], phase: "early" }, withDivisor),
    structural(
      "map beside a divisor that is repeated",
      { roots: [mul], operands: ["view"], phase: "early" },
      besideDivisor,
    ),
  ],
};

/** The sum with f[i, j]/c as one factor where it has f[i, j] and a[j]/c, for numbers c: f may vanish with c here as well. */
function withDivisor(node: Expr): Expr | undefined {
  if (node.dtype !== "real") return undefined;
  const terms = termsOf(node);
  const isOpen = ({ of }: Read, at: number) => of.kind === "map" && of.shape.length > 0 && isOnlyRead(terms, at);
  for (const [from, read] of terms.factors.entries()) {
    const isLarger = (other: Read, k: number) => isOpen(other, k) && other.of.shape.length > read.of.shape.length;
    const at = isOpen(read, from) ? terms.factors.findIndex(isLarger) : -1;
    const found = at < 0 ? undefined : dividedByNumbers(read.of, terms.factors[at]!.of);
    if (!found) continue;
    const [rest, both] = found;
    return contract(
      withFactor(withFactor(terms, at, { ...terms.factors[at]!, of: both }), from, { ...read, of: rest }),
    );
  }
  return undefined;
}

/** a[j] (f[i, j]/c) for a[j]/c times f[i, j]. */
function besideDivisor({ operands, graph }: Expr): Expr | undefined {
  for (const [at, node] of operands.entries()) {
    const f = operands[1 - at]!;
    const read = f.kind === "map" && isTotal(graph, node.id) ? viewed(node) : undefined;
    const found = read?.of.kind === "map" ? dividedByNumbers(read.of, f) : undefined;
    if (found) return mul(read!.again(found[0]), found[1]);
  }
  return undefined;
}

/** A product of arrays, of which the numbers that divide one go to the other, a difference of functions of these. */
function dividedByNumbers(a: Expr, f: Expr): readonly [a: Expr, f: Expr] | undefined {
  const sides = isMap(f, select) ? f.operands.slice(1) : [f];
  if (!sides.some((side) => isOneOf(side, add, sub, expm1))) return undefined;
  const [numbers, rest] = parted(fractionOf(a), (factor) => varies(factor) && numberOf(factor) !== undefined);
  const inside = leavesIn(f);
  if (!numbers.under.some((factor) => [...leavesIn(factor)].every((leaf) => inside.has(leaf)))) return undefined;
  const repeated = (factor: Expr) =>
    insideRepeated({ of: numberOf(factor)!, again: (part) => broadcast(part, f.shape) }, f.shape);
  const divided = { over: [f, ...numbers.over.map(repeated)], under: numbers.under.map(repeated) };
  return [wholeOf(rest, a), wholeOf(divided, f)];
}

/** What varies in a small tree. */
function leavesIn(node: Expr): ReadonlySet<Expr> {
  const parts = new Set([node]);
  for (const part of parts) if (parts.size < mostParts) for (const operand of part.operands) parts.add(operand);
  return new Set([...parts].filter((part) => part.kind === "leaf"));
}
const mostParts = 64;

/** The number of which all elements of a small tree of maps are. */
function numberOf(node: Expr, depth = 4): Expr | undefined {
  const read = repeatedIn(node);
  if (read) return read.of.shape.length === 0 ? read.of : undefined;
  if (node.kind === "constant") return node.graph.constant(node.constant!, [], node.dtype);
  if (node.kind !== "map" || depth === 0) return undefined;
  const operands = node.operands.map((operand) => numberOf(operand, depth - 1));
  return operands.every((operand) => operand !== undefined)
    ? node.graph.map(node.graph.primitiveOf(node.id), operands)
    : undefined;
}
