import { DifferentiationError } from "../ir/errors.ts";
import type { Expr, Graph, Shape } from "../ir/graph.ts";
import { dependentOn } from "../ir/walks/dependence.ts";
import { reachableIds } from "../ir/walks/traverse.ts";
import { callCotangents, callTangents, joining } from "./calls.ts";
import { applyForward, applyTranspose, linearTerms } from "./linear.ts";
import { sumOfTerms } from "./products.ts";

/** Both directions of differentiation, for operations whose bodies are differentiated in turn. */
export interface Sweeps {
  /** What definitions remember their derivatives under: empty for derivatives proper. */
  readonly name: string;
  readonly pullback: typeof pullback;
  readonly pushforward: typeof pushforward;
}

/**
 * Reverse mode: the transposed derivative of the outputs applied to their cotangents, for each x in `wrt`; `undefined`
 * is the structural zero. An output without a cotangent contributes nothing.
 */
export function pullback(
  given: readonly Expr[],
  cotangents: readonly (Expr | undefined)[],
  variables: readonly Expr[],
): (Expr | undefined)[] {
  const graph = variables[0]?.graph;
  if (!graph) return [];
  const roots = [...given, ...variables];
  const joined = graph.ability(joining)?.(roots) ?? roots;
  const outputs = joined.slice(0, given.length);
  const sweep = new ReverseSweep(
    outputs.filter((_, k) => cotangents[k] !== undefined),
    joined.slice(given.length),
  );
  for (const [k, output] of outputs.entries()) {
    const cotangent = cotangents[k];
    if (cotangent) sweep.give(output, cotangent, 0);
  }
  return sweep.run();
}

/** The cotangents of the nodes between outputs and variables, users before operands. */
class ReverseSweep {
  private readonly graph: Graph;
  private readonly wrt: readonly Expr[];
  private readonly active: Dependents;
  /** The variables: they keep what they receive. */
  private readonly stops: ReadonlySet<Expr>;
  /** What each node was given, by id less the lowest one; what lies below or above depends on no variable. */
  private readonly received: (Expr | Expr[] | undefined)[];
  /** The node that gave something first, for errors. */
  private readonly reachedFrom: Int32Array;

  constructor(outputs: readonly Expr[], wrt: readonly Expr[]) {
    this.graph = wrt[0]!.graph;
    this.wrt = wrt;
    this.active = dependents(outputs, wrt);
    this.stops = new Set(wrt);
    const span = (this.active.order.at(-1) ?? 0) + 1 - this.active.lowest;
    this.received = new Array<Expr | Expr[] | undefined>(Math.max(0, span));
    this.reachedFrom = new Int32Array(Math.max(0, span));
  }

  /** Adds a contribution of the node with the id `from` to the cotangent of its operand. */
  give(operand: Expr, contribution: Expr, from: number): void {
    const at = operand.id - this.active.lowest;
    if (at < 0) return;
    const known = this.received[at];
    if (known === undefined) this.received[at] = contribution;
    else if (Array.isArray(known)) known.push(contribution);
    else this.received[at] = [known, contribution];
    if (this.reachedFrom[at] === 0) this.reachedFrom[at] = from;
  }

  /** Goes through the nodes; the cotangents of the variables. */
  run(): (Expr | undefined)[] {
    const { graph } = this;
    const { order } = this.active;
    let node = this.wrt[0]!;
    const transposeNode = () => this.transposeNode(node);
    const transposeCall = () => this.transposeCall(node);
    for (let k = order.length - 1; k >= 0; k--) {
      node = graph.expr(order[k]!);
      if (node.kind === "operation") {
        // every user of a result comes after all results: at the lowest one that is needed, all cotangents are known
        const next = order[k - 1];
        const isLast = next === undefined || next < graph.callOf(node.id);
        if (isLast) graph.withOrigin(graph.originOf(node.id), transposeCall);
      } else if (this.passesOn(node)) graph.withOrigin(graph.originOf(node.id), transposeNode);
    }
    return this.wrt.map((variable) => this.cotangentOf(variable));
  }

  private cotangentOf({ id }: Expr): Expr | undefined {
    const terms = this.received[id - this.active.lowest];
    return Array.isArray(terms) ? sumOfTerms(terms) : terms;
  }

  /** True for what has received something, and is no variable itself. */
  private passesOn(node: Expr): boolean {
    return this.received[node.id - this.active.lowest] !== undefined && !this.stops.has(node);
  }

  private transposeNode(node: Expr): void {
    const cotangent = this.cotangentOf(node)!;
    nameAfter(cotangent, node, "slope");
    this.received[node.id - this.active.lowest] = undefined;
    for (const term of linearTerms(node, this.active.has)) {
      if (term.kind === "none") throw noDerivative(node, term.reason, (from) => this.wayFrom(from));
      const contribution = applyTranspose(term, cotangent);
      if (contribution) this.give(term.operand, contribution, node.id);
    }
  }

  private transposeCall(node: Expr): void {
    const { results } = this.graph.call(node.id);
    if (!results.some((result) => this.passesOn(result))) return;
    const cotangents = new Map(
      results.map((result) => [result, this.passesOn(result) ? this.cotangentOf(result) : undefined]),
    );
    const cotangent = (result: Expr) => cotangents.get(result);
    for (const [operand, contribution] of callCotangents(node, cotangent, this.active.has, sweeps)) {
      this.give(operand, contribution, node.id);
    }
  }

  private wayFrom({ id }: Expr): Expr | undefined {
    const from = this.reachedFrom[id - this.active.lowest]!;
    return from > 0 ? this.graph.expr(from) : undefined;
  }
}

/**
 * Forward mode: the tangents of the outputs as graphs; `undefined` is the structural zero. With `batch`, every tangent
 * carries these axes at its end.
 */
export function pushforward(
  outputs: readonly Expr[],
  tangents: ReadonlyMap<Expr, Expr>,
  batch: Shape = [],
): (Expr | undefined)[] {
  const wrt = [...tangents.keys()];
  const graph = wrt[0]?.graph;
  if (!graph) return outputs.map(() => undefined);
  const tangentOf = new Map(tangents);
  const calls = new Set<number>();
  const reachedFrom = new Map<Expr, Expr>();
  const { order, has } = dependents(outputs, wrt);
  for (const id of order) {
    const node = graph.expr(id);
    if (tangentOf.has(node)) continue;
    if (node.kind === "operation") {
      // the first needed result brings the tangents of all
      if (calls.has(graph.callOf(id))) continue;
      calls.add(graph.callOf(id));
      graph.withOrigin(graph.originOf(id), () => {
        for (const [result, tangent] of callTangents(node, tangentOf, batch, sweeps)) {
          if (!tangentOf.has(result)) tangentOf.set(result, tangent);
        }
      });
      continue;
    }
    graph.withOrigin(graph.originOf(id), () => {
      const changes: Expr[] = [];
      for (const term of linearTerms(node, (operand) => tangentOf.has(operand), has)) {
        if (term.kind === "none") throw noDerivative(node, term.reason, (from) => reachedFrom.get(from));
        const change = applyForward(term, tangentOf.get(term.operand)!, batch);
        if (change) changes.push(change);
        reachedFrom.set(node, term.operand);
      }
      const tangent = sumOfTerms(changes);
      if (!tangent) return;
      tangentOf.set(node, tangent);
      nameAfter(tangent, node, "change");
    });
  }
  return outputs.map((output) => tangentOf.get(output));
}

/** Calls what was derived of a node with a name after that. */
function nameAfter(derived: Expr, { graph, id }: Expr, what: "slope" | "change"): void {
  const name = graph.names.of(id);
  if (name !== undefined) graph.names.set(derived.id, `${name}_${what}`);
}

export const sweeps: Sweeps = { name: "", pullback, pushforward };

/** The nodes between `wrt` and the outputs: those that an output needs and that depend on a member of `wrt`. */
interface Dependents {
  /** Their ids, operands first. */
  readonly order: readonly number[];
  readonly has: (node: Expr) => boolean;
  /** They have ids from here on. */
  readonly lowest: number;
}

function dependents(outputs: readonly Expr[], wrt: readonly Expr[]): Dependents {
  const { graph } = wrt[0]!;
  const lowest = wrt.reduce((least, { id }) => Math.min(least, id), graph.length);
  const roots = outputs.map(({ id }) => id);
  const ids = reachableIds(graph, roots, lowest);
  const { has } = dependentOn(graph, ids, wrt);
  return { order: ids.filter(has), has: ({ id }) => has(id), lowest };
}

/** An error that names what has no derivative and the way from there to the function (or to the variable). */
function noDerivative(node: Expr, reason: string, wayFrom: (node: Expr) => Expr | undefined): DifferentiationError {
  const { graph } = node;
  const path: string[] = [];
  for (let at: Expr | undefined = node; at && path.length < 12; at = wayFrom(at)) path.push(nodeName(at));
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
