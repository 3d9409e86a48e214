import type { Primitive } from "../ir/primitive.ts";
import { add, div, mul, sub } from "../ops/algebra.ts";
import { equal, greater, greaterEqual, less, lessEqual, notEqual } from "../ops/comparison.ts";

/** How tightly the outermost operators of an expression bind; higher binds tighter. */
const loose = 0;
const sum = 1;
const product = 2;
const atom = 3;

/** The loosest expressions that the operators take without parentheses, to their left and right. */
const takes = new Map<Primitive, readonly [left: number, right: number]>([
  [add.primitive, [sum, product]],
  [sub.primitive, [sum, product]],
  [mul.primitive, [product, atom]],
  [div.primitive, [product, atom]],
  ...[less, lessEqual, greater, greaterEqual, equal, notEqual].map(({ primitive }) => [primitive, [sum, sum]] as const),
]);

/** An operand that keeps its meaning inside any operator. */
export function parenthesised(text: string): string {
  return levelOf(text) === atom ? text : `(${text})`;
}

const minus = "-".charCodeAt(0);

/** An operand as the primitive's own expression needs it. */
export function operandOf(primitive: Primitive, position: number, text: string): string {
  const allowed = takes.get(primitive);
  if (!allowed) return parenthesised(text);
  const isNegative = position === 0 && text.charCodeAt(0) === minus && /^-[0-9.]+$/.test(text);
  return isNegative || levelOf(text) >= allowed[position === 0 ? 0 : 1] ? text : `(${text})`;
}

/** What a character outside brackets means for the level; characters of names, numbers and spaces mean nothing. */
const opens = 1;
const closes = 2;
const operator = 3;
const meanings = new Uint8Array(128).fill(operator);
for (const c of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$ ") meanings[c.charCodeAt(0)] = 0;
for (const c of "([{") meanings[c.charCodeAt(0)] = opens;
for (const c of ")]}") meanings[c.charCodeAt(0)] = closes;

/** The level of the loosest operator outside brackets. */
function levelOf(text: string): number {
  let depth = 0;
  let level = atom;
  for (let at = 0; at < text.length; at++) {
    const meaning = meanings[text.charCodeAt(at)] ?? operator;
    if (meaning === opens) depth++;
    else if (meaning === closes) depth--;
    else if (meaning === operator && depth === 0) level = Math.min(level, levelOfOperator(text, at));
    if (level === loose) return loose;
  }
  return level;
}

function levelOfOperator(text: string, at: number): number {
  const c = text[at]!;
  if (c === "*" || c === "/") return product;
  if ((c === "+" || c === "-") && at > 0) return isExponent(text, at) ? atom : sum;
  // x[i]! asserts that the element exists
  return c === "!" && /[\])]/.test(text[at - 1] ?? "") ? atom : loose;
}

/** True for the sign in 1e-7. */
function isExponent(text: string, at: number): boolean {
  return /(^|[^\w.$])[0-9][0-9.]*e$/i.test(text.slice(Math.max(0, at - 30), at));
}
