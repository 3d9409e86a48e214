import type { Statement, Value } from "../program/loops.ts";
import type { Name, Plain } from "./stretch.ts";
import { isName, isTerm, isWhole, type Steps, type Sum } from "./stretch-steps.ts";
import { withTerm } from "./sum-terms.ts";

/** Does every root after all that it needs. */
export function perform(steps: Steps, name: Name, result: Statement[]): void {
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
