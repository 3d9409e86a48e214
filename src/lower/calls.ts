import { Ability, must } from "../ir/extension.ts";
import type { Call, Kernel } from "../ir/operation.ts";
import { emitLet } from "./kernels.ts";
import type { Lowering } from "./lower.ts";

/** Writes the loops of an operation with bodies, in the block at hand. */
export type EmitBodies = (call: Call, lowering: Lowering) => void;

export const bodyLoops = new Ability<EmitBodies>("loops of bodies");

/** The loops of a call, in the block at hand. */
export function emitCall(call: Call, lowering: Lowering): void {
  const { operation } = call;
  if (operation.kind === "kernel") emitKernel(call as Call<Kernel>, lowering);
  else must(bodyLoops, operation.extension)(call, lowering);
}

function emitKernel(call: Call<Kernel>, { builder, buffers, kernels }: Lowering): void {
  const arrays = call.results.map((result) => buffers.workspace(result));
  const emit = kernels[call.operation.name];
  if (!emit) throw new Error(`internal: no loops are known for ${call.operation.name}`);
  emit({
    builder,
    call,
    operand: (position, index) => builder.evaluate({ node: call.operands[position]!, index }).value,
    result: (position) => arrays[position]!,
    work: (type) => buffers.scratch(type),
  });
  for (const [k, result] of call.results.entries()) {
    builder.markWritten(arrays[k]!);
    // a scalar goes on by name
    if (result.isScalar) builder.provide(result, [], emitLet(builder, builder.load(arrays[k]!, [], []).value));
  }
}
