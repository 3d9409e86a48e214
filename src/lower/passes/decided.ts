import type { Integer } from "../../ir/integer.ts";
import { equal, greater, greaterEqual, less, lessEqual, notEqual } from "../../ops/elementary/comparison.ts";
import { byPrimitive } from "../../ops/maps.ts";
import type { Apply, Loop, Statement } from "../program/loops.ts";
import { isNest, visitStatement } from "../program/rewrite-statements.ts";
import { type Known, settled, WholeNumbers } from "./settle.ts";

/** The statements without comparisons of whole numbers that come out alike in all rounds of the loops around them. */
export function withoutDecided(body: readonly Statement[]): readonly Statement[] {
  return body.some(isNest) ? settled(body, new InLoops([], numbersIn(body))) : body;
}

function numbersIn(body: readonly Statement[]): WholeNumbers {
  const numbers = new WholeNumbers();
  const statement = (inner: Statement) => {
    if (inner.kind === "let") numbers.name(inner.temporary, inner.value);
  };
  for (const outer of body) visitStatement(outer, { statement });
  return numbers;
}

/** Whether b is less than a, equal to it, or more, where a comparison of them holds. */
const signs = byPrimitive<readonly [below: boolean, equal: boolean, above: boolean]>([
  [less, [false, false, true]],
  [lessEqual, [false, true, true]],
  [greater, [true, false, false]],
  [greaterEqual, [true, true, false]],
  [equal, [false, true, false]],
  [notEqual, [true, false, true]],
]);

/** What follows from where loops begin and end. */
class InLoops implements Known {
  /** Outermost first. */
  private readonly loops: readonly Loop[];
  private readonly numbers: WholeNumbers;

  constructor(loops: readonly Loop[], numbers: WholeNumbers) {
    this.loops = loops;
    this.numbers = numbers;
  }

  inside(loop: Loop): Known {
    return new InLoops([...this.loops, loop], this.numbers);
  }

  holds(): boolean {
    return false;
  }

  decides({ primitive, operands }: Apply): boolean | undefined {
    const holds = signs.get(primitive);
    if (!holds) return undefined;
    const [a, b] = operands.map((operand) => this.numbers.of(operand));
    if (!a || !b) return undefined;
    const [below, same, above] = holds;
    const difference = b.minus(a);
    const [mayBeBelow, mayBeAbove] = [!this.isAtLeast(difference, 0), !this.isAtLeast(difference.scaled(-1), 0)];
    const maySame = !this.isAtLeast(difference, 1) && !this.isAtLeast(difference.scaled(-1), 1);
    const outcomes = new Set([
      ...(mayBeBelow ? [below] : []),
      ...(maySame ? [same] : []),
      ...(mayBeAbove ? [above] : []),
    ]);
    const [only] = outcomes;
    return outcomes.size === 1 ? only : undefined;
  }

  /** Whether an integer is so large in every round: each variable at the end of its loop at which it is least. */
  private isAtLeast(integer: Integer, least: number): boolean {
    let lowest = integer.minus(least);
    for (let k = this.loops.length - 1; k >= 0; k--) {
      const { variable, from, to } = this.loops[k]!;
      const coefficient = lowest.coefficientOf(variable)?.value;
      if (coefficient === undefined) return false;
      if (coefficient === 0) continue;
      const end = coefficient > 0 ? from.at(-1)! : to.at(-1)!.minus(1);
      const values: Integer[] = [];
      values[variable] = end;
      lowest = lowest.withIterators(values);
    }
    return lowest.isProvablyNonNegative([]);
  }
}
