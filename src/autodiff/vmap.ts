import type { Body } from "../ir/bodies/body.ts";
import type { Choice } from "../ir/bodies/choice.ts";
import type { Implicit } from "../ir/bodies/implicit.ts";
import { draftOf, partsOf, rootsOf, type Scan, scanOf } from "../ir/bodies/scan.ts";
import type { While } from "../ir/bodies/while.ts";
import { ShapeError } from "../ir/errors.ts";
import { type Expr, Graph, sameShape, showShape } from "../ir/graph.ts";
import type { Integer } from "../ir/integer.ts";
import type { Call, Kernel } from "../ir/operation.ts";
import { transpose } from "../ops/arrays/contractions.ts";
import { routineKernel } from "../ops/linear-algebra/registry.ts";
import { type Batched, type BatchedCall, batched, repeated } from "./batch.ts";

/**
 * Expressions for a batch: each root with one more axis at the front, whose element b is the root with element b of
 * `mapped` in the place of every leaf that it names. What depends on none of them is computed once for all.
 *
 *     vmap([loss], new Map([[w, W]]))   w: [d], W: [count, d]  ->  losses: [count]
 *
 * Batches are axes like others: they can be differentiated, mapped again and rewritten. Throws ShapeError where an array
 * is no batch of its leaf, or batches differ in length.
 */
export function vmap(roots: readonly Expr[], mapped: ReadonlyMap<Expr, Expr>): Expr[] {
  const [first] = mapped.values();
  const length = first?.shape[0];
  const [root] = roots;
  if (!root) return [];
  if (!length) throw new ShapeError("vmap needs a batch with an axis in front: it has nothing to map over.");
  for (const [leaf, batch] of mapped) requireBatch(leaf, batch, length);
  const leaves = new Map([...mapped].map(([leaf, expr]) => [leaf, { expr, varies: true }]));
  const forms = batched(roots, leaves, length, root.graph, operationFor(new Map()));
  if (!forms) throw new Error("internal: a node has no batch");
  return forms.map((form) => repeated(form, length));
}

function requireBatch(leaf: Expr, batch: Expr, length: Integer): void {
  const [count, ...rest] = batch.shape;
  if (count?.equals(length) && sameShape(rest, leaf.shape) && batch.dtype === leaf.dtype) return;
  const wanted = showShape([length, ...leaf.shape]);
  throw new ShapeError(`a batch needs ${leaf.dtype}${wanted}, got ${batch.dtype}${showShape(batch.shape)}.`);
}

/** Operations for a batch. The results of one call are made together; `made` keeps them by call. */
function operationFor(made: Map<string, readonly Expr[]>): BatchedCall {
  return (node, operands, length, to) => {
    const { graph, id } = node;
    const call = graph.call(id);
    const position = graph.resultOf(id);
    if (operands.every(({ varies }) => !varies)) {
      const results = to.operation(
        call.operation,
        operands.map(({ expr }) => expr),
      );
      return { expr: results[position]!, varies: false };
    }
    const key = `${graph.callOf(id)} ${operands.map(({ expr }) => expr.id).join(" ")}`;
    const results = made.get(key) ?? resultsOf(call, operands, length, to);
    made.set(key, results);
    return { expr: results[position]!, varies: true };
  };
}

/** The results for the whole batch, which is their first axis. */
function resultsOf(call: Call, operands: readonly Batched[], length: Integer, to: Graph): readonly Expr[] {
  const { operation } = call;
  switch (operation.kind) {
    case "kernel":
      return ofKernel(operation, operands, length, to);
    case "scan":
      return ofScan(operation, operands, length, to);
    case "definition":
      return ofBody(operation.body, operands, length, to);
    // how often they repeat, and which side they take, is the element's own affair
    case "while":
    case "implicit":
    case "choice":
      return oneByOne(operation, operands, length, to);
  }
}

/** What a definition stands for, for the whole batch. */
function ofBody(
  { parameters, roots }: Body,
  operands: readonly Batched[],
  length: Integer,
  to: Graph,
): readonly Expr[] {
  const leaves = new Map(parameters.map((parameter, k) => [parameter, operands[k]!]));
  const forms = batched(roots, leaves, length, to, operationFor(new Map()));
  if (!forms) throw new Error("internal: a body has no batch");
  return forms.map((form) => repeated(form, length));
}

/** Leading axes of a routine's operands are a batch already. */
function ofKernel(kernel: Kernel, operands: readonly Batched[], length: Integer, to: Graph): readonly Expr[] {
  const all = operands.map((operand) => repeated(operand, length));
  const wider = routineKernel(kernel.name, kernel.parameters, all);
  if (!wider) throw new Error(`internal: ${kernel.name} is no routine`);
  return to.operation(wider, all);
}

/** The loop with a batch in every step: carries vary, inputs and constants where their operands do. */
function ofScan(scan: Scan, operands: readonly Batched[], length: Integer, to: Graph): readonly Expr[] {
  const draft = draftOf(scan);
  const { parameters, step, roots } = draft;
  const { graph } = step;
  const given = partsOf(scan, operands);
  const leaves = new Map<Expr, Batched>([[step, { expr: step, varies: false }]]);
  const widened = (parameter: Expr, varies: boolean): Expr => {
    const expr = varies ? graph.variable([length, ...parameter.shape], parameter.dtype) : parameter;
    leaves.set(parameter, { expr, varies });
    return expr;
  };
  const wide = {
    carries: parameters.carries.map((carry) => widened(carry, true)),
    inputs: parameters.inputs.map((slice, k) => widened(slice, given.inputs[k]!.varies)),
    constants: parameters.constants.map((constant, k) => widened(constant, given.constants[k]!.varies)),
  };
  const all = [...roots.carries, ...roots.stacks, ...roots.sums];
  const forms = batched(all, leaves, length, graph, operationFor(new Map()));
  if (!forms) throw new Error("internal: a body has no batch");
  const widest = scanOf({
    ...draft,
    parameters: wide,
    roots: rootsOf(
      scan,
      forms.map((form) => repeated(form, length)),
    ),
  });
  const found = rootsOf(
    scan,
    to.operation(widest, [
      ...given.carries.map((carry) => repeated(carry, length)),
      ...given.inputs.map(({ expr, varies }) => (varies ? turned(expr) : expr)),
      ...given.constants.map(({ expr }) => expr),
    ]),
  );
  return [...found.carries, ...found.stacks.map(turned), ...found.sums];
}

/** A loop over the elements, each of which calls the operation. */
function oneByOne(
  operation: While | Implicit | Choice,
  operands: readonly Batched[],
  length: Integer,
  to: Graph,
): readonly Expr[] {
  const body = new Graph();
  const parameters = operation.operands.map(({ dtype, shape }) => body.variable(shape, dtype));
  const step = body.variable([], "int");
  const pick = <T>(list: readonly T[], varies: boolean) => list.filter((_, k) => operands[k]!.varies === varies);
  const scan = scanOf({
    extension: operation.extension,
    length,
    isReversed: false,
    parameters: { carries: [], inputs: pick(parameters, true), constants: pick(parameters, false) },
    step,
    roots: { carries: [], stacks: body.operation(operation, parameters), sums: [] },
  });
  const given = operands.map(({ expr }) => expr);
  return to.operation(scan, [...pick(given, true), ...pick(given, false)]);
}

/** The first two axes exchanged. */
function turned(x: Expr): Expr {
  const order = x.shape.map((_, axis) => axis);
  return transpose(x, [1, 0, ...order.slice(2)]);
}
