import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { compileJavaScript } from "../../src/emit/javascript.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { lower } from "../../src/lower/lower.ts";
import { inShortLives } from "../../src/lower/passes/order.ts";
import type { Buffer, Program, Statement, Temporary, Value } from "../../src/lower/program/loops.ts";
import { view } from "../../src/ops/arrays/contractions.ts";
import { add, mul, neg, sub } from "../../src/ops/elementary/algebra.ts";
import { sqrt } from "../../src/ops/elementary/powers.ts";

const elements = 6;
const array = (id: number, role: Buffer["role"]): Buffer => ({
  id,
  role,
  name: `a${id}`,
  dtype: "real",
  shape: [Integer.constant(elements)],
});
const [input, first, second] = [array(0, "input"), array(1, "output"), array(2, "output")];

const apply = (primitive: typeof add.primitive, ...operands: Value[]): Value => ({
  kind: "apply",
  primitive,
  operands,
  dtype: "real",
});

/** One statement after others, by three numbers: what it does, and two places or values before it. */
type Draw = readonly [kind: number, a: number, b: number];
const draws = fc.noShrink(fc.array(fc.tuple(fc.nat(9), fc.nat(1000), fc.nat(1000)), { minLength: 80, maxLength: 160 }));

/** Statements on two arrays, each reading what some before it have left. */
function statementsOf(list: readonly Draw[]): { body: Statement[]; count: number } {
  const known: Temporary[] = [];
  const body: Statement[] = [];
  const value = (at: number): Value =>
    known.length > 0 && at % 4 > 0
      ? known[at % known.length]!
      : { kind: "load", buffer: [input, first, second][at % 3]!, address: Integer.constant(at % elements) };
  for (const [kind, a, b] of list) {
    const [x, y] = [value(a), value(b)];
    const buffer = a % 2 ? first : second;
    const address = Integer.constant(b % elements);
    if (kind === 0) body.push({ kind: "store", buffer, address, value: x });
    else if (kind === 1) body.push({ kind: "accumulate", buffer, address, combine: "sum", value: x });
    else {
      const temporary: Temporary = { kind: "temporary", id: known.length, dtype: "real" };
      const made =
        kind < 4
          ? apply(add.primitive, x, y, value(a + b), apply(neg.primitive, value(a + 1)), value(b + 1))
          : kind < 7
            ? apply(add.primitive, x, y)
            : kind < 9
              ? apply(mul.primitive, x, apply(neg.primitive, y))
              : apply(sub.primitive, x, y);
      body.push({ kind: "let", temporary, value: made });
      known.push(temporary);
    }
  }
  return { body, count: known.length };
}

/** What the statements leave in both arrays. */
function run(body: readonly Statement[]): number[][] {
  const program: Program = {
    sizes: [],
    buffers: [input, first, second],
    parts: [body],
    routines: [],
    inputOf: () => undefined,
  };
  const code = compileJavaScript(program, { name: "run", packed: [], separate: [first, second] });
  const results = [0.5, -0.25].map((scale) => Float64Array.from({ length: elements }, (_, k) => scale * (k + 1)));
  code.bind([], [Float64Array.from({ length: elements }, (_, k) => 1 / (k + 2))])(...results);
  return results.map((result) => [...result]);
}

function reordered(list: readonly Draw[], keepsSums: boolean) {
  const { body, count } = statementsOf(list);
  let next = count;
  return { body, after: inShortLives(body, (dtype) => ({ kind: "temporary", id: next++, dtype }), keepsSums) };
}

describe("straight code in another order", () => {
  it("leaves the same bits where sums keep the order of their terms", () => {
    fc.assert(
      fc.property(draws, (list) => {
        const { body, after } = reordered(list, true);
        expect(after).not.toEqual(body);
        expect(run(after)).toEqual(run(body));
      }),
    );
  });

  it("leaves the same numbers, but for rounding, where sums are free", () => {
    fc.assert(
      fc.property(draws, (list) => {
        const { body, after } = reordered(list, false);
        const [got, expected] = [run(after).flat(), run(body).flat()];
        const largest = Math.max(1, ...expected.map(Math.abs));
        // values grow to about 1e40 by products; each of some hundred sums rounds at the size of its largest term
        if (largest > 1e12) return;
        for (const [k, value] of got.entries()) expect(Math.abs(value - expected[k]!)).toBeLessThan(1e-9 * largest);
      }),
    );
  });
});

/** sum over k of (sqrt((x_i - x_j)^2 + 1) - length)^2 over pairs of points in no order, and its gradient. */
function springs(points: number, pairs: number): Expr[] {
  const x = new Graph().param("x", [Integer.constant(points)]);
  const point = (k: number) => view(x, [], [Integer.constant(k % points)]);
  const terms = Array.from({ length: pairs }, (_, k) => {
    const apart = sub(point(Math.floor(k * 7.23)), point(Math.floor(k * k * 0.361) + 5));
    const stretch = sub(sqrt(add(mul(apart, apart), 1)), k / pairs);
    return mul(stretch, stretch);
  });
  const loss = add(...terms);
  return [loss, ...gradient(loss, [x])];
}

describe("the gradient of 1,000 springs between 100 points", () => {
  it("has a sum alive for each point, and little more, where it is split", () => {
    const { parts, buffers } = lower(springs(100, 1000).map((node, k) => ({ name: `o${k}`, node })));
    expect(parts.length).toBeGreaterThan(5);
    const carried = buffers.find(({ name }) => name === "carried")!;
    expect(carried.shape[0]!.value).toBeLessThan(200);
  });
});
