import { describe, expect, it } from "vitest";
import { executable } from "../../../src/check/execute.ts";
import { compareAll } from "../../../src/check/laws.ts";
import { compileWasm } from "../../../src/emit/wasm/engine.ts";
import { simplify } from "../../../src/rewrite/rewrite.ts";
import { forPrograms } from "../../properties/subject.ts";

describe("WebAssembly", () => {
  it("agrees with the interpreter on derivatives of random programs", () => {
    forPrograms(150, ({ derivatives, at }) => {
      const { loss, gradient, names, rounding } = derivatives;
      const roots = simplify([loss, ...gradient], { last: true });
      const got = executable(roots, {}, compileWasm)(at.bindings);
      return compareAll(["loss", ...names], got, at.real([loss, ...gradient]), at.real(rounding));
    });
  });

  it("gives the bits of JavaScript where sums keep their order and Math computes functions", () => {
    const exact = (...[program, signature]: Parameters<typeof compileWasm>) =>
      compileWasm(program, signature, { accurate: true, ordered: true });
    forPrograms(150, ({ derivatives: { all }, at }) => {
      const roots = simplify(all, { last: true });
      expect(executable(roots, { ordered: true }, exact)(at.bindings)).toEqual(
        executable(roots, { ordered: true })(at.bindings),
      );
      return [];
    });
  });
});
