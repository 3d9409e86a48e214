import { gradient, type HvpRoute, hvp } from "../autodiff/derivatives.ts";
import { sumOfTerms } from "../autodiff/products.ts";
import type { CompilableModel } from "../compile/compile.ts";
import { complexField } from "../interpreter/complex.ts";
import { type Dual, dualField } from "../interpreter/dual.ts";
import { realField } from "../interpreter/field.ts";
import { interpret } from "../interpreter/interpret.ts";
import { DifferentiationError, UsageError } from "../ir/errors.ts";
import type { Field } from "../ir/field.ts";
import type { Expr } from "../ir/graph.ts";
import type { Complex } from "../numeric/complex/complex.ts";
import { dot } from "../ops/arrays/contractions.ts";
import { abs } from "../ops/elementary/rounding.ts";
import { pathSums, roundingSums } from "./absolute.ts";
import type { Sample } from "./arbitraries.ts";

/** The ways to a Hessian-vector product. */
export const routes: readonly HvpRoute[] = ["reverse-over-reverse", "forward-over-reverse", "reverse-over-forward"];

/** A scalar function of some variables with its derivatives as built, nothing simplified, and the scales of their errors. */
export class Derivatives {
  readonly names: readonly string[];
  readonly loss: Expr;
  readonly variables: readonly Expr[];
  /** Stand-ins for two directions. */
  readonly v: readonly Expr[];
  readonly u: readonly Expr[];
  readonly gradient: readonly Expr[];
  /** gradient . v, and the path sum of its partials. */
  readonly slope: Expr;
  readonly slopeScale: Expr;
  /** Hessian times v, one tensor a variable; none where the gradient has no derivative. */
  readonly products: Readonly<Record<HvpRoute, readonly Expr[]>>;
  /** The path sums of the gradient along v, one tensor a variable. */
  readonly productScales: readonly Expr[];
  /** Why there are no products. */
  readonly noProducts: DifferentiationError | undefined;

  constructor(loss: Expr, variables: readonly Expr[], names: readonly string[]) {
    const { graph } = loss;
    this.names = names;
    this.loss = loss;
    this.variables = variables;
    this.v = variables.map(({ shape }) => graph.variable(shape));
    this.u = variables.map(({ shape }) => graph.variable(shape));
    this.gradient = gradient(loss, variables);
    this.slope = sumOfTerms(this.gradient.map((g, k) => dot(g, this.v[k]!))) ?? graph.constant(0);
    const changes = new Map(variables.map((x, k) => [x, abs(this.v[k]!)]));
    this.slopeScale = pathSums([loss], changes)[0]!;
    const { products, scales, missing } = secondOrder(this, changes);
    this.products = products;
    this.productScales = scales;
    this.noProducts = missing;
  }

  /** Loss, gradient and, where there is one, Hessian-vector product. */
  get all(): readonly Expr[] {
    return [this.loss, ...this.gradient, ...this.products["reverse-over-reverse"]];
  }

  private knownRounding: readonly Expr[] | undefined;
  /** How far rounding moves loss, gradient and product, in units of 2^-53. */
  get rounding(): readonly Expr[] {
    this.knownRounding ??= roundingSums(this.all);
    return this.knownRounding;
  }
}

type Products = Readonly<Record<HvpRoute, readonly Expr[]>>;

/** What needs derivatives of the gradient. A primitive of somebody's own may have a first derivative and no second one. */
function secondOrder(
  { loss, variables, v, gradient: slopes }: Derivatives,
  changes: ReadonlyMap<Expr, Expr>,
): { products: Products; scales: readonly Expr[]; missing: DifferentiationError | undefined } {
  const by = (product: (route: HvpRoute) => Expr[]) =>
    Object.fromEntries(routes.map((route) => [route, product(route)])) as Record<HvpRoute, Expr[]>;
  try {
    const scales = pathSums(slopes, changes);
    return { products: by((route) => hvp(loss, variables, v, route)), scales, missing: undefined };
  } catch (error) {
    if (!(error instanceof DifferentiationError)) throw error;
    return { products: by(() => []), scales: [], missing: error };
  }
}

/** The derivatives of a model's loss in the leaves named in `wrt`. Throws UsageError without a loss. */
export function derivativesOf(model: CompilableModel, wrt: readonly string[]): Derivatives {
  if (!model.loss) throw new UsageError(`${model.name} has no loss: there is no derivative to check.`);
  const leaves = [...model.parameters, ...model.data];
  const variables = wrt.map((name) => leaves.find((leaf) => leaf.name === name)!.expr);
  return new Derivatives(model.loss, variables, wrt);
}

type NamedLeaf = { readonly name: string; readonly expr: Expr };

/** Values of graphs at one sample, over the reals and along a direction. */
export class Evaluation {
  readonly sample: Sample;
  private readonly derivatives: Derivatives;
  private readonly leaves: readonly NamedLeaf[];
  private readonly values: ReadonlyMap<Expr, readonly number[]>;

  constructor(derivatives: Derivatives, sample: Sample, leaves: readonly NamedLeaf[]) {
    this.leaves = leaves;
    this.derivatives = derivatives;
    this.sample = sample;
    const { names, v, u } = derivatives;
    this.values = new Map([
      ...leaves.map(({ name, expr }) => [expr, sample.values.get(name)!] as const),
      ...names.map((name, k) => [v[k]!, sample.v.get(name)!] as const),
      ...names.map((name, k) => [u[k]!, sample.u.get(name)!] as const),
    ]);
  }

  get bindings() {
    return { sizes: this.sample.sizes, values: this.values };
  }

  /** The same point with the directions exchanged. */
  swapped(): Evaluation {
    const { u, v } = this.sample;
    return new Evaluation(this.derivatives, { ...this.sample, v: u, u: v }, this.leaves);
  }

  real(roots: readonly Expr[]): number[][] {
    return interpret(roots, this.bindings, realField);
  }

  /** Values at x + i step v, by the complex kernels alone. */
  complex(roots: readonly Expr[], step: number): Complex[][] {
    const bindings = this.perturbed(complexField, (re, direction): Complex => ({ re, im: step * direction }));
    return interpret(roots, bindings, complexField);
  }

  /** d roots along v by the complex step: Im f(x + i h v) / h. */
  complexStep(roots: readonly Expr[], step: number): number[][] {
    return this.complex(roots, step).map((list) => list.map(({ im }) => im / step));
  }

  /** d roots along v by dual numbers. */
  dualTangent(roots: readonly Expr[]): number[][] {
    const dual = this.perturbed(dualField, (value, tangent): Dual => ({ value, tangent }));
    return interpret(roots, dual, dualField).map((list) => list.map(({ tangent }) => tangent));
  }

  /** The same bindings over another field: variables move along v, all else stays. */
  perturbed<T>(field: Field<T>, moved: (value: number, direction: number) => T) {
    const { variables, names } = this.derivatives;
    const values = new Map<Expr, readonly T[]>();
    for (const [leaf, list] of this.values) {
      const position = variables.indexOf(leaf);
      const direction = position < 0 ? undefined : this.sample.v.get(names[position]!)!;
      values.set(
        leaf,
        list.map((value, at) => (direction ? moved(value, direction[at]!) : field.of(value))),
      );
    }
    return { sizes: this.sample.sizes, values };
  }
}
