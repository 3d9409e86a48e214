import { loops } from "../../extensions/loops.ts";
import { capturedBy } from "../../ir/bodies/capture.ts";
import { whileOf } from "../../ir/bodies/while.ts";
import { ShapeError, TypeMismatchError, UsageError } from "../../ir/errors.ts";
import { type Expr, sameShape, showShape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { axes, maximum, view } from "../../ops/arrays/contractions.ts";
import { toReal } from "../../ops/elementary/cast.ts";
import { greater, select } from "../../ops/elementary/comparison.ts";
import { refuseRows } from "../binders/rows.ts";
import type { Builder } from "../terms/builder.ts";
import { article } from "../terms/elementwise.ts";
import { aligned, type Term, termOf, unionOf } from "../terms/term.ts";
import type { ScanCarry } from "./scan.ts";

export interface WhileRequest {
  readonly carries: readonly ScanCarry[];
  /** The most steps; without it 1,000,000, and no reverse derivative. */
  readonly limit: Integer | undefined;
  readonly test: (carries: readonly Term[]) => Term;
  readonly body: (carries: readonly Term[]) => readonly Term[];
  /** Puts values in the place of variables that stand for values of the body. */
  readonly expand?: (roots: readonly Expr[], variables: readonly Expr[]) => readonly Expr[];
}

/** A loop without a stated limit ends here, so that nothing hangs. */
const mostSteps = 1_000_000;

/** The last carries of a loop that runs while a test holds, for each value of the iterators in scope. */
export function whileLoop(builder: Builder, request: WhileRequest): Term[] {
  const { carries, limit, expand } = request;
  if (carries.length === 0) {
    throw new UsageError("while carries something on, and no carry is given.", {
      notes: ['Write "while(y = 1, test = abs(y^2 - x) > 1e-9, limit = 50: (y + x / y) / 2)".'],
    });
  }
  let iterators = unionOf(carries.map(({ first }) => first.iterators));
  let types = carries.map(({ first: { shape, dtype } }) => ({ shape, dtype }));
  for (;;) {
    const attempt = builder.attempt();
    const whole = types.map(({ shape }) => [...iterators.map(({ extent }) => extent), ...shape]);
    const variables = types.map(({ dtype }, k) => builder.graph.variable(whole[k]!, dtype));
    const current = variables.map((variable) => termOf(builder, variable, iterators));
    const [next, test] = builder.within(1, () => [request.body(current), request.test(current)] as const);
    const wider = unionOf([iterators, test.iterators, ...next.map((term) => term.iterators)]);
    refuseRows(builder, wider);
    const promoted = types.map(({ shape, dtype }, k) => {
      return { shape, dtype: dtype === "int" && next[k]!.dtype === "real" ? ("real" as const) : dtype };
    });
    if (wider.length > iterators.length || promoted.some(({ dtype }, k) => dtype !== types[k]!.dtype)) {
      attempt.undo();
      iterators = wider;
      types = promoted;
      continue;
    }
    requireTest(test);
    if (builder.isSearching) {
      return types.map(({ dtype }, k) => termOf(builder, builder.graph.variable(whole[k]!, dtype), iterators));
    }
    const condition = aligned(test, iterators, []);
    const given = next.map((term, k) => fitting(carries[k]!, term, types[k]!, iterators));
    const roots = expand?.([...given, condition], variables) ?? [...given, condition];
    const holds = roots.at(-1)!;
    const isSingle = iterators.length === 0;
    // every value of the iterators has a loop of its own, which stops on its own
    const kept = roots.slice(0, -1).map((value, k) => {
      if (isSingle) return value;
      return select(view(holds, value.shape, axes(iterators.length)), value, variables[k]!);
    });
    const one = holds.graph.constantLike(1, holds);
    const some = isSingle ? holds : greater(maximum(select(holds, one, holds.graph.constantLike(0, holds))), 0);
    const constants = capturedBy([...kept, some], variables);
    const operation = whileOf({
      extension: loops,
      limit: limit ?? Integer.constant(mostSteps),
      isLimited: limit !== undefined,
      carries: variables,
      constants,
      next: kept,
      condition: some,
    });
    const firsts = carries.map(({ first }, k) => {
      const expr = aligned(first, iterators, types[k]!.shape);
      return types[k]!.dtype === "real" ? toReal(expr) : expr;
    });
    for (const requirement of attempt.requirements()) builder.require(requirement);
    const results = builder.graph.operation(operation, [...firsts, ...constants]);
    return types.map((_, k) => termOf(builder, results[k]!, iterators));
  }
}

function requireTest(test: Term): void {
  if (test.dtype !== "bool") {
    throw new TypeMismatchError(`the test of a while is a condition, got ${article(test.dtype)}.`, {
      notes: ['Compare it: "test = x != 0".'],
    });
  }
  if (test.rank > 0) {
    throw new ShapeError(`the test of a while is one condition, got the shape ${showShape(test.shape)}.`, {
      shapes: [showShape(test.shape)],
      notes: ["Take any(...) or all(...) of it."],
    });
  }
}

function fitting(
  { name, first }: ScanCarry,
  term: Term,
  { shape, dtype }: { readonly shape: Expr["shape"]; readonly dtype: Expr["dtype"] },
  iterators: Term["iterators"],
): Expr {
  if (!sameShape(term.shape, shape)) {
    throw new ShapeError(
      `the carry "${name}" keeps its shape: it begins as ${showShape(first.shape)}, and the step gives ${showShape(term.shape)}.`,
      { shapes: [showShape(first.shape), showShape(term.shape)] },
    );
  }
  const expr = aligned(term, iterators, shape);
  if (term.dtype === dtype) return expr;
  if (dtype === "real" && term.dtype === "int") return toReal(expr);
  throw new TypeMismatchError(`the carry "${name}" begins as ${first.dtype}, and the step gives ${term.dtype}.`);
}
