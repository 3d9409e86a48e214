import type { DType } from "../../ir/primitive.ts";
import { NodeNumbers } from "../../rewrite/sweeps/node-numbers.ts";
import type { Buffer, Load, Statement, Temporary, Value } from "../program/loops.ts";
import { isSum, type Parts, sumOf, termsOf, withTerm } from "./sum-terms.ts";

/** Terms of a sum from which on it collects them as they come; fewer are added when all are there. */
const fewestTerms = 4;

/** A statement without a loop. */
export type Plain = Extract<Statement, { kind: "let" | "store" | "accumulate" }>;
export type Name = (dtype: DType) => Temporary;
type Element = Pick<Load, "buffer" | "address" | "half">;

/** What a stretch of statements reads and writes. */
export interface Survey {
  readonly statements: readonly Plain[];
  readonly written: ReadonlySet<Buffer>;
  /** How often each temporary is read, by its number. */
  readonly uses: NodeNumbers;
  /** The numbers of the temporaries that statement k reads: from `starts[k]` to `starts[k + 1]`. */
  readonly reads: readonly number[];
  readonly starts: readonly number[];
  /** The statements that read an array that is written. */
  readonly readsWritten: Uint8Array;
  /** Each element that is written, or read in an array that is written, has an address that is a number. */
  readonly tellsApart: boolean;
}

/** Finds it in one walk over the values. */
export function surveyOf(statements: readonly Plain[]): Survey {
  const written = new Set<Buffer>();
  for (let k = 0; k < statements.length; k++) {
    const statement = statements[k]!;
    if (statement.kind !== "let") written.add(statement.buffer);
  }
  const uses = new NodeNumbers();
  const reads: number[] = [];
  const starts: number[] = [];
  const readsWritten = new Uint8Array(statements.length);
  let tellsApart = true;
  const note = ({ address, half }: Element) => {
    if (address.value === undefined || half) tellsApart = false;
  };
  const visit = (value: Value, position: number): void => {
    if (value.kind === "temporary") {
      const { id } = value;
      reads.push(id);
      uses.set(id, uses.at(id) + 1);
    } else if (value.kind === "apply") {
      for (let k = 0; k < value.operands.length; k++) visit(value.operands[k]!, position);
    } else if (value.kind === "guarded") visit(value.value, position);
    else if (value.kind === "load" && written.has(value.buffer)) {
      readsWritten[position] = 1;
      note(value);
    }
  };
  for (let k = 0; k < statements.length; k++) {
    const statement = statements[k]!;
    starts.push(reads.length);
    if (statement.kind !== "let") note(statement);
    visit(statement.value, k);
  }
  starts.push(reads.length);
  return { statements, written, uses, reads, starts, readsWritten, tellsApart };
}

interface Sum {
  readonly temporary: Temporary;
  /** The terms so far. */
  made: Value | undefined;
  missing: number;
}

const none: Parts = new Map();

/** What is asked of a step again and again, as numbers: statements lie here and there. */
const isTerm = 1;
const isName = 2;
/** The statement is done as it stands. */
const isWhole = 4;

/**
 * The steps of a stretch, by number: a statement is one, and so is each term of a long sum. There may be millions, so what
 * steps have to do with each other lies in arrays of numbers.
 */
interface Steps {
  /** What is said of each by the numbers above, added up. */
  readonly kinds: readonly number[];
  /** undefined for a sum, whose terms are steps of their own. */
  readonly values: readonly (Value | undefined)[];
  /** Where the value goes: into a sum, or as the statement says. */
  readonly targets: readonly (Plain | Sum)[];
  /** The steps whose values step k reads, each once: from `needStarts[k]` to `needStarts[k + 1]`. */
  readonly needs: readonly number[];
  readonly needStarts: readonly number[];
  /** How many of those that it needs or comes after are still to be done. */
  readonly waiting: number[];
  /** How many users are still to be done; what is read behind the stretch has one more. */
  readonly left: number[];
  /** Steps that only come after others, and those before others: few. */
  readonly after: ReadonlyMap<number, readonly number[]>;
  readonly before: ReadonlyMap<number, readonly number[]>;
  /** Results, and what is read behind the stretch. */
  readonly roots: readonly number[];
}

/** Writes a stretch in order. `uses`: how often temporaries are read, here and elsewhere. */
export function writeStretch(
  survey: Survey,
  uses: NodeNumbers,
  name: Name,
  keepsSums: boolean,
  result: Statement[],
): void {
  perform(stepsOf(survey, uses, name, keepsSums), name, result);
}

function stepsOf(survey: Survey, uses: NodeNumbers, name: Name, keepsSums: boolean): Steps {
  const { statements, written, starts, reads, readsWritten } = survey;
  const parts = keepsSums ? none : partsOfSums(survey, uses);
  const kinds: number[] = [];
  const values: (Value | undefined)[] = [];
  const targets: (Plain | Sum)[] = [];
  const needs: number[] = [];
  const needStarts: number[] = [];
  const waiting: number[] = [];
  const left: number[] = [];
  const after = new Map<number, number[]>();
  const before = new Map<number, number[]>();
  const roots: number[] = [];
  /** The step that asked for each one last. */
  const lastUser: number[] = [];
  /** By the numbers of temporaries: one more than the step that makes it. */
  const makers = new NodeNumbers();
  /** The last step that reads or writes an element of an array that is written. */
  const lastAt = new Map<string, number>();

  const begin = (kind: number, value: Value | undefined, target: Plain | Sum): number => {
    kinds.push(kind);
    targets.push(target);
    needStarts.push(needs.length);
    lastUser.push(-1);
    waiting.push(0);
    left.push(0);
    return values.push(value) - 1;
  };
  const need = (step: number, needed: number): void => {
    if (needed < 0 || lastUser[needed] === step) return;
    lastUser[needed] = step;
    needs.push(needed);
    waiting[step]!++;
    left[needed]!++;
  };
  /** Steps that meet in an element of an array that is written keep their order. */
  const keepOrder = (step: number, { buffer, address }: Element): void => {
    if (!written.has(buffer)) return;
    const key = `${buffer.id}|${address.key}`;
    const last = lastAt.get(key);
    lastAt.set(key, step);
    if (last === undefined || last === step) return;
    after.set(step, [...(after.get(step) ?? []), last]);
    before.set(last, [...(before.get(last) ?? []), step]);
    waiting[step]!++;
  };
  const read = (step: number, value: Value): void => {
    if (value.kind === "temporary") need(step, makers.at(value.id) - 1);
    else if (value.kind === "load") keepOrder(step, value);
    else if (value.kind === "guarded") read(step, value.value);
    else if (value.kind === "apply") for (let k = 0; k < value.operands.length; k++) read(step, value.operands[k]!);
  };
  const kindOf = ({ kind }: Plain) => (kind === "let" ? isName : 0);
  const add = (
    value: Value | undefined,
    target: Plain,
    kind = kindOf(target),
    terms: readonly number[] = [],
  ): number => {
    const step = begin(kind, value, target);
    for (const term of terms) need(step, term);
    if (value) read(step, value);
    if (target.kind !== "let") keepOrder(step, target);
    return step;
  };
  /** A statement as the survey found it. */
  const addAsItStands = (statement: Plain, position: number): number => {
    const kind = kindOf(statement) + isWhole;
    if (readsWritten[position] === 1) return add(statement.value, statement, kind);
    const step = begin(kind, statement.value, statement);
    for (let k = starts[position]!; k < starts[position + 1]!; k++) need(step, makers.at(reads[k]!) - 1);
    if (statement.kind !== "let") keepOrder(step, statement);
    return step;
  };
  /** A statement whose value is a sum, after its terms. */
  const addSum = (statement: Plain, terms: readonly Value[]): number => {
    const isLet = statement.kind === "let";
    const temporary = isLet ? statement.temporary : name("real");
    const sum: Sum = { temporary, made: undefined, missing: terms.length };
    const steps = terms.map((term) => {
      const step = begin(isTerm, term, sum);
      read(step, term);
      return step;
    });
    return add(isLet ? undefined : temporary, statement, kindOf(statement), steps);
  };

  const take = (statement: Plain, k: number): void => {
    const { value } = statement;
    const temporary = statement.kind === "let" ? statement.temporary : undefined;
    if (temporary && parts.has(temporary)) return;
    const terms = !keepsSums && (isSum(value) || value.kind === "temporary") ? termsOf(value, parts) : undefined;
    const isAsItStands = !terms || (terms.length === 1 ? terms[0] === value : isSum(value) && terms === value.operands);
    const step =
      terms && terms.length >= fewestTerms
        ? addSum(statement, terms)
        : isAsItStands
          ? addAsItStands(statement, k)
          : add(sumOf(terms), statement);
    if (temporary) makers.set(temporary.id, step + 1);
    if (temporary && survey.uses.at(temporary.id) === uses.at(temporary.id)) return;
    left[step]!++;
    roots.push(step);
  };
  for (let k = 0; k < statements.length; k++) take(statements[k]!, k);
  needStarts.push(needs.length);
  return { kinds, values, targets, needs, needStarts, waiting, left, after, before, roots };
}

/** The users of each step, in order: those of step k from `starts[k]` to `starts[k + 1]`. */
function usersOf({ needs, needStarts }: Steps): { readonly users: Int32Array; readonly starts: Int32Array } {
  const starts = new Int32Array(needStarts.length);
  for (let k = 0; k < needs.length; k++) starts[needs[k]! + 1]!++;
  for (let step = 1; step < starts.length; step++) starts[step]! += starts[step - 1]!;
  const next = starts.slice();
  const users = new Int32Array(needs.length);
  for (let step = 0; step + 1 < needStarts.length; step++) {
    for (let k = needStarts[step]!; k < needStarts[step + 1]!; k++) users[next[needs[k]!]!++] = step;
  }
  return { users, starts };
}

/** Does every root after all that it needs. */
function perform(steps: Steps, name: Name, result: Statement[]): void {
  const { kinds, values, targets, needs, needStarts, waiting, left, after, before, roots } = steps;
  const { users, starts } = usersOf(steps);
  const isDone = new Uint8Array(values.length);
  /** Steps that can be done, and should be while what they read is at hand. */
  const eager: number[] = [];

  const collect = (sum: Sum, term: Value): void => {
    const { made } = sum;
    sum.missing--;
    if (made === undefined && term.kind === "temporary") {
      sum.made = term;
      return;
    }
    const temporary = sum.missing === 0 ? sum.temporary : name("real");
    result.push({ kind: "let", temporary, value: made ? withTerm(made, term) : term });
    sum.made = temporary;
  };
  /** True for what ends the life of a value, or adds it where others are. */
  const isEager = (step: number): boolean => {
    if ((kinds[step]! & isName) === 0) return true;
    for (let k = needStarts[step]!; k < needStarts[step + 1]!; k++) if (left[needs[k]!] === 1) return true;
    return false;
  };
  /** Tells a step that something it waited for is done. */
  const release = (step: number): void => {
    waiting[step]!--;
    if (waiting[step] === 0 && isEager(step)) eager.push(step);
  };
  const run = (step: number): void => {
    isDone[step] = 1;
    const kind = kinds[step]!;
    const target = targets[step]!;
    if (kind & isWhole) result.push(target as Plain);
    else if (kind & isTerm) collect(target as Sum, values[step]!);
    else if (values[step]) result.push({ ...(target as Plain), value: values[step] });
    for (let k = needStarts[step]!; k < needStarts[step + 1]!; k++) {
      const need = needs[k]!;
      left[need]!--;
      if (left[need] !== 1) continue;
      let at = starts[need]!;
      const end = starts[need + 1]!;
      while (at < end && isDone[users[at]!] === 1) at++;
      if (at < end && waiting[users[at]!] === 0) eager.push(users[at]!);
    }
    // the first is taken up first
    const later = before.get(step);
    if (later) for (let k = later.length - 1; k >= 0; k--) release(later[k]!);
    for (let k = starts[step + 1]! - 1; k >= starts[step]!; k--) release(users[k]!);
  };

  /** Steps that are asked for, each for the next one, and which of its needs each of them looks at next. */
  const pending: number[] = [];
  const nexts: number[] = [];
  const advance = (): void => {
    const top = pending.length - 1;
    const step = pending[top]!;
    const at = needStarts[step]! + nexts[top]!++;
    const end = needStarts[step + 1]!;
    const need = at < end ? needs[at] : after.get(step)?.[at - end];
    if (need !== undefined && isDone[step] === 0) {
      if (isDone[need] === 1) return;
      pending.push(need);
      nexts.push(0);
      return;
    }
    pending.pop();
    nexts.pop();
    for (let each: number | undefined = step; each !== undefined; each = eager.pop()) if (isDone[each] === 0) run(each);
  };
  for (const root of roots) {
    pending.push(root);
    nexts.push(0);
    while (pending.length > 0) advance();
  }
}

/** The sums by name that are read once, as terms of another sum, and that find in memory what that would find there. */
function partsOfSums({ statements, readsWritten }: Survey, uses: NodeNumbers): Parts {
  const sums = new Map<Temporary, Value>();
  const parts = new Map<Temporary, Value>();
  for (let k = 0; k < statements.length; k++) {
    const statement = statements[k]!;
    const { value } = statement;
    if (!isSum(value)) continue;
    const terms = termsOf(value, none);
    for (let at = 0; at < terms.length; at++) {
      const term = terms[at]!;
      const sum = term.kind === "temporary" ? sums.get(term) : undefined;
      if (sum && term.kind === "temporary") parts.set(term, sum);
    }
    const isPart = statement.kind === "let" && uses.at(statement.temporary.id) === 1 && readsWritten[k] === 0;
    if (isPart) sums.set(statement.temporary, value);
  }
  return parts;
}
