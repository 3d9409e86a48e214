import { describe, expect, it, vi } from "vitest";
import { nameOf } from "../../src/rewrite/rule-name.ts";
import { primitives } from "../ops/samples.ts";
import { survivors } from "./mutant.ts";
import { primitiveFaults, primitiveMutants } from "./primitives.ts";
import { isCaughtByLaws, isCaughtByValues, isReached, programsByRule } from "./programs.ts";
import { rows, ruleFaults, ruleMutants } from "./rules.ts";

// Every partial and every rewrite rule broken in turn. Each mutant meets the tests of its own row, which notice all, and the
// properties of random programs.

vi.setConfig({ testTimeout: 480_000 });

const differentiable = primitives.filter(({ result }) => result !== "bool" && result !== "int");

describe("partials", () => {
  it("pass their rows' tests as they stand", () => {
    const faults = differentiable.flatMap((primitive) =>
      primitiveFaults(primitive).map((fault) => [primitive.name, fault]),
    );
    expect(faults).toEqual([]);
  });

  it("fail their rows' tests when broken", () => {
    const mutants = primitiveMutants();
    const alive = survivors(mutants, ({ broken }) => primitiveFaults(broken).length > 0);
    console.info(
      `partials: ${mutants.length} mutants, ${mutants.length - alive.length} killed, ${alive.length} survived`,
    );
    expect(mutants.length).toBeGreaterThan(300);
    expect(alive).toEqual([]);
  });
});

describe("rewrite rules", () => {
  it("pass their rows' tests as they stand", () => {
    const faults = rows.flatMap((row) => ruleFaults(row).map((fault) => [nameOf(row.rule), fault]));
    expect(faults).toEqual([]);
  });

  it("fail their rows' tests when broken", () => {
    const mutants = ruleMutants();
    const alive = survivors(mutants, ({ broken }) => ruleFaults(broken).length > 0);
    console.info(`rules: ${mutants.length} mutants, ${mutants.length - alive.length} killed, ${alive.length} survived`);
    expect(new Set(mutants.map(({ row }) => row.rule)).size).toBe(rows.length);
    expect(alive).toEqual([]);
  });
});

describe("the properties of random programs", () => {
  it("notice every broken partial", () => {
    const mutants = primitiveMutants();
    const reached = mutants.filter(isReached);
    const alive = survivors(reached, isCaughtByLaws);
    console.info(`partials: ${reached.length} of ${mutants.length} reached, ${reached.length - alive.length} killed`);
    expect(alive).toEqual([]);
  });

  it("notice nearly every broken rule that they reach", () => {
    const subjects = programsByRule();
    const mutants = ruleMutants();
    const reached = mutants.filter(({ row }) => subjects.has(row.rule));
    const unnoticed = survivors(reached, (mutant) => isCaughtByValues(mutant, subjects.get(mutant.row.rule)!));
    console.info(`rules: ${reached.length} of ${mutants.length} reached, ${reached.length - unnoticed.length} noticed`);
    if (unnoticed.length > 0) console.info(`noticed by their rows' tests alone:\n  ${unnoticed.join("\n  ")}`);
    // a rare rule may fire only where its result is masked or multiplied by zero
    expect(unnoticed.length).toBeLessThan(0.1 * reached.length);
  });
});
