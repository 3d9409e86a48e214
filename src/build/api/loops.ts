import { described, needs, requireArgument, requireOptions, requireThat } from "../../ir/arguments/arguments.ts";
import { UsageError } from "../../ir/errors.ts";
import type { Expr } from "../../ir/graph.ts";
import type { LoopCarry } from "../loops/carries.ts";
import { type ImplicitName, implicit } from "../loops/implicit.ts";
import { type ScanInput, scan as scanTerms } from "../loops/scan.ts";
import { whileLoop } from "../loops/while.ts";
import type { Builder } from "../terms/builder.ts";
import type { Term } from "../terms/term.ts";
import { currentBuilder } from "./building.ts";
import { integerOf, type Operand, ownTerm, rangeOf, type SizeLike, Span, Tensor, toTerm } from "./tensor.ts";

type Names = Readonly<Record<string, unknown>>;
type Tensors<N extends Names> = { readonly [Name in keyof N]: Tensor };

/** What `scan` runs over and carries. */
export interface ScanOptions<Over extends Names, Carry extends Names> {
  /** What the steps run over, by name: the rows of tensors, or ranges. */
  readonly over: Over & Readonly<Record<string, Tensor | Span>>;
  /** What is carried from step to step, by name: the first values. */
  readonly carry: Carry & Readonly<Record<string, Operand>>;
  /** Runs from the last step to the first. Default: false. */
  readonly reverse?: boolean;
}

/** What a step gives: the next carries, and what is stacked, by name. */
export interface ScanResult<Carry extends Names, Stack extends Names> {
  readonly carry: { readonly [Name in keyof Carry]: Operand };
  readonly stack?: Stack & Readonly<Record<string, Operand>>;
}

/**
 * A loop that carries values on. The step gets the rows and carries by name, and gives the next carries and what is
 * stacked; the result has the last carries and the stacks, whose first axis is that of the steps. Throws UsageError for a step
 * that gives other carries.
 */
export function scan<
  const Over extends Names,
  const Carry extends Names,
  const Stack extends Names = Readonly<Record<never, never>>,
>(
  options: ScanOptions<Over, Carry>,
  step: (values: Tensors<Over> & Tensors<Carry>) => ScanResult<Carry, Stack>,
): Tensors<Carry> & Tensors<Stack> {
  const scanNeeds = { over: needs.record, carry: needs.record, reverse: needs.flag };
  requireOptions<ScanOptions<Over, Carry>>("scan", options, scanNeeds);
  const { over, carry, reverse = false } = options;
  const builder = currentBuilder("scan({ over, carry }, step)");
  requireArgument('"over" of scan', needs.record, over);
  requireArgument('"carry" of scan', needs.record, carry);
  requireArgument('"step" of scan', needs.callable, step);
  const inputs = Object.entries(over as Record<string, Tensor | Span>).map(([name, value]): ScanInput => {
    if (value instanceof Span) return { name, over: rangeOf(builder, value) };
    if (value instanceof Tensor) return { name, over: ownTerm(builder, value) };
    throw new UsageError(`scan runs over tensors and ranges, got ${described(value)} as "${name}": write range(0, n).`);
  });
  const carries = Object.entries(carry as Record<string, Operand>).map(
    ([name, first]): LoopCarry => ({ name, first: toTerm(builder, first) }),
  );
  const both = carries.find(({ name }) => inputs.some((input) => input.name === name));
  if (both) throw new UsageError(`"${both.name}" is the name of a carry and of what scan runs over.`);
  let stacked: readonly string[] = [];
  const named = (names: readonly string[], values: readonly Tensor[]) => names.map((name, k) => [name, values[k]!]);
  const found = scanTerms(builder, {
    inputs,
    carries,
    isReversed: reverse,
    expand: expandIn(builder),
    body: (rows, current) => {
      const names = [...inputs, ...carries].map(({ name }) => name);
      const values = [...rows, ...current].map((term) => new Tensor(term));
      const result = step(Object.fromEntries(named(names, values)) as Tensors<Over> & Tensors<Carry>);
      const next = (result?.carry ?? {}) as Readonly<Record<string, Operand>>;
      const stack = (result?.stack ?? {}) as Readonly<Record<string, Operand>>;
      const missing = carries.find(({ name }) => !Object.hasOwn(next, name));
      if (missing)
        throw new UsageError(`the step of a scan gives no next "${missing.name}": return { carry: { ... } }.`);
      const extra = Object.keys(next).find((name) => carries.every((each) => each.name !== name));
      if (extra) throw new UsageError(`the step of a scan gives a carry "${extra}" that has no first value.`);
      stacked = Object.keys(stack);
      const hidden = stacked.find((name) => Object.hasOwn(next, name));
      if (hidden) throw new UsageError(`"${hidden}" is carried and stacked: give the stack a name of its own.`);
      return {
        carries: carries.map(({ name }) => toTerm(builder, next[name]!)),
        stacks: stacked.map((name) => toTerm(builder, stack[name]!)),
      };
    },
  });
  const names = [...carries.map(({ name }) => name), ...stacked];
  const values = [...found.carries, ...found.stacks].map((term) => new Tensor(term));
  return Object.fromEntries(named(names, values)) as Tensors<Carry> & Tensors<Stack>;
}

/** Steps are closed: variables for values that vary in them give way to these. */
const expandIn =
  ({ names }: Builder) =>
  (roots: readonly Expr[], variables: readonly Expr[]): readonly Expr[] =>
    names?.standIns.expandWithin(roots, variables) ?? roots;

/** Sizes say themselves what they need. */
const sizeNeed = { what: "a size", accepts: () => true };

export interface SolveOptions {
  /** The most steps; by default 200, of a fixed point 10,000. */
  readonly limit?: SizeLike;
}

function solver(kind: ImplicitName, what: string) {
  return (start: Operand, f: (unknown: Tensor) => Operand, options: SolveOptions = {}): Tensor => {
    requireOptions<SolveOptions>(what, options, { limit: sizeNeed });
    const { limit } = options;
    const builder = start instanceof Tensor ? start.term.builder : currentBuilder(what);
    requireArgument(`the function of ${what}`, needs.callable, f);
    return new Tensor(
      implicit(builder, {
        kind,
        name: "x",
        start: toTerm(builder, start),
        limit: limit === undefined ? undefined : integerOf(limit),
        expand: expandIn(builder),
        body: (unknown) => toTerm(builder, f(new Tensor(unknown))),
      }),
    );
  };
}

/** The solution of f(x) = 0 near a start, a number or a vector; NaN where none is found. */
export const root = solver("root", "root(start, x => f)");
/** Where f(x) is least near a start; NaN where no least value is found. */
export const minimizer = solver("argmin", "minimizer(start, x => f)");
/** The x with x = g(x), by iteration from a start; NaN where it does not settle. */
export const fixedPoint = solver("fixedPoint", "fixedPoint(start, x => g)");

/** What `repeatWhile` carries, and how long it goes on. */
export interface WhileOptions<Carry extends Names> {
  readonly carry: Carry & Readonly<Record<string, Operand>>;
  /** Goes on while this holds of the carries. */
  readonly test: (carries: Tensors<Carry>) => Operand;
  /** The most steps. Without it there is no reverse derivative, and the loop ends after 1,000,000. */
  readonly limit?: SizeLike;
}

/** The last carries of a loop that runs while a test holds. Throws UsageError for a step that leaves a carry out. */
export function repeatWhile<const Carry extends Names>(
  options: WhileOptions<Carry>,
  step: (carries: Tensors<Carry>) => { readonly [Name in keyof Carry]: Operand },
): Tensors<Carry> {
  const whileNeeds = { carry: needs.record, test: needs.callable, limit: sizeNeed };
  requireOptions<WhileOptions<Carry>>("repeatWhile", options, whileNeeds);
  const { carry, test, limit } = options;
  const builder = currentBuilder("repeatWhile({ carry, test }, step)");
  requireArgument('"carry" of repeatWhile', needs.record, carry);
  requireArgument('"test" of repeatWhile', needs.callable, test);
  requireArgument('"step" of repeatWhile', needs.callable, step);
  const carries = Object.entries(carry as Record<string, Operand>).map(
    ([name, first]): LoopCarry => ({ name, first: toTerm(builder, first) }),
  );
  const record = (terms: readonly Term[]) =>
    Object.fromEntries(carries.map(({ name }, k) => [name, new Tensor(terms[k]!)])) as Tensors<Carry>;
  const last = whileLoop(builder, {
    carries,
    limit: limit === undefined ? undefined : integerOf(limit),
    expand: expandIn(builder),
    test: (current) => {
      const condition = test(record(current));
      // a comparison of JavaScript would decide once and for all
      requireThat(
        typeof condition !== "boolean",
        '"test" of repeatWhile',
        "a condition of the carries, such as y.greater(1)",
        condition,
      );
      return toTerm(builder, condition);
    },
    body: (current) => {
      const next = step(record(current)) as Readonly<Record<string, Operand>>;
      return carries.map(({ name }) => {
        if (Object.hasOwn(next ?? {}, name)) return toTerm(builder, next[name]!);
        throw new UsageError(`the step of repeatWhile gives no next "${name}".`);
      });
    },
  });
  return record(last);
}
