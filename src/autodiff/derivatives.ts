import { iterators } from "../ir/contraction.ts";
import { ShapeError, TypeMismatchError, UsageError } from "../ir/errors.ts";
import { type Expr, type Shape, sameShape, showShape } from "../ir/graph.ts";
import { Integer } from "../ir/integer.ts";
import { idsUnder, substitute } from "../ir/walks/traverse.ts";
import { dot, view } from "../ops/arrays/contractions.ts";
import { sumOfTerms } from "./products.ts";
import { pullback, pushforward } from "./sweeps.ts";

/** Reverse mode: d output / d x for each x, as graphs of the shapes of `wrt`. `output` is a real scalar. Throws ShapeError. */
export function gradient(output: Expr, wrt: readonly Expr[]): Expr[] {
  if (!output.isScalar) {
    throw new ShapeError(`the gradient needs a scalar, got ${showShape(output.shape)}: sum it, or ask for a jacobian.`);
  }
  return vjp(output, output.graph.constant(1), wrt);
}

/**
 * Reverse mode: the transposed derivative of `output` applied to `cotangent`, for each x in `wrt`.
 * A variable that the output does not need gets zeros.
 */
export function vjp(output: Expr, cotangent: Expr, wrt: readonly Expr[]): Expr[] {
  requireReal(output, wrt);
  return pullback([output], [cotangent], wrt).map((slope, k) => slope ?? output.graph.constantLike(0, wrt[k]!));
}

/**
 * Forward mode: the tangent of `output` as a graph; `undefined` is the structural zero. With `batch`, every tangent
 * carries these axes at its end.
 */
export function jvp(output: Expr, tangents: ReadonlyMap<Expr, Expr>, batch: Shape = []): Expr | undefined {
  requireReal(output, [...tangents.keys()]);
  return pushforward([output], tangents, batch)[0];
}

/** The three orders in which a Hessian-vector product can be built; all cost about the same. */
export type HvpRoute = "reverse-over-reverse" | "forward-over-reverse" | "reverse-over-forward";

/**
 * Hessian-vector product: grad(dot(grad(f, w), v), w), one result per x in `wrt`, by the best route if none is given. Where v is more
 * than leaves of its own, derivatives are taken with a stand-in for it, so that v may depend on w and outer derivatives still see it.
 */
export function hvp(output: Expr, wrt: readonly Expr[], direction: readonly Expr[], route?: HvpRoute): Expr[] {
  checkDirection(wrt, direction);
  const along = route ? hvpRoutes[route] : bestRoute;
  const { graph } = output;
  if (direction.every((v) => isVariable(v) && !wrt.includes(v))) return along(output, wrt, direction);
  const standIns = wrt.map((x) => graph.variable(x.shape));
  const products = along(output, wrt, standIns);
  return substitute(products, new Map(standIns.map((u, k) => [u, direction[k]!])));
}

/**
 * The Hessian-vector product from a gradient g that is at hand, along leaves of their own: grad(dot(g, u), w), or, where there are loops or
 * solutions, forward through g. Tangents run along in the loops of a gradient, and two loops are left of four.
 */
export function slopesAlong(slopes: readonly Expr[], wrt: readonly Expr[], direction: readonly Expr[]): Expr[] {
  return hasLoops(slopes) ? forwardAlong(slopes, wrt, direction) : reverseAlong(slopes, wrt, direction);
}

const loops: ReadonlySet<string> = new Set(["scan", "while", "implicit"]);

function hasLoops(roots: readonly Expr[]): boolean {
  const graph = roots[0]?.graph;
  if (!graph) return false;
  return idsUnder(roots).some((id) => graph.kindOf(id) === "operation" && loops.has(graph.operationOf(id).kind));
}

function reverseAlong(slopes: readonly Expr[], wrt: readonly Expr[], direction: readonly Expr[]): Expr[] {
  const slope = sumOfTerms(slopes.map((g, k) => dot(g, direction[k]!)));
  return slope ? gradient(slope, wrt) : [];
}

function forwardAlong(slopes: readonly Expr[], wrt: readonly Expr[], direction: readonly Expr[]): Expr[] {
  const tangents = new Map(wrt.map((x, k) => [x, direction[k]!]));
  return pushforward(slopes, tangents).map((change, k) => change ?? wrt[k]!.graph.constantLike(0, wrt[k]!));
}

const isVariable = ({ kind, graph, id }: Expr) => kind === "leaf" && graph.leafOf(id).role === "variable";

type Route = (f: Expr, wrt: readonly Expr[], u: readonly Expr[]) => Expr[];
const bestRoute: Route = (f, wrt, u) => slopesAlong(gradient(f, wrt), wrt, u);
const hvpRoutes: Readonly<Record<HvpRoute, Route>> = {
  "reverse-over-reverse": (f, wrt, u) => reverseAlong(gradient(f, wrt), wrt, u),
  "forward-over-reverse": (f, wrt, u) => forwardAlong(gradient(f, wrt), wrt, u),
  "reverse-over-forward": (f, wrt, u) => {
    const tangents = new Map(wrt.map((x, k) => [x, u[k]!]));
    const slope = jvp(f, tangents);
    return slope ? gradient(slope, wrt) : wrt.map((x) => f.graph.constantLike(0, x));
  },
};

/** Directional derivative of `output` for changes `direction` of `wrt`; the direction may depend on them. */
export function directional(output: Expr, wrt: readonly Expr[], direction: readonly Expr[]): Expr {
  checkDirection(wrt, direction);
  const { graph } = output;
  const standIns = wrt.map((x) => graph.variable(x.shape));
  const tangent = jvp(output, new Map(wrt.map((x, k) => [x, standIns[k]!])));
  if (!tangent) return graph.constantLike(0, output);
  return substitute([tangent], new Map(standIns.map((u, k) => [u, direction[k]!])))[0]!;
}

/** Jacobian d output[a...] / d x[b...], of shape [...output, ...x]: forward mode along every unit vector at once. */
export function jacobian(output: Expr, x: Expr): Expr {
  const { graph } = output;
  const shape = [...output.shape, ...x.shape];
  return jvp(output, new Map([[x, identity(x)]]), x.shape) ?? graph.constant(0, shape);
}

/** Hessian block d^2 f / d x d y of a scalar, of shape [...x, ...y]: the Jacobian of the gradient. */
export function hessian(output: Expr, x: Expr, y: Expr = x): Expr {
  return jacobian(gradient(output, [x])[0]!, y);
}

/** The identity on tensors like x, of shape [...x, ...x]: 1 where both halves of the index agree. */
function identity(x: Expr): Expr {
  const rank = x.shape.length;
  return view(
    x.graph.constant(1),
    [...x.shape, ...x.shape],
    [],
    x.shape.map((_, axis) => ({ index: iterators(axis).minus(iterators(rank + axis)), extent: Integer.one })),
  );
}

function requireReal(output: Expr, wrt: readonly Expr[]): void {
  for (const node of [output, ...wrt]) {
    if (node.dtype !== "real") throw new TypeMismatchError(`a derivative needs real values, got a ${node.dtype}.`);
    if (node.graph !== output.graph) throw new UsageError("the function and its variables belong to different models.");
  }
}

function checkDirection(wrt: readonly Expr[], direction: readonly Expr[]): void {
  for (const [k, x] of wrt.entries()) {
    const along = direction[k];
    if (!along || !sameShape(along.shape, x.shape)) {
      throw new ShapeError(
        `a direction for a variable of shape ${showShape(x.shape)} needs the same shape, got ${along ? showShape(along.shape) : "none"}.`,
      );
    }
  }
}
