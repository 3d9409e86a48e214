import { gradient } from "../../autodiff/derivatives.ts";
import type { CompilableModel } from "../../compile/compile.ts";
import { record } from "../../compile/inputs/inputs.ts";
import { compileClosuresOver } from "../../emit/closures/closures.ts";
import { canEvaluate } from "../../emit/javascript.ts";
import {
  allocatePair,
  complexPairs,
  dualPairs,
  type PairArray,
  type PairCompiled,
  pairOf,
} from "../../emit/pairs/arrays.ts";
import { compileComplex, compileDual } from "../../emit/pairs/pairs.ts";
import { boundBuffers, type Signature } from "../../emit/signature.ts";
import { elementCount, evaluateShape } from "../../interpreter/interpret.ts";
import type { Expr } from "../../ir/graph.ts";
import { lower } from "../../lower/lower.ts";
import type { Buffer, Program } from "../../lower/program/loops.ts";
import { withSharedTies } from "../../rewrite/closing/ties.ts";
import { simplify } from "../../rewrite/rewrite.ts";
import type { Point } from "./point.ts";
import type { ByName, Evaluator, Results, Task, Values, Variable } from "./task.ts";

/** A kind of number with a second part, which is a step times the change that it carries. */
export interface Seeds {
  compile(program: Program, signature: Signature): PairCompiled;
  /** A power of two, by which dividing is exact; `room` is the least |x / change| of a coordinate that is not zero. */
  readonly step: (room: number) => number;
}

/** The step's square must vanish beside 1, and the step beside every coordinate; far below, it would be lost itself. */
export const complexSeeds: Seeds = {
  step: (room) => 2 ** Math.max(-600, -100 + Math.min(0, Math.floor(Math.log2(room)))),
  compile: (program, signature) =>
    canEvaluate() ? compileComplex(program, signature) : compileClosuresOver(complexPairs, program, signature),
};

export const dualSeeds: Seeds = {
  step: () => 1,
  compile: (program, signature) =>
    canEvaluate() ? compileDual(program, signature) : compileClosuresOver(dualPairs, program, signature),
};

/** Loops over pairs of numbers: values and gradients are first parts, changes of the gradient are second parts. */
export class Seeded implements Evaluator {
  private readonly model: CompilableModel;
  private readonly variables: readonly Variable[];
  private readonly seeds: Seeds;
  private readonly programs = new Map<"loss" | "gradient" | "outputs", PairProgram>();
  private simplified: Expr | undefined;

  constructor(model: CompilableModel, variables: readonly Variable[], seeds: Seeds) {
    this.model = model;
    this.variables = variables;
    this.seeds = seeds;
  }

  evaluate({ wants, point, direction }: Task): Results {
    const results: Results = {};
    const firsts = (pairs: readonly PairArray[]) => pairs.map(({ first }) => first);
    if (wants.has("loss")) results.loss = this.run("loss", point)[0]!.first[0]!;
    if (wants.has("gradient")) results.gradient = this.named(firsts(this.run("gradient", point)));
    if (wants.has("hvp")) results.hvp = this.named(this.changes(point, direction!));
    if (wants.has("hessian")) results.hessian = this.hessian(point);
    if (wants.has("outputs")) {
      const values = firsts(this.run("outputs", point));
      results.outputs = record([...this.model.outputs.keys()].map((name, k) => [name, values[k]!] as const));
    }
    return results;
  }

  private named<T>(values: readonly T[]): ByName<T> {
    return record(this.variables.map(({ name }, k) => [name, values[k]!] as const));
  }

  /** The change of the gradient along a direction, which is made about as long as 1 first: neither end of the range is near. */
  private changes(point: Point, direction: ByName<Float64Array>): Float64Array[] {
    const size = sizeOf(direction);
    const unit = times(direction, 1 / size);
    const step = this.seeds.step(roomOf(point, unit));
    const pairs = this.run("gradient", point, times(unit, step));
    return pairs.map(({ first, second }) =>
      // what is not there does not change: a constant NaN, as for a solution that was not found, has no second part
      second.map((change, k) => (Number.isNaN(first[k]) ? Number.NaN : (change / step) * size)),
    );
  }

  /** Column by column: the change of the gradient along each coordinate. */
  private hessian(point: Point): ByName<ByName<Values>> {
    const lengths = this.variables.map(({ name }) => point.values.get(name)!.length);
    const blocks = lengths.map((rows) => lengths.map((columns) => new Float64Array(rows * columns)));
    for (const [j, { name }] of this.variables.entries()) {
      for (let column = 0; column < lengths[j]!; column++) {
        const unit = new Float64Array(lengths[j]!);
        unit[column] = 1;
        const parts = this.changes(point, record([[name, unit]]));
        for (const [i, part] of parts.entries()) {
          for (let row = 0; row < lengths[i]!; row++) blocks[i]![j]![row * lengths[j]! + column] = part[row]!;
        }
      }
    }
    return this.named(blocks.map((row) => this.named(row)));
  }

  private run(
    name: "loss" | "gradient" | "outputs",
    point: Point,
    seconds: ByName<Float64Array> = record([]),
  ): PairArray[] {
    let program = this.programs.get(name);
    if (!program) {
      program = new PairProgram(withSharedTies(simplify(this.rootsOf(name), { last: false })), this.seeds);
      this.programs.set(name, program);
    }
    return program.run(point, seconds);
  }

  private rootsOf(name: "loss" | "gradient" | "outputs"): Expr[] {
    if (name === "outputs") return [...this.model.outputs.values()];
    this.simplified ??= simplify([this.model.loss!])[0]!;
    if (name === "loss") return [this.simplified];
    return gradient(
      this.simplified,
      this.variables.map(({ expr }) => expr),
    );
  }
}

/** The power of two below the largest entry. */
function sizeOf(direction: ByName<Float64Array>): number {
  const largest = Object.values(direction).reduce(
    (most, changes) => changes.reduce((more, change) => Math.max(more, Math.abs(change)), most),
    0,
  );
  const power = Math.floor(Math.log2(largest));
  return Number.isFinite(power) ? 2 ** Math.min(1000, Math.max(-1000, power)) : 1;
}

function times(direction: ByName<Float64Array>, factor: number): ByName<Float64Array> {
  return record(
    Object.entries(direction).map(([name, changes]) => [name, changes.map((change) => change * factor)] as const),
  );
}

function roomOf({ values }: Point, direction: ByName<Float64Array>): number {
  let room = Number.POSITIVE_INFINITY;
  for (const [name, changes] of Object.entries(direction)) {
    const at = values.get(name)!;
    for (const [k, change] of changes.entries()) {
      const ratio = Math.abs(at[k]! / change);
      if (ratio > 0 && ratio < room) room = ratio;
    }
  }
  return room;
}

/** Graphs lowered to loops and compiled over pairs; every array is bound, results are passed. */
class PairProgram {
  private readonly program: Program;
  private readonly outputs: readonly Buffer[];
  private readonly bound: readonly Buffer[];
  private readonly code: PairCompiled | undefined;

  constructor(roots: readonly Expr[], seeds: Seeds) {
    this.program = lower(roots.map((node, k) => ({ name: `result${k}`, node })));
    this.outputs = this.program.buffers.filter(({ role }) => role === "output");
    const signature = { name: "evaluate", packed: [], separate: this.outputs };
    this.bound = boundBuffers(this.program, signature);
    this.code = roots.length === 0 ? undefined : seeds.compile(this.program, signature);
  }

  run({ sizes, values }: Point, seconds: ByName<Float64Array>): PairArray[] {
    const lengthOf = (buffer: Buffer) => elementCount(evaluateShape(buffer.shape, sizes));
    const arrays = this.bound.map((buffer) => {
      if (buffer.role === "workspace") return allocatePair(buffer, lengthOf(buffer));
      if (buffer.role === "table") return pairOf(tableOf(buffer));
      return pairOf(values.get(buffer.name)!, seconds[buffer.name]);
    });
    const results = this.outputs.map((buffer) => allocatePair(buffer, lengthOf(buffer)));
    this.code?.bind(
      this.program.sizes.map((name) => sizes.get(name)!),
      arrays,
    )(...results);
    return results;
  }
}

function tableOf({ dtype, values }: Buffer) {
  if (dtype === "int") return Int32Array.from(values!);
  return dtype === "bool" ? Uint8Array.from(values!) : Float64Array.from(values!);
}
