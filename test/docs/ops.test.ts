import { describe, expect, it } from "vitest";
import { matrixFunctions } from "../../src/build/linear-algebra.ts";
import { loadModel, wholeLanguage } from "../../src/model/load.ts";
import { operations } from "../../src/ops/registry.ts";
import { outputAt } from "../build/evaluate.ts";
import { functionNotes } from "./function-notes.ts";
import { functionSummaries } from "./function-summaries.ts";
import { loopNotes } from "./loop-notes.ts";
import { operandNames, opsPage, promises, signs } from "./ops-page.ts";
import { exampleOf } from "./primitive-examples.ts";

describe("docs/ops.md", () => {
  it('is what the records say: after a change "npm run docs" writes it anew', async () => {
    await expect(opsPage()).toMatchFileSnapshot("../../docs/ops.md");
  });

  it("explains nothing that does not exist", () => {
    for (const name of [...Object.keys(operandNames), ...Object.keys(signs)]) expect(operations.has(name)).toBe(true);
    for (const name of Object.keys(promises)) expect(wholeLanguage.vocabulary.functions.has(name)).toBe(true);
  });

  it("names as many operands as a primitive takes", () => {
    for (const [name, names] of Object.entries(operandNames)) {
      const { arity } = operations.get(name)!.primitive;
      if (arity !== "variadic") expect(names).toHaveLength(arity);
    }
  });

  it("says of every function what it is, and of arrays what shapes it takes", () => {
    const named = [...wholeLanguage.vocabulary.functions.keys()].filter(
      (name) => !Object.hasOwn(matrixFunctions, name),
    );
    expect(Object.keys(functionNotes).sort()).toEqual(named.sort());
    const summed = [...wholeLanguage.vocabulary.functions.keys(), ...wholeLanguage.vocabulary.records.keys()].sort();
    expect(Object.keys(functionSummaries).sort()).toEqual(summed);
  });

  const numbersOf = (expression: string) =>
    outputAt(loadModel({ name: "example.nabla", text: `output z = ${expression}` }), "z", {});

  it.each([...Object.values(functionNotes), ...loopNotes].map(({ example }) => example))(
    "shows what holds: %s is %s",
    (expression, value) => {
      const [got, wanted] = [numbersOf(expression), numbersOf(value)];
      expect(got).toHaveLength(wanted.length);
      for (const [at, number] of wanted.entries()) expect(got[at]).toBeCloseTo(number, 14);
    },
  );

  it("shows values of primitives that the language gives", () => {
    for (const { primitive } of operations.values()) {
      const { expression, value } = exampleOf(primitive);
      const got = numbersOf(expression)[0]!;
      const wanted = value === "true" ? 1 : value === "false" ? 0 : Number(value);
      // as many digits as are shown
      if (Number.isNaN(wanted)) expect(got, expression).toBeNaN();
      else expect(Math.abs(got - wanted), expression).toBeLessThanOrEqual(5e-6 * Math.abs(wanted));
    }
  });
});
