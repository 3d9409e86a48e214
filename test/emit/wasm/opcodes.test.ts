import { describe, expect, it } from "vitest";
import wabt from "wabt";
import { Code, encodeModule, signed, unsigned } from "../../../src/emit/wasm/encode.ts";
import { type Instruction, opcodes } from "../../../src/emit/wasm/opcodes.ts";

const tools = await wabt();

/** A module of one function with the instruction as its only content, disassembled: right or not, it has a text form. */
function textOf(name: Instruction): string {
  const code = new Code(0);
  if (name === "end") return "end";
  const hasLane = /lane$/.test(name) && !/^v128/.test(name);
  if (/load|store/.test(name)) code.access(name, { align: 0, offset: 7 }, /lane$/.test(name) ? 1 : undefined);
  else if (name === "i32.const") code.i32(-5);
  else if (name === "i64.const") code.i64(-5n);
  else if (name === "f64.const") code.f64(0.1);
  else if (name === "v128.const") code.f64x2(0.1);
  else if (name === "i8x16.shuffle") code.shuffle([0, 2]);
  else if (name === "memory.fill") code.fill();
  else if (name === "block" || name === "loop" || name === "if") {
    code.open(name, "f64");
    code.op("end");
  } else if (name === "else") {
    code.open("if");
    code.op("else");
    code.i32(1);
    code.op("end");
  } else if (hasLane || /^(br|br_if|call|local|global)/.test(name)) code.indexed(name, 0);
  else code.op(name);
  const { bytes } = encodeModule({
    memory: { module: "m", name: "memory" },
    imports: [{ module: "m", name: "g" }],
    functions: [{ type: { parameters: ["i32"], results: ["f64"] }, code, exported: "run" }],
  });
  const module = tools.readWasm(bytes, { readDebugNames: false, relaxed_simd: true, check: false } as never);
  return module.toText({ foldExprs: false, inlineExport: false });
}

describe("the table of opcodes", () => {
  it.each(Object.keys(opcodes) as Instruction[])("holds the number of %s", (name) => {
    const lines = textOf(name)
      .split("\n")
      .map((line) => line.trim().split(" ")[0]!.replace(/[()]/g, ""));
    expect(lines).toContain(name);
  });
});

describe("whole numbers in LEB128", () => {
  it("take seven bits a byte", () => {
    expect([0, 127, 128, 624_485, 2 ** 32 - 1].map(unsigned)).toEqual([
      [0],
      [0x7f],
      [0x80, 0x01],
      [0xe5, 0x8e, 0x26],
      [0xff, 0xff, 0xff, 0xff, 0x0f],
    ]);
    expect([0, -1, 63, 64, -64, -65, -123_456].map(signed)).toEqual([
      [0],
      [0x7f],
      [0x3f],
      [0xc0, 0x00],
      [0x40],
      [0xbf, 0x7f],
      [0xc0, 0xbb, 0x78],
    ]);
  });
});
