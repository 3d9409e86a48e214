import type { Combine } from "../../ir/contraction.ts";
import type { Integer } from "../../ir/integer.ts";
import type { Buffer, Statement, Temporary, Value } from "../../lower/loops.ts";
import { ownValues, visitValue } from "../../lower/rewrite-statements.ts";
import type { Loop } from "./statements.ts";

type Accumulate = Extract<Statement, { kind: "accumulate" }>;

/** How an address moves with the loop: by nothing, by one element, by a fixed number of them, or in another way. */
export type Motion = "fixed" | "unit" | "stride" | "free";

/** What a loop does, as far as taking two iterations at a time depends on it. */
export interface VectorPlan {
  /** Temporaries from outside that collect terms. */
  readonly reductions: ReadonlyMap<Temporary, Combine>;
  /** Elements that stay the same and collect terms: they are written once, after the loop. */
  readonly elements: readonly Accumulate[];
  /** Copies of the body that one turn holds, each for two iterations. */
  readonly copies: number;
  motion(address: Integer): Motion;
  /** True where two iterations may have different values of the integer. */
  varies(integer: Integer): boolean;
  isWritten(buffer: Buffer): boolean;
}

/** Undefined where iterations depend on each other, or where two at a time gain nothing. */
export function planVectorLoop(loop: Loop, ordered: boolean): VectorPlan | undefined {
  if (loop.step !== 1 || loop.descending || isShort(loop)) return undefined;
  const survey = surveyOf(loop);
  if (!survey) return undefined;
  const { reductions, writes, loads, own } = survey;
  const varying = new Set([loop.variable, ...survey.indices]);
  const varies = (integer: Integer) => integer.iterators().some((variable) => varying.has(variable));
  const motion = (address: Integer): Motion => {
    if (!varies(address)) return "fixed";
    if (address.iterators().some((variable) => survey.indices.has(variable))) return "free";
    const stride = address.coefficientOf(loop.variable);
    if (!stride) return "free";
    return stride.value === 1 ? "unit" : "stride";
  };
  // a sum that is read on the way is a running sum
  if ([...reductions.keys()].some((temporary) => survey.read.has(temporary))) return undefined;
  if (ordered && [...reductions.values()].some((how) => how === "sum" || how === "prod")) return undefined;
  if (survey.indexReads.some((temporary) => own.has(temporary))) return undefined;

  const elements: Accumulate[] = [];
  for (const [buffer, list] of writes) {
    const read = loads.filter((load) => load.buffer === buffer);
    const addresses = new Set([...list, ...read].map(({ address }) => address.key));
    const motions = list.map(({ address }) => motion(address));
    if (motions.includes("fixed")) {
      const [only] = list;
      if (ordered || list.length > 1 || read.length > 0 || only!.kind !== "accumulate") return undefined;
      elements.push(only!);
      continue;
    }
    const onlyAdds = read.length === 0 && list.every(({ kind, ...rest }) => kind === "accumulate" && "combine" in rest);
    if (addresses.size > 1 || motions.includes("free")) {
      if (!onlyAdds || (ordered && list.length > 1) || new Set(list.map(combineOf)).size > 1) return undefined;
      if (survey.masked.size > 0) return undefined;
    }
  }
  if (survey.masked.size > 0 && [...writes.values()].flat().some((write) => survey.masked.has(write))) return undefined;

  // what two numbers at a time save, against what loads from two places cost
  let [gain, loss] = [survey.operations, 0];
  for (const { address } of [...loads, ...[...writes.values()].flat()]) {
    const how = motion(address);
    if (how === "unit") gain += 2;
    else if (how !== "fixed") loss += 2;
  }
  loss += 4 * survey.masks;
  if (gain <= loss) return undefined;
  const size = survey.operations + loads.length + 2 * writes.size;
  const longest = loop.to[0]!.value;
  let copies = survey.masks > 0 ? 1 : size <= 12 ? 4 : size <= 40 ? 2 : 1;
  while (longest !== undefined && copies > 1 && 2 * copies > longest) copies /= 2;
  return { reductions, elements, copies, motion, varies, isWritten: (buffer) => writes.has(buffer) };
}

const combineOf = (write: Write): string => (write.kind === "accumulate" ? write.combine : "");

/** Fewer turns than pay for the preparations. */
function isShort({ from, to }: Loop): boolean {
  const [first, last] = [from[0]!.value, to[0]!.value];
  return from.length === 1 && to.length === 1 && first !== undefined && last !== undefined && last - first < 4;
}

type Write = Extract<Statement, { kind: "store" | "accumulate" }>;
type Load = Extract<Value, { kind: "load" }>;

interface Survey {
  readonly reductions: Map<Temporary, Combine>;
  readonly writes: Map<Buffer, Write[]>;
  readonly loads: Load[];
  /** Temporaries that the loop defines. */
  readonly own: Set<Temporary>;
  readonly read: Set<Temporary>;
  /** Integer variables that the loop defines, and the temporaries that they are made of. */
  readonly indices: Set<number>;
  readonly indexReads: Temporary[];
  /** Statements under a condition. */
  readonly masked: Set<Statement>;
  masks: number;
  operations: number;
}

/** Undefined for statements that no vector holds. */
function surveyOf(loop: Loop): Survey | undefined {
  const survey: Survey = {
    reductions: new Map(),
    writes: new Map(),
    loads: [],
    own: new Set(),
    read: new Set(),
    indices: new Set(),
    indexReads: [],
    masked: new Set(),
    masks: 0,
    operations: 0,
  };
  const { own, reductions } = survey;
  const visit = (statement: Statement, isMasked: boolean): boolean => {
    if (isMasked) survey.masked.add(statement);
    for (const value of ownValues(statement)) noteValue(value, survey, statement.kind === "index");
    switch (statement.kind) {
      case "let":
      case "start":
        own.add(statement.temporary);
        return true;
      case "assign":
        return own.has(statement.temporary);
      case "index":
        survey.indices.add(statement.variable);
        return true;
      case "combine": {
        survey.operations += 1;
        if (own.has(statement.temporary)) return true;
        const known = reductions.get(statement.temporary);
        reductions.set(statement.temporary, statement.combine);
        return known === undefined || known === statement.combine;
      }
      case "store":
      case "accumulate": {
        survey.operations += 1;
        const list = survey.writes.get(statement.buffer) ?? [];
        list.push(statement);
        survey.writes.set(statement.buffer, list);
        return true;
      }
      case "when":
        survey.masks += 1;
        return !isMasked && statement.body.every((inner) => visit(inner, true));
      default:
        return false;
    }
  };
  return loop.body.every((statement) => visit(statement, false)) ? survey : undefined;
}

function noteValue(value: Value, survey: Survey, isIndex: boolean): void {
  visitValue(value, (inner) => {
    if (inner.kind === "temporary") {
      survey.read.add(inner.temporary);
      if (isIndex) survey.indexReads.push(inner.temporary);
    } else if (inner.kind === "load") survey.loads.push(inner);
    else if (inner.kind === "apply") survey.operations += Math.max(1, inner.primitive.cost);
    else if (inner.kind === "guarded") survey.masks += 1;
  });
}
