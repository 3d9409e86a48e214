import type { Primitive } from "../../ir/primitive.ts";
import type { Apply } from "../../lower/program/loops.ts";
import { add, div, mul, neg, sub } from "../../ops/elementary/algebra.ts";
import { stopGradient } from "../../ops/elementary/opaque.ts";
import { byPrimitive } from "../../ops/maps.ts";
import { parenthesised } from "../print/precedence.ts";
import { PairPrinter, type PairText, type Target } from "./printer.ts";

/** Prints over complex numbers: arithmetic in place, every other primitive as a call of its analytic continuation. */
export class ComplexPrinter extends PairPrinter {
  protected readonly suffix = "im";
  /** The name that the continuations are passed under. */
  readonly kernelArray = this.called.outer.make("kernels");
  /** The primitives whose continuations are called, by the names under which they are. */
  readonly continuations = new Map<Primitive, string>();

  protected applyPair(value: Apply, operands: readonly PairText[], target: Target): PairText {
    const { primitive } = value;
    const inPlace = arithmetic.get(primitive);
    if (inPlace) {
      const texts = inPlace(operands, (name) => this.called.own.make(name), target);
      return texts.isNamed ? texts : this.nameBoth(texts, target);
    }
    const numbers = operands.map(({ first, second }) => `{ re: ${first}, im: ${second ?? 0} }`);
    const result = this.named(`${this.continuation(primitive)}(${numbers.join(", ")})`, target);
    return { first: `${result}.re`, second: `${result}.im` };
  }

  private continuation(primitive: Primitive): string {
    const known = this.continuations.get(primitive);
    if (known) return known;
    const name = this.called.outer.make(`complex_${primitive.name}`);
    this.continuations.set(primitive, name);
    return name;
  }
}

/** Both parts of a result; named ones are variables already. */
interface Result extends PairText {
  readonly isNamed?: boolean;
}

type InPlace = (operands: readonly PairText[], make: (name: string) => string, target: Target) => Result;

/** im * factor; the imaginary part of a constant is zero even beside infinity. */
const scaled = (im: string, factor: string) => `(${im} === 0 ? 0 : ${im} * ${factor})`;

const sum = (texts: readonly (string | undefined)[], sign: string) => {
  const present = texts.filter((text) => text !== undefined);
  return present.join(` ${sign} `);
};

const arithmetic = byPrimitive<InPlace>([
  [
    add,
    (operands) => ({
      first: operands.map(({ first }) => first).join(" + "),
      second: sum(
        operands.map(({ second }) => second),
        "+",
      ),
    }),
  ],
  [
    sub,
    ([z, w]) => ({
      first: `${z!.first} - ${w!.first}`,
      second: z!.second === undefined ? negated(w!.second!) : sum([z!.second, w!.second], "-"),
    }),
  ],
  [neg, ([z]) => ({ first: negated(z!.first), second: negated(z!.second!) })],
  [stopGradient, ([z]) => ({ first: z!.first, second: undefined })],
  [mul, ([z, w]) => product(z!, w!)],
  [div, ([z, w], make, target) => quotient(z!, w!, make, target)],
]);

const negated = (text: string) => `-${parenthesised(text)}`;

function product({ first: a, second: b }: PairText, { first: c, second: d }: PairText): Result {
  if (d === undefined) return { first: `${a} * ${c}`, second: scaled(b!, c) };
  if (b === undefined) return { first: `${a} * ${c}`, second: scaled(d, a) };
  const square = `(${b} === 0 || ${d} === 0 ? 0 : ${b} * ${d})`;
  return { first: `${a} * ${c} - ${square}`, second: `${scaled(d, a)} + ${scaled(b, c)}` };
}

/** Smith's quotient (1962), with the quotient of the real parts kept whole; see Complex.div. */
function quotient(
  { first: a, second: b = "0" }: PairText,
  { first: c, second: d }: PairText,
  make: (name: string) => string,
  { indent, lines }: Target,
): Result {
  const alone = `${b} === 0 ? 0 : ${b} / ${c}`;
  if (d === undefined) return { first: `${a} / ${c}`, second: b === "0" ? undefined : alone };
  const [re, im, ratio, denominator] = ["p", "p_im", "ratio", "denominator"].map(make) as [
    string,
    string,
    string,
    string,
  ];
  const body = [
    `let ${re} = ${a} / ${c}, ${im} = NaN;`,
    `if (${d} === 0) ${im} = ${alone};`,
    `else if (Math.abs(${c}) >= Math.abs(${d})) {`,
    `  const ${ratio} = ${d} / ${c}, ${denominator} = ${c} + ${d} * ${ratio};`,
    `  ${im} = (${b} - ${re} * ${d}) / ${denominator};`,
    `  ${re} = (${a} + ${scaled(b, ratio)}) / ${denominator};`,
    `} else if (${c} !== 0) {`,
    `  const ${ratio} = ${c} / ${d}, ${denominator} = ${c} * ${ratio} + ${d};`,
    `  ${re} = (${a} * ${ratio} + ${b}) / ${denominator};`,
    `  ${im} = (${b} * ${ratio} - ${a}) / ${denominator};`,
    "}",
  ];
  lines.push(...body.map((line) => indent + line));
  return { first: re, second: im, isNamed: true };
}
