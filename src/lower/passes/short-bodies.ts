import { NodeNumbers } from "../../rewrite/sweeps/node-numbers.ts";
import type { Buffer, Program, Statement, Temporary, Value } from "../program/loops.ts";
import {
  isNest,
  mapBodies,
  mapStatementValues,
  statementsOf,
  temporaryMapping,
  visitStatement,
} from "../program/rewrite-statements.ts";
import { dtypeOf } from "../program/values.ts";
import { carry } from "./carried.ts";
import { cutPositions, largestPart, operationsOf, type Survey, surveyOf } from "./survey.ts";

/** What fits one function runs faster in one piece: what crosses from part to part is stored and read again. */
const longestBody = 2.5 * largestPart;

/** Fewer operations between statements that stay are not worth a call. */
const fewestOperations = 100;

const isLong = (body: readonly Statement[]) => operationsOf(body, longestBody) > longestBody;

/**
 * Cuts the long bodies of loops and conditions into parts that are functions of their own: V8 leaves a function that is too
 * long to its interpreter, and a loop in one takes ten times as long. Temporaries that later parts use travel through a
 * buffer, in every round anew; integer variables are arguments. What changes variables from around the body stays in it.
 */
export class ShortBodies {
  private readonly program: Program;
  private readonly nextBuffer: () => number;
  private readonly added: Buffer[];
  private temporaries: number | undefined;

  /** Buffers that it needs are `added`. */
  constructor(program: Program, nextBuffer: () => number, added: Buffer[]) {
    this.program = program;
    this.nextBuffer = nextBuffer;
    this.added = added;
  }

  /** The statements with short bodies. */
  within(statements: readonly Statement[]): Statement[] {
    return statements.map((statement) => {
      const isCut = isNest(statement) && statement.kind !== "part" && isLong([statement]);
      return isCut ? mapBodies(statement, (body) => this.cut(this.within(body))) : statement;
    });
  }

  private cut(body: Statement[]): Statement[] {
    if (!isLong(body)) return body;
    const { statements, stays } = this.apart(body);
    const survey = surveyOf(statements);
    keepOpenTogether(statements, stays, survey);
    const ranges = rangesOf(statements, stays, survey);
    if (!ranges.some(({ isPart }) => isPart)) return body;
    const { parts, carried } = carry(
      ranges.map(({ from, to }) => statements.slice(from, to)),
      survey,
      this.nextBuffer(),
    );
    if (carried) this.added.push(carried);
    // each range makes the positions that it needs, and those that stay are in one place
    const made = new Set<number>();
    const isAgain = (statement: Statement) =>
      statement.kind === "index" && (made.has(statement.variable) || !made.add(statement.variable));
    return ranges.flatMap(({ isPart }, k): Statement[] =>
      isPart ? [{ kind: "part", body: [...parts[k]!] }] : parts[k]!.filter((statement) => !isAgain(statement)),
    );
  }

  /**
   * The body as what may become parts, which reads temporaries of the body alone, and what stays: copies of what comes from
   * around, made in each round, and changes of variables around, which take temporaries.
   */
  private apart(body: readonly Statement[]): { readonly statements: Statement[]; readonly stays: boolean[] } {
    const { own, fixed, changing, isSum } = changesOf(body);
    const statements: Statement[] = [];
    const stays: boolean[] = [];
    const push = (statement: Statement, isStaying: boolean) => {
      statements.push(statement);
      stays.push(isStaying);
    };
    /** Of temporaries from around, with the value that they have at this place. */
    const copies = new Map<number, Temporary>();
    const first: Statement[] = [];
    const last: Statement[] = [];
    const map = temporaryMapping((temporary) => {
      const { id, dtype } = temporary;
      if (own.at(id) === 1) return undefined;
      const known = copies.get(id);
      if (known) return known;
      const copy = this.temporary(dtype);
      copies.set(id, copy);
      const made: Statement = { kind: "let", temporary: copy, value: temporary };
      if (changing.at(id) === 1) push(made, true);
      else first.push(made);
      return copy;
    });
    for (const statement of body) {
      const changed = changedIn(statement).filter((id) => own.at(id) === 0);
      if (changed.length === 0 && !writesNumber(statement)) push(mapStatementValues(statement, map), false);
      else if (isChange(statement)) {
        let { value } = statement;
        if (!(value.kind === "temporary" && fixed.at(value.id) === 1)) {
          const temporary = this.temporary(dtypeOf(value));
          push({ kind: "let", temporary, value: map(value) }, false);
          value = temporary;
        }
        if (isSum(statement)) last.push({ ...statement, value });
        else push({ ...statement, value }, true);
      } else push(statement, true);
      for (const id of changed) copies.delete(id);
    }
    return {
      statements: [...first, ...statements, ...last],
      stays: [...first.map(() => true), ...stays, ...last.map(() => true)],
    };
  }

  /** A temporary that no statement of the program has. */
  private temporary(dtype: Temporary["dtype"]): Temporary {
    this.temporaries ??= firstFree(statementsOf(this.program));
    return { kind: "temporary", id: this.temporaries++, dtype };
  }
}

type Change = Extract<Statement, { readonly kind: "combine" | "assign" | "store" | "accumulate" }>;

const isChange = (statement: Statement): statement is Change =>
  ["combine", "assign", "store", "accumulate"].includes(statement.kind);

/**
 * Which temporaries a body makes, and of these which never change; which of those around it changes, and which changes only
 * sum up and may come last.
 */
function changesOf(body: readonly Statement[]) {
  const own = new NodeNumbers();
  const fixed = new NodeNumbers();
  const read = new NodeNumbers();
  const changing = new NodeNumbers();
  const visitor = {
    statement: (statement: Statement) => {
      const { kind } = statement;
      if (kind === "let" || kind === "start") own.set(statement.temporary.id, 1);
      if (kind === "let") fixed.set(statement.temporary.id, 1);
      if (kind === "combine" || kind === "assign") changing.set(statement.temporary.id, 1);
    },
    value: (value: Value) => {
      if (value.kind === "temporary") read.set(value.id, 1);
    },
  };
  for (const statement of body) visitStatement(statement, visitor);
  const others = new Set(body.flatMap((statement) => (statement.kind === "combine" ? [] : changedIn(statement))));
  const isSum = (statement: Statement) => {
    if (statement.kind !== "combine") return false;
    const { id } = statement.temporary;
    return read.at(id) === 0 && !others.has(id);
  };
  return { own, fixed, changing, isSum };
}

/** The temporaries that a statement changes, or one in it. */
function changedIn(statement: Statement): readonly number[] {
  if (isPlain(statement)) return isAssignment(statement) ? [statement.temporary.id] : none;
  const changed: number[] = [];
  visitStatement(statement, { statement: (inner) => isAssignment(inner) && changed.push(inner.temporary.id) });
  return changed;
}

const none: readonly number[] = [];

const isPlain = (statement: Statement) => !isNest(statement) && statement.kind !== "shared";

type Assignment = Extract<Statement, { readonly kind: "combine" | "assign" }>;

const isAssignment = (statement: Statement): statement is Assignment =>
  statement.kind === "combine" || statement.kind === "assign";

/** True where a number is written that the function as a whole may return. */
function writesNumber(statement: Statement): boolean {
  const isNumber = (inner: Statement) =>
    "buffer" in inner && inner.buffer.role === "output" && inner.buffer.shape.length === 0;
  if (isPlain(statement)) return isNumber(statement);
  let writes = false;
  visitStatement(statement, { statement: (inner) => (writes ||= isNumber(inner)) });
  return writes;
}

/** A variable of the body is made and changed in one part, or stays. */
function keepOpenTogether(statements: readonly Statement[], stays: boolean[], { lastChange }: Survey): void {
  for (let isSettled = false; !isSettled; ) {
    isSettled = true;
    // how many stay before each position
    const before = [0];
    for (const isStaying of stays) before.push(before[before.length - 1]! + (isStaying ? 1 : 0));
    for (const [position, statement] of statements.entries()) {
      if (statement.kind !== "start") continue;
      const end = lastChange.at(statement.temporary.id);
      const staying = before[end]! - before[position]!;
      if (staying === 0 || staying === end - position) continue;
      stays.fill(true, position, end);
      isSettled = false;
    }
  }
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly isPart: boolean;
}

/** Parts, and between them what stays: few operations do so too. */
function rangesOf(statements: readonly Statement[], stays: readonly boolean[], survey: Survey): Range[] {
  const ranges: Range[] = [];
  for (let from = 0, to = 0; from < statements.length; from = to) {
    let operations = 0;
    for (to = from; to < statements.length && stays[to] === stays[from]; to++) operations += survey.operations[to]!;
    if (stays[from] || operations < fewestOperations) ranges.push({ from, to, isPart: false });
    else {
      const cuts = [from, ...cutPositions(statements, survey, [from, to]), to];
      for (let k = 1; k < cuts.length; k++) ranges.push({ from: cuts[k - 1]!, to: cuts[k]!, isPart: true });
    }
  }
  return ranges;
}

function firstFree(statements: readonly Statement[]): number {
  let free = 0;
  const note = (statement: Statement) => {
    if ("temporary" in statement) free = Math.max(free, statement.temporary.id + 1);
  };
  for (const statement of statements) visitStatement(statement, { statement: note });
  return free;
}
