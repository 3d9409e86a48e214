import type { Body } from "../../ir/bodies/body.ts";
import type { Expr, Graph } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { Call, Operation, ValueType } from "../../ir/operation.ts";
import { reachableIds } from "../../ir/walks/traverse.ts";
import type { Lowering } from "../lower.ts";
import { operationsOf } from "../passes/survey.ts";
import type { Buffer, Statement } from "../program/loops.ts";
import { emitKernelBetween, type Routines } from "./calls.ts";
import { emitFunctionBody } from "./inline.ts";
import { emitForAll, emitLet } from "./kernels.ts";

/** Statements of fewer operations are written at each use: a call would be no shorter. */
const fewestOperations = 30;

/** A routine while a program is made: its arrays, which calls store operands in and read results from. */
interface Draft {
  readonly name: string;
  readonly operands: readonly Buffer[];
  readonly results: readonly Buffer[];
  body: readonly Statement[];
}

/**
 * What several calls of one program compute alike: kernels, and definitions that are kept as calls. Their statements
 * stand once, over arrays of their own, so that code grows with what is defined and not with how often it is used.
 */
export class RoutineTable implements Routines {
  readonly drafts: Draft[] = [];
  private readonly numbers = new Map<string, number | undefined>();
  private readonly uses: ReadonlyMap<string, number>;

  constructor(roots: readonly Expr[]) {
    const uses = new Map<string, number>();
    countCalls(roots, uses);
    this.uses = uses;
  }

  /** Writes the call as one of a routine; false where its statements are to be written in its place. */
  emit(call: Call, lowering: Lowering): boolean {
    const number = this.numberOf(call, lowering);
    if (number === undefined) return false;
    const { builder, buffers } = lowering;
    const { operands, results } = this.drafts[number]!;
    const isRead = (k: number) => call.operation.kind !== "kernel" || !call.operation.reads || call.operation.reads[k];
    for (const [k, node] of call.operands.entries()) {
      if (!isRead(k)) continue;
      emitForAll(builder, node.shape, (index) => {
        const { value } = builder.evaluate({ node, index });
        builder.emit({ kind: "store", buffer: operands[k]!, address: builder.address(index, node.shape), value });
      });
    }
    builder.emit({ kind: "call", routine: number });
    for (const [k, result] of call.results.entries()) {
      const from = results[k]!;
      if (result.isScalar) {
        const value = emitLet(builder, { kind: "load", buffer: from, address: Integer.zero });
        builder.provide(result, [], value);
        const buffer = buffers.of(result);
        if (buffer) builder.emit({ kind: "store", buffer, address: Integer.zero, value });
        continue;
      }
      const buffer = buffers.workspace(result);
      emitForAll(builder, result.shape, (index) => {
        const address = builder.address(index, result.shape);
        builder.emit({ kind: "store", buffer, address, value: { kind: "load", buffer: from, address } });
      });
      builder.markWritten(buffer);
    }
    return true;
  }

  private numberOf(call: Call, lowering: Lowering): number | undefined {
    const { operation } = call;
    if ((this.uses.get(operation.key) ?? 0) < 2 || !isClosed(operation)) return undefined;
    if (this.numbers.has(operation.key)) return this.numbers.get(operation.key);
    const { builder, buffers } = lowering;
    const arrays = (types: readonly ValueType[]) => types.map((type) => buffers.scratch(type));
    const [operands, results] = [arrays(operation.operands), arrays(operation.results)];
    const draft: Draft = { name: operation.name, operands, results, body: [] };
    draft.body = builder.apart(() => {
      for (const buffer of operands) builder.markWritten(buffer);
      if (operation.kind === "kernel") {
        emitKernelBetween({ ...call, operation }, lowering, {
          operand: (position, index) => builder.load(operands[position]!, index, operands[position]!.shape).value,
          result: (position) => results[position]!,
        });
      } else if (operation.kind === "definition") emitFunctionBody(operation.body, operands, results, lowering);
    });
    const isLong = operationsOf(draft.body, fewestOperations) >= fewestOperations;
    const number = isLong ? this.drafts.push(draft) - 1 : undefined;
    this.numbers.set(operation.key, number);
    return number;
  }
}

/** True for operations whose statements are the same wherever they stand. */
const isClosed = ({ kind }: Operation) => kind === "kernel" || kind === "definition";

/** Counts how often each operation is written, in the bodies of loops too. */
function countCalls(roots: readonly Expr[], uses: Map<string, number>): void {
  const pending: (readonly Expr[])[] = [roots];
  for (let next = pending.pop(); next; next = pending.pop()) {
    for (const operation of operationsUnder(next)) {
      const before = uses.get(operation.key) ?? 0;
      uses.set(operation.key, before + 1);
      // what a routine holds stands once
      if (operation.kind === "definition" && before > 0) continue;
      pending.push(...bodiesOf(operation).map(({ roots }) => roots));
    }
  }
}

/** The bodies that are written for an operation. */
function bodiesOf(operation: Operation): readonly Body[] {
  switch (operation.kind) {
    case "kernel":
      return [];
    case "implicit":
      return [operation.solver];
    case "choice":
      return [operation.yes, operation.no];
    default:
      return [operation.body];
  }
}

/** The operation of every call that the roots need. */
function operationsUnder(roots: readonly Expr[]): Operation[] {
  const graph: Graph | undefined = roots[0]?.graph;
  if (!graph) return [];
  const calls = new Map<number, Operation>();
  const ids = roots.map(({ id }) => id);
  for (const id of reachableIds(graph, ids)) {
    if (graph.kindOf(id) === "operation") calls.set(graph.callOf(id), graph.operationOf(id));
  }
  return [...calls.values()];
}
