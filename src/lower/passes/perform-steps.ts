import type { Statement, Value } from "../program/loops.ts";
import type { Name, Plain } from "./stretch.ts";
import { isName, isTerm, isWhole, type Steps, type Sum } from "./stretch-steps.ts";
import { withTerm } from "./sum-terms.ts";

/** Does every root after all that it needs. */
export function perform(steps: Steps, name: Name, result: Statement[]): void {
  new Performer(steps, name, result).run();
}

class Performer {
  private readonly steps: Steps;
  private readonly name: Name;
  private readonly result: Statement[];
  private readonly users: Int32Array;
  private readonly userStarts: Int32Array;
  private readonly isDone: Uint8Array;
  /** Steps that can be done, and should be while what they read is at hand. */
  private readonly eager: number[] = [];
  /** Steps that are asked for, each for the next one, and which of its needs each of them looks at next. */
  private readonly pending: number[] = [];
  private readonly nexts: number[] = [];

  constructor(steps: Steps, name: Name, result: Statement[]) {
    const { users, starts } = usersOf(steps);
    this.steps = steps;
    this.name = name;
    this.result = result;
    this.users = users;
    this.userStarts = starts;
    this.isDone = new Uint8Array(steps.values.length);
  }

  run(): void {
    for (const root of this.steps.roots) {
      this.ask(root);
      while (this.pending.length > 0) this.advance();
    }
  }

  private ask(step: number): void {
    this.pending.push(step);
    this.nexts.push(0);
  }

  /** Asks for the next thing that the last step asked for needs; with all at hand, does it and what is eager then. */
  private advance(): void {
    const { pending, nexts, eager, isDone } = this;
    const { needs, needStarts, after } = this.steps;
    const top = pending.length - 1;
    const step = pending[top]!;
    const at = needStarts[step]! + nexts[top]!++;
    const end = needStarts[step + 1]!;
    const need = at < end ? needs[at] : after.get(step)?.[at - end];
    if (need !== undefined && isDone[step] === 0) {
      if (isDone[need] === 0) this.ask(need);
      return;
    }
    pending.pop();
    nexts.pop();
    for (let each: number | undefined = step; each !== undefined; each = eager.pop()) {
      if (isDone[each] === 0) this.do(each);
    }
  }

  private do(step: number): void {
    const { users, userStarts } = this;
    const { before } = this.steps;
    this.isDone[step] = 1;
    this.write(step);
    this.countDown(step);
    // the first is taken up first
    const later = before.get(step);
    if (later) for (let k = later.length - 1; k >= 0; k--) this.release(later[k]!);
    for (let k = userStarts[step + 1]! - 1; k >= userStarts[step]!; k--) this.release(users[k]!);
  }

  private write(step: number): void {
    const { kinds, values, targets } = this.steps;
    const kind = kinds[step]!;
    const target = targets[step]!;
    if (kind & isWhole) this.result.push(target as Plain);
    else if (kind & isTerm) this.collect(target as Sum, values[step]!);
    else if (values[step]) this.result.push({ ...(target as Plain), value: values[step] });
  }

  private collect(sum: Sum, term: Value): void {
    const { made } = sum;
    sum.missing--;
    if (made === undefined && term.kind === "temporary") {
      sum.made = term;
      return;
    }
    const temporary = sum.missing === 0 ? sum.temporary : this.name("real");
    this.result.push({ kind: "let", temporary, value: made ? withTerm(made, term) : term });
    sum.made = temporary;
  }

  /** What the step read has one user less; the last one, where nothing else is in its way, is eager. */
  private countDown(step: number): void {
    const { users, userStarts, isDone } = this;
    const { needs, needStarts, left, waiting } = this.steps;
    for (let k = needStarts[step]!; k < needStarts[step + 1]!; k++) {
      const need = needs[k]!;
      left[need]!--;
      if (left[need] !== 1) continue;
      let at = userStarts[need]!;
      const end = userStarts[need + 1]!;
      while (at < end && isDone[users[at]!] === 1) at++;
      if (at < end && waiting[users[at]!] === 0) this.eager.push(users[at]!);
    }
  }

  /** Tells a step that something it waited for is done. */
  private release(step: number): void {
    const { waiting } = this.steps;
    waiting[step]!--;
    if (waiting[step] === 0 && this.isEager(step)) this.eager.push(step);
  }

  /** True for what ends the life of a value, or adds it where others are. */
  private isEager(step: number): boolean {
    const { kinds, needs, needStarts, left } = this.steps;
    if ((kinds[step]! & isName) === 0) return true;
    for (let k = needStarts[step]!; k < needStarts[step + 1]!; k++) if (left[needs[k]!] === 1) return true;
    return false;
  }
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
