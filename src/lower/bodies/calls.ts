import { Ability, must } from "../../ir/extension.ts";
import type { Expr } from "../../ir/graph.ts";
import type { Call, Kernel } from "../../ir/operation.ts";
import type { Lowering } from "../lower.ts";
import type { Program, Statement } from "../program/loops.ts";
import { emitLet, type KernelContext } from "./kernels.ts";

/** Writes the loops of an operation with bodies, in the block at hand. */
export type EmitBodies = (call: Call, lowering: Lowering) => void;

export const bodyLoops = new Ability<EmitBodies>("loops of bodies");

/** What several calls of a program compute alike, written once; see routines.ts. */
export interface Routines {
  readonly drafts: readonly { readonly name: string; readonly body: readonly Statement[] }[];
  /** Writes the call as one of a routine; false where its statements are to be written in its place. */
  emit(call: Call, lowering: Lowering): boolean;
}

export const routineTables = new Ability<(roots: readonly Expr[]) => Routines>("routines");

/** A program with loops that are alike written once; see share-nests.ts. */
export const nestSharing = new Ability<(program: Program) => Program>("nests that are alike");

/** The loops of a call, in the block at hand. */
export function emitCall(call: Call, lowering: Lowering): void {
  const { operation } = call;
  if (lowering.routines?.emit(call, lowering)) return;
  if (operation.kind === "kernel") emitKernel(call as Call<Kernel>, lowering);
  else must(bodyLoops, operation.extension)(call, lowering);
}

function emitKernel(call: Call<Kernel>, lowering: Lowering): void {
  const { builder, buffers } = lowering;
  const arrays = call.results.map((result) => buffers.workspace(result));
  emitKernelBetween(call, lowering, {
    operand: (position, index) => builder.evaluate({ node: call.operands[position]!, index }).value,
    result: (position) => arrays[position]!,
  });
  for (const [k, result] of call.results.entries()) {
    builder.markWritten(arrays[k]!);
    // a scalar goes on by name
    if (result.isScalar) builder.provide(result, [], emitLet(builder, builder.load(arrays[k]!, [], []).value));
  }
}

/** The loops of a kernel between operands and results that stand ready. */
export function emitKernelBetween(
  call: Call<Kernel>,
  { builder, buffers, kernels }: Lowering,
  places: Pick<KernelContext, "operand" | "result">,
): void {
  const emit = kernels[call.operation.name];
  if (!emit) throw new Error(`internal: no loops are known for ${call.operation.name}`);
  emit({ builder, call, ...places, work: (type) => buffers.scratch(type) });
}
