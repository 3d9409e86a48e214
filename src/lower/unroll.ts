import { Integer } from "../ir/integer.ts";
import { add } from "../ops/algebra.ts";
import type { LoopBuilder } from "./builder.ts";
import type { Statement, Temporary, Value } from "./loops.ts";
import { mapValue, visitStatement } from "./rewrite-statements.ts";

type Loop = Extract<Statement, { kind: "for" }>;

/** Independent partial sums of one sum: enough to hide the latency of an addition. */
const lanes = 4;

/**
 * An innermost loop that only sums, with four partial sums in place of one: lane k takes every fourth term, a plain
 * loop takes the terms left over, and the lanes meet at the end. undefined when the loop does anything else.
 * Changes the order of summation.
 */
export function unrollSums(loop: Loop, builder: LoopBuilder): Statement[] | undefined {
  const [from, to] = [loop.from[0]!, loop.to[0]!];
  const isPlain =
    loop.step === 1 && !loop.descending && loop.from.length === 1 && loop.to.length === 1 && from.value === 0;
  if (!isPlain || (to.value !== undefined && to.value < 2 * lanes)) return undefined;
  const sums: Temporary[] = [];
  for (const statement of loop.body) {
    if (statement.kind === "combine" && statement.combine === "sum") sums.push(statement.temporary);
    else if (statement.kind !== "let" && statement.kind !== "index") return undefined;
  }
  if (sums.length === 0 || new Set(sums).size !== sums.length || sums.some(({ dtype }) => dtype !== "real"))
    return undefined;
  // a running sum is read while it is made: its terms keep their order
  if (loop.body.some((statement) => readsOneOf(statement, sums))) return undefined;

  const partial = new Map(
    sums.map((sum) => [
      sum,
      Array.from({ length: lanes }, (_, lane) => (lane === 0 ? sum : builder.temporary("real"))),
    ]),
  );
  const all = [...partial.values()];
  const starts = all.flatMap((temporaries) =>
    temporaries.slice(1).map((temporary): Statement => ({ kind: "start", temporary, value: zero })),
  );
  const whole = builder.fixed(to.floorDiv(lanes).times(lanes));
  // a limit below zero rounds down to one further below
  const turned = to.isProvablyNonNegative(builder.extents()) ? [whole] : [Integer.zero, whole];
  const position = Integer.iterator(loop.variable);
  const copies = Array.from({ length: lanes }, (_, lane) =>
    new Copy(loop.variable, position.plus(lane), builder, (sum) => partial.get(sum)![lane]!).statements(loop.body),
  );
  const rest = builder.loopVariable();
  const left = new Copy(loop.variable, Integer.iterator(rest), builder, (sum) => sum).statements(loop.body);
  const meet = all.map(
    ([sum, second, third, fourth]): Statement => ({
      kind: "combine",
      temporary: sum!,
      combine: "sum",
      value: plus(named(second!), plus(named(third!), named(fourth!))),
    }),
  );
  return [
    ...starts,
    { ...loop, to: [whole], step: lanes, body: copies.flat() },
    ...(whole.equals(to) ? [] : [{ ...loop, variable: rest, from: turned, body: left }]),
    ...meet,
  ];
}

function readsOneOf(statement: Statement, sums: readonly Temporary[]): boolean {
  let reads = false;
  visitStatement(statement, {
    value: (value) => {
      if (value.kind === "temporary" && sums.includes(value.temporary)) reads = true;
    },
  });
  return reads;
}

const zero: Value = { kind: "constant", value: 0, dtype: "real" };
const named = (temporary: Temporary): Value => ({ kind: "temporary", temporary });
const plus = (x: Value, y: Value): Value => ({
  kind: "apply",
  primitive: add.primitive,
  operands: [x, y],
  dtype: "real",
});

/** A copy of a loop body at another position: its own temporaries and variables are new, the sums are chosen. */
class Copy {
  private readonly temporaries = new Map<Temporary, Temporary>();
  private readonly variables: (Integer | undefined)[] = [];
  private readonly builder: LoopBuilder;
  private readonly sumOf: (sum: Temporary) => Temporary;

  constructor(variable: number, position: Integer, builder: LoopBuilder, sumOf: (sum: Temporary) => Temporary) {
    this.variables[variable] = position;
    this.builder = builder;
    this.sumOf = sumOf;
  }

  statements(body: readonly Statement[]): Statement[] {
    return body.map((statement): Statement => {
      switch (statement.kind) {
        case "let": {
          const value = this.value(statement.value);
          const temporary = this.builder.temporary(statement.temporary.dtype);
          this.temporaries.set(statement.temporary, temporary);
          return { kind: "let", temporary, value };
        }
        case "index": {
          const value = this.value(statement.value);
          const variable = this.builder.loopVariable();
          this.variables[statement.variable] = Integer.iterator(variable);
          return { kind: "index", variable, value };
        }
        case "combine":
          return { ...statement, temporary: this.sumOf(statement.temporary), value: this.value(statement.value) };
        default:
          throw new Error(`internal: cannot unroll ${statement.kind}`);
      }
    });
  }

  private value(value: Value): Value {
    return mapValue(
      value,
      (temporary) => named(this.temporaries.get(temporary) ?? temporary),
      (integer) => integer.withIterators(this.variables),
    );
  }
}
