import { loops } from "../../extensions/loops.ts";
import { applied, type Body, bodyOf } from "../../ir/bodies/body.ts";
import { scanOf } from "../../ir/bodies/scan.ts";
import { isGather, iterators } from "../../ir/contraction.ts";
import { type Expr, Graph } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { dependentOn } from "../../ir/walks/dependence.ts";
import { idsUnder, leavesUnder } from "../../ir/walks/traverse.ts";
import { type Read, termsOf } from "../../ops/arrays/contractions.ts";
import { elementAt } from "../../rewrite/forms/contractions/splat.ts";
import { combineLike, fixIterator } from "../../rewrite/forms/contractions/terms.ts";
import { withSlices } from "./slices.ts";

/**
 * A body that makes of an unknown and constants what `make` makes of functions of them: element by element along the first axis of
 * the unknown, as a loop, so that each element takes as many steps as it needs. undefined where the functions mix elements.
 * Parameters of all: the unknown, constants.
 */
export function oneByOne(functions: readonly Body[], make: (functions: readonly Body[]) => Body): Body | undefined {
  const graph = new Graph();
  const variables = functions[0]!.parameters.map(({ shape, dtype }) => graph.variable(shape, dtype));
  const [unknown, ...constants] = variables as [Expr, ...Expr[]];
  const length = unknown.shape[0]!;
  const step = graph.variable([], "int");
  const own = graph.variable(unknown.shape.slice(1), unknown.dtype);
  const elements = elementsAt(
    functions.map((body) => applied(body, graph, variables)[0]!),
    { unknown, own, step },
  );
  if (!elements) return undefined;
  const { roots, slices } = withSlices(elements, step, [step, own], length);
  const inputs = slices.map(({ slice }) => slice);
  const read = leavesUnder(roots);
  const kept = constants.filter((constant) => read.has(constant));
  const parameters = [own, ...inputs, ...kept, step];
  const solver = make(roots.map((root) => bodyOf(parameters, [root])));
  const results = applied(solver, graph, parameters);
  const scan = scanOf({
    extension: loops,
    length,
    isReversed: false,
    step,
    parameters: { carries: [], inputs: [own, ...inputs], constants: kept },
    roots: { carries: [], stacks: results, sums: [] },
  });
  return bodyOf(variables, graph.operation(scan, [unknown, ...slices.map(({ operand }) => operand), ...kept]));
}

interface Position {
  readonly unknown: Expr;
  /** What stands for the unknown's element. */
  readonly own: Expr;
  readonly step: Expr;
}

/** The elements of roots at a step along the first axis; undefined where they depend on other elements of the unknown. */
function elementsAt(roots: readonly Expr[], { unknown, own, step }: Position): Expr[] | undefined {
  const { graph } = step;
  const ids = idsUnder(roots);
  const varying = dependentOn(graph, ids, [unknown]);
  const forms = new Map([[unknown, own]]);
  const elementOf = (node: Expr) => forms.get(node) ?? elementAt(node, 0, Integer.lookup(0, []), [step]);
  for (const id of ids) {
    const node = graph.expr(id);
    if (!varying.has(id) || forms.has(node)) continue;
    if (!node.shape[0]?.equals(unknown.shape[0]!)) return undefined;
    const element =
      node.kind === "map"
        ? graph.map(graph.primitiveOf(id), node.operands.map(elementOf))
        : combinationAt(node, forms, step);
    if (!element) return undefined;
    forms.set(node, element);
  }
  return roots.map(elementOf);
}

/** The element of a sum or another combination whose first axis is that of all it reads of what varies. */
function combinationAt(node: Expr, forms: ReadonlyMap<Expr, Expr>, step: Expr): Expr | undefined {
  const { graph, id } = node;
  if (node.kind !== "contraction" && node.kind !== "reduce") return undefined;
  const terms = termsOf(node);
  const isAlong = ({ of, index }: Read) => !forms.has(of) || index[0]!.equals(iterators(0));
  const varying = new Set(terms.factors.flatMap(({ of }) => (forms.has(of) ? [of] : [])));
  const isLookedUp = node.operands.some((operand) => forms.has(operand) && !varying.has(operand));
  if (!isGather(graph.contractionOf(id)) || !terms.factors.every(isAlong) || isLookedUp) return undefined;
  const fixed = fixIterator(terms, 0, Integer.lookup(terms.lookups.length, []));
  const factors = fixed.factors.map(({ of, index }): Read => {
    const element = forms.get(of);
    return element ? { of: element, index: index.slice(1) } : { of, index };
  });
  const [output, shape] = [fixed.output.slice(1), fixed.shape.slice(1)];
  return combineLike(node, { ...fixed, output, shape, factors, lookups: [...terms.lookups, step] });
}
