import { describe, expect, it } from "vitest";
import type { Combine } from "../../src/ir/contraction.ts";
import { Integer } from "../../src/ir/integer.ts";
import { meetingOf } from "../../src/lower/pieces/independence.ts";
import type { Buffer, Loop, Program, Statement, Temporary, Value } from "../../src/lower/program/loops.ts";
import { Ranges } from "../../src/lower/program/ranges.ts";
import { add } from "../../src/ops/elementary/algebra.ts";

const [n, d] = [Integer.named("n"), Integer.named("d")];
const sizes = new Map([
  ["n", 12],
  ["d", 5],
]);
/** The loop's own variable, two of loops inside, and one that holds an element of an int array. */
const [i, j, k, label] = [0, 1, 2, 3].map(Integer.iterator) as [Integer, Integer, Integer, Integer];

const array = (id: number, name: string, role: Buffer["role"], shape: readonly Integer[]): Buffer => {
  return { id, role, name, dtype: "real", shape };
};
const x = array(0, "x", "input", [n.times(d)]);
const y = array(1, "y", "output", [n.times(d)]);
const work = array(2, "work", "workspace", [d]);
const total: Temporary = { kind: "temporary", id: 0, dtype: "real" };

const load = (buffer: Buffer, address: Integer): Value => ({ kind: "load", buffer, address });
const plus = (...operands: Value[]): Value => ({ kind: "apply", primitive: add.primitive, operands, dtype: "real" });
const store = (buffer: Buffer, address: Integer, value: Value = load(x, i)): Statement => {
  return { kind: "store", buffer, address, value };
};
const accumulate = (buffer: Buffer, address: Integer, combine: Combine = "sum"): Statement => {
  return { kind: "accumulate", buffer, address, combine, value: load(x, i) };
};
const loop = (variable: number, to: Integer, body: Statement[], from = Integer.zero, step = 1): Loop => {
  return { kind: "for", variable, from: [from], to: [to], step, body };
};
const overI = (...body: Statement[]) => loop(0, n, body);
const overJ = (...body: Statement[]) => loop(1, d, body);
const when = (index: Integer, extent: Integer, ...body: Statement[]): Statement => {
  return { kind: "when", guards: [{ index, extent }], body };
};
const combine: Statement = { kind: "combine", temporary: total, combine: "sum", value: load(x, i) };
const index = (below?: Integer): Statement => ({ kind: "index", variable: 3, value: load(x, i), below });

/** What the iterations share, in words. */
function meeting(outer: Loop, isReadLater = false): string {
  const program: Program = { sizes: ["n", "d"], buffers: [], parts: [[outer]], routines: [], inputOf: () => undefined };
  const found = meetingOf(outer, new Ranges(program, sizes), () => isReadLater);
  if (!found) return "iterations need each other";
  const parts = [
    ...[...found.sums.values()].map((how) => `a ${how}`),
    ...[...found.collectors].map(([buffer, how]) => `${how}s in ${buffer.name}`),
    ...[...found.privates].map(({ name }) => `${name} for each`),
  ];
  return parts.join(", ") || "nothing";
}

const apart: readonly (readonly [string, Loop])[] = [
  ["an element each", overI(store(y, i))],
  ["every second element", overI(store(y, i.times(2)))],
  ["backwards", overI(store(y, n.minus(1).minus(i)))],
  ["a row each", overI(overJ(store(y, i.times(d).plus(j))))],
  ["a column each", loop(0, d, [loop(1, n, [store(y, j.times(d).plus(i))])])],
  ["two halves of a row", overI(store(y, i.times(2)), store(y, i.times(2).plus(1)))],
  [
    "four rows in a step",
    loop(0, n, [overJ(store(y, i.plus(3).times(d).plus(j)), store(y, i.times(d).plus(j)))], Integer.zero, 4),
  ],
  ["what it has read itself", overI(store(y, i, plus(load(y, i), load(x, i))))],
  ["a row each at a place that data tell", overI(index(d), accumulate(y, i.times(d).plus(label)))],
  ["the same under a guard", overI(index(), when(label, d, accumulate(y, i.times(d).plus(label))))],
  [
    "one half of an array, while it reads the other",
    overI({ ...store(work, k.plus(i), { ...load(work, label), half: "read" } as Value), half: "written" } as Statement),
  ],
  ["a loop that never runs writes nothing", overI(store(y, i), loop(1, d, [store(y, i.plus(j))], d))],
];

const together: readonly (readonly [string, Loop])[] = [
  ["the element before", overI(store(y, i.plus(1), load(y, i)))],
  ["rows that overlap", overI(loop(1, d.plus(1), [store(y, i.times(d).plus(j))]))],
  ["columns that overlap", loop(0, d.plus(1), [loop(1, n, [store(y, j.times(d).plus(i))])])],
  [
    "rows of four where a step is three",
    loop(0, n, [overJ(store(y, i.plus(3).times(d).plus(j)), store(y, i.times(d).plus(j)))], Integer.zero, 3),
  ],
  ["one element for all", overI(store(y, Integer.zero))],
  ["a place that data tell", overI(index(d), store(y, label))],
  ["a place in the row that data tell, without a limit", overI(index(), store(y, i.times(d).plus(label)))],
  ["a sum that is read on the way", overI(combine, store(y, i, total))],
  ["a variable from outside that is set", overI({ kind: "assign", temporary: total, value: load(x, i) })],
  ["sums of two kinds in one place", overI(accumulate(y, j), accumulate(y, j, "max"))],
  ["downwards", { ...overI(store(y, i)), descending: true }],
  ["a routine", overI({ kind: "call", routine: 0 })],
  [
    "a row that is read before it is written",
    overI(overJ(store(y, i.times(d).plus(j), load(work, j))), overJ(store(work, j))),
  ],
  [
    "a row of which a part is written",
    overI(loop(1, d.minus(1), [store(work, j)]), loop(2, d, [store(y, i.times(d).plus(k), load(work, k))])),
  ],
  [
    "a row that is written under a condition",
    overI(when(i.minus(1), n, overJ(store(work, j))), loop(2, d, [store(y, i.times(d).plus(k), load(work, k))])),
  ],
];

const row = overI(overJ(store(work, j)), loop(2, d, [store(y, i.times(d).plus(k), load(work, k))]));

describe("meetingOf", () => {
  it.each(apart)("finds that no two iterations touch an element: %s", (_, outer) => {
    expect(meeting(outer)).toBe("nothing");
  });

  it.each(together)("finds that iterations need each other: %s", (_, outer) => {
    expect(meeting(outer)).toBe("iterations need each other");
  });

  it("finds variables and arrays that collect terms", () => {
    expect(meeting(overI(combine))).toBe("a sum");
    expect(meeting(overI(overJ(accumulate(y, j))))).toBe("sums in y");
    expect(meeting(overI(index(d), accumulate(y, label, "max"), combine))).toBe("a sum, maxs in y");
  });

  it("gives each its own copy of an array that is written first, unless it is read behind the loop", () => {
    expect(meeting(row)).toBe("work for each");
    expect(meeting(row, true)).toBe("iterations need each other");
    const filled = overI(
      { kind: "fill", buffer: work, value: 0 },
      overJ(accumulate(work, j)),
      store(y, i, load(work, Integer.one)),
    );
    expect(meeting(filled)).toBe("work for each");
  });
});
