import { pullback } from "../../autodiff/sweeps.ts";
import { loops } from "../../extensions/loops.ts";
import { type Body, bodyOf } from "../../ir/bodies/body.ts";
import { capturedBy } from "../../ir/bodies/capture.ts";
import { implicitOf } from "../../ir/bodies/implicit.ts";
import { ShapeError, TypeMismatchError, UsageError } from "../../ir/errors.ts";
import { type Expr, type Shape, sameShape, showShape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { substitute } from "../../ir/walks/traverse.ts";
import { reshape } from "../../ops/arrays/arrays.ts";
import { sub } from "../../ops/elementary/algebra.ts";
import { toReal } from "../../ops/elementary/cast.ts";
import { refuseRows } from "../binders/rows.ts";
import type { Builder, Iterator } from "../terms/builder.ts";
import { aligned, type Term, termOf, unionOf } from "../terms/term.ts";
import { oneByOne } from "./one-by-one.ts";
import { iteration, newtonMinimum, newtonRoot } from "./solvers.ts";

/** What is solved: f(z) = 0, the least f(z), or z = f(z). */
export type ImplicitName = "root" | "argmin" | "fixedPoint";

export interface ImplicitRequest {
  readonly kind: ImplicitName;
  readonly name: string;
  readonly start: Term;
  /** The most steps; by default 200, of a fixed point 10,000. */
  readonly limit?: Integer | undefined;
  readonly body: (unknown: Term) => Term;
  /** Puts values in the place of variables that stand for values of the body. */
  readonly expand?: (roots: readonly Expr[], variables: readonly Expr[]) => readonly Expr[];
}

const defaultLimit: Readonly<Record<ImplicitName, number>> = { root: 200, argmin: 200, fixedPoint: 10_000 };

/**
 * The solution as a node of its own, for each value of the iterators in scope; NaN where none is found. Throws TypeMismatchError
 * for an unknown that is a condition.
 */
export function implicit(builder: Builder, request: ImplicitRequest): Term {
  const { kind, name, start } = request;
  if (start.dtype === "bool") throw new TypeMismatchError(`${kind} solves for reals, got a bool as "${name}".`);
  if (start.rank > 1) return asVector(builder, request);
  let { iterators } = start;
  for (;;) {
    const attempt = builder.attempt();
    const whole = [...iterators.map(({ extent }) => extent), ...start.shape];
    const unknown = builder.graph.variable(whole);
    const value = builder.within(1, () => request.body(termOf(builder, unknown, iterators)));
    const wider = unionOf([iterators, value.iterators]);
    refuseRows(builder, wider);
    if (wider.length > iterators.length) {
      attempt.undo();
      iterators = wider;
      continue;
    }
    if (builder.isSearching) return termOf(builder, builder.graph.variable(whole), iterators);
    const requirements = attempt.requirements();
    const found = solution(builder, request, iterators, unknown, value);
    // what must hold of the unknown must hold of the solution
    for (const requirement of requirements) {
      const { index, guard } = requirement;
      const [at, under] = substitute(guard ? [index, guard] : [index], new Map([[unknown, found.expr]]));
      builder.require({ ...requirement, index: at!, guard: under });
    }
    return found;
  }
}

/** Solves for the elements of an array as for those of a vector. */
function asVector(builder: Builder, request: ImplicitRequest): Term {
  const { kind, name, start, body } = request;
  const { shape } = start;
  const under = (x: Term, own: Shape): Term => {
    const outer = x.iterators.map(({ extent }) => extent);
    return termOf(builder, reshape(x.expr, [...outer, ...own]), x.iterators);
  };
  const flat = [Integer.product(shape)];
  const solved = implicit(builder, {
    ...request,
    start: under(start, flat),
    body: (unknown) => {
      const value = body(under(unknown, shape));
      if (kind === "argmin") return value;
      if (!sameShape(value.shape, shape)) throw mismatch(kind, name, shape, value);
      return under(value, flat);
    },
  });
  return under(solved, shape);
}

function mismatch(kind: ImplicitName, name: string, wanted: Shape, value: Term): ShapeError {
  const what = kind === "argmin" ? "a number to make least" : `as many equations as "${name}" has elements`;
  return new ShapeError(`${kind} needs ${what}, ${showShape(wanted)}, got ${showShape(value.shape)}.`, {
    shapes: [showShape(wanted), showShape(value.shape)],
  });
}

function solution(
  builder: Builder,
  { kind, name, start, limit, expand }: ImplicitRequest,
  iterators: readonly Iterator[],
  unknown: Expr,
  value: Term,
): Term {
  const wanted = kind === "argmin" ? [] : start.shape;
  if (!sameShape(value.shape, wanted)) throw mismatch(kind, name, wanted, value);
  const given = toReal(aligned(value, iterators, value.shape));
  const [f] = expand?.([given], [unknown]) ?? [given];
  const residual = residualOf(kind, name, f!, unknown);
  // a slope may read what f reads only through a view of it
  const constants = capturedBy([f!, residual], [unknown]);
  const parameters = [unknown, ...constants];
  const equations = bodyOf(parameters, [residual]);
  const most = limit ?? Integer.constant(defaultLimit[kind]);
  const solver = solverOf(kind, most, iterators.length, [equations, bodyOf(parameters, [f!])]);
  const operation = implicitOf({
    extension: loops,
    name: kind,
    solver,
    residual: equations,
    leading: iterators.length,
  });
  const first = toReal(aligned(start, iterators, start.shape));
  const [found] = builder.graph.operation(operation, [first, ...constants]);
  return termOf(builder, found!, iterators);
}

/** The algorithm for the systems along the leading axes: one after the other, or all at once where they are not apart. */
function solverOf(kind: ImplicitName, limit: Integer, leading: number, functions: readonly Body[]): Body {
  const [residual, objective] = functions as [Body, Body];
  const apart = leading > 0 && oneByOne(functions, (inner) => solverOf(kind, limit, leading - 1, inner));
  if (apart) return apart;
  const problem = { residual, leading, limit };
  if (kind === "argmin") return newtonMinimum(problem, objective);
  return kind === "root" ? newtonRoot(problem) : iteration(problem);
}

function residualOf(kind: ImplicitName, name: string, f: Expr, unknown: Expr): Expr {
  if (kind === "fixedPoint") return sub(f, unknown);
  if (kind === "root") {
    if (pullback([f], [f.graph.constantLike(1, f)], [unknown])[0]) return f;
    throw new UsageError(`root needs an equation in "${name}": this one does not vary with it.`);
  }
  const [slope] = pullback([f], [f.graph.constantLike(1, f)], [unknown]);
  if (slope && pullback([slope], [slope.graph.constantLike(1, slope)], [unknown])[0]) return slope;
  if (slope)
    throw new UsageError(
      `argmin needs a function that curves in "${name}": the slope of this one is the same everywhere.`,
    );
  throw new UsageError(`argmin needs a function of "${name}": this one does not vary with it.`);
}
