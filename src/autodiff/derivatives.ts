import { iterators } from "../ir/contraction.ts";
import { DifferentiationError, ShapeError, TypeMismatchError, UsageError } from "../ir/errors.ts";
import { type Expr, type Shape, sameShape, showShape } from "../ir/graph.ts";
import { Integer } from "../ir/integer.ts";
import { reachableIds, substitute } from "../ir/traverse.ts";
import { dot, view } from "../ops/contractions.ts";
import { callCotangents, callTangents } from "./calls.ts";
import { applyForward, applyTranspose, linearTerms, sumOfTerms } from "./linear.ts";

/** Reverse mode: d output / d x for each x, as graphs of the shapes of `wrt`. `output` is a real scalar. */
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
  const { graph } = output;
  const stops = new Set(wrt);
  const active = dependents(output, wrt);
  const received = new Map<Expr, Expr[]>([[output, [cotangent]]]);
  const reachedFrom = new Map<Expr, Expr>();
  const give = (operand: Expr, contribution: Expr, from: Expr) => {
    const known = received.get(operand);
    if (known) known.push(contribution);
    else received.set(operand, [contribution]);
    if (!reachedFrom.has(operand)) reachedFrom.set(operand, from);
  };
  for (let k = active.order.length - 1; k >= 0; k--) {
    const node = graph.expr(active.order[k]!);
    if (node.kind === "operation") {
      // every user of a result comes after all results: at the lowest one that is needed, all cotangents are known
      const next = active.order[k - 1];
      const isLast = next === undefined || next < graph.callOf(node.id);
      if (isLast) graph.withOrigin(graph.originOf(node.id), () => transposeCall(node));
      continue;
    }
    const terms = received.get(node);
    if (!terms || stops.has(node)) continue;
    received.delete(node);
    graph.withOrigin(graph.originOf(node.id), () => {
      const adjoint = sumOfTerms(terms)!;
      for (const term of linearTerms(node, active.has)) {
        if (term.kind === "none") throw noDerivative(node, term.reason, reachedFrom);
        const contribution = applyTranspose(term, adjoint);
        if (contribution) give(term.operand, contribution, node);
      }
    });
  }
  return wrt.map((x) => {
    const terms = received.get(x);
    return terms ? sumOfTerms(terms)! : graph.constantLike(0, x);
  });

  function transposeCall(node: Expr): void {
    const { results } = graph.call(node.id);
    // a result that is a variable itself keeps what it received
    const terms = results.map((result) => (stops.has(result) ? undefined : received.get(result)));
    if (terms.every((list) => list === undefined)) return;
    const cotangents = new Map(results.map((result, k) => [result, terms[k] && sumOfTerms(terms[k])]));
    for (const [operand, contribution] of callCotangents(node, (result) => cotangents.get(result), active.has)) {
      give(operand, contribution, node);
    }
  }
}

/**
 * Forward mode: the tangent of `output` as a graph; `undefined` is the structural zero. With `batch`, every tangent
 * carries these axes at its end.
 */
export function jvp(output: Expr, tangents: ReadonlyMap<Expr, Expr>, batch: Shape = []): Expr | undefined {
  const wrt = [...tangents.keys()];
  requireReal(output, wrt);
  const { graph } = output;
  const tangentOf = new Map(tangents);
  const calls = new Set<number>();
  const reachedFrom = new Map<Expr, Expr>();
  for (const id of dependents(output, wrt).order) {
    const node = graph.expr(id);
    if (tangentOf.has(node)) continue;
    if (node.kind === "operation") {
      // the first needed result brings the tangents of all
      if (calls.has(graph.callOf(id))) continue;
      calls.add(graph.callOf(id));
      graph.withOrigin(graph.originOf(id), () => {
        for (const [result, tangent] of callTangents(node, tangentOf, batch)) {
          if (!tangentOf.has(result)) tangentOf.set(result, tangent);
        }
      });
      continue;
    }
    graph.withOrigin(graph.originOf(id), () => {
      const changes: Expr[] = [];
      for (const term of linearTerms(node, (operand) => tangentOf.has(operand))) {
        if (term.kind === "none") throw noDerivative(node, term.reason, reachedFrom);
        const change = applyForward(term, tangentOf.get(term.operand)!, batch);
        if (change) changes.push(change);
        reachedFrom.set(node, term.operand);
      }
      const tangent = sumOfTerms(changes);
      if (tangent) tangentOf.set(node, tangent);
    });
  }
  return tangentOf.get(output);
}

/** The three orders in which a Hessian-vector product can be built; all cost about the same. */
export type HvpRoute = "reverse-over-reverse" | "forward-over-reverse" | "reverse-over-forward";

/**
 * Hessian-vector product: grad(dot(grad(f, w), v), w), one result per x in `wrt`. Derivatives are taken with a
 * stand-in for v, so that v may itself depend on w and outer derivatives still see it.
 */
export function hvp(
  output: Expr,
  wrt: readonly Expr[],
  direction: readonly Expr[],
  route: HvpRoute = "reverse-over-reverse",
): Expr[] {
  checkDirection(wrt, direction);
  const { graph } = output;
  const standIns = wrt.map((x) => graph.variable(x.shape));
  const products = hvpRoutes[route](output, wrt, standIns);
  return substitute(products, new Map(standIns.map((u, k) => [u, direction[k]!])));
}

const hvpRoutes: Readonly<Record<HvpRoute, (f: Expr, wrt: readonly Expr[], u: readonly Expr[]) => Expr[]>> = {
  "reverse-over-reverse": (f, wrt, u) => {
    const slope = sumOfTerms(gradient(f, wrt).map((g, k) => dot(g, u[k]!)));
    return slope ? gradient(slope, wrt) : [];
  },
  "forward-over-reverse": (f, wrt, u) => {
    const tangents = new Map(wrt.map((x, k) => [x, u[k]!]));
    return gradient(f, wrt).map((g, k) => jvp(g, tangents) ?? f.graph.constantLike(0, wrt[k]!));
  },
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

/** The nodes between `wrt` and the output: those that the output needs and that depend on a member of `wrt`. */
function dependents(output: Expr, wrt: readonly Expr[]): { order: number[]; has: (node: Expr) => boolean } {
  const { graph } = output;
  const dependent = new Set(wrt.map((x) => x.id));
  const lowest = wrt.reduce((least, x) => Math.min(least, x.id), graph.length);
  const order = reachableIds(graph, [output.id], lowest).filter((id) => {
    for (let k = graph.operandCount(id) - 1; k >= 0; k--) {
      if (dependent.has(graph.operandAt(id, k))) {
        dependent.add(id);
        return true;
      }
    }
    return dependent.has(id);
  });
  return { order, has: (node) => dependent.has(node.id) };
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

/** An error that names what has no derivative and the way from there to the function (or to the variable). */
function noDerivative(node: Expr, reason: string, reachedFrom: ReadonlyMap<Expr, Expr>): DifferentiationError {
  const { graph } = node;
  const path: string[] = [];
  for (let at: Expr | undefined = node; at && path.length < 12; at = reachedFrom.get(at)) path.push(nodeName(at));
  const name = nodeName(node);
  const origin = graph.originOf(node.id);
  return new DifferentiationError(`${name} has no derivative: ${reason}.`, {
    primitive: name,
    path,
    span: typeof origin === "object" ? origin : undefined,
    notes: [
      ...(typeof origin === "string" ? [`Built at ${origin}.`] : []),
      `On the way: ${path.join(" < ")}.`,
      `Write stopGradient(${name}(...)) to treat it as a constant.`,
    ],
  });
}

/** What errors call a node. */
export function nodeName(node: Expr): string {
  const { graph } = node;
  if (node.kind === "map") return graph.primitiveOf(node.id).name;
  if (node.kind === "contraction") return "sum";
  if (node.kind === "operation") return graph.operationOf(node.id).name;
  return node.kind === "reduce" ? graph.combineOf(node.id) : node.kind;
}
