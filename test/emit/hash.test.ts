import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fnv1a64 } from "../../src/emit/hash.ts";

/** FNV-1a as it is defined: offset basis and prime of 64 bits, here over code units, low byte first. */
function reference(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let at = 0; at < text.length; at++) {
    for (const byte of [text.charCodeAt(at) & 255, text.charCodeAt(at) >> 8]) {
      hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
    }
  }
  return hash.toString(16).padStart(16, "0");
}

describe("fnv1a64", () => {
  it("is the offset basis for no text", () => {
    expect(fnv1a64("")).toBe("cbf29ce484222325");
  });

  it("equals its definition over big integers", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => fnv1a64(text) === reference(text)));
  });
});
