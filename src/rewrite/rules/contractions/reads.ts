import type { Expr } from "../../../ir/graph.ts";
import { div, mul, neg, reciprocal, sub } from "../../../ops/elementary/algebra.ts";
import { select } from "../../../ops/elementary/comparison.ts";
import { exp, log, log1p } from "../../../ops/elementary/exponential.ts";
import { tanh } from "../../../ops/elementary/hyperbolic.ts";
import { byPrimitive, isMap } from "../../../ops/maps.ts";
import { sigmoid } from "../../../ops/special/activation.ts";
import { erf, erfc, normalCdf, normalPdf } from "../../../ops/special/erf.ts";
import { gaussian } from "../../../ops/special/gaussian.ts";
import { isConstant } from "../../forms/contractions/splat.ts";
import { insideView, viewed } from "../../forms/contractions/views.ts";
import { type Rules, structural } from "../../rule.ts";

const { POSITIVE_INFINITY: infinity, NEGATIVE_INFINITY: least } = Number;

const roots = [
  [sigmoid, least],
  [normalCdf, least],
  [exp, least],
  [erfc, infinity],
  [normalPdf, infinity],
  [gaussian, infinity],
  [erf, 0],
  [tanh, 0],
] as const;
/** Functions whose logarithms, complements and differences have forms of their own, and where they are 0. */
const steep = byPrimitive<number>(roots);
/** The same, for logarithms alone. */
const logarithmic = byPrimitive<number>([...roots, [reciprocal, infinity]]);
const isSteep = (node: Expr | undefined) => node?.kind === "map" && steep.has(node.graph.primitiveOf(node.id));

/** Quotients are 0/0 where a read leaves out both parts. */
const arithmetic = byPrimitive<number | undefined>([
  [mul, 0],
  [sub, 0],
  [neg, 0],
  [select, 0],
  [div, undefined],
]);
const deepest = 6;

/** Slices and lookups of such functions as functions of slices and lookups, also in products, differences and choices. */
function unfolded(node: Expr, depth = deepest): Expr | undefined {
  const of = viewed(node)?.of ?? node;
  if (of.kind !== "map") return undefined;
  const primitive = of.graph.primitiveOf(of.id);
  if (of !== node && logarithmic.has(primitive)) return insideView(node, logarithmic.get(primitive));
  if (depth === 0 || !arithmetic.has(primitive)) return undefined;
  if (of !== node) {
    const inner = insideView(node, arithmetic.get(primitive));
    return inner && unfolded(inner, depth - 1);
  }
  const parts = node.operands.map((operand) => unfolded(operand, depth - 1));
  return parts.every((part) => !part)
    ? undefined
    : node.graph.map(
        primitive,
        node.operands.map((operand, k) => parts[k] ?? operand),
      );
}

/** What is read elsewhere hides from the rules which function it is a value of. */
export const readRules: Rules = {
  stable: [
    ...[log, log1p].map((f) =>
      structural(`${f.primitive.name} of what is read elsewhere`, { roots: [f] }, ({ operands: [x] }) => {
        const inner = x!.shape.length > 0 ? unfolded(x!) : undefined;
        return inner && f(inner);
      }),
    ),
    structural("difference of what is read elsewhere", { roots: [sub], operands: ["view"] }, ({ operands: [a, b] }) => {
      const [f, g] = [viewed(a!)?.of, viewed(b!)?.of];
      const isPair = f && g && isSteep(f) && isMap(g, { primitive: f.graph.primitiveOf(f.id) });
      if (!isPair && !(isConstant(a!, 1) && isSteep(g))) return undefined;
      const [p, q] = [isPair ? unfolded(a!) : a, unfolded(b!)];
      return p && q && sub(p, q);
    }),
  ],
};
