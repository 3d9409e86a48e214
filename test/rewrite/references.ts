import { expect } from "vitest";
import { type Engine, javaScriptEngine } from "../../src/compile/functions.ts";
import { compileText } from "../../src/language/all.ts";

type Point = Readonly<Record<string, number | readonly number[] | readonly (readonly number[])[]>>;
type Vectors = Readonly<Record<string, readonly number[]>>;

export interface Reference {
  readonly name: string;
  readonly text: string;
  readonly at: Point;
  readonly along: Point;
  readonly loss: number;
  readonly gradient: Vectors;
  readonly product: Vectors;
  /** Default: 1e-9. */
  readonly within?: number;
}

/** Each entry by the largest of its vector. */
export function expectClose(got: ArrayLike<number>, expected: readonly number[], within = 1e-9): void {
  const size = Math.max(...expected.map(Math.abs)) || 1;
  for (const [k, each] of expected.entries()) expect(Math.abs(got[k]! - each) / size).toBeLessThan(within);
}

/** Value, gradient and Hessian-vector product at a point, beside those of a reference. */
export function expectReference(
  { text, at, along, loss, gradient, product, within }: Reference,
  engine: Engine = javaScriptEngine,
): void {
  const compiled = compileText(text, { wrt: Object.keys(gradient), engine });
  expectClose([compiled.loss(at)], [loss], within);
  const slopes = compiled.gradient(at);
  const products = compiled.hvp(at, along);
  const list = (x: unknown) => (typeof x === "number" ? [x] : (x as number[]));
  for (const [name, expected] of Object.entries(gradient)) expectClose(list(slopes[name]), expected, within);
  for (const [name, expected] of Object.entries(product)) expectClose(list(products[name]), expected, within);
}
