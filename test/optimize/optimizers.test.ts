import { describe, expect, it } from "vitest";
import { minimizeSync, optimizerNamed, optimizers, optionFromText, sgd } from "../../src/optimize.ts";
import { rosenbrock, rosenbrockStart } from "./problems.ts";

describe("the table of methods", () => {
  it.each(Object.entries(optimizers))("describes %s, whose optimiser has its name", (name, method) => {
    expect(method.name).toBe(name);
    expect(name).toMatch(/^[a-z]+(-[a-z0-9]+)*$/);
    expect(method.summary).toMatch(/^\S.{10,90}$/);
    for (const { about, needs } of Object.values(method.options))
      expect(`${about}; ${needs}`).not.toMatch(/undefined|\.$/);
  });

  it.each(Object.entries(optimizers))("takes the defaults of %s as options too", (_name, { options, from }) => {
    const defaults = Object.entries(options).flatMap(([name, entry]) =>
      "default" in entry ? [[name, entry.default]] : [],
    );
    const required = Object.entries(options).filter(([, entry]) => !("default" in entry));
    if (required.length === 0) expect(() => from(Object.fromEntries(defaults))).not.toThrow();
    else expect(() => from({})).toThrow(`needs the option ${required[0]![0]}`);
  });

  it.each([
    [
      "an unknown method",
      () => optimizerNamed("sdg"),
      /^there is no method "sdg"; there are .*, sgd, .*\nDid you mean "sgd"\?$/s,
    ],
    ["an unknown option", () => optimizerNamed("sgd", { rat: 1 }), /^sgd has no option "rat". Did you mean "rate"\?$/],
    [
      "a rate of 0",
      () => sgd({ rate: 0 }),
      "sgd: rate needs a number above 0 or a schedule, got 0.\nLeft out, it is 0.001.",
    ],
    ["a rate that is NaN", () => sgd({ rate: Number.NaN }), "got NaN"],
    ["a rate as text", () => optimizerNamed("sgd", { rate: "fast" }), 'got "fast"'],
    [
      "momentum of 1",
      () => optimizerNamed("momentum", { momentum: 1 }),
      "momentum: momentum needs a number from 0 to below 1, got 1.",
    ],
  ])("refuses %s", (_what, make, message) => {
    expect(make).toThrow(message);
  });

  it.each([
    [
      "a field too much",
      { kind: "constant", rate: 1, steps: 2 },
      'The schedule "constant" has no "steps". It has: rate.',
    ],
    [
      "a field too few",
      { kind: "cosine", rate: 1 },
      'The schedule "cosine" needs "steps": a number above 0, got nothing.',
    ],
    [
      "a number out of range",
      { kind: "exponential", rate: 1, factor: 2 },
      'The schedule "exponential" needs "factor": a number above 0 and at most 1, got 2.',
    ],
    ["no kind", { rate: 1 }, "A schedule has a kind: constant, inverse, step, exponential, cosine, warmUp."],
    ["an unknown kind", { kind: "warmup" }, 'No schedule has the kind "warmup". Did you mean "warmUp"?'],
    [
      "nothing after a warm-up",
      { kind: "warmUp", steps: 2 },
      'The schedule "warmUp" needs "after": a number above 0 or a schedule, got nothing.',
    ],
    [
      "a wrong one after a warm-up",
      { kind: "warmUp", steps: 2, after: { kind: "inverse", rate: 1 } },
      'The schedule "inverse" needs "steps": a number above 0, got nothing.',
    ],
  ])("names what is wrong with a schedule: %s", (_what, rate, fault) => {
    const wanted = `sgd: rate needs a number above 0 or a schedule, got ${JSON.stringify(rate)}.\n${fault}\nLeft out, it is 0.001.`;
    expect(() => optimizerNamed("sgd", { rate })).toThrow(wanted);
  });

  it("makes the same optimiser from text as from the function", () => {
    const limits = { iterations: 5 };
    const named = optimizerNamed("sgd", { rate: optionFromText('{"kind": "inverse", "rate": 1e-3, "steps": 10}') });
    const direct = sgd({ rate: { kind: "inverse", rate: 1e-3, steps: 10 } });
    const [a, b] = [named, direct].map((method) => minimizeSync(method, rosenbrock, rosenbrockStart, { limits }));
    expect(a!.point).toEqual(b!.point);
  });
});
