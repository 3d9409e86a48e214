import { ofLibrary } from "../../ir/arguments/require-primitive.ts";
import { UsageError } from "../../ir/errors.ts";
import type { Primitive } from "../../ir/primitive.ts";
import type { Value } from "../../lower/program/loops.ts";
import { add, div, mul, sub } from "../../ops/elementary/algebra.ts";
import { equal, greater, greaterEqual, less, lessEqual, notEqual } from "../../ops/elementary/comparison.ts";
import { byPrimitive } from "../../ops/maps.ts";
import { printNumber } from "./text.ts";

/** How tightly the outermost operators of an expression bind; higher binds tighter. */
const loose = 0;
const sum = 1;
const product = 2;
const atom = 3;

/** The loosest expressions that the operators take without parentheses, to their left and right. */
const takes = byPrimitive<readonly [left: number, right: number]>([
  [add, [sum, product]],
  [sub, [sum, product]],
  [mul, [product, atom]],
  [div, [product, atom]],
  ...[less, lessEqual, greater, greaterEqual, equal, notEqual].map((operation) => [operation, [sum, sum]] as const),
]);

/** An operand that keeps its meaning inside any operator. */
export function parenthesised(text: string): string {
  return levelOf(text) === atom ? text : `(${text})`;
}

/** The expression of a primitive over a number of operands. */
interface Form {
  /** True for the call of a function. */
  readonly isCall: boolean;
  /** True where it is written in parentheses wherever it stands. */
  readonly isWrapped: boolean;
  /** True where the first operand stands first. */
  readonly isOpen: boolean;
  readonly level: number;
  /** The loosest expressions that it takes without parentheses; undefined where a negative number needs them too. */
  readonly takes: readonly [left: number, right: number] | undefined;
}

const forms = new WeakMap<Primitive, Form[]>();

/** How a primitive of so many operands is printed; found once. */
export function formOf(primitive: Primitive, count: number): Form {
  let known = forms.get(primitive);
  if (!known) {
    known = [];
    forms.set(primitive, known);
  }
  known[count] ??= madeForm(primitive, count);
  return known[count];
}

function madeForm(primitive: Primitive, count: number): Form {
  const { print } = primitive;
  const text = print ? print(...new Array<string>(count).fill("$")) : "$()";
  const isCall = /^[\w.]+\((\$|[0-9.]+)(, (\$|[0-9.]+))*\)$/.test(text);
  if (print && !ofLibrary.has(primitive)) {
    requireExpression(primitive, text);
    // whatever it is made of, commas too, it is one operand
    return { isCall, isWrapped: !isCall, isOpen: false, level: atom, takes: undefined };
  }
  return { isCall, isWrapped: false, isOpen: text.startsWith("$"), level: levelOf(text), takes: takes.get(primitive) };
}

/** Primitives whose texts are being tried: these may run functions that have yet to be printed. */
const tried = new WeakSet<Primitive>();

/** Throws UsageError where the text is no expression of `$`. Where code from strings is forbidden, texts are not tried. */
function requireExpression(primitive: Primitive, text: string): void {
  if (tried.has(primitive)) return;
  tried.add(primitive);
  try {
    // in brackets of two kinds: what closes the one leaves the other open
    new Function("$", `return [${text}], (${text})`)(0.5);
  } catch (error) {
    // what the expression itself throws, and that code may not be made, says nothing of it
    if (/^(Syntax|Reference)/.test(String(error)))
      throw new UsageError(
        `"print" of the primitive ${primitive.name} needs to give an expression, got "${text}": ${error}.`,
      );
  } finally {
    tried.delete(primitive);
  }
}

/** An operand as an expression of this form needs it; `value`: what its text says, where that is known. */
export function operandOf({ takes }: Form, position: number, text: string, value?: Value): string {
  const allowed = takes?.[position === 0 ? 0 : 1] ?? atom;
  if ((levelOfValue(value) ?? levelOf(text)) >= allowed) return text;
  return takes && position === 0 && isNegative(text) ? text : `(${text})`;
}

const isNegative = (text: string) => /^-[0-9.]+$/.test(text);

/** The level of a value's text where the text need not be read to tell: long texts are made of many. */
function levelOfValue(value: Value | undefined): number | undefined {
  if (value?.kind === "load" && value.buffer.dtype !== "bool") return atom;
  if (value?.kind === "temporary") return value.dtype === "bool" ? undefined : atom;
  if (value?.kind !== "apply" || value.dtype === "bool") return undefined;
  const { primitive, operands } = value;
  const { isOpen, level, takes } = formOf(primitive, operands.length);
  const first = operands[0]!;
  const beginsWithMinus = isOpen && takes && first.kind === "constant" && isNegative(printNumber(first.value));
  return beginsWithMinus ? loose : level;
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
