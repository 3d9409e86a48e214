import type { Call, Kernel } from "../ir/operation.ts";
import type { Scan } from "../ir/scan.ts";
import type { While } from "../ir/while.ts";
import { emitInline } from "./inline.ts";
import { emitLet } from "./kernels.ts";
import type { Lowering } from "./lower.ts";
import { emitScan } from "./scan.ts";
import { emitWhile } from "./while.ts";

/** The loops of a call, in the block at hand. */
export function emitCall(call: Call, lowering: Lowering): void {
  switch (call.operation.kind) {
    case "kernel":
      emitKernel(call as Call<Kernel>, lowering);
      return;
    case "scan":
      emitScan(call as Call<Scan>, lowering);
      return;
    case "while":
      emitWhile(call as Call<While>, lowering);
      return;
    case "implicit":
      emitInline(call.operation.solver, call.operands, call.results, lowering);
  }
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
