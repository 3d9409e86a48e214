import { describe, expect, it } from "vitest";
import { described } from "../../src/ir/arguments/arguments.ts";

describe("described", () => {
  it("calls an instance by its class, whatever a bundler made of that name", () => {
    class _Tensor {}
    expect([new _Tensor(), new Map(), {}, Object.create(null)].map(described)).toEqual([
      "a Tensor",
      "a Map",
      "an object",
      "an object",
    ]);
  });
});
