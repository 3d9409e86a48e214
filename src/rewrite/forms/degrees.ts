import type { Expr } from "../../ir/graph.ts";
import type { Primitive } from "../../ir/primitive.ts";
import { add, mul, neg, sub } from "../../ops/elementary/algebra.ts";
import { log } from "../../ops/elementary/exponential.ts";
import { pow } from "../../ops/elementary/powers.ts";
import { isMap } from "../../ops/maps.ts";

// How functions of some numbers grow with all of them.

/** k of f(r x, r y) = r^k f(x, y); "any" of 0, infinity and NaN. */
export type Degree = number | "any";

/** Of nodes as functions of some numbers, from what primitives say of units: one unit for all of the numbers. */
export class Degrees {
  private readonly known = new Map<Expr, Degree | undefined>();

  constructor(leaves: readonly Expr[]) {
    for (const leaf of leaves) this.known.set(leaf, 1);
  }

  /** Undefined of what is not homogeneous. */
  of(node: Expr): Degree | undefined {
    if (!this.known.has(node)) this.known.set(node, this.find(node));
    return this.known.get(node);
  }

  private find(node: Expr): Degree | undefined {
    if (node.kind === "constant") {
      const value = node.constant!;
      return value === 0 || !Number.isFinite(value) ? "any" : 0;
    }
    if (node.kind !== "map") return 0;
    const primitive = node.graph.primitiveOf(node.id);
    const { operands } = node;
    const degrees: Degree[] = [];
    for (const operand of operands) {
      const degree = this.of(operand);
      if (degree === undefined) return undefined;
      degrees.push(degree);
    }
    if (primitive === pow.primitive) return degreeOfPower(degrees, operands[1]!);
    const { units, program } = primitive;
    if (units !== undefined) return degreeBy(units, degrees);
    if (degrees.every(isPure)) return 0;
    return program && degrees.every((degree) => degree !== "any") ? this.of(program(...operands)) : undefined;
  }
}

const isPure = (degree: Degree) => degree === 0 || degree === "any";

function degreeOfPower([degree, exponent]: readonly Degree[], power: Expr): Degree | undefined {
  if (degree === "any" || degree === 0) return exponent === undefined || isPure(exponent) ? degree : undefined;
  return power.kind === "constant" ? degree! * power.constant! : undefined;
}

/** The degree of a result by a primitive's units, such as "a, a^2 -> a". */
function degreeBy(units: Primitive["units"] & string, degrees: readonly Degree[]): Degree | undefined {
  const [needed, result] = units.split("->") as [string, string];
  const operands = needed.split(",").map(factorsOf);
  const found = new Map<string, number>();
  let isAny = false;
  for (const [k, degree] of degrees.entries()) {
    const [factor] = operands[Math.min(k, operands.length - 1)]!;
    if (degree === "any") {
      isAny = true;
      continue;
    }
    const [letter, exponent] = factor ?? ["", 1];
    const value = degree / exponent;
    if ((found.get(letter) ?? value) !== value || (letter === "" && value !== 0)) return undefined;
    found.set(letter, value);
  }
  let total = 0;
  for (const [letter, exponent] of factorsOf(result)) {
    const value = found.get(letter);
    if (value === undefined) return isAny ? "any" : undefined;
    total += exponent * value;
  }
  return total;
}

/** The letters of a product of powers with their exponents. */
function factorsOf(text: string): (readonly [letter: string, exponent: number])[] {
  return [...text.matchAll(/([*/]?)\s*([a-z])(?:\^(-?\d+))?/g)].map(
    ([, operator, letter, exponent]) => [letter!, Number(exponent ?? 1) * (operator === "/" ? -1 : 1)] as const,
  );
}

/** The degree k of f(r x, r y) = r^k (f(x, y) + l log r), and the terms of l with what each is multiplied by. */
interface LogDegree {
  readonly degree: Degree;
  readonly logs: ReadonlyMap<Expr | 1, number>;
}

/** Degrees of functions in which logarithms cancel, too: x log x - x log y. */
export class LogDegrees {
  private readonly plain: Degrees;
  private readonly known = new Map<Expr, LogDegree | undefined>();

  constructor(leaves: readonly Expr[]) {
    this.plain = new Degrees(leaves);
  }

  of(node: Expr): Degree | undefined {
    const found = this.at(node);
    return found?.logs.size === 0 ? found.degree : undefined;
  }

  private at(node: Expr): LogDegree | undefined {
    if (!this.known.has(node)) {
      const degree = this.plain.of(node);
      this.known.set(node, degree === undefined ? this.find(node) : { degree, logs: new Map() });
    }
    return this.known.get(node);
  }

  private find(node: Expr): LogDegree | undefined {
    if (node.kind !== "map") return undefined;
    const primitive = node.graph.primitiveOf(node.id);
    const { operands } = node;
    const [a, b] = operands as [Expr, Expr];
    if (primitive === log.primitive) {
      const degree = this.of(a);
      return typeof degree === "number" ? { degree: 0, logs: new Map([[1, degree]]) } : undefined;
    }
    const parts: LogDegree[] = [];
    for (const operand of operands) {
      const part = this.at(operand);
      if (!part) return undefined;
      parts.push(part);
    }
    if (primitive === neg.primitive) return multiplied(parts[0]!, -1);
    if (primitive === add.primitive) return summed(parts);
    if (primitive === sub.primitive) return summed([parts[0]!, multiplied(parts[1]!, -1)]);
    if (primitive !== mul.primitive) return undefined;
    const [factor, of] = parts[0]!.logs.size === 0 ? [a, b] : [b, a];
    const [{ degree, logs }, own] = [this.at(of)!, this.at(factor)!];
    if (own.logs.size > 0 || typeof own.degree !== "number" || typeof degree !== "number") return undefined;
    const product = { degree: degree + own.degree, logs };
    if (factor.kind === "constant") return multiplied(product, factor.constant!);
    if ([...logs.keys()].some((key) => key !== 1)) return undefined;
    return { degree: product.degree, logs: multiplied({ degree, logs: termsOf(factor) }, logs.get(1)!).logs };
  }
}

const multiplied = ({ degree, logs }: LogDegree, factor: number): LogDegree => ({
  degree,
  logs: new Map([...logs].map(([key, value]) => [key, value * factor])),
});

function summed(parts: readonly LogDegree[]): LogDegree | undefined {
  const degrees = new Set(parts.map(({ degree }) => degree).filter((degree) => degree !== "any"));
  if (degrees.size !== 1) return undefined;
  const logs = new Map<Expr | 1, number>();
  for (const part of parts) for (const [key, value] of part.logs) logs.set(key, (logs.get(key) ?? 0) + value);
  return { degree: [...degrees][0]!, logs: new Map([...logs].filter(([, value]) => value !== 0)) };
}

/** The terms of a sum with what each is multiplied by. */
function termsOf(node: Expr): Map<Expr, number> {
  const terms = new Map<Expr, number>();
  const pending: [Expr, number][] = [[node, 1]];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [term, factor] = next;
    const [a, b] = term.operands as [Expr, Expr];
    if (isMap(term, add)) pending.push(...term.operands.map((each) => [each, factor] as [Expr, number]));
    else if (isMap(term, sub)) pending.push([a, factor], [b, -factor]);
    else if (isMap(term, neg)) pending.push([a, -factor]);
    else terms.set(term, (terms.get(term) ?? 0) + factor);
  }
  return terms;
}
