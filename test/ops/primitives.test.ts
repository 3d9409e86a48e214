import { describe, expect, it } from "vitest";
import type { Expr } from "../../src/ir/graph.ts";
import type { Primitive } from "../../src/ir/primitive.ts";
import type { Complex } from "../../src/numeric/complex/complex.ts";
import { complexOf, continuationOf } from "../../src/ops/continuation.ts";
import { realOf } from "../../src/ops/program.ts";
import { pointsOf, smooth } from "./samples.ts";
import { derivative, operationOf, partialOf } from "./tangent.ts";

const u = 2 ** -53;
/** A derivative and a complex step may each lose some dozens of ulp; 2000 u is what whole programs need. */
const tolerance = 2000 * u;
const steps = [2 ** -100, 2 ** -332];

type Definition = (...operands: Expr[]) => Expr;

/** The partial of a primitive at a position as a function of its operands. */
function partialProgram(primitive: Primitive, position: number): Definition | undefined {
  const partial = partialOf(primitive, position);
  if (typeof partial !== "function") return undefined;
  const operation = operationOf(primitive);
  return (...operands) => partial(operands, operation(...operands), position);
}

const real = (re: number): Complex => ({ re, im: 0 });

/** Im f(x + i step e_k) / step: the derivative by the complex kernel alone. */
function complexStep(
  f: (...z: Complex[]) => Complex,
  point: readonly number[],
  position: number,
  step: number,
): number {
  return f(...point.map((x, k) => (k === position ? { re: x, im: step } : real(x)))).im / step;
}

/** The step is small beside every operand, and what it must show is a normal number, or zero. */
function canJudge(point: readonly number[], step: number, truth: number): boolean {
  const isSmall = point.every((x) => x === 0 || step <= 2 ** -30 * Math.abs(x));
  return isSmall && (truth === 0 || Math.abs(truth) * step > 2 ** -960);
}

/** Products whose slopes change sign where they are largest: there the two terms of a complex step cancel. */
const turning: ReadonlySet<string> = new Set(["shareProduct"]);

/** Their second derivatives change sign among the points, as 1 - 3 u^2 does: how they err goes by what cancels there. */
const crossing: ReadonlySet<string> = new Set(["spaceDirection1", "spaceDirection2", "spaceDirection3"]);

/** With infinite slopes where both operands are the same. */
const polarAtTies: ReadonlySet<string> = new Set(["otherLeg", "hypotenuseShare", "legShare", "hypotenuseExcess"]);

/** Far below this a derivative may have underflowed on its way; a step itself errs by its square. */
/** Their partials are derivatives of up to the seventh order, which lose some digits more. */
const highOrder: ReadonlySet<string> = new Set(["voigtDerivative3", "voigtDispersionDerivative3"]);

const allowedFor = ({ name }: Primitive) => (highOrder.has(name) ? 32 * tolerance : tolerance);

/** Far below this a derivative may have underflowed on its way. */
const negligible = 2 ** -500;

/**
 * The points where complex steps and `truth` differ, as text. The scale of an error is the derivative itself, and for
 * second derivatives also the first, whose parts may cancel.
 */
function disagreements(
  points: readonly number[][],
  position: number,
  value: (...x: number[]) => number,
  continued: (...z: Complex[]) => Complex,
  truth: (...x: number[]) => number,
  scaleOfValue: "none" | "value" | "value over operands",
  allowed = tolerance,
): string[] {
  const wrong: string[] = [];
  let judged = 0;
  for (const point of points) {
    const expected = truth(...point);
    if (!Number.isFinite(expected) || !Number.isFinite(value(...point))) continue;
    for (const step of steps) {
      if (!canJudge(point, step, expected)) continue;
      const measured = complexStep(continued, point, position, step);
      judged++;
      const size = Math.abs(value(...point));
      const beside = scaleOfValue === "none" ? 0 : scaleOfValue === "value" ? size : size / (Math.hypot(...point) || 1);
      const scale = Math.abs(expected) + beside;
      const agrees = Math.abs(measured - expected) <= allowed * scale + (expected === 0 ? negligible + step ** 2 : 0);
      if (!agrees) wrong.push(`at ${point}: ${expected}, but a step of ${step} measures ${measured}`);
    }
  }
  if (judged < 6) wrong.push("too few points could be judged");
  return wrong;
}

function expectNone(wrong: readonly string[]): void {
  if (wrong.length > 0) expect.fail(`${wrong.length} points, the first ones:\n${wrong.slice(0, 5).join("\n")}`);
}

/** Every partial that is an expression, with its position. */
const rules = smooth.flatMap((primitive) =>
  Array.from({ length: pointsOf(primitive)[0]!.length }, (_, position) => ({ primitive, position })).flatMap(
    (entry) => {
      const program = partialProgram(entry.primitive, entry.position);
      return program ? { ...entry, program, title: `${entry.primitive.name}, operand ${entry.position + 1}` } : [];
    },
  ),
);

describe("a partial", () => {
  it.each(rules)("equals the complex step of the kernel: $title", ({ primitive, position, program }) => {
    const points = pointsOf(primitive);
    const scale = turning.has(primitive.name) ? "value" : "none";
    const allowed = allowedFor(primitive);
    expectNone(
      disagreements(points, position, primitive.real, continuationOf(primitive), realOf(program), scale, allowed),
    );
  });

  const ofTwo = rules.filter(({ primitive }) => primitive.arity === 2 && !polarAtTies.has(primitive.name));
  it.each(ofTwo)("equals it where both operands are the same: $title", ({ primitive, position, program }) => {
    const points = [0.1, 0.3, 0.5, 0.7, 0.9, 1.3, 3, 40].map((x) => [x, x]);
    expectNone(disagreements(points, position, primitive.real, continuationOf(primitive), realOf(program), "value"));
  });

  it.each(rules)("has partials that equal its own complex step: $title", ({ primitive, program }) => {
    const points = pointsOf(primitive);
    const arity = points[0]!.length;
    const scale = crossing.has(primitive.name) ? "value over operands" : "value";
    for (let along = 0; along < arity; along++) {
      const second: Definition = (...operands) => {
        const output = program(...operands);
        return derivative(output, operands[along]!) ?? output.graph.constantLike(0, output);
      };
      const allowed = allowedFor(primitive);
      expectNone(disagreements(points, along, realOf(program), complexOf(program), realOf(second), scale, allowed));
    }
  });
});
