import { jvp } from "../autodiff/derivatives.ts";
import { evaluateShape } from "../interpreter/interpret.ts";
import { counted } from "../ir/counted.ts";
import { DataError } from "../ir/errors.ts";
import type { Expr } from "../ir/graph.ts";
import { simplify } from "../rewrite/rewrite.ts";
import type { BoundModel } from "./bound/model.ts";
import { type DerivationInput, type DerivedFunction, requireVariables } from "./derive.ts";
import { checkOutput } from "./inputs/inputs.ts";

/** Writes a product with a vector at a point x to `out`; parameters are packed, an output is row-major. */
export type VectorProduct = (x: Float64Array, vector: Float64Array, out: Float64Array) => void;

/** A function of a point and a vector, by the graphs that it is made of. */
export interface ProductRule {
  readonly name: string;
  /** A direction is packed as the parameters are, a cotangent belongs to the outputs. */
  readonly reads: "direction" | "cotangent";
  readonly writes: "gradient" | "outputs";
  /** `outputs` are simplified; those of `input` are as written. */
  derive(
    outputs: readonly (readonly [string, Expr])[],
    wrt: readonly Expr[],
    input: DerivationInput,
    finish: (roots: readonly Expr[]) => Expr[],
  ): Partial<DerivedFunction>;
}

/** A rule for what a direction makes of each output: `change` is the derivative of an expression along it. */
export function alongRule(name: string, derivative: (output: Expr, change: (z: Expr) => Expr) => Expr): ProductRule {
  return {
    name,
    reads: "direction",
    writes: "outputs",
    derive(outputs, wrt, _, finish) {
      const direction = standIns(wrt);
      const nodes = finish(outputs.map(([, output]) => derivative(output, (z) => along(z, wrt, direction))));
      return { direction, outputs: nodes.map((node, k) => ({ name: outputs[k]![0], node })) };
    },
  };
}

/** The rule for outputs of a model, compiled once for the model and bound to its data. */
export function productOf(model: BoundModel, rule: ProductRule, outputs: readonly string[]): VectorProduct {
  const { functions, length, sizes } = model.parts();
  const exprs = outputs.map((output) => functions.output(output));
  const key = JSON.stringify([`product ${rule.name}`, outputs]);
  const run = model.made(functions.made(key, (input) => derived(rule, outputs, exprs, input)));
  const counts = exprs.map(({ shape }) => elementsOf(shape, sizes));
  const rows = counts.reduce((total, count) => total + count, 0);
  const read = rule.reads === "cotangent" ? rows : length;
  const written = rule.writes === "outputs" ? rows : length;
  return (x, vector, out) => {
    requireVector("the point", x, length);
    requireVector(`the ${rule.reads}`, vector, read);
    checkOutput("the product", out, written, [x, vector]);
    if (rule.writes === "outputs" && counts.length > 1) run(x, vector, ...partsOf(out, counts));
    else run(x, vector, out);
  };
}

/** A variable in the shape of each. */
export const standIns = (like: readonly Expr[]) => like.map(({ graph, shape }) => graph.variable(shape));
/** Zeros in the shape of x. */
export const zeroLike = (x: Expr) => x.graph.constantLike(0, x);

/** The derivative of z along a direction of the variables. */
export function along(z: Expr, wrt: readonly Expr[], direction: readonly Expr[]): Expr {
  return jvp(z, new Map(wrt.map((x, k) => [x, direction[k]!]))) ?? zeroLike(z);
}

function elementsOf(shape: Expr["shape"], sizes: ReadonlyMap<string, number>): number {
  return evaluateShape(shape, sizes).reduce((count, size) => count * size, 1);
}

/** What of an array belongs to each output. */
function partsOf(out: Float64Array, counts: readonly number[]): Float64Array[] {
  let at = 0;
  return counts.map((count) => {
    at += count;
    return out.subarray(at - count, at);
  });
}

function requireVector(what: string, vector: unknown, length: number): void {
  if (vector instanceof Float64Array && vector.length === length) return;
  const got = vector instanceof Float64Array ? `one of ${vector.length}` : typeof vector;
  throw new DataError(`${what} needs a Float64Array of ${counted(length, "element")}, got ${got}.`);
}

function derived(
  rule: ProductRule,
  names: readonly string[],
  outputs: readonly Expr[],
  input: DerivationInput,
): DerivedFunction {
  const { level, hints, settled, lookups } = input;
  const wrt = input.variables.map(({ expr }) => expr);
  requireVariables(`the ${rule.name} product`, wrt);
  const simpler = simplify(outputs, { level, hints, settled });
  const finish = (roots: readonly Expr[]) => simplify(roots, { level, last: true, hints, settled, lookups });
  const empty = { loss: undefined, gradient: [], hvp: [], hessian: [], outputs: [], direction: [] };
  const zipped = simpler.map((output, k) => [names[k]!, output] as const);
  return { ...empty, name: "product", ...rule.derive(zipped, wrt, input, finish) };
}
