import type { DType } from "../ir/primitive.ts";
import { add, neg, sub } from "../ops/algebra.ts";
import { NodeNumbers } from "../rewrite/node-numbers.ts";
import type { Buffer, Statement, Temporary, Value } from "./loops.ts";
import { visitStatement, visitValue } from "./rewrite-statements.ts";
import { named } from "./values.ts";

/** Statements without a loop from which on their order counts: fewer have their values in registers as they come. */
const fewest = 64;
/** Terms of a sum from which on it collects them as they come; fewer are added when all are there. */
const fewestTerms = 4;

type Plain = Extract<Statement, { kind: "let" | "store" | "accumulate" }>;
type Element = Pick<Extract<Value, { kind: "load" }>, "buffer" | "address" | "half">;
type Name = (dtype: DType) => Temporary;
type Apply = Extract<Value, { kind: "apply" }>;

/** One statement of a stretch, or one term of a sum. */
interface Step {
  /** undefined for a sum, whose terms are steps of their own. */
  readonly value: Value | undefined;
  /** Where the value goes: into a sum, or as the statement says. */
  readonly target: Plain | Sum;
  /** The steps whose values it reads, each once, and those that it only comes after. */
  readonly needs: Step[];
  after: Step[];
  readonly users: Step[];
  before: Step[];
  /** How many of those that it needs or comes after are still to be done. */
  waiting: number;
  /** How many users are still to be done; what is read behind the stretch has one more. */
  left: number;
  isDone: boolean;
}

interface Sum {
  readonly kind: "sum";
  readonly temporary: Temporary;
  /** The terms so far. */
  made: Value | undefined;
  missing: number;
}

/**
 * Long stretches of statements without loops in an order in which values die soon. A result is asked for, and what it
 * needs is computed just before; whatever can then take up a value for the last time follows at once. Sums collect terms
 * as they come, unless they are to keep the order: otherwise all terms of a gradient wait for each other.
 */
export function inShortLives(body: readonly Statement[], name: Name, keepsSums: boolean): Statement[] {
  let uses: NodeNumbers | undefined;
  const result: Statement[] = [];
  let stretch: Plain[] = [];
  const end = () => {
    const written = writtenBy(stretch);
    if (stretch.length < fewest || !tellsApart(stretch, written)) for (const each of stretch) result.push(each);
    else {
      const here = usesIn(stretch);
      uses ??= stretch.length === body.length ? here : usesIn(body);
      new Stretch(stretch, written, { here, everywhere: uses }, name, keepsSums, result).write();
    }
    stretch = [];
  };
  for (const statement of body) {
    const { kind } = statement;
    if (kind === "let" || kind === "store" || kind === "accumulate") stretch.push(statement);
    else {
      end();
      result.push(statement);
    }
  }
  end();
  return result;
}

/** How often temporaries are read, by their numbers. */
function usesIn(statements: readonly Statement[]): NodeNumbers {
  const uses = new NodeNumbers();
  const visit = {
    value: (value: Value) => {
      if (value.kind === "temporary") uses.set(value.temporary.id, uses.at(value.temporary.id) + 1);
    },
  };
  for (const statement of statements) visitStatement(statement, visit);
  return uses;
}

function writtenBy(statements: readonly Plain[]): ReadonlySet<Buffer> {
  const written = new Set<Buffer>();
  for (const statement of statements) if (statement.kind !== "let") written.add(statement.buffer);
  return written;
}

/** True where each element that is written, or read in an array that is written, has an address that is a number. */
function tellsApart(statements: readonly Plain[], written: ReadonlySet<Buffer>): boolean {
  let isTold = true;
  const note = ({ buffer, address, half }: Element) => {
    if (written.has(buffer) && (address.value === undefined || half)) isTold = false;
  };
  const visit = (value: Value) => {
    if (value.kind === "load") note(value);
  };
  for (const statement of statements) {
    if (statement.kind !== "let") note(statement);
    visitValue(statement.value, visit);
  }
  return isTold;
}

/** Few steps come only after others: the rest share one list. */
const nothing: Step[] = [];

class Stretch {
  /** By the numbers of temporaries. */
  private readonly makerOf: (Step | undefined)[];
  private readonly written: ReadonlySet<Buffer>;
  /** The last step that reads or writes an element of an array that is written. */
  private readonly lastAt = new Map<string, Step>();
  private readonly roots: Step[] = [];
  /** Steps that can be done, and should be while what they read is at hand. */
  private readonly eager: Step[] = [];
  private readonly name: Name;
  private readonly result: Statement[];

  constructor(
    statements: readonly Plain[],
    written: ReadonlySet<Buffer>,
    uses: { readonly here: NodeNumbers; readonly everywhere: NodeNumbers },
    name: Name,
    keepsSums: boolean,
    result: Statement[],
  ) {
    this.name = name;
    this.result = result;
    let last = 0;
    for (const each of statements) if (each.kind === "let") last = Math.max(last, each.temporary.id);
    this.makerOf = new Array(1 + last);
    this.written = written;
    const parts = keepsSums ? none : partsOfSums(statements, uses.everywhere, this.written);
    for (const statement of statements) {
      const isLet = statement.kind === "let";
      if (isLet && parts.has(statement.temporary)) continue;
      const terms = keepsSums ? [statement.value] : termsOf(statement.value, parts);
      const { value } = statement;
      const step =
        terms.length < fewestTerms
          ? this.step(isSum(value) && terms === value.operands ? value : sumOf(terms), statement)
          : this.sum(statement, terms);
      if (isLet) this.makerOf[statement.temporary.id] = step;
      if (isLet && uses.here.at(statement.temporary.id) === uses.everywhere.at(statement.temporary.id)) continue;
      step.left++;
      this.roots.push(step);
    }
  }

  write(): void {
    for (const root of this.roots) this.demand(root);
  }

  private step(value: Value | undefined, target: Step["target"], terms: readonly Step[] = []): Step {
    const made: Step = {
      value,
      target,
      needs: [],
      after: nothing,
      users: [],
      before: nothing,
      waiting: 0,
      left: 0,
      isDone: false,
    };
    for (const term of terms) need(made, term);
    if (value) this.read(made, value);
    if ("buffer" in target) this.keepOrder(made, target);
    return made;
  }

  /** Notes what a step needs, and what it comes after. */
  private read(step: Step, value: Value): void {
    switch (value.kind) {
      case "temporary":
        need(step, this.makerOf[value.temporary.id]);
        return;
      case "load":
        this.keepOrder(step, value);
        return;
      case "guarded":
        this.read(step, value.value);
        return;
      case "apply":
        for (let k = 0; k < value.operands.length; k++) this.read(step, value.operands[k]!);
    }
  }

  /** Steps that meet in an element of an array that is written keep their order. */
  private keepOrder(step: Step, { buffer, address }: Element): void {
    if (!this.written.has(buffer)) return;
    const key = `${buffer.id}|${address.key}`;
    const last = this.lastAt.get(key);
    this.lastAt.set(key, step);
    if (!last || last === step) return;
    step.after = [...step.after, last];
    last.before = [...last.before, step];
    step.waiting++;
  }

  /** A statement whose value is a sum, after its terms. */
  private sum(statement: Plain, terms: readonly Value[]): Step {
    const isLet = statement.kind === "let";
    const temporary = isLet ? statement.temporary : this.name("real");
    const sum: Sum = { kind: "sum", temporary, made: undefined, missing: terms.length };
    const steps = terms.map((term) => this.step(term, sum));
    return this.step(isLet ? undefined : named(temporary), statement, steps);
  }

  /** Does a step after all that it needs. */
  private demand(root: Step): void {
    const pending = [{ step: root, next: 0 }];
    for (let top = pending[pending.length - 1]; top; top = pending[pending.length - 1]) {
      const { step } = top;
      const need = step.needs[top.next] ?? step.after[top.next - step.needs.length];
      top.next++;
      if (need && !step.isDone) {
        if (!need.isDone) pending.push({ step: need, next: 0 });
        continue;
      }
      pending.pop();
      for (let next: Step | undefined = step; next; next = this.eager.pop()) if (!next.isDone) this.do(next);
    }
  }

  private do(step: Step): void {
    const { eager } = this;
    step.isDone = true;
    if (step.target.kind === "sum") this.add(step.target, step.value!);
    else if (step.value === step.target.value) this.result.push(step.target);
    else if (step.value) this.result.push({ ...step.target, value: step.value });
    for (const need of step.needs) {
      need.left--;
      const last = need.left === 1 && need.users.find((user) => !user.isDone);
      if (last && last.waiting === 0) eager.push(last);
    }
    this.release(step.before);
    this.release(step.users);
  }

  /** What waited for a step that is done; the first is taken up first. */
  private release(users: readonly Step[]): void {
    for (let k = users.length - 1; k >= 0; k--) {
      const user = users[k]!;
      user.waiting--;
      if (user.waiting === 0 && isEager(user)) this.eager.push(user);
    }
  }

  private add(sum: Sum, term: Value): void {
    const { made } = sum;
    sum.missing--;
    if (made === undefined && term.kind === "temporary") {
      sum.made = term;
      return;
    }
    const temporary = sum.missing === 0 ? sum.temporary : this.name("real");
    this.result.push({ kind: "let", temporary, value: made ? plus(made, term) : term });
    sum.made = named(temporary);
  }
}

function need(step: Step, needed: Step | undefined): void {
  if (!needed || needed.users[needed.users.length - 1] === step) return;
  step.needs.push(needed);
  needed.users.push(step);
  step.waiting++;
  needed.left++;
}

/** True for what ends the life of a value, or adds it where others are. */
function isEager({ target, needs }: Step): boolean {
  return target.kind !== "let" || needs.some(({ left }) => left === 1);
}

const real = (value: { readonly operator: Apply["primitive"]; readonly operands: readonly Value[] }): Value => ({
  kind: "apply",
  primitive: value.operator,
  operands: value.operands,
  dtype: "real",
});

const sumOf = (terms: readonly Value[]): Value =>
  terms.length === 1 ? terms[0]! : real({ operator: add.primitive, operands: terms });

function plus(x: Value, y: Value): Value {
  const isNegated = y.kind === "apply" && y.primitive === neg.primitive;
  return isNegated ? real({ operator: sub.primitive, operands: [x, y.operands[0]!] }) : sumOf([x, y]);
}

const isSum = (value: Value): value is Apply =>
  value.kind === "apply" && value.primitive === add.primitive && value.dtype === "real";

const none: ReadonlyMap<Temporary, Value> = new Map();

/** The sums by name that are read once, as terms of another sum, and that find in memory what that would find there. */
function partsOfSums(
  statements: readonly Plain[],
  uses: NodeNumbers,
  written: ReadonlySet<Buffer>,
): ReadonlyMap<Temporary, Value> {
  const sums = new Map<Temporary, Value>();
  const parts = new Map<Temporary, Value>();
  for (const statement of statements) {
    for (const term of termsOf(statement.value, none)) {
      if (term === statement.value || term.kind !== "temporary") continue;
      const sum = sums.get(term.temporary);
      if (sum) parts.set(term.temporary, sum);
    }
    const { value } = statement;
    if (statement.kind !== "let" || !isSum(value) || uses.at(statement.temporary.id) !== 1) continue;
    let changes = false;
    visitValue(value, (inner) => {
      if (inner.kind === "load" && written.has(inner.buffer)) changes = true;
    });
    if (!changes) sums.set(statement.temporary, value);
  }
  return parts;
}

/** The terms of a sum, in order, with those of its parts; those of a plain sum are its operands themselves. */
function termsOf(value: Value, parts: ReadonlyMap<Temporary, Value>): readonly Value[] {
  const sumIn = (term: Value): Apply | undefined => {
    const inner = term.kind === "temporary" ? parts.get(term.temporary) : term;
    return inner && isSum(inner) ? inner : undefined;
  };
  const sum = sumIn(value);
  if (!sum) return [value];
  if (!sum.operands.some(sumIn)) return sum.operands;
  const terms: Value[] = [];
  const pending: Value[] = [sum];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const inner = sumIn(next);
    if (!inner) terms.push(next);
    else for (let k = inner.operands.length - 1; k >= 0; k--) pending.push(inner.operands[k]!);
  }
  return terms;
}
