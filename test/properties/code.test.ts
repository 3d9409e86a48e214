import { describe, expect, it } from "vitest";
import { type Executable, executable } from "../../src/check/execute.ts";
import { codeLaw } from "../../src/check/laws.ts";
import type { RandomProgram } from "../../src/check/programs/programs.ts";
import { forVectors } from "../../src/emit/wasm/vector-loop.ts";
import type { Expr } from "../../src/ir/graph.ts";
import { topologicalOrder } from "../../src/ir/walks/traverse.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import type { Level } from "../../src/rewrite/rule.ts";
import { compileWasm } from "../emit/wasm/compile-wasm.ts";
import { withLiteralSizes } from "../generators/literal-sizes.ts";
import { forPrograms } from "./subject.ts";
import "../emit/wasm/relaxed.ts";

// Property 8: interpreter of the raw graph = interpreter of the rewritten graph = generated code, for value, gradient
// and Hessian-vector product.

const rewritten = (level: Level) => codeLaw("", "", ({ all }, at) => at.real(simplify(all, { level, last: true })));
const generated = (level: Level, make: (roots: readonly Expr[]) => Executable) =>
  codeLaw("", "", ({ all }, at) => make(simplify(all, { level, last: true }))(at.bindings));

/** What runs programs of loops, and how it keeps the order of sums and Math's functions. */
interface Printer {
  readonly printer: string;
  readonly make: (roots: readonly Expr[]) => Executable;
  readonly makeExact: (roots: readonly Expr[]) => Executable;
}

const exactly = { accurate: true, ordered: true };
const printers: readonly Printer[] = [
  {
    printer: "JavaScript",
    make: (roots) => executable(roots),
    makeExact: (roots) => executable(roots, { ordered: true }),
  },
  {
    printer: "WebAssembly",
    make: (roots) => executable(roots, { forVectors }, compileWasm),
    makeExact: (roots) =>
      executable(roots, { forVectors, ordered: true }, (program, signature) =>
        compileWasm(program, signature, exactly),
      ),
  },
];

const forms = [
  { sizes: "sizes by name", form: (program: RandomProgram) => program },
  { sizes: "numbers as sizes", form: withLiteralSizes },
];

/**
 * True when sums run over one iterator and products have two factors: canonical form numbers summed iterators by first
 * appearance and sorts factors by id, so that rebuilding others may add or multiply in another order.
 */
function hasOneOrder(roots: readonly Expr[]): boolean {
  return topologicalOrder(roots).every(({ kind, graph, id }) => {
    if (kind !== "contraction") return true;
    const { factors, extents, shape } = graph.contractionOf(id);
    return factors.length <= 2 && extents.length - shape.length <= 1;
  });
}

describe("loss, gradient and Hessian-vector product", () => {
  it("keep their bits under exact rewrites, where sums have one order", () => {
    let judged = 0;
    forPrograms(300, ({ derivatives: { all }, at }) => {
      const after = simplify(all, { level: "exact", last: true });
      if (!hasOneOrder([...all, ...after])) return [];
      judged++;
      const [expected, got] = [at.real(all).flat(), at.real(after).flat()];
      return expected.map((value, k) => ({ where: `${k}`, got: got[k]!, expected: value, tolerance: 0 }));
    });
    expect(judged).toBeGreaterThan(40);
  });

  it.each(forms)("stay within rounding under all rewrites, with $sizes", ({ form }) => {
    forPrograms(250, ({ derivatives, at }) => rewritten("all").compare(derivatives, at), { form });
  });
});

describe.each(printers.flatMap((printer) => forms.map((form) => ({ ...printer, ...form }))))(
  "$printer of loss, gradient and Hessian-vector product, with $sizes",
  ({ make, makeExact, form }) => {
    it("has the interpreter's bits with ordered sums, exactly rewritten", () => {
      forPrograms(
        100,
        ({ derivatives: { all }, at }) => {
          const roots = simplify(all, { level: "exact", last: true });
          const [expected, got] = [at.real(roots).flat(), makeExact(roots)(at.bindings).flat()];
          return expected.map((value, k) => ({ where: `${k}`, got: got[k]!, expected: value, tolerance: 0 }));
        },
        { form },
      );
    });

    it("stays within rounding as it is built, unrewritten", () => {
      forPrograms(100, ({ derivatives, at }) => generated("none", make).compare(derivatives, at), { form });
    });

    it("stays within rounding with all rewrites", () => {
      forPrograms(100, ({ derivatives, at }) => generated("all", make).compare(derivatives, at), { form });
    });
  },
);
