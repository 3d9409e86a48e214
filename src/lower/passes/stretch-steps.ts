import { NodeNumbers } from "../../rewrite/sweeps/node-numbers.ts";
import type { Temporary, Value } from "../program/loops.ts";
import type { Element, Name, Plain, Stretch } from "./stretch.ts";
import { isSum, type Parts, sumOf, termsOf } from "./sum-terms.ts";

/** Terms of a sum from which on it collects them as they come; fewer are added when all are there. */
const fewestTerms = 4;

/** A sum that collects its terms as they come. */
export interface Sum {
  readonly temporary: Temporary;
  /** The terms so far. */
  made: Value | undefined;
  missing: number;
}

/** What is asked of a step again and again, as numbers: statements lie here and there. */
export const isTerm = 1;
export const isName = 2;
/** The statement is done as it stands. */
export const isWhole = 4;

/**
 * The steps of a stretch, by number: a statement is one, and so is each term of a long sum. There may be millions, so what
 * steps have to do with each other lies in arrays of numbers.
 */
export interface Steps {
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

const none: Parts = new Map();

/** The steps of a stretch. `uses`: how often temporaries are read, here and elsewhere. */
export function stepsOf(stretch: Stretch, uses: NodeNumbers, name: Name, keepsSums: boolean): Steps {
  const { statements } = stretch;
  const parts = keepsSums ? none : partsOfSums(stretch, uses);
  const steps = new StepList(stretch, name);
  for (let k = 0; k < statements.length; k++) {
    const statement = statements[k]!;
    const { value } = statement;
    const temporary = statement.kind === "let" ? statement.temporary : undefined;
    if (temporary && parts.has(temporary)) continue;
    const terms = !keepsSums && (isSum(value) || value.kind === "temporary") ? termsOf(value, parts) : undefined;
    const isAsItStands = !terms || (terms.length === 1 ? terms[0] === value : isSum(value) && terms === value.operands);
    const step =
      terms && terms.length >= fewestTerms
        ? steps.addSum(statement, terms)
        : isAsItStands
          ? steps.addAsItStands(statement, k)
          : steps.add(sumOf(terms), statement);
    if (temporary) steps.noteMaker(temporary, step);
    if (!temporary || stretch.uses.at(temporary.id) !== uses.at(temporary.id)) steps.addRoot(step);
  }
  steps.end();
  return steps;
}

const kindOf = ({ kind }: Plain) => (kind === "let" ? isName : 0);

/** Steps as they are added, each after those that it reads. */
class StepList implements Steps {
  readonly kinds: number[] = [];
  readonly values: (Value | undefined)[] = [];
  readonly targets: (Plain | Sum)[] = [];
  readonly needs: number[] = [];
  readonly needStarts: number[] = [];
  readonly waiting: number[] = [];
  readonly left: number[] = [];
  readonly after = new Map<number, readonly number[]>();
  readonly before = new Map<number, readonly number[]>();
  readonly roots: number[] = [];
  private readonly stretch: Stretch;
  private readonly name: Name;
  /** The step that asked for each one last. */
  private readonly lastUser: number[] = [];
  /** By the numbers of temporaries: one more than the step that makes it. */
  private readonly makers = new NodeNumbers();
  /** The last step that reads or writes an element of an array that is written. */
  private readonly lastAt = new Map<string, number>();

  constructor(stretch: Stretch, name: Name) {
    this.stretch = stretch;
    this.name = name;
  }

  add(value: Value | undefined, target: Plain, kind = kindOf(target), terms: readonly number[] = []): number {
    const step = this.begin(kind, value, target);
    for (const term of terms) this.need(step, term);
    if (value) this.read(step, value);
    if (target.kind !== "let") this.keepOrder(step, target);
    return step;
  }

  /** A statement of the stretch by its position there. */
  addAsItStands(statement: Plain, position: number): number {
    const { reads, starts, readsWritten } = this.stretch;
    const kind = kindOf(statement) + isWhole;
    if (readsWritten[position] === 1) return this.add(statement.value, statement, kind);
    const step = this.begin(kind, statement.value, statement);
    for (let k = starts[position]!; k < starts[position + 1]!; k++) this.needMaker(step, reads[k]!);
    if (statement.kind !== "let") this.keepOrder(step, statement);
    return step;
  }

  /** A statement whose value is a sum, after its terms. */
  addSum(statement: Plain, terms: readonly Value[]): number {
    const isLet = statement.kind === "let";
    const temporary = isLet ? statement.temporary : this.name("real");
    const sum: Sum = { temporary, made: undefined, missing: terms.length };
    const steps = terms.map((term) => {
      const step = this.begin(isTerm, term, sum);
      this.read(step, term);
      return step;
    });
    return this.add(isLet ? undefined : temporary, statement, kindOf(statement), steps);
  }

  /** What has to be done whether or not another step asks for it. */
  addRoot(step: number): void {
    this.left[step]!++;
    this.roots.push(step);
  }

  noteMaker({ id }: Temporary, step: number): void {
    this.makers.set(id, step + 1);
  }

  /** No step follows. */
  end(): void {
    this.needStarts.push(this.needs.length);
  }

  private begin(kind: number, value: Value | undefined, target: Plain | Sum): number {
    this.kinds.push(kind);
    this.targets.push(target);
    this.needStarts.push(this.needs.length);
    this.lastUser.push(-1);
    this.waiting.push(0);
    this.left.push(0);
    return this.values.push(value) - 1;
  }

  private need(step: number, needed: number): void {
    if (needed < 0 || this.lastUser[needed] === step) return;
    this.lastUser[needed] = step;
    this.needs.push(needed);
    this.waiting[step]!++;
    this.left[needed]!++;
  }

  /** The temporary may come from before the stretch. */
  private needMaker(step: number, id: number): void {
    this.need(step, this.makers.at(id) - 1);
  }

  private read(step: number, value: Value): void {
    if (value.kind === "temporary") this.needMaker(step, value.id);
    else if (value.kind === "load") this.keepOrder(step, value);
    else if (value.kind === "guarded") this.read(step, value.value);
    else if (value.kind === "apply")
      for (let k = 0; k < value.operands.length; k++) this.read(step, value.operands[k]!);
  }

  /** Steps that meet in an element of an array that is written keep their order. */
  private keepOrder(step: number, { buffer, address }: Element): void {
    if (!this.stretch.written.has(buffer)) return;
    const key = `${buffer.id}|${address.key}`;
    const last = this.lastAt.get(key);
    this.lastAt.set(key, step);
    if (last === undefined || last === step) return;
    this.after.set(step, [...(this.after.get(step) ?? []), last]);
    this.before.set(last, [...(this.before.get(last) ?? []), step]);
    this.waiting[step]!++;
  }
}

/** The sums by name that are read once, as terms of another sum, and that find in memory what that would find there. */
function partsOfSums({ statements, readsWritten }: Stretch, uses: NodeNumbers): Parts {
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
