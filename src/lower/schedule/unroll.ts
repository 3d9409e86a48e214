import { Integer } from "../../ir/integer.ts";
import type { LoopBuilder } from "../builder/builder.ts";
import { placed } from "../items/indices.ts";
import { isBranched, longestBranched } from "../passes/branches.ts";
import { largestPart, operationsOf } from "../passes/survey.ts";
import { operationsIn } from "../program/estimate.ts";
import type { Loop, Statement, Temporary, Value } from "../program/loops.ts";
import { ownValue, valueMapping, visitStatement, visitValue } from "../program/rewrite-statements.ts";
import { plus, zero } from "../program/values.ts";

/** Independent partial sums of one sum: enough to hide the latency of an addition. */
const lanes = 4;

/** Operations of a body that writes of which four, or two, copies pay: what a loop costs is little beside more. */
const mostInFour = 14;
const mostInTwo = 20;

/** Operations of a body of sums whose copies take longer to compile than they spare. */
const mostOfSum = 10 * largestPart;

/** More writes than these take longer than the loop, whatever is written. */
const fewWrites = 3;

/** So many times as long may a body become by the names of what its functions share. */
const withShared = 1.5;

/** What an operation may cost in a body that is copied for its writes: beside a dearer one the loop costs nothing. */
const dearest = 6;

/**
 * An innermost loop that sums, or that writes a little, with several iterations in one: copy k takes every fourth term
 * and has partial sums of its own, a plain loop takes the terms left over, and the sums meet at the end. Writes keep
 * their order. undefined when the loop does anything else. Changes the order of summation.
 */
export function unrolled(loop: Loop, builder: LoopBuilder): Statement[] | undefined {
  const [from, to] = [loop.from[0]!, loop.to[0]!];
  const isPlain =
    loop.step === 1 && !loop.descending && loop.from.length === 1 && loop.to.length === 1 && from.value === 0;
  const count = copiesOf(loop);
  if (!isPlain || count < 2 || (to.value !== undefined && to.value < 2 * count)) return undefined;
  const sums = loop.body.flatMap((statement) => (statement.kind === "combine" ? [statement.temporary] : []));
  if (new Set(sums).size !== sums.length || sums.some(({ dtype }) => dtype !== "real")) return undefined;
  // a running sum is read while it is made: its terms keep their order
  if (loop.body.some((statement) => readsOneOf(statement, sums))) return undefined;

  const partial = new Map(
    sums.map((sum) => [
      sum,
      Array.from({ length: count }, (_, lane) => (lane === 0 ? sum : builder.temporary("real"))),
    ]),
  );
  const all = [...partial.values()];
  const starts = all.flatMap((temporaries) =>
    temporaries.slice(1).map((temporary): Statement => ({ kind: "start", temporary, value: zero })),
  );
  const whole = builder.fixed(to.floorDiv(count).times(count));
  // a limit below zero rounds down to one further below
  const turned = to.isProvablyNonNegative(builder.extents()) ? [whole] : [Integer.zero, whole];
  const position = Integer.iterator(loop.variable);
  const copies = Array.from({ length: count }, (_, lane) =>
    new Copy(loop.variable, position.plus(lane), builder, (sum) => partial.get(sum)![lane]!).statements(loop.body),
  );
  const rest = builder.loopVariable();
  const left = new Copy(loop.variable, Integer.iterator(rest), builder, (sum) => sum).statements(loop.body);
  const meet = all.map(
    ([sum, ...others]): Statement => ({
      kind: "combine",
      temporary: sum!,
      combine: "sum",
      value: (others as Value[]).reduceRight((later, other) => plus(other, later)),
    }),
  );
  return [
    ...starts,
    { ...loop, to: [whole], step: count, body: isCut(loop, count) ? interleaved(copies) : copies.flat() },
    ...(whole.equals(to) ? [] : [{ ...loop, variable: rest, from: turned, body: left }]),
    ...meet,
  ];
}

/**
 * True where copies of sums are longer than a function may be: those are cut, and a processor computes several copies at a
 * time only where each part has some of all.
 */
function isCut({ body }: Loop, count: number): boolean {
  const isFree = body.every(({ kind }) => kind === "let" || kind === "index" || kind === "combine");
  return isFree && count * operationsOf(body) > largestPart;
}

/** The first statement of each copy, then the second ones. */
function interleaved(copies: readonly (readonly Statement[])[]): Statement[] {
  return copies[0]!.flatMap((_, k) => copies.map((copy) => copy[k]!));
}

/** How many copies of a body pay: 1 for a loop that is left as it is. */
function copiesOf({ body }: Loop): number {
  let operations = 0;
  let sums = 0;
  let writes = 0;
  let isDear = false;
  for (const statement of body) {
    if (statement.kind === "combine" && statement.combine === "sum") sums++;
    else if (statement.kind === "store" || statement.kind === "accumulate") writes++;
    else if (statement.kind !== "let" && statement.kind !== "index" && statement.kind !== "assign") return 1;
    const value = ownValue(statement);
    if (!value) continue;
    operations += operationsIn(value);
    visitValue(value, (inner) => {
      if (inner.kind === "apply" && inner.primitive.cost > dearest) isDear = true;
    });
  }
  if (sums === 0 && writes === 0) return 1;
  if (writes > 0 && isDear) return 1;
  if (writes > fewWrites) return 1;
  if (operations > mostOfSum) return 1;
  // computing one side of a condition alone spares more than copies do
  if (isDear && lanes * body.length * withShared > longestBranched && isBranched(body)) return 1;
  if (writes === 0 || operations <= mostInFour) return lanes;
  return operations <= mostInTwo ? 2 : 1;
}

function readsOneOf(statement: Statement, sums: readonly Temporary[]): boolean {
  let reads = false;
  visitStatement(statement, {
    value: (value) => {
      if (value.kind === "temporary" && sums.includes(value)) reads = true;
    },
  });
  return reads;
}

/** A copy of a loop body at another position: its own temporaries and variables are new, the sums are chosen, and what
 * one iteration leaves to the next one is assigned as it stands. */
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
          return { ...statement, variable, value };
        }
        case "combine":
          return { ...statement, temporary: this.sumOf(statement.temporary), value: this.value(statement.value) };
        case "assign":
          return { ...statement, value: this.value(statement.value) };
        case "store":
        case "accumulate":
          return { ...statement, address: this.integer(statement.address), value: this.value(statement.value) };
        default:
          throw new Error(`internal: cannot unroll ${statement.kind}`);
      }
    });
  }

  private readonly value = valueMapping(
    (temporary) => this.temporaries.get(temporary),
    (integer) => this.integer(integer),
  );

  private integer(integer: Integer): Integer {
    return placed(integer, this.variables);
  }
}
