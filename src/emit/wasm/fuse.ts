import { unsigned } from "./encode.ts";
import type { WasmHost } from "./memory.ts";
import { opcodes } from "./opcodes.ts";

/** The least module with the instruction: relaxed SIMD is there where it validates. */
export const relaxedModule = [
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x08, 0x01, 0x60, 0x03, 0x7b, 0x7b, 0x7b, 0x01, 0x7b],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x0a, 0x0d, 0x01, 0x0b, 0x00, 0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0xfd, 0x87, 0x02, 0x0b],
] as const;

/** True where products may be fused with the sums that they go into. */
export const canFuse = (host: WasmHost): boolean => host.validate(Uint8Array.from(relaxedModule));

const vectorInstruction = (opcode: number) => [0xfd, ...unsigned(opcode - 0x10000)];
/** The bytes of a product of vectors, whose place nothing takes. */
export const productBytes = vectorInstruction(opcodes["f64x2.mul"]);
export const nothing = productBytes.map(() => opcodes.nop);
/** x y + z of x, y and z on the stack: rounded once where the processor can, else twice. */
export const fusedBytes = vectorInstruction(opcodes["f64x2.relaxed_madd"]);

/**
 * The same module with each x y + z as one instruction. Products and sums of a printed module take as many bytes as what
 * stands for them here, so that one form is printed and the other made where it is wanted.
 */
export function fuse(bytes: Uint8Array, fusible: readonly number[]): Uint8Array {
  const fused = bytes.slice();
  for (const at of fusible) fused.set(bytes[at + 1] === productBytes[1] ? nothing : fusedBytes, at);
  return fused;
}

/** The places as steps from each to the next, in LEB128. */
export function packedSteps(fusible: readonly number[]): Uint8Array {
  return Uint8Array.from(fusible.flatMap((at, k) => unsigned(at - (fusible[k - 1] ?? 0))));
}
