import { loops } from "../../extensions/loops.ts";
import { capturedBy } from "../../ir/bodies/capture.ts";
import { whileOf } from "../../ir/bodies/while.ts";
import { ShapeError, TypeMismatchError, UsageError } from "../../ir/errors.ts";
import { type Expr, showShape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { axes, maximum, view } from "../../ops/arrays/contractions.ts";
import { greater, select } from "../../ops/elementary/comparison.ts";
import { refuseRows } from "../binders/rows.ts";
import type { Builder } from "../terms/builder.ts";
import { article } from "../terms/elementwise.ts";
import { aligned, type Term, termOf, unionOf } from "../terms/term.ts";
import { firstOf, type LoopCarry, nextOf, promoted } from "./carries.ts";

export interface WhileRequest {
  readonly carries: readonly LoopCarry[];
  /** The most steps; without it 1,000,000, and no reverse derivative. */
  readonly limit: Integer | undefined;
  readonly test: (carries: readonly Term[]) => Term;
  readonly body: (carries: readonly Term[]) => readonly Term[];
  /** Puts values in the place of variables that stand for values of the body. */
  readonly expand?: (roots: readonly Expr[], variables: readonly Expr[]) => readonly Expr[];
}

/** A loop without a stated limit ends here, so that nothing hangs. */
const mostSteps = 1_000_000;

/**
 * The last carries of a loop that runs while a test holds, for each value of the iterators in scope. Throws UsageError where
 * nothing is carried.
 */
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
    const wideTypes = promoted(types, next);
    if (wider.length > iterators.length || wideTypes.some(({ dtype }, k) => dtype !== types[k]!.dtype)) {
      attempt.undo();
      iterators = wider;
      types = wideTypes;
      continue;
    }
    requireTest(test);
    if (builder.isSearching) {
      return types.map(({ dtype }, k) => termOf(builder, builder.graph.variable(whole[k]!, dtype), iterators));
    }
    const condition = aligned(test, iterators, []);
    const given = next.map((term, k) => nextOf(carries[k]!, term, types[k]!, iterators));
    const roots = expand?.([...given, condition], variables) ?? [...given, condition];
    const step = eachOnItsOwn(roots.slice(0, -1), roots.at(-1)!, variables, iterators.length);
    const constants = capturedBy([...step.next, step.condition], variables);
    const operation = whileOf({
      extension: loops,
      limit: limit ?? Integer.constant(mostSteps),
      isLimited: limit !== undefined,
      carries: variables,
      constants,
      ...step,
    });
    const firsts = carries.map((carry, k) => firstOf(carry, types[k]!, iterators));
    for (const requirement of attempt.requirements()) builder.require(requirement);
    const results = builder.graph.operation(operation, [...firsts, ...constants]);
    return types.map((_, k) => termOf(builder, results[k]!, iterators));
  }
}

/** The step of a loop for every value of so many iterators: each stops on its own, and all end with the last. */
function eachOnItsOwn(next: readonly Expr[], holds: Expr, current: readonly Expr[], iterators: number) {
  if (iterators === 0) return { next, condition: holds };
  const kept = next.map((value, k) => select(view(holds, value.shape, axes(iterators)), value, current[k]!));
  const [one, zero] = [1, 0].map((value) => holds.graph.constantLike(value, holds)) as [Expr, Expr];
  return { next: kept, condition: greater(maximum(select(holds, one, zero)), 0) };
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
