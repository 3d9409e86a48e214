import { UsageError } from "../ir/errors.ts";
import { currentBuilder } from "./building.ts";
import { type ScanCarry, type ScanInput, scan as scanTerms } from "./scan.ts";
import { type Operand, rangeOf, Span, Tensor, toTerm } from "./tensor.ts";

type Names = Readonly<Record<string, unknown>>;
type Tensors<N extends Names> = { readonly [Name in keyof N]: Tensor };

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
 * stacked; the result has the last carries and the stacks, whose first axis is that of the steps.
 */
export function scan<
  const Over extends Names,
  const Carry extends Names,
  const Stack extends Names = Readonly<Record<never, never>>,
>(
  { over, carry, reverse = false }: ScanOptions<Over, Carry>,
  step: (values: Tensors<Over> & Tensors<Carry>) => ScanResult<Carry, Stack>,
): Tensors<Carry> & Tensors<Stack> {
  const builder = currentBuilder("scan({ over, carry }, step)");
  const inputs = Object.entries(over as Record<string, Tensor | Span>).map(([name, value]): ScanInput => {
    if (value instanceof Span) return { name, over: rangeOf(value) };
    if (value instanceof Tensor) return { name, over: value.term };
    throw new UsageError(`scan runs over tensors and ranges, got ${typeof value} as "${name}": write range(0, n).`);
  });
  const carries = Object.entries(carry as Record<string, Operand>).map(
    ([name, first]): ScanCarry => ({ name, first: toTerm(builder, first) }),
  );
  const both = carries.find(({ name }) => inputs.some((input) => input.name === name));
  if (both) throw new UsageError(`"${both.name}" is the name of a carry and of what scan runs over.`);
  let stacked: readonly string[] = [];
  const named = (names: readonly string[], values: readonly Tensor[]) => names.map((name, k) => [name, values[k]!]);
  const found = scanTerms(builder, {
    inputs,
    carries,
    isReversed: reverse,
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
