import { describe, expect, it } from "vitest";
import { gatherers } from "../../src/build/binders/gather.ts";
import * as core from "../../src/index.ts";
import * as linearAlgebra from "../../src/linear-algebra.ts";
import * as loops from "../../src/loops.ts";
import { loadModel, wholeLanguage } from "../../src/model/load.ts";
import { documentationOf } from "../../src/ops/documentation/registry.ts";
import { operationFamilies, operations } from "../../src/ops/registry.ts";
import { outputAt } from "../build/evaluate.ts";
import { functionNotes, recordNotes } from "./function-notes.ts";
import { functionSummaries } from "./function-summaries.ts";
import { binderNotes, formNotes, loopNotes } from "./loop-notes.ts";
import { familyExample, operandNames, opsPage, promises, signs } from "./ops-page.ts";
import { exampleOf } from "./primitive-examples.ts";

interface Shown {
  readonly example: readonly [expression: string, value: string];
  readonly before?: string;
}

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
    expect(Object.keys(functionNotes).sort()).toEqual([...wholeLanguage.vocabulary.functions.keys()].sort());
    expect(Object.keys(recordNotes).sort()).toEqual([...wholeLanguage.vocabulary.records.keys()].sort());
    const summed = [...wholeLanguage.vocabulary.functions.keys(), ...wholeLanguage.vocabulary.records.keys()].sort();
    expect(Object.keys(functionSummaries).sort()).toEqual(summed);
  });

  it("has a line for every construct, binder and form, with what holds at its edges", () => {
    const loops = loopNotes.map(({ language }) => /^\w+/.exec(language)![0]);
    expect(loops.sort()).toEqual([...wholeLanguage.constructs.keys()].sort());
    expect(Object.keys(binderNotes).sort()).toEqual(Object.keys(gatherers).sort());
    // a form's line is of a form: its example has what it is written with
    for (const { language, before = "", example } of formNotes) {
      const signs = language.match(/\b(?:if|then|else|def|let|return)\b|[^\s\w(),]/g)!;
      for (const sign of signs) expect(before + example[0], language).toContain(sign);
    }
  });

  it("leaves no cell of what everything has empty", () => {
    const said = [...loopNotes, ...Object.values(binderNotes), ...formNotes];
    for (const { derivative, example } of said) expect([derivative, ...example]).not.toContain("");
    for (const { shape, example } of [...Object.values(functionNotes), ...Object.values(recordNotes)]) {
      expect([shape, ...example]).not.toContain("");
    }
    for (const { primitive } of operations.values())
      expect(documentationOf(primitive)?.summary, primitive.name).toBeTruthy();
    for (const [name, family] of operationFamilies) {
      const { summary, derivative } = documentationOf(family(family.lowestOrder).primitive) ?? {};
      expect([summary, derivative], name).not.toContain(undefined);
    }
  });

  const numbersOf = (expression: string, before = "") =>
    outputAt(loadModel({ name: "example.nabla", text: `${before}\noutput z = ${expression}` }), "z", {});

  const all: readonly Shown[] = [
    ...Object.values({ ...functionNotes, ...recordNotes }),
    ...Object.values(binderNotes),
    ...loopNotes,
    ...formNotes,
  ];
  it.each(all.map(({ example: [expression, value], before = "" }) => [expression, value, before] as const))(
    "shows what holds: %s is %s",
    (expression, value, before) => {
      const [got, wanted] = [numbersOf(expression, before), numbersOf(value)];
      expect(got).toHaveLength(wanted.length);
      for (const [at, number] of wanted.entries()) expect(got[at]).toBeCloseTo(number, 14);
    },
  );

  const forms = [
    ...[...loopNotes, ...formNotes].map(({ typescript, inTypeScript, example }) => [
      typescript,
      inTypeScript,
      example[0],
    ]),
    ...Object.entries(binderNotes).map(([name, { inTypeScript, example }]) => [`${name}(`, inTypeScript, example[0]]),
  ] as const;
  it.each(forms)(
    "shows a form of TypeScript that gives what the language's does: %s as %s",
    (form, code, expression) => {
      const before = formNotes.find(({ example }) => example[0] === expression)?.before ?? "";
      const called = (text: string) => Array.from(text.matchAll(/(\.?\b\w+)\(/g), (match) => match[1]!);
      // the form calls nothing that its example does not
      expect(called(code)).toEqual(expect.arrayContaining(called(form)));
      const build = new Function("exported", `with (exported) return (${code});`) as (exported: object) => core.Tensor;
      const model = core.model({}, () => ({ z: build({ ...linearAlgebra, ...loops, ...core }) }));
      expect(outputAt(model, "z", {})).toEqual(numbersOf(expression, before));
    },
  );

  it("shows values of primitives that the language gives", () => {
    const families = [...operationFamilies].map(([name, family]) =>
      familyExample(name, family(family.lowestOrder).primitive, family.lowestOrder),
    );
    const all = [...[...operations.values()].map(({ primitive }) => exampleOf(primitive)), ...families];
    for (const { expression, value } of all) {
      const got = numbersOf(expression)[0]!;
      const wanted = value === "true" ? 1 : value === "false" ? 0 : Number(value);
      // as many digits as are shown
      if (Number.isNaN(wanted)) expect(got, expression).toBeNaN();
      else expect(Math.abs(got - wanted), expression).toBeLessThanOrEqual(5e-6 * Math.abs(wanted));
    }
  });
});
