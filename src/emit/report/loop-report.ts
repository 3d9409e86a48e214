import { Integer } from "../../ir/integer.ts";
import { Estimate } from "../../lower/program/estimate.ts";
import type { Buffer, Layout, Loop, Making, Program, Statement, Value } from "../../lower/program/loops.ts";
import { ownValue, visitStatement, visitValue } from "../../lower/program/rewrite-statements.ts";
import type { Signature } from "../signature.ts";
import { bytesOf } from "../wasm/places.ts";
import type { EngineReport } from "./engine-times.ts";
import { placesOf } from "./loop-notes.ts";

/** One loop of a function with all that is in it, at given sizes. */
export interface LoopReport {
  /** 0 for the outermost loops. */
  readonly depth: number;
  /** What it runs over, as a polynomial in sizes. */
  readonly over: string;
  /** How often its body runs in a call. */
  readonly rounds: number;
  /** Operations in a call: an addition is 1, other primitives count as their records say. */
  readonly operations: number;
  /** Bytes that are loaded and stored in a call. */
  readonly bytes: number;
  /** Places of the model that it computes. */
  readonly places: readonly string[];
  /** How it was laid out, and why. */
  readonly layouts: readonly string[];
}

/** What a call of a function costs: operations, bytes read and written, and its loops one by one. */
export interface FunctionReport {
  readonly name: string;
  readonly operations: number;
  readonly bytes: number;
  readonly loops: readonly LoopReport[];
  /** Estimates for the engines. */
  readonly engines: EngineReport;
}

/** Why a loop is as it is. */
const reasons: Readonly<Record<Layout, string>> = {
  tiles: "a matrix product, 2 rows by 4 columns in variables: each load serves several sums",
  panels: "a matrix product over packed panels of 4 columns: each load serves several sums",
  running: "terms enter one by one as the output moves on: no sum is taken twice",
  carried: "what neighbours add to an element waits in variables: each element is written once",
  cut: "limits cut short: no round is run for terms that are absent",
  asked: "a condition asked once for all rounds",
  strips: "strips of rows in several passes, with numbers of rows kept in short arrays from one to the next",
  rows: "several rows at a time: what they share is read once, and what they add to is written once",
  operation: "the loops of an operation",
};

/** What each loop of a program costs with these sizes, and how it was laid out. */
export function reportLoops(
  name: string,
  {
    code,
    engines,
  }: Readonly<Record<"code", { readonly program: Program; readonly signature: Signature }>> & {
    readonly engines: EngineReport;
  },
  sizes: ReadonlyMap<string, number>,
): FunctionReport {
  const { program, signature } = code;
  const statements = program.parts.flat();
  const direction = signature.packed.find((packed) => packed.name === "v");
  const report = new Report(sizes, new Set(direction?.buffers.map(({ buffer }) => buffer)));
  report.list(statements, 0, 1);
  return { name, ...report.costOf(statements, 1), loops: report.loops, engines };
}

class Report {
  readonly loops: LoopReport[] = [];
  private readonly estimate: Estimate;
  /** Integer variables by what they stand for. */
  private readonly variables: (Integer | undefined)[] = [];

  private readonly directions: ReadonlySet<Buffer>;

  constructor(sizes: ReadonlyMap<string, number>, directions: ReadonlySet<Buffer>) {
    this.estimate = new Estimate(sizes);
    this.directions = directions;
  }

  /** The loops among statements that run `times` in a call, and those in them. */
  list(statements: readonly Statement[], depth: number, times: number): void {
    let last: Making | undefined;
    for (const statement of statements) {
      if (statement.kind === "when" || statement.kind === "while") this.list(statement.body, depth, times);
      if (statement.kind === "if") this.list([...statement.body, ...statement.otherwise], depth, times);
      if (statement.kind === "index" && statement.value.kind === "integer") {
        this.variables[statement.variable] = statement.value.integer.withIterators(this.variables);
        this.estimate.define(statement.variable, statement.value.integer);
      }
      if (statement.kind !== "for") continue;
      // what several at a time leave over belongs to them, as do first and last rounds; an operation has loops of many kinds
      const isRest = last !== undefined && statement.making === last && !last.layouts.includes("operation");
      last = statement.making;
      const rounds = times * this.estimate.rounds(statement);
      const cost = this.costOf([statement], times);
      if (isRest) this.add(statement, cost, depth);
      else this.loops.push({ depth, over: this.over(statement), rounds, ...cost, ...this.about(statement) });
      // the loops of a tile are one thing
      const isTile = statement.making?.layouts.some((layout) => layout === "tiles" || layout === "panels");
      if (!isRest && !isTile) this.list(statement.body, depth + 1, rounds);
    }
  }

  costOf(statements: readonly Statement[], times: number): { operations: number; bytes: number } {
    const operations = this.estimate.total(statements, (statement) => this.estimate.operations(statement));
    const bytes = this.estimate.total(statements, (statement) => this.bytes(statement));
    return { operations: Math.round(times * operations), bytes: Math.round(times * bytes) };
  }

  /** Adds what is left over to the last loop of this depth. */
  private add(rest: Loop, { operations, bytes }: { operations: number; bytes: number }, depth: number): void {
    let at = this.loops.length - 1;
    while (this.loops[at]!.depth !== depth) at--;
    const loop = this.loops[at]!;
    const over = this.over({ ...rest, from: [Integer.zero] });
    this.loops[at] = { ...loop, over, operations: loop.operations + operations, bytes: loop.bytes + bytes };
  }

  private over({ from, to }: Loop): string {
    const text = (limits: Loop["from"], choose: string) => {
      const texts = limits.map((limit) => String(limit.withIterators(this.variables)));
      return texts.length === 1 ? texts[0]! : `${choose}(${texts.join(", ")})`;
    };
    const start = text(from, "max");
    return `${start === "0" ? "" : `${start}..`}${text(to, "min")}`;
  }

  private bytes(statement: Statement): number {
    let bytes = 0;
    const value = ownValue(statement);
    if (value) visitValue(value, (inner) => (bytes += loadedBytes(inner)));
    if (statement.kind === "store") bytes += bytesOf(statement.buffer);
    if (statement.kind === "accumulate") bytes += 2 * bytesOf(statement.buffer);
    if (statement.kind === "fill") {
      const length = statement.buffer.shape.reduce((product, size) => product * this.estimate.numberOf(size), 1);
      bytes += length * bytesOf(statement.buffer);
    }
    return bytes;
  }

  private about(loop: Loop): Pick<LoopReport, "places" | "layouts"> {
    const { nodes = [], layouts = [] } = loop.making ?? {};
    const together = new Set(nodes).size;
    return {
      places: placesOf(loop),
      layouts: [
        ...(together > 1 ? [`${together} computations in one pass: what one makes the next has at hand`] : []),
        ...layouts.map((layout) => reasons[layout]),
        ...stepReasons(loop),
        ...this.strideReasons(loop),
      ],
    };
  }

  /** How an innermost loop moves through the arrays that it reads and writes. */
  private strideReasons(loop: Loop): string[] {
    if (loop.body.some(({ kind }) => kind === "for" || kind === "while")) return [];
    const far = new Set<string>();
    const note = ({ buffer, address }: { readonly buffer: Buffer; readonly address: Integer }) => {
      const stride = address.coefficientOf(loop.variable);
      const isNear = stride?.value !== undefined && Math.abs(stride.value) <= 1;
      if (!isNear) far.add(`${this.nameOf(buffer)} ${stride ? `by ${stride}` : "from place to place"}`);
    };
    visitStatement(loop, {
      statement: (inner) => {
        if ("address" in inner) note(inner);
      },
      value: (value) => {
        if (value.kind === "load") note(value);
      },
    });
    return far.size === 0 ? [] : [`far steps: ${[...far].join(", ")}`];
  }

  private nameOf(buffer: Buffer): string {
    if (this.directions.has(buffer)) return "the direction";
    return buffer.role === "workspace" ? "a temporary" : buffer.name;
  }
}

/** Layouts that say themselves why a loop takes more than one step. */
const isLaidOut: ReadonlySet<Layout> = new Set(["tiles", "panels", "strips", "rows"]);

/** Several iterations in one, where the loop is innermost and no tile. */
function stepReasons({ step, body, making }: Loop): string[] {
  if (step === 1 || making?.layouts.some((layout) => isLaidOut.has(layout))) return [];
  const sums = body.filter((statement) => statement.kind === "combine").length;
  return sums > 0
    ? [`${step} terms at a time in sums of their own: an addition need not wait for the one before`]
    : [`${step} elements at a time: less is spent on the loop`];
}

const loadedBytes = (value: Value): number => (value.kind === "load" ? bytesOf(value.buffer) : 0);
