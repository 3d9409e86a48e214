import type { Interval } from "../../ir/primitive.ts";
import type { Apply, Statement, Value } from "../../lower/program/loops.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../ops/elementary/algebra.ts";
import { unbounded } from "../../ops/elementary/interval.ts";
import { pow, sqrt } from "../../ops/elementary/powers.ts";
import { abs } from "../../ops/elementary/rounding.ts";

/** What a value is as a product: numbers given to powers, and those that it depends on in another way. */
export interface Factors {
  readonly powers: ReadonlyMap<string, number>;
  readonly others: ReadonlySet<string>;
  /** True where nothing of it is rounded. */
  readonly isExact: boolean;
  readonly interval: Interval;
  /** True of what may be far larger or smaller than products of a few of the numbers given, as e^x. */
  readonly isSteep: boolean;
}
const noFactors: Factors = { powers: new Map(), others: new Set(), isExact: true, interval: unbounded, isSteep: false };
/** Of what is not looked into: it may be anything. */
const unknown: Factors = { ...noFactors, isExact: false, isSteep: true };

/** What values are products of, of statements in order. */
export function factorsIn(statements: readonly Statement[]) {
  const known = new Map<number, Factors>();
  const definitions = new Map<number, Value>();
  const factorsOf = (value: Value): Factors => {
    switch (value.kind) {
      case "constant":
        return { ...noFactors, interval: [value.value, value.value] };
      case "integer":
        return noFactors;
      case "temporary":
        return known.get(value.id) ?? unknown;
      case "guarded":
        return mixedOf([factorsOf(value.value)]);
      case "load":
        return value.buffer.role === "input"
          ? { ...noFactors, powers: new Map([[`${value.buffer.id} ${value.address.key}`, 1]]) }
          : unknown;
      case "apply": {
        const operands = value.operands.map(factorsOf);
        const interval = value.primitive.range?.(...operands.map((each) => each.interval)) ?? unbounded;
        return { ...factorsOfApply(value, operands), interval, isSteep: isSteep(value, operands) };
      }
    }
  };
  const read = (list: readonly Statement[]): void => {
    for (const statement of list) {
      if (statement.kind === "let") {
        known.set(statement.temporary.id, factorsOf(statement.value));
        definitions.set(statement.temporary.id, statement.value);
      } else if ("temporary" in statement) {
        // made of all that comes in, one after the other
        const before = known.get(statement.temporary.id);
        const added = factorsOf(statement.value);
        known.set(statement.temporary.id, mixedOf(before ? [before, added] : [added]));
      } else if (statement.kind === "if") {
        read(statement.body);
        read(statement.otherwise);
      }
    }
  };
  read(statements);
  return { factorsOf, definitions };
}

function factorsOfApply({ primitive, operands: values }: Apply, operands: readonly Factors[]): Factors {
  const [a, b] = operands as [Factors, Factors];
  switch (primitive) {
    case neg.primitive:
    case abs.primitive:
      return a;
    case mul.primitive:
      return productOf(a, b, 1);
    case div.primitive:
      return productOf(a, b, -1);
    case reciprocal.primitive:
      return productOf(noFactors, a, -1);
    case square.primitive:
      return productOf(a, a, 1);
    case sqrt.primitive:
      return productOf(noFactors, a, 0.5);
    case pow.primitive:
      return values[1]!.kind === "constant" ? productOf(noFactors, a, values[1]!.value) : mixedOf(operands);
    case add.primitive:
    case sub.primitive:
      return sumOf(operands);
    default:
      return mixedOf(operands);
  }
}

function productOf(a: Factors, b: Factors, exponent: number): Factors {
  const powers = new Map(a.powers);
  for (const [name, power] of b.powers) powers.set(name, (powers.get(name) ?? 0) + exponent * power);
  return { ...unknown, powers, others: new Set([...a.others, ...b.others]) };
}

/** The powers that all terms have in common; what else they are made of is mixed. */
export function sumOf(terms: readonly Factors[]): Factors {
  const [first, ...rest] = terms as [Factors, ...Factors[]];
  const powers = new Map(
    [...first.powers].filter(([name, power]) => rest.every((each) => each.powers.get(name) === power)),
  );
  const others = new Set(
    terms.flatMap((each) => [...each.others, ...[...each.powers.keys()].filter((name) => !powers.has(name))]),
  );
  return { ...unknown, powers, others };
}

/** Functions whose size is not that of their operands, or of distances from roots; those with a program may be such, too. */
const steep = /^(exp|pow|cosh|sinh)/;

function isSteep({ primitive, dtype, operands: values }: Apply, operands: readonly Factors[]): boolean {
  const isOfAnySize = primitive.program ? true : steep.test(primitive.name) && values[1]?.kind !== "constant";
  return dtype !== "bool" && (isOfAnySize || operands.some((each) => each.isSteep));
}

const mixedOf = (operands: readonly Factors[]): Factors => ({
  ...unknown,
  others: new Set(operands.flatMap(({ powers, others }) => [...powers.keys(), ...others])),
  isSteep: operands.some((each) => each.isSteep),
});
