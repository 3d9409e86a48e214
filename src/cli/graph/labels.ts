import { type Combine, type Contraction, isGather, isView } from "../../ir/contraction.ts";
import type { Primitive } from "../../ir/primitive.ts";
import type { Box } from "./diagram.ts";
import type { Notation } from "./notation.ts";

/** An operand as a label writes it: a leaf's name, a number, a letter, or a dot when it is the only one unnamed. */
export interface OperandText {
  readonly text: string;
  readonly isNumber: boolean;
}

/** Primitives that mathematics writes with a sign. */
const signs: Readonly<Record<string, string>> = {
  add: "+",
  mul: "×",
  sub: "−",
  div: "/",
  pow: "^",
  less: "<",
  lessEqual: "≤",
  greater: ">",
  greaterEqual: "≥",
  equal: "=",
  notEqual: "≠",
  and: "and",
  or: "or",
  mod: "mod",
};

const written: Readonly<Record<string, (...operands: string[]) => string>> = {
  neg: (x) => `−${x}`,
  reciprocal: (x) => `1 / ${x}`,
  square: (x) => `${x}²`,
  sqrt: (x) => `√${x}`,
  rsqrt: (x) => `1 / √${x}`,
  abs: (x) => `|${x}|`,
  not: (x) => `not ${x}`,
  exp2: (x) => `2^${x}`,
  floor: (x) => `⌊${x}⌋`,
  ceil: (x) => `⌈${x}⌉`,
  select: (c, x, y) => `if ${c} then ${x} else ${y}`,
};

export interface Label {
  readonly text: string;
  /** True when the text tells operands apart, so that arrows must show their letters. */
  readonly namesOperands: boolean;
}

/** The text of a scalar function: "exp", "+", "× 0.5", "1 − •", "if a then b else 0". */
export function mapLabel(primitive: Primitive, operands: readonly OperandText[]): Label {
  const plain = (text: string) => ({ text, namesOperands: false });
  const naming = (text: string) => ({ text, namesOperands: true });
  const texts = operands.map(({ text }) => text);
  const sign = signs[primitive.name];
  const isSymmetric = primitive.isCommutative || primitive.arity === "variadic";
  const numbers = operands.filter(({ isNumber }) => isNumber);
  if (sign !== undefined && isSymmetric) {
    // which operand is which does not matter: arrows show them
    if (numbers.length === 0) return plain(sign);
    if (numbers.length === 1 && operands.length === 2) return plain(`${sign} ${numbers[0]!.text}`);
  }
  if (primitive.name === "neg") return plain("negate");
  const isPlain =
    sign === undefined && !written[primitive.name] && (operands.length === 1 || (isSymmetric && numbers.length === 0));
  return isPlain ? plain(primitive.name) : naming(mapText(primitive, texts));
}

/** A scalar function of written operands, as mathematics writes it. */
export function mapText(primitive: Primitive, operands: readonly string[]): string {
  const sign = signs[primitive.name];
  if (sign !== undefined) return operands.join(` ${sign} `);
  const form = written[primitive.name];
  return form ? form(...operands) : `${primitive.name}(${operands.join(", ")})`;
}

/** True when operands of this primitive need no parentheses: they stand between brackets and commas. */
export function isCall({ name }: Primitive): boolean {
  return signs[name] === undefined && written[name] === undefined;
}

/** The name and the index notation of a sum of products, or of a largest or smallest element. */
export function combinationLabel(
  contraction: Contraction,
  combine: Combine,
  operands: readonly OperandText[],
  notation: Notation,
): Pick<Box, "kind" | "label" | "detail"> {
  const rank = isGather(contraction) ? contraction.shape.length : 0;
  const texts = operands.map(({ text }) => text);
  const { target, body } = combinationText(contraction, combine, texts, notation);
  return {
    kind: isView(contraction) ? "view" : "reduction",
    label: combine === "sum" ? nameOf(contraction, rank) : combine,
    detail: shortened((target === "" ? "" : `[${target}] = `) + body),
  };
}

/** Index notation, where the value goes and what it is: "i" and "Σ j: X[i,j]·w[j] if j=2". */
export function combinationText(
  contraction: Contraction,
  combine: Combine,
  operands: readonly string[],
  notation: Notation,
): { readonly target: string; readonly body: string } {
  const rank = isGather(contraction) ? contraction.shape.length : 0;
  const summed = contraction.extents.map((_, k) => k).slice(rank);
  const operandText = (number: number) => operands[number]!;
  const index = (integers: Contraction["output"]) =>
    integers.map((integer) => notation.integer(integer, operandText)).join(",");
  const reads = contraction.factors.map(
    ({ operand, index: at }) => operandText(operand) + (at.length > 0 ? `[${index(at)}]` : ""),
  );
  const sign = combine === "sum" ? "Σ" : combine;
  const over = summed.length > 0 ? `${sign} ${summed.map((k) => notation.iterator(k)).join(",")}: ` : "";
  const guards = contraction.guards.map(({ index: at, extent }) => {
    const value = notation.integer(at, operandText);
    const unit = extent?.value === 1 ? at.unitIterator() : undefined;
    if (unit) return `${notation.iterator(unit.iterator)}=${notation.integer(unit.offset.scaled(-unit.sign))}`;
    return extent ? `0≤${value}<${notation.integer(extent)}` : `0≤${value}`;
  });
  const condition = guards.length > 0 ? ` if ${guards.join(", ")}` : "";
  return { target: index(contraction.output), body: `${over}${reads.join("·") || "1"}${condition}` };
}

const longestDetail = 64;

function shortened(text: string): string {
  return text.length <= longestDetail ? text : `${text.slice(0, longestDetail - 1)}…`;
}

/** What people call the contraction, where they have a name for it. */
function nameOf(contraction: Contraction, rank: number): string {
  const { factors, extents, guards, shape, output } = contraction;
  const hasLookup = (indices: Contraction["output"]) =>
    indices.some((integer) => integer.atoms().some(({ kind }) => kind === "lookup"));
  const sums = extents.length - rank;
  if (hasLookup(output)) return "scatter";
  if (factors.length === 0) return "count";
  const reads = factors.map(({ index }) => index.map((integer) => integer.unitIterator()));
  const isPlain = reads.every((axes) => axes.every((axis) => axis && axis.sign === 1 && axis.offset.value === 0));
  if (factors.length === 1) {
    const axes = reads[0]!.map((axis) => axis?.iterator);
    const isDistinct = isPlain && new Set(axes).size === axes.length;
    if (hasLookup(factors[0]!.index)) return "gather";
    if (sums > 0) return guards.length > 0 ? "partial sum" : "sum";
    if (isPlain && !isDistinct) return "diagonal";
    if (guards.length > 0) return hasLookup(guards.map(({ index }) => index)) ? "mask" : "pad";
    if (!isDistinct) return "slice";
    if (axes.length < shape.length) return "broadcast";
    return "transpose";
  }
  if (sums === 0)
    return shape.length > Math.max(...factors.map(({ index }) => index.length)) ? "outer product" : "product";
  if (!isPlain || guards.length > 0 || factors.length > 2) return "sum of products";
  const ranks = factors.map(({ index }) => index.length);
  if (shape.length === 0) return "dot";
  return sums === 1 && Math.max(...ranks) === 2 && shape.length === ranks[0]! + ranks[1]! - 2
    ? "matmul"
    : "sum of products";
}
