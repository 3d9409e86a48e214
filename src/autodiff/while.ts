import { rootsOf, scanOf } from "../ir/bodies/scan.ts";
import { type While, whileDraftOf, whileOf } from "../ir/bodies/while.ts";
import { DifferentiationError } from "../ir/errors.ts";
import type { Expr, Shape } from "../ir/graph.ts";
import type { Call } from "../ir/operation.ts";
import { view } from "../ops/arrays/contractions.ts";
import { select } from "../ops/elementary/comparison.ts";
import type { Sweeps } from "./sweeps.ts";

type Optional = Expr | undefined;

/** Forward mode: the same loop, with tangents carried beside the carries. The condition is that of the carries. */
export function whileTangents(
  { operation, operands, results }: Call<While>,
  tangents: readonly Optional[],
  batch: Shape,
  { pushforward }: Sweeps,
): readonly Optional[] {
  const draft = whileDraftOf(operation);
  const { graph } = draft.condition;
  const changed = ({ shape }: Expr) => graph.variable([...shape, ...batch]);
  const count = draft.carries.length;
  const constants = draft.constants.map((constant, k) => tangents[count + k] && changed(constant));
  const carries: Optional[] = draft.carries.map((carry, k) => tangents[k] && changed(carry));
  let changes: Optional[] = [];
  for (let settled = false; !settled; ) {
    const known = new Map<Expr, Expr>();
    for (const [k, tangent] of [...carries, ...constants].entries()) {
      if (tangent) known.set([...draft.carries, ...draft.constants][k]!, tangent);
    }
    changes = pushforward(draft.next, known, batch);
    settled = true;
    for (const [k, carry] of draft.carries.entries()) {
      if (carries[k] || !changes[k]) continue;
      carries[k] = changed(carry);
      settled = false;
    }
  }
  const active = carries.flatMap((tangent, k) => (tangent ? [k] : []));
  const tangentLoop = whileOf({
    ...draft,
    carries: [...draft.carries, ...active.map((k) => carries[k]!)],
    constants: [...draft.constants, ...constants.filter((tangent) => tangent !== undefined)],
    next: [...draft.next, ...active.map((k) => changes[k] ?? graph.constant(0, carries[k]!.shape))],
  });
  const outer = results[0]!.graph;
  const found = outer.operation(tangentLoop, [
    ...operands.slice(0, count),
    ...active.map((k) => tangents[k] ?? outer.constant(0, carries[k]!.shape)),
    ...operands.slice(count),
    ...tangents.slice(count).filter((tangent) => tangent !== undefined),
  ]);
  return draft.carries.map((_, k) => (carries[k] ? found[count + active.indexOf(k)] : undefined));
}

/**
 * Reverse mode: the loop as a scan of as many steps as the limit allows, which leave the carries alone once the condition
 * fails. Throws DifferentiationError without a stated limit.
 */
export function whileCotangents(
  { operation, operands, results }: Call<While>,
  cotangents: readonly Optional[],
  wanted: readonly boolean[],
  { pullback }: Sweeps,
): readonly Optional[] {
  if (cotangents.every((cotangent) => cotangent === undefined)) return [];
  if (!operation.isLimited) {
    throw new DifferentiationError(
      "while has no reverse derivative without a limit: it cannot store an unknown number of steps.",
      {
        primitive: "while",
        path: ["while"],
        notes: [
          'State the most steps that it may take: "limit = 100". Or use jvp, or root and fixedPoint for what converges.',
        ],
      },
    );
  }
  const { extension, carries, constants, next, condition, limit } = whileDraftOf(operation);
  const spread = (shape: Shape) => view(condition, shape, []);
  const scan = scanOf({
    extension,
    length: limit,
    isReversed: false,
    parameters: { carries, inputs: [], constants },
    step: condition.graph.variable([], "int"),
    roots: {
      carries: next.map((value, k) => select(spread(value.shape), value, carries[k]!)),
      stacks: [],
      sums: [],
    },
  });
  const steps = rootsOf(scan, results[0]!.graph.operation(scan, operands)).carries;
  const varied = operands.filter((_, k) => wanted[k]);
  const slopes = pullback(steps, cotangents.slice(0, steps.length), varied);
  // what a carry begins with may stand in the body too: its slope is that of both, and counts once
  return operands.map((operand, k) =>
    wanted[k] && operands.indexOf(operand) === k ? slopes[varied.indexOf(operand)] : undefined,
  );
}
