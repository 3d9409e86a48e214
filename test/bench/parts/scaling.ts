import { compileModel } from "../../../src/compile/compile.ts";
import { cpuTime } from "../measure/measure.ts";
import { straightLineModel } from "../tasks/straight-line.ts";

/** Milliseconds of CPU time until each function of a straight-line model can be called. */
export interface ScalingResult {
  readonly operations: number;
  readonly loss: number;
  readonly gradient: number;
  readonly hvp: number;
}

export function measureScaling(operations: number): ScalingResult {
  const compiled = compileModel(straightLineModel(operations));
  const time = (name: "loss" | "gradient" | "hvp") => cpuTime(() => compiled.source(name)) / 1000;
  return { operations, loss: time("loss"), gradient: time("gradient"), hvp: time("hvp") };
}

export const totalOf = ({ loss, gradient, hvp }: ScalingResult): number => loss + gradient + hvp;

/** The least-squares slope of log time over log size: 1 is linear. */
export function slopeOf(results: readonly ScalingResult[]): number {
  const points = results.map((result) => [Math.log(result.operations), Math.log(totalOf(result))] as const);
  const mean = (values: readonly number[]) => values.reduce((total, value) => total + value, 0) / values.length;
  const x = mean(points.map(([size]) => size));
  const y = mean(points.map(([, time]) => time));
  const rise = points.reduce((total, [size, time]) => total + (size - x) * (time - y), 0);
  const run = points.reduce((total, [size]) => total + (size - x) ** 2, 0);
  return rise / run;
}
