import { branch, loops } from "../../extensions/loops.ts";
import { rootsOf, type ScanRoots, scanOf } from "../../ir/bodies/scan.ts";
import { type Expr, Graph } from "../../ir/graph.ts";
import { broadcast, dot, sum } from "../../ops/arrays/contractions.ts";
import { add, mul } from "../../ops/elementary/algebra.ts";
import { toReal } from "../../ops/elementary/cast.ts";
import { greater } from "../../ops/elementary/comparison.ts";
import { tanh } from "../../ops/elementary/hyperbolic.ts";
import { sin } from "../../ops/elementary/trigonometric.ts";
import { type Bounded, held } from "./boxes.ts";
import { n, within } from "./kinds.ts";

// Loops of random programs: over the rows of a value, with carries that stay bounded.

interface Step {
  readonly carry: Expr;
  readonly slice: Expr;
  readonly constant: Expr;
  readonly step: Expr;
}

/** What a step makes of its parts: the next carry, a slice to stack, a term to sum. */
const bodies: readonly ((step: Step) => { next: Expr; stacked: Expr; term: Expr })[] = [
  ({ carry, slice, constant }) => {
    const next = sin(add(mul(carry, constant), slice));
    return { next, stacked: mul(carry, next), term: mul(slice, next) };
  },
  ({ carry, slice, constant, step }) => {
    const number = toReal(step);
    const next = tanh(add(carry, mul(slice, carry.isScalar ? number : broadcast(number, carry.shape))));
    return { next, stacked: add(next, constant), term: carry };
  },
  // every element of the next carry from all of the last one
  ({ carry, slice, constant }) => {
    const mixed = carry.isScalar ? mul(carry, slice) : broadcast(dot(carry, slice), carry.shape);
    const next = sin(add(mixed, constant));
    return { next, stacked: next, term: mul(next, carry) };
  },
  // a carry that only its own stack reads
  ({ carry, slice }) => ({ next: sin(slice), stacked: mul(carry, carry), term: slice }),
  // a step that computes one of two sums
  ({ carry, slice, constant, step }) => {
    const next = tanh(broadcast(eitherSum(greater(toReal(step), 0.5), slice, constant), carry.shape));
    return { next, stacked: mul(next, carry), term: next };
  },
];

/** The sum of x where the condition holds, that of sin y elsewhere; what the other would be is not computed. */
function eitherSum(condition: Expr, ...operands: readonly [x: Expr, y: Expr]): Expr {
  const sides = new Graph();
  const [x, y] = operands.map(({ shape }) => sides.variable(shape)) as [Expr, Expr];
  return branch(condition, { parameters: [x, y], yes: [sum(x)], no: [sum(sin(y))] }, operands)[0]!;
}

const largestSum = 40;

/** The last carry, the stack or the sum of a loop over the rows of x, [n] or [n, d]; the first carry is like a row. */
export function looped(x: Bounded, first: Bounded, constant: Bounded, choice: number): Bounded {
  const { graph } = x.node;
  const [rows, begin, fixed] = [x, first, constant].map((each) => held(each, 2).node) as [Expr, Expr, Expr];
  const inner = new Graph();
  const [carry, slice, same] = [begin, begin, fixed].map(({ shape }) => inner.variable(shape)) as [Expr, Expr, Expr];
  const step = inner.variable([], "int");
  const body = bodies[choice % bodies.length]!;
  const { next, stacked, term } = body({ carry, slice, constant: same, step });
  const form = Math.floor(choice / bodies.length);
  const scan = scanOf({
    extension: loops,
    length: n,
    isReversed: form % 2 === 1,
    parameters: { carries: [carry], inputs: [slice], constants: [same] },
    step,
    roots: { carries: [next], stacks: [stacked], sums: [term] },
  });
  const results: ScanRoots<Expr> = rootsOf(scan, graph.operation(scan, [begin, rows, fixed]));
  const { carries, stacks, sums } = results;
  return within([carries[0]!, stacks[0]!, sums[0]!, sum(stacks[0]!)][Math.floor(form / 2) % 4]!, largestSum);
}
