import type { DType } from "../ir/primitive.ts";
import { NodeNumbers } from "../rewrite/node-numbers.ts";
import type { Buffer, Statement, Temporary, Value } from "./loops.ts";
import { isSum, type Parts, sumOf, termsOf, withTerm } from "./sum-terms.ts";
import { named } from "./values.ts";

/** Terms of a sum from which on it collects them as they come; fewer are added when all are there. */
const fewestTerms = 4;

/** A statement without a loop. */
export type Plain = Extract<Statement, { kind: "let" | "store" | "accumulate" }>;
export type Name = (dtype: DType) => Temporary;
type Element = Pick<Extract<Value, { kind: "load" }>, "buffer" | "address" | "half">;

/** What a stretch of statements reads and writes, found in one walk over its values. */
export class Survey {
  readonly statements: readonly Plain[];
  readonly written: ReadonlySet<Buffer>;
  /** How often each temporary is read, by its number. */
  readonly uses = new NodeNumbers();
  /** The numbers of the temporaries that statement k reads: from `starts[k]` to `starts[k + 1]`. */
  readonly reads: number[] = [];
  readonly starts: number[] = [];
  /** The statements that read an array that is written. */
  readonly readsWritten: Uint8Array;
  /** Each element that is written, or read in an array that is written, has an address that is a number. */
  tellsApart = true;

  constructor(statements: readonly Plain[]) {
    this.statements = statements;
    const written = new Set<Buffer>();
    for (const statement of statements) if (statement.kind !== "let") written.add(statement.buffer);
    this.written = written;
    this.readsWritten = new Uint8Array(statements.length);
    for (let k = 0; k < statements.length; k++) {
      const statement = statements[k]!;
      this.starts.push(this.reads.length);
      if (statement.kind !== "let") this.note(statement);
      this.visit(statement.value, k);
    }
    this.starts.push(this.reads.length);
  }

  private note({ address, half }: Element): void {
    if (address.value === undefined || half) this.tellsApart = false;
  }

  private visit(value: Value, position: number): void {
    switch (value.kind) {
      case "temporary": {
        const { id } = value.temporary;
        this.reads.push(id);
        this.uses.set(id, this.uses.at(id) + 1);
        return;
      }
      case "load":
        if (!this.written.has(value.buffer)) return;
        this.readsWritten[position] = 1;
        this.note(value);
        return;
      case "guarded":
        this.visit(value.value, position);
        return;
      case "apply":
        for (let k = 0; k < value.operands.length; k++) this.visit(value.operands[k]!, position);
    }
  }
}

interface Sum {
  readonly kind: "sum";
  readonly temporary: Temporary;
  /** The terms so far. */
  made: Value | undefined;
  missing: number;
}

const none: Parts = new Map();

/**
 * The steps of a stretch, by number: a statement is one, and so is each term of a long sum. There may be millions, so what
 * steps have to do with each other lies in arrays of numbers.
 */
export class Stretch {
  private readonly survey: Survey;
  private readonly name: Name;
  private readonly result: Statement[];
  /** undefined for a sum, whose terms are steps of their own. */
  private readonly values: (Value | undefined)[] = [];
  /** Where the value goes: into a sum, or as the statement says. */
  private readonly targets: (Plain | Sum)[] = [];
  /** The steps whose values step k reads, each once: from `needStarts[k]` to `needStarts[k + 1]`. */
  private readonly needs: number[] = [];
  private readonly needStarts: number[] = [];
  /** The step that asked for each one last. */
  private readonly lastUser: number[] = [];
  /** How many of those that it needs or comes after are still to be done. */
  private readonly waiting: number[] = [];
  /** How many users are still to be done; what is read behind the stretch has one more. */
  private readonly left: number[] = [];
  /** The steps that read the value of step k: from `userStarts[k]` to `userStarts[k + 1]`. */
  private readonly users: Int32Array;
  private readonly userStarts: Int32Array;
  private readonly isDone: Uint8Array;
  /** Steps that only come after others, and those before others: few. */
  private readonly after = new Map<number, number[]>();
  private readonly before = new Map<number, number[]>();
  /** By the numbers of temporaries: one more than the step that makes it. */
  private readonly makers = new NodeNumbers();
  /** The last step that reads or writes an element of an array that is written. */
  private readonly lastAt = new Map<string, number>();
  private readonly roots: number[] = [];
  /** Steps that can be done, and should be while what they read is at hand. */
  private readonly eager: number[] = [];

  /** `uses`: how often the temporaries are read, here and elsewhere. */
  constructor(survey: Survey, uses: NodeNumbers, name: Name, keepsSums: boolean, result: Statement[]) {
    this.survey = survey;
    this.name = name;
    this.result = result;
    const parts = keepsSums ? none : partsOfSums(survey, uses);
    const { statements } = survey;
    for (let k = 0; k < statements.length; k++) {
      const statement = statements[k]!;
      const isLet = statement.kind === "let";
      if (isLet && parts.has(statement.temporary)) continue;
      const { value } = statement;
      const terms = keepsSums ? [value] : termsOf(value, parts);
      const isAsItStands = terms.length === 1 ? terms[0] === value : isSum(value) && terms === value.operands;
      const step =
        terms.length >= fewestTerms
          ? this.sum(statement, terms)
          : isAsItStands
            ? this.surveyed(statement, k)
            : this.step(sumOf(terms), statement);
      if (isLet) this.makers.set(statement.temporary.id, step + 1);
      if (isLet && survey.uses.at(statement.temporary.id) === uses.at(statement.temporary.id)) continue;
      this.left[step]!++;
      this.roots.push(step);
    }
    this.needStarts.push(this.needs.length);
    const count = this.values.length;
    this.isDone = new Uint8Array(count);
    this.userStarts = new Int32Array(count + 1);
    this.users = new Int32Array(this.needs.length);
    this.turnNeeds();
  }

  write(): void {
    for (const root of this.roots) this.demand(root);
  }

  private start(value: Value | undefined, target: Plain | Sum): number {
    this.targets.push(target);
    this.needStarts.push(this.needs.length);
    this.lastUser.push(-1);
    this.waiting.push(0);
    this.left.push(0);
    return this.values.push(value) - 1;
  }

  /** A statement as the survey found it. */
  private surveyed(statement: Plain, position: number): number {
    const { starts, reads, readsWritten } = this.survey;
    const step = this.start(statement.value, statement);
    for (let k = starts[position]!; k < starts[position + 1]!; k++) this.need(step, this.makers.at(reads[k]!) - 1);
    if (readsWritten[position] === 1) this.readElements(step, statement.value);
    if (statement.kind !== "let") this.keepOrder(step, statement);
    return step;
  }

  private step(value: Value | undefined, target: Plain | Sum, terms: readonly number[] = []): number {
    const step = this.start(value, target);
    for (const term of terms) this.need(step, term);
    if (value) {
      this.readTemporaries(step, value);
      this.readElements(step, value);
    }
    if ("buffer" in target) this.keepOrder(step, target);
    return step;
  }

  private need(step: number, needed: number): void {
    if (needed < 0 || this.lastUser[needed] === step) return;
    this.lastUser[needed] = step;
    this.needs.push(needed);
    this.waiting[step]!++;
    this.left[needed]!++;
  }

  private readTemporaries(step: number, value: Value): void {
    if (value.kind === "temporary") this.need(step, this.makers.at(value.temporary.id) - 1);
    else if (value.kind === "guarded") this.readTemporaries(step, value.value);
    else if (value.kind === "apply")
      for (let k = 0; k < value.operands.length; k++) this.readTemporaries(step, value.operands[k]!);
  }

  private readElements(step: number, value: Value): void {
    if (value.kind === "load") this.keepOrder(step, value);
    else if (value.kind === "guarded") this.readElements(step, value.value);
    else if (value.kind === "apply")
      for (let k = 0; k < value.operands.length; k++) this.readElements(step, value.operands[k]!);
  }

  /** Steps that meet in an element of an array that is written keep their order. */
  private keepOrder(step: number, { buffer, address }: Element): void {
    if (!this.survey.written.has(buffer)) return;
    const key = `${buffer.id}|${address.key}`;
    const last = this.lastAt.get(key);
    this.lastAt.set(key, step);
    if (last === undefined || last === step) return;
    this.after.set(step, [...(this.after.get(step) ?? []), last]);
    this.before.set(last, [...(this.before.get(last) ?? []), step]);
    this.waiting[step]!++;
  }

  /** A statement whose value is a sum, after its terms. */
  private sum(statement: Plain, terms: readonly Value[]): number {
    const isLet = statement.kind === "let";
    const temporary = isLet ? statement.temporary : this.name("real");
    const sum: Sum = { kind: "sum", temporary, made: undefined, missing: terms.length };
    const steps = terms.map((term) => this.step(term, sum));
    return this.step(isLet ? undefined : named(temporary), statement, steps);
  }

  /** Finds the users of each step, in order, from what they need. */
  private turnNeeds(): void {
    const { needs, needStarts, userStarts, users } = this;
    for (let k = 0; k < needs.length; k++) userStarts[needs[k]! + 1]!++;
    for (let step = 1; step < userStarts.length; step++) userStarts[step]! += userStarts[step - 1]!;
    const next = userStarts.slice();
    for (let step = 0; step + 1 < needStarts.length; step++) {
      for (let k = needStarts[step]!; k < needStarts[step + 1]!; k++) users[next[needs[k]!]!++] = step;
    }
  }

  /** Does a step after all that it needs. */
  private demand(root: number): void {
    const { needs, needStarts, isDone, eager } = this;
    const pending = [root];
    const nexts = [0];
    while (pending.length > 0) {
      const top = pending.length - 1;
      const step = pending[top]!;
      const next = nexts[top]!++;
      const inNeeds = needStarts[step]! + next;
      const end = needStarts[step + 1]!;
      const need = inNeeds < end ? needs[inNeeds] : this.after.get(step)?.[inNeeds - end];
      if (need !== undefined && isDone[step] === 0) {
        if (isDone[need] === 0) {
          pending.push(need);
          nexts.push(0);
        }
        continue;
      }
      pending.pop();
      nexts.pop();
      for (let each: number | undefined = step; each !== undefined; each = eager.pop()) {
        if (isDone[each] === 0) this.do(each);
      }
    }
  }

  private do(step: number): void {
    const { needs, needStarts, userStarts, users, left, waiting, isDone, eager } = this;
    isDone[step] = 1;
    const target = this.targets[step]!;
    const value = this.values[step];
    if (target.kind === "sum") this.add(target, value!);
    else if (value === target.value) this.result.push(target);
    else if (value) this.result.push({ ...target, value });
    for (let k = needStarts[step]!; k < needStarts[step + 1]!; k++) {
      const need = needs[k]!;
      left[need]!--;
      if (left[need] !== 1) continue;
      let at = userStarts[need]!;
      const end = userStarts[need + 1]!;
      while (at < end && isDone[users[at]!] === 1) at++;
      if (at < end && waiting[users[at]!] === 0) eager.push(users[at]!);
    }
    // the first is taken up first
    const before = this.before.get(step);
    for (let k = (before?.length ?? 0) - 1; k >= 0; k--) this.release(before![k]!);
    for (let k = userStarts[step + 1]! - 1; k >= userStarts[step]!; k--) this.release(users[k]!);
  }

  /** Tells a step that something it waited for is done. */
  private release(step: number): void {
    this.waiting[step]!--;
    if (this.waiting[step] === 0 && this.isEager(step)) this.eager.push(step);
  }

  /** True for what ends the life of a value, or adds it where others are. */
  private isEager(step: number): boolean {
    if (this.targets[step]!.kind !== "let") return true;
    for (let k = this.needStarts[step]!; k < this.needStarts[step + 1]!; k++) {
      if (this.left[this.needs[k]!] === 1) return true;
    }
    return false;
  }

  private add(sum: Sum, term: Value): void {
    const { made } = sum;
    sum.missing--;
    if (made === undefined && term.kind === "temporary") {
      sum.made = term;
      return;
    }
    const temporary = sum.missing === 0 ? sum.temporary : this.name("real");
    this.result.push({ kind: "let", temporary, value: made ? withTerm(made, term) : term });
    sum.made = named(temporary);
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
    for (const term of termsOf(value, none)) {
      const sum = term.kind === "temporary" ? sums.get(term.temporary) : undefined;
      if (sum && term.kind === "temporary") parts.set(term.temporary, sum);
    }
    const isPart = statement.kind === "let" && uses.at(statement.temporary.id) === 1 && readsWritten[k] === 0;
    if (isPart) sums.set(statement.temporary, value);
  }
  return parts;
}
