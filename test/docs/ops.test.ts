import { describe, expect, it } from "vitest";
import { functions } from "../../src/build/functions.ts";
import { operations } from "../../src/ops/registry.ts";
import { operandNames, opsPage, promises, signs } from "./ops-page.ts";

describe("docs/ops.md", () => {
  it('is what the records say: after a change "npm run docs" writes it anew', async () => {
    await expect(opsPage()).toMatchFileSnapshot("../../docs/ops.md");
  });

  it("explains nothing that does not exist", () => {
    for (const name of [...Object.keys(operandNames), ...Object.keys(signs)]) expect(operations.has(name)).toBe(true);
    for (const name of Object.keys(promises)) expect(Object.hasOwn(functions, name)).toBe(true);
  });

  it("names as many operands as a primitive takes", () => {
    for (const [name, names] of Object.entries(operandNames)) {
      const { arity } = operations.get(name)!.primitive;
      if (arity !== "variadic") expect(names).toHaveLength(arity);
    }
  });
});
