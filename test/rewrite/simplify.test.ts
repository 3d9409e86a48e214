import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gradient, hvp } from "../../src/autodiff/derivatives.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { mul, square } from "../../src/ops/elementary/algebra.ts";
import { pow } from "../../src/ops/elementary/powers.ts";
import { sin } from "../../src/ops/elementary/trigonometric.ts";
import { graphCost, sizeHints } from "../../src/rewrite/cost.ts";
import { passes } from "../../src/rewrite/passes.ts";
import { rewrite, simplify } from "../../src/rewrite/rewrite.ts";
import { type Program, programs } from "../generators/programs.ts";

/** Values of the roots at the program's point. */
function evaluate(roots: readonly Expr[], { sizes, values }: Program): number[][] {
  return interpret(roots, { sizes, values }, realField);
}

/**
 * Reassociation moves results by a few thousand roundings of the largest intermediate value: derivatives of chains of
 * a dozen bounded operations reach 1e6 times the values.
 */
function expectClose(actual: readonly number[][], expected: readonly number[][]): void {
  for (const [k, values] of expected.entries()) {
    const scale = Math.max(1, ...values.map(Math.abs));
    for (const [at, value] of values.entries()) {
      const difference = Math.abs(actual[k]![at]! - value);
      expect(difference <= 1e-9 * scale || Object.is(actual[k]![at], value), `${actual[k]![at]} for ${value}`).toBe(
        true,
      );
    }
  }
}

const derivativesOf = (program: Program, output: Expr) => {
  const direction = program.parameters.map((parameter) => program.graph.constantLike(0.75, parameter));
  return [output, ...gradient(output, program.parameters), ...hvp(output, program.parameters, direction)];
};

for (const level of ["exact", "all"] as const) {
  describe(`simplify at level ${level}`, { timeout: 60_000 }, () => {
    it("keeps value, gradient and Hessian-vector product, after differentiation", () => {
      fc.assert(
        fc.property(programs(), (program) => {
          const roots = derivativesOf(program, program.output);
          expectClose(evaluate(simplify(roots, { level, last: true }), program), evaluate(roots, program));
        }),
        { numRuns: 500 },
      );
    });

    it("keeps value, gradient and Hessian-vector product, before differentiation", () => {
      fc.assert(
        fc.property(programs({ hasKinks: true }), (program) => {
          const [before] = simplify([program.output], { level }) as [Expr];
          expectClose(
            evaluate(derivativesOf(program, before), program),
            evaluate(derivativesOf(program, program.output), program),
          );
        }),
        { numRuns: 500 },
      );
    });
  });
}

describe("rewrite", { timeout: 60_000 }, () => {
  // stable rules buy accuracy with operations: softplus costs more than log1p(exp)
  const thrifty = passes.map((pass) => ({
    ...pass,
    rules: pass.rules.map(({ exact = [], real = [] }) => ({ exact, real })),
  }));
  it("never raises the cost by exact and real rules", () => {
    fc.assert(
      fc.property(programs({ hasKinks: true }), (program) => {
        const roots = derivativesOf(program, program.output);
        const hints = sizeHints(roots);
        // rules of extensions are stable ones, which may cost more
        const after = rewrite(roots, thrifty, { phase: "last", hints, extensions: [] });
        expect(graphCost(after, hints)).toBeLessThanOrEqual(graphCost(roots, hints));
      }),
      { numRuns: 500 },
    );
  });
});

/** What passes replace. */
function rewritesOf(
  roots: readonly Expr[],
  last: boolean,
): { readonly after: readonly Expr[]; readonly made: unknown[] } {
  const made: unknown[] = [];
  const record = { pass: (_: string, rewrites: readonly unknown[]) => void made.push(...rewrites) };
  return { after: simplify(roots, { record, last }), made };
}

describe("whole powers", () => {
  it.each(Array.from({ length: 15 }, (_, k) => k + 2))("are written once as products, with exponent %d", (exponent) => {
    const x = new Graph().param("x");
    for (const base of [x, sin(x), square(x)]) {
      const [loss] = simplify([pow(base, exponent)]);
      const { after } = rewritesOf([loss!, ...gradient(loss!, [x])], true);
      // products that become powers again would go round until the passes stop
      expect(rewritesOf(after, true)).toEqual({ after, made: [] });
    }
  });
});

describe("constants whose product is 0 or overflows", () => {
  it("do not pass each other in long chains", () => {
    const x = new Graph().param("x");
    let y: Expr = x;
    for (let k = 0; k < 1000; k++) y = square(mul(y, 2));
    const [loss] = simplify([y]);
    // a handful for each link
    expect(rewritesOf(gradient(loss!, [x]), true).made.length).toBeLessThan(10_000);
  });

  it.each([
    [1e200, 2e200],
    [0, 0.25],
    [1e-200, 3e-200],
  ])("leaves factors %d and %d where they are", (first, second) => {
    const node = mul(mul(new Graph().param("x"), first), second);
    expect(rewritesOf([node], false)).toEqual({ after: [node], made: [] });
  });
});
