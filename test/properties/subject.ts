import fc from "fast-check";
import { vi } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { pathSums } from "../../src/check/absolute.ts";
import type { Sample } from "../../src/check/arbitraries.ts";
import { programs, type RecipeOptions } from "../../src/check/arbitraries.ts";
import { Derivatives, Evaluation } from "../../src/check/graphs.ts";
import { type Comparison, deviationOf } from "../../src/check/laws.ts";
import type { RandomProgram } from "../../src/check/programs/programs.ts";
import type { Expr } from "../../src/ir/graph.ts";
import { dot } from "../../src/ops/arrays/contractions.ts";
import { add } from "../../src/ops/elementary/algebra.ts";
import { abs } from "../../src/ops/elementary/rounding.ts";

vi.setConfig({ testTimeout: 120_000 });

/** A random program with its derivatives in all parameters, evaluated at its own point along two small directions. */
export interface Subject {
  readonly program: RandomProgram;
  readonly derivatives: Derivatives;
  readonly at: Evaluation;
}

export function subjectOf(program: RandomProgram): Subject {
  const { graph, output, parameters, sizes, values } = program;
  const nameOf = (leaf: Expr) => graph.leafOf(leaf.id).name;
  const derivatives = new Derivatives(output, parameters, parameters.map(nameOf));
  const direction = (seed: number) =>
    new Map(parameters.map((leaf) => [nameOf(leaf), values.get(leaf)!.map((_, k) => ((seed + 5 * k) % 7) - 3)]));
  const sample: Sample = {
    sizes,
    values: new Map([...values].map(([leaf, list]) => [nameOf(leaf), list])),
    v: direction(4),
    u: direction(2),
  };
  const leaves = [...values.keys()].map((expr) => ({ name: nameOf(expr), expr }));
  return { program, derivatives, at: new Evaluation(derivatives, sample, leaves) };
}

/** Every run of the suite draws the same programs; a fault found by another seed belongs into a test of its own. */
export const seed = 20_240_607;

export interface SubjectOptions extends RecipeOptions {
  /** The same program in another form. Default: as it is drawn. */
  readonly form?: (program: RandomProgram) => RandomProgram;
}

/** Runs a law over random programs; the counterexample that remains is a graph of a few nodes. */
export function forPrograms(
  runs: number,
  compare: (subject: Subject) => readonly Comparison[],
  { form = (program) => program, ...options }: SubjectOptions = {},
): void {
  fc.assert(
    fc.property(programs(options), (program) => {
      expectAgreement(compare(subjectOf(form(program))));
    }),
    { numRuns: runs, seed: Number(process.env.NABLA_SEED ?? seed) },
  );
}

/** Throws with the first few pairs that are too far apart. */
export function expectAgreement(compared: readonly Comparison[]): void {
  const wrong = compared.filter((comparison) => !(deviationOf(comparison) <= 1));
  if (wrong.length > 0) throw new Error(wrong.slice(0, 3).map(show).join("\n"));
}

const show = ({ where, got, expected, tolerance }: Comparison) =>
  `${where}: got ${got}, expected ${expected}, tolerance ${tolerance}`;

/** gradient . v of a scalar, and the path sum that its rounding is measured by. */
export function slopeOf(output: Expr, variables: readonly Expr[], v: readonly Expr[]): { slope: Expr; scale: Expr } {
  const slopes = gradient(output, variables).map((g, k) => dot(g, v[k]!));
  const changes = new Map(variables.map((x, k) => [x, abs(v[k]!)]));
  return { slope: slopes.length > 1 ? add(...slopes) : slopes[0]!, scale: pathSums([output], changes)[0]! };
}
