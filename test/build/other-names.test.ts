import { describe, expect, it } from "vitest";
import { advice, namesElsewhere, otherNames, spellingsOf } from "../../src/build/functions/other-names.ts";
import { showGraph } from "../../src/ir/show.ts";
import { loadModel, wholeLanguage } from "../../src/model/load.ts";

const load = (text: string) => loadModel({ name: "names.nabla", text });
/** The graph of an expression of vectors x, y and a condition c. */
const graphOf = (expression: string) => {
  const model = load(`data x: [n], y: [n], c: bool[n]\noutput out = ${expression}`);
  expect(model.warnings).toEqual([]);
  return showGraph([...model.outputs.values()]);
};

describe("a name from elsewhere", () => {
  it("is that of one function, and of none of ours", () => {
    for (const [ours, others] of Object.entries(namesElsewhere)) {
      expect(wholeLanguage.vocabulary.isOwnName(ours), ours).toBe(true);
      for (const other of others)
        expect([
          other,
          wholeLanguage.vocabulary.isOwnName(other),
          wholeLanguage.vocabulary.canonicalName(other),
        ]).toEqual([other, false, ours]);
    }
    expect(new Set(otherNames()).size).toBe(Object.values(namesElsewhere).flat().length);
  });

  it.each([
    ["ln(x)", "log(x)"],
    ["clip(x, 0, 1)", "clamp(x, 0, 1)"],
    ["where(c, x, y)", "select(c, x, y)"],
    ["log_softmax(x)", "logSoftmax(x)"],
    ["logsoftmax(x)", "logSoftmax(x)"],
    ["leaky_relu(x, 0.1)", "leakyRelu(x, 0.1)"],
    ["average(x)", "mean(x)"],
    ["average(i: x[i])", "mean(i: x[i])"],
    ["maximum(x, y)", "max(x, y)"],
    ["power(x, y)", "x^y"],
  ])("gives the same graph: %s as %s", (other, ours) => {
    expect(graphOf(other)).toBe(graphOf(ours));
  });

  it("varies a name where it takes derivatives", () => {
    const text = (name: string) => `param w: [n]\nlet z = w^2\nlet f = sum(exp(z))\noutput out = ${name}(f, z)`;
    const graph = (name: string) => showGraph([...load(text(name)).outputs.values()]);
    expect(graph("gradient")).toBe(graph("grad"));
  });

  it("is free for names of a model", () => {
    const own = load("param product\ndef average(x) = 2 * x\nloss = average(product)");
    expect(own.warnings).toEqual([]);
    expect(showGraph([own.loss!])).toContain("mul");
  });
});

describe("a spelling in another style", () => {
  it("never stands for two functions, nor hides one", () => {
    const all = [...wholeLanguage.vocabulary.names()].flatMap(spellingsOf);
    expect(all.length).toBeGreaterThan(20);
    expect(all.filter((spelling, k) => all.indexOf(spelling) < k)).toEqual([]);
    for (const spelling of all)
      expect(spellingsOf(wholeLanguage.vocabulary.canonicalName(spelling)), spelling).toContain(spelling);
  });
});

describe("a word with advice", () => {
  it("is no function", () => {
    expect(Object.keys(advice).filter((name) => wholeLanguage.vocabulary.isCallable(name))).toEqual([]);
  });

  it("is answered with what to write", () => {
    expect(() => load("param x: [n]\nloss = sd(x)")).toThrow('Write "standardDeviation(x)", which divides by n');
    expect(() => load("loss = e^2")).toThrow('Write "exp(1)"');
    expect(() => load("param x\nloss = -poisson_log_lpmf(2, x)")).toThrow(
      "There are no distributions: define the density",
    );
  });
});
