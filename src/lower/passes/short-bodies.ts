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
import { cutPositions, largestPart, operationsOf, operationsOfBody, type Survey, surveyOf } from "./survey.ts";

/** What fits one function runs faster in one piece: what crosses from part to part is stored and read again. */
const longestBody = 2.5 * largestPart;

/** Fewer operations between statements that stay are not worth a call. */
const fewestOperations = 100;

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
      const isLong = isNest(statement) && statement.kind !== "part" && operationsOf(statement) > longestBody;
      return isLong ? mapBodies(statement, (body) => this.cut(this.within(body))) : statement;
    });
  }

  private cut(body: Statement[]): Statement[] {
    if (operationsOfBody(body) <= longestBody) return body;
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
      if (own.has(id)) return undefined;
      const known = copies.get(id);
      if (known) return known;
      const copy = this.temporary(dtype);
      copies.set(id, copy);
      const made: Statement = { kind: "let", temporary: copy, value: temporary };
      if (changing.has(id)) push(made, true);
      else first.push(made);
      return copy;
    });
    for (const statement of body) {
      const changed = changedIn(statement).filter((id) => !own.has(id));
      if (changed.length === 0 && !writesNumber(statement)) push(mapStatementValues(statement, map), false);
      else if (isChange(statement)) {
        let { value } = statement;
        if (!(value.kind === "temporary" && fixed.has(value.id))) {
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
  const own = new Set<number>();
  const fixed = new Set<number>();
  const read = new Set<number>();
  const changing = new Set<number>();
  const visitor = {
    statement: (statement: Statement) => {
      if (statement.kind === "let" || statement.kind === "start") own.add(statement.temporary.id);
      if (statement.kind === "let") fixed.add(statement.temporary.id);
      if (statement.kind === "combine" || statement.kind === "assign") changing.add(statement.temporary.id);
    },
    value: (value: Value) => {
      if (value.kind === "temporary") read.add(value.id);
    },
  };
  for (const statement of body) visitStatement(statement, visitor);
  for (const id of own) changing.delete(id);
  const others = new Set(body.flatMap((statement) => (statement.kind === "combine" ? [] : changedIn(statement))));
  const isSum = (statement: Statement) => {
    if (statement.kind !== "combine") return false;
    const { id } = statement.temporary;
    return !read.has(id) && !others.has(id);
  };
  return { own, fixed, changing, isSum };
}

/** The temporaries that a statement changes, or one in it. */
function changedIn(statement: Statement): number[] {
  const changed: number[] = [];
  visitStatement(statement, {
    statement: (inner) => {
      if (inner.kind === "combine" || inner.kind === "assign") changed.push(inner.temporary.id);
    },
  });
  return changed;
}

/** True where a number is written that the function as a whole may return. */
function writesNumber(statement: Statement): boolean {
  let writes = false;
  visitStatement(statement, {
    statement: (inner) => {
      if ("buffer" in inner && inner.buffer.role === "output" && inner.buffer.shape.length === 0) writes = true;
    },
  });
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
