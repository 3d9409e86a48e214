import { loops } from "../../extensions/loops.ts";
import { capturedBy } from "../../ir/bodies/capture.ts";
import { rootsOf, type Scan, scanOf } from "../../ir/bodies/scan.ts";
import { ShapeError, UsageError } from "../../ir/errors.ts";
import type { Expr, Shape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { DType } from "../../ir/primitive.ts";
import { dependentOn } from "../../ir/walks/dependence.ts";
import { idsUnder } from "../../ir/walks/traverse.ts";
import { prunedScan } from "../../rewrite/loops/prune.ts";
import { refuseRows } from "../binders/rows.ts";
import type { Range, Requirement } from "../model.ts";
import type { Builder, Iterator } from "../terms/builder.ts";
import {
  aligned,
  axesFor,
  integerTerm,
  oneRead,
  readTerm,
  type Term,
  termOf,
  termsOf,
  unionOf,
  viewOf,
} from "../terms/term.ts";
import { variationOf } from "../terms/variation.ts";
import { type CarryType, firstOf, type LoopCarry, nextOf, promoted } from "./carries.ts";
import { type Slice, withSlices } from "./slices.ts";

/** A name that runs over a range, or over the rows of a tensor. */
export interface ScanInput {
  readonly name: string;
  readonly over: Range | Term;
}

/** What one step gives: the next carries, in order, and what is stacked. */
export interface ScanStep {
  readonly carries: readonly Term[];
  readonly stacks: readonly Term[];
}

export interface ScanRequest {
  readonly inputs: readonly ScanInput[];
  readonly carries: readonly LoopCarry[];
  readonly isReversed: boolean;
  readonly body: (inputs: readonly Term[], carries: readonly Term[]) => ScanStep;
  /** Puts values in the place of variables that stand for values of the body. */
  readonly expand?: (roots: readonly Expr[], variables: readonly Expr[]) => readonly Expr[];
}

/**
 * Runs a body once, with variables in the place of what changes from step to step, and makes it a loop. Throws UsageError where
 * nothing is run over or carried.
 */
export function scan(builder: Builder, request: ScanRequest): ScanStep {
  const { inputs, carries } = request;
  if (inputs.length === 0) throw new UsageError("a scan needs something to run over.", runOver);
  if (carries.length === 0) {
    throw new UsageError("a scan carries something on, and no carry is given.", {
      notes: ['Write "scan(x in xs, h = 0: ...)"; where no step needs the one before, "[x in xs: ...]" or map.'],
    });
  }
  for (const { over } of inputs) if (!("low" in over)) refuseRows(builder, over.iterators);
  const length = stepsOf(builder, inputs);
  let iterators = unionOf([
    ...carries.map(({ first }) => first.iterators),
    ...inputs.map(({ over }) => ("low" in over ? [] : over.iterators)),
  ]);
  let types = carries.map(({ first: { shape, dtype } }): CarryType => ({ shape, dtype }));
  for (;;) {
    const attempt = builder.attempt();
    const loop = new Loop(builder, request, length, iterators, types);
    const step = loop.run();
    const wider = unionOf([
      iterators,
      ...step.carries.map((next) => next.iterators),
      ...step.stacks.map((y) => y.iterators),
    ]);
    const next = promoted(types, step.carries);
    const isSettled = wider.length === iterators.length && next.every(({ dtype }, k) => dtype === types[k]!.dtype);
    refuseRows(builder, wider);
    if (isSettled) return loop.finish(step, attempt.requirements());
    attempt.undo();
    iterators = wider;
    types = next;
  }
}

const runOver = { notes: ['Write "i in 0..n", or "x in xs" for the rows of a tensor.'] };

/** The number of steps: that of the ranges and of the rows, which agree. */
export function stepsOf(builder: Builder, inputs: readonly ScanInput[]): Integer {
  const lengths = inputs.map(({ name, over }) => {
    if (!("low" in over)) {
      refuseRows(builder, over.iterators);
      const rows = over.shape[0];
      if (!rows) throw new ShapeError(`"${name}" runs over the rows of a tensor, got a scalar.`, runOver);
      return rows;
    }
    const length = over.high.minus(over.low);
    if (!length.isVariable()) return length;
    const { told, notes } = variationOf(builder, [length]);
    throw new ShapeError(`the length of the range of "${name}" ${told}: a loop has one length.`, {
      notes: [
        ...notes,
        "Run to the largest length, and keep the carry where the condition fails: if i < k then ... else h.",
      ],
    });
  });
  const [first, ...rest] = lengths;
  for (const [k, other] of rest.entries()) {
    if (other.equals(first!)) continue;
    throw new ShapeError(
      `a loop runs over everything in step: "${inputs[0]!.name}" has ${first} and "${inputs[k + 1]!.name}" has ${other}.`,
      { notes: ['For all pairs write an array, "[x in xs, y in ys: ...]", and loops over its axes.'] },
    );
  }
  if (!first!.isProvablyNonNegative([]) && !builder.isSearching) {
    builder.require({
      index: builder.graph.size(first!),
      extent: undefined,
      guard: undefined,
      summary: `the length ${first?.value === undefined ? `${first} ` : ""}of the range of "${inputs[0]!.name}" must not be negative`,
    });
  }
  return first!;
}

/** One try: a loop whose carries have given types and stand for values of given iterators. */
class Loop {
  private readonly builder: Builder;
  private readonly request: ScanRequest;
  private readonly length: Integer;
  private readonly iterators: readonly Iterator[];
  private readonly types: readonly CarryType[];
  private readonly step: Expr;
  private readonly carries: readonly Expr[];
  /** The rows that are run over: the operand of the scan, and the variable that stands for a slice. */
  private readonly rows: readonly Slice[];

  constructor(
    builder: Builder,
    request: ScanRequest,
    length: Integer,
    iterators: readonly Iterator[],
    types: readonly CarryType[],
  ) {
    this.builder = builder;
    this.request = request;
    this.length = length;
    this.iterators = iterators;
    this.types = types;
    const { graph } = builder;
    this.step = graph.variable([], "int");
    builder.declareRange(this.step, { low: Integer.zero, high: length });
    this.carries = types.map(({ shape, dtype }) => graph.variable(this.whole(shape), dtype));
    this.rows = request.inputs.flatMap(({ over }) => ("low" in over ? [] : [this.rowsOf(over)]));
  }

  /** The shape of a value for each of the iterators. */
  private whole(shape: Shape): Shape {
    return [...this.iterators.map(({ extent }) => extent), ...shape];
  }

  /** A tensor with the axis that is run over in front. */
  private rowsOf(term: Term): Slice {
    const { builder, iterators } = this;
    const own = term.shape.map((extent, atom) => ({ atom, extent }));
    const axes = [own[0]!, ...axesFor(iterators, []), ...own.slice(1)];
    const operand = viewOf(termsOf(builder, axes, [], [oneRead(term)]));
    return { operand, slice: builder.graph.variable(operand.shape.slice(1), operand.dtype) };
  }

  private get variables(): Expr[] {
    return [this.step, ...this.carries, ...this.rows.map(({ slice }) => slice)];
  }

  run(): ScanStep {
    const { builder, request, iterators } = this;
    const rows = this.rows.values();
    const values = request.inputs.map(({ over }) => {
      if ("low" in over) return integerTerm(builder, over.low.plus(Integer.lookup(this.step.id, [])));
      return termOf(builder, rows.next().value!.slice, iterators);
    });
    const carries = this.carries.map((carry) => termOf(builder, carry, iterators));
    return builder.within(1, () => request.body(values, carries));
  }

  /** The loop of what the body gave. `requirements` are those that the body left. */
  finish(step: ScanStep, requirements: readonly Requirement[]): ScanStep {
    const { builder, iterators, request, types } = this;
    const next = step.carries.map((term, k) => nextOf(request.carries[k]!, term, types[k]!, iterators));
    const stacked = step.stacks.map((term) => aligned(term, iterators, term.shape));
    if (builder.isSearching) return this.standIns(step);
    const expand = (roots: readonly Expr[]) => request.expand?.(roots, this.variables) ?? roots;
    const roots = expand([...next, ...stacked]);
    const stacks = roots.slice(next.length);
    const { operation, results } = this.loop(roots.slice(0, next.length), stacks);
    this.stackRequirements(requirements, roots.slice(0, next.length), expand);
    const found = rootsOf(operation, results);
    return {
      carries: found.carries.map((result) => termOf(builder, result, iterators)),
      stacks: found.stacks.map((result, k) => this.stackedTerm(result, step.stacks[k]!)),
    };
  }

  private loop(next: readonly Expr[], stacks: readonly Expr[]): { operation: Scan; results: Expr[] } {
    const { builder, request, length, iterators, types, step } = this;
    const { roots, slices } = withSlices([...next, ...stacks], step, this.variables, length);
    const rows = [...this.rows, ...slices];
    const inputs = rows.map(({ slice }) => slice);
    const constants = capturedBy(roots, [step, ...this.carries, ...inputs]);
    const operation = scanOf({
      extension: loops,
      length,
      isReversed: request.isReversed,
      step,
      parameters: { carries: this.carries, inputs, constants },
      roots: { carries: roots.slice(0, next.length), stacks: roots.slice(next.length), sums: [] },
    });
    const firsts = request.carries.map((carry, k) => firstOf(carry, types[k]!, iterators));
    const operands = [...firsts, ...rows.map(({ operand }) => operand), ...constants];
    return { operation, results: builder.graph.operation(operation, operands) };
  }

  private stackedTerm(result: Expr, { shape, dtype }: Term): Term {
    const { builder, iterators } = this;
    const index = [
      Integer.iterator(0),
      ...iterators.map(({ token }) => Integer.iterator(token)),
      ...shape.map((_, axis) => Integer.iterator(axis + 1)),
    ];
    return readTerm(builder, [{ of: result, index }], iterators, [this.length, ...shape], dtype);
  }

  /** While ranges are looked for, variables of the right shapes stand for the results. */
  private standIns(step: ScanStep): ScanStep {
    const { builder, iterators, length } = this;
    const standIn = (shape: Shape, dtype: DType) =>
      termOf(builder, builder.graph.variable(this.whole(shape), dtype), iterators);
    return {
      carries: this.types.map(({ shape, dtype }) => standIn(shape, dtype)),
      stacks: step.stacks.map(({ shape, dtype }) => standIn([length, ...shape], dtype)),
    };
  }

  /** Requirements on what changes from step to step are requirements on all its values. */
  private stackRequirements(
    requirements: readonly Requirement[],
    next: readonly Expr[],
    expand: (roots: readonly Expr[]) => readonly Expr[],
  ): void {
    const { builder } = this;
    for (const requirement of requirements) {
      const { index, guard } = requirement;
      const parts = expand(guard ? [index, guard] : [index]);
      const ids = idsUnder(parts);
      const varying = dependentOn(builder.graph, ids, this.variables);
      if (!parts.some(({ id }) => varying.has(id))) {
        builder.require(requirement);
        continue;
      }
      const [stackedIndex, stackedGuard] = parts.map((part) => this.stackAlone(next, part));
      builder.require({ ...requirement, index: stackedIndex!, guard: stackedGuard });
    }
  }

  /** The values of a node of all steps, from a loop without what it does not need: what follows from data alone is known to. */
  private stackAlone(next: readonly Expr[], node: Expr): Expr {
    const { operation, results } = this.loop(next, [node]);
    const { operands } = this.builder.graph.call(results[0]!.id);
    const isNeeded = results.map((_, k) => k === operation.carries);
    return (prunedScan({ operation, operands, results }, isNeeded) ?? results)[operation.carries]!;
  }
}
