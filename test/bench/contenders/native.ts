import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deviation, type Effort, median, quantile } from "../measure/measure.ts";
import type { Quantity, Row } from "../parts/runtime.ts";
import type { PeerData, PeerTask, Vectors } from "../tasks/tasks.ts";

/** What is asked of the C compiler: the machine's own instructions, and nothing that changes results. */
const flags = ["-O3", "-march=native", "-std=gnu11"];
export const nativeName = `C ${flags.slice(0, 2).join(" ")}`;

/** A C compiler that is there, or undefined. */
export function compilerName(): string | undefined {
  for (const name of ["gcc", "cc", "clang"]) {
    try {
      execFileSync(name, ["--version"], { stdio: "ignore" });
      return name;
    } catch {
      // the next one
    }
  }
  return undefined;
}

/** Numbers in the order in which a program of native/ reads them. */
type Numbers = Int32Array | Float64Array;

const ints = (...values: number[]) => Int32Array.from(values);

const dataOf: { readonly [Group in PeerData["group"]]: (data: Extract<PeerData, { group: Group }>) => Numbers[] } = {
  logistic: ({ rows, columns, lambda, X, y }) => [ints(rows, columns), Float64Array.of(lambda), X, y],
  rosenbrock: ({ dimension }) => [ints(dimension)],
  mlp: ({ rows, inputs, hidden, classes, X, label }) => [ints(rows, inputs, hidden, classes), X, label],
  cnn: ({ rows, pixels, channels, classes, images, label }) => [ints(rows, pixels, channels, classes), images, label],
  layout: ({ points, first, second, length }) => [ints(points, first.length), first, second, length],
};

function numbersOf(data: PeerData): Numbers[] {
  return (dataOf[data.group] as (data: PeerData) => Numbers[])(data);
}

/**
 * The task in C, in plain loops, timed in a process of its own: rounds of CPU time beside the unit's median. undefined where
 * there is no compiler.
 */
export function nativeRows(
  task: PeerTask,
  vectors: Vectors,
  effort: Effort,
  unit: Readonly<Record<Quantity, number>>,
  reference: Readonly<Record<Quantity, readonly number[]>>,
): Record<Quantity, Row> | undefined {
  if (compilerName() === undefined) return undefined;
  const printed = runNative(task.data.group, vectors, numbersOf(task.data), effort);
  const results = { lossAndGradient: [...printed.loss, ...printed.g], hvp: printed.h };
  const rowOf = (quantity: Quantity): Row => {
    const times = printed[quantity];
    const ratios = times.map((time) => time / unit[quantity]);
    const ratio = [0.25, 0.5, 0.75].map((part) => quantile(ratios, part)) as [number, number, number];
    const apart = deviation(results[quantity], reference[quantity]);
    return { name: nativeName, microseconds: median(times), ratio, deviation: apart };
  };
  return { lossAndGradient: rowOf("lossAndGradient"), hvp: rowOf("hvp") };
}

/** CPU microseconds of a call in each round, and what a program of native/ computed. */
export function runNative(
  program: string,
  { x, v }: Pick<Vectors, "x" | "v">,
  data: readonly Numbers[],
  { rounds, milliseconds }: Pick<Effort, "rounds" | "milliseconds">,
): Record<Quantity | "loss" | "g" | "h", number[]> {
  const folder = mkdtempSync(join(tmpdir(), "nabla-native-"));
  try {
    const binary = join(folder, "task");
    // run.mjs bundles programs into files of the folder above
    const source = (name: string) => fileURLToPath(new URL(`contenders/native/${name}`, import.meta.url));
    const sources = ["main.c", `${program}.c`].map(source);
    execFileSync(compilerName()!, [...flags, ...sources, "-lm", "-o", binary]);
    const file = join(folder, "data");
    writeFileSync(file, Buffer.concat([ints(x.length), x, v, ...data].map(bytesOf)));
    const lines = execFileSync(binary, [file, String(rounds), String(milliseconds)], { maxBuffer: 2 ** 28 });
    return Object.assign(
      {},
      ...`${lines}`
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function bytesOf(numbers: Numbers): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
