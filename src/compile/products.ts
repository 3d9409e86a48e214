import { hvp, jvp, vjp } from "../autodiff/derivatives.ts";
import { pullback, pushforward } from "../autodiff/sweeps.ts";
import { evaluateShape } from "../interpreter/interpret.ts";
import { DataError, UsageError } from "../ir/errors.ts";
import type { Expr } from "../ir/graph.ts";
import { substitute } from "../ir/traverse.ts";
import { scale } from "../numeric/vectors.ts";
import { add } from "../ops/algebra.ts";
import { simplify } from "../rewrite/rewrite.ts";
import type { BoundModel } from "./bound.ts";
import { type DerivationInput, type DerivedFunction, requireVariables } from "./derive.ts";
import { checkOutput, requireBound } from "./inputs/inputs.ts";
import { leastSquares } from "./squares/least-squares.ts";
import type { LeastSquaresOptions } from "./squares/residuals.ts";

/** Writes a product with a vector at a point x to `out`; parameters are packed, an output is row-major. */
export type VectorProduct = (x: Float64Array, vector: Float64Array, out: Float64Array) => void;

/** J v, the change of an output for a change v of the parameters, as a function (x, v, y). Throws UsageError. */
export function jacobianProduct(model: BoundModel, output: string): VectorProduct {
  requireBound("jacobianProduct", model);
  model.requireOutput(output);
  return productOf(model, "jacobian", [output]);
}

/** J' u, the gradient of <u, output>, as a function (x, u, g). Throws UsageError. */
export function transposedJacobianProduct(model: BoundModel, output: string): VectorProduct {
  requireBound("transposedJacobianProduct", model);
  model.requireOutput(output);
  return productOf(model, "transposed Jacobian", [output]);
}

/**
 * 2 factor J' J v for the residuals of {@link leastSquares}: the Hessian of the loss without the second derivatives of
 * the residuals. Where these are normal with unit variance and the factor is 1/2, that is the Fisher information times v.
 * Throws UsageError for a loss that is no sum of squares.
 */
export function gaussNewtonProduct(model: BoundModel, options: LeastSquaresOptions = {}): VectorProduct {
  requireBound("gaussNewtonProduct", model);
  const { residualNames, residualFactor } = leastSquares(model, options);
  const product = productOf(model, "Gauss-Newton", residualNames);
  return (x, v, h) => {
    product(x, v, h);
    scale(h, 2 * residualFactor);
  };
}

/**
 * The Hessian of the loss with an output z in it replaced by its linearisation at the point, times v, as a function
 * (x, v, h): J' (d2 loss / dz2) J v, and the second derivatives of what else the loss holds. Where the loss is a negative
 * log-likelihood of an exponential family and z its natural parameter (logits, log-rates, means with known variance), that
 * is the Fisher information. Throws UsageError where the loss does not contain the output.
 */
export function fisherProduct(model: BoundModel, output: string): VectorProduct {
  requireBound("fisherProduct", model);
  model.requireOutput(output);
  return productOf(model, "Fisher", [output]);
}

type ProductName = "jacobian" | "transposed Jacobian" | "Gauss-Newton" | "Fisher";

function productOf(model: BoundModel, name: ProductName, outputs: readonly string[]): VectorProduct {
  const { functions, length, sizes } = model.parts();
  const exprs = outputs.map((output) => functions.output(output));
  const key = JSON.stringify([`product ${name}`, outputs]);
  const run = model.made(functions.made(key, (input) => derived(name, outputs, exprs, input)));
  const rows = exprs.reduce((total, { shape }) => total + elementsOf(shape, sizes), 0);
  const read = name === "transposed Jacobian" ? rows : length;
  const written = name === "jacobian" ? rows : length;
  return (x, vector, out) => {
    requireVector("the point", x, length);
    requireVector(name === "transposed Jacobian" ? "the cotangent" : "the direction", vector, read);
    checkOutput("the product", out, written, [x, vector]);
    run(x, vector, out);
  };
}

function elementsOf(shape: Expr["shape"], sizes: ReadonlyMap<string, number>): number {
  return evaluateShape(shape, sizes).reduce((count, size) => count * size, 1);
}

function requireVector(what: string, vector: unknown, length: number): void {
  if (vector instanceof Float64Array && vector.length === length) return;
  const got = vector instanceof Float64Array ? `one of ${vector.length}` : typeof vector;
  throw new DataError(`${what} needs a Float64Array of ${length} elements, got ${got}.`);
}

function derived(
  name: ProductName,
  names: readonly string[],
  outputs: readonly Expr[],
  input: DerivationInput,
): DerivedFunction {
  const { level, hints, settled } = input;
  const wrt = input.variables.map(({ expr }) => expr);
  requireVariables(`the ${name} product`, wrt);
  const finish = (roots: readonly Expr[]) => simplify(roots, { level, last: true, hints, settled });
  const empty = { loss: undefined, gradient: [], hvp: [], hessian: [], outputs: [], direction: [] };
  const zipped = outputs.map((output, k) => [names[k]!, output] as const);
  return { ...empty, name: "product", ...products[name](zipped, wrt, input, finish) };
}

type DeriveProduct = (
  outputs: readonly (readonly [string, Expr])[],
  wrt: readonly Expr[],
  input: DerivationInput,
  finish: (roots: readonly Expr[]) => Expr[],
) => Partial<DerivedFunction>;

const standIns = (like: readonly Expr[]) => like.map(({ graph, shape }) => graph.variable(shape));
const zeroLike = (x: Expr) => x.graph.constantLike(0, x);

/** J is the Jacobian of the outputs z at the point: rows as in z, columns as in the packed vector. */
const products: Readonly<Record<ProductName, DeriveProduct>> = {
  // J v
  jacobian: (outputs, wrt, _, finish) => {
    const direction = standIns(wrt);
    const tangents = new Map(wrt.map((x, k) => [x, direction[k]!]));
    const nodes = finish(outputs.map(([, z]) => jvp(z, tangents) ?? zeroLike(z)));
    return { direction, outputs: nodes.map((node, k) => ({ name: outputs[k]![0], node })) };
  },
  // J' u
  "transposed Jacobian": ([output], wrt, _, finish) => {
    const z = output![1];
    const cotangent = z.graph.variable(z.shape);
    return { direction: [cotangent], gradient: finish(vjp(z, cotangent, wrt)) };
  },
  // J' J v
  "Gauss-Newton": (outputs, wrt, _, finish) => {
    const residuals = outputs.map(([, r]) => r);
    const direction = standIns(wrt);
    const changes = pushforward(residuals, new Map(wrt.map((x, k) => [x, direction[k]!])));
    const slopes = pullback(residuals, changes, wrt);
    return { direction, hvp: finish(wrt.map((x, k) => slopes[k] ?? zeroLike(x))) };
  },
  // the Hessian of L(z0 + J (x - x0), x) at x0, times v, where the loss is L(z, x)
  Fisher: ([output], wrt, { loss, lossAsWritten = loss }, finish) => {
    const [name, z] = output!;
    const u = z.graph.variable(z.shape);
    const outer = substitute([lossAsWritten], new Map([[z, u]]))[0]!;
    if (outer === lossAsWritten) {
      throw new UsageError(`the loss does not contain the output "${name}": write the loss with its name.`);
    }
    const direction = standIns(wrt);
    const change = jvp(z, new Map(wrt.map((x, k) => [x, direction[k]!]))) ?? zeroLike(z);
    const [curved, ...direct] = substitute(hvp(outer, [u, ...wrt], [change, ...direction]), new Map([[u, z]]));
    return { direction, hvp: finish(vjp(z, curved!, wrt).map((slope, k) => add(slope, direct[k]!))) };
  },
};
