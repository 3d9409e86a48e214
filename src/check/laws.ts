import type { Expr } from "../ir/graph.ts";
import { simplify } from "../rewrite/rewrite.ts";
import { type Executable, executable } from "./execute.ts";
import type { Derivatives, Evaluation } from "./graphs.ts";

/** Two numbers that should agree. */
export interface Comparison {
  /** What is compared: the name of an output and the position in it. */
  readonly where: string;
  readonly got: number;
  readonly expected: number;
  /** How far apart they may be: 0 where they must be equal to the bit. */
  readonly tolerance: number;
}

/** Something that holds at every sample of every model. */
export interface Law {
  readonly name: string;
  /** One sentence, for readers of the report. */
  readonly statement: string;
  readonly compare: (derivatives: Derivatives, at: Evaluation) => Comparison[];
}

const unitRoundoff = 2 ** -53;

/**
 * Tolerances are this many units of roundoff times a path sum. Measured over 58,000 comparisons the largest deviation
 * was 770; it does not shrink with cancellation, as a relative error would.
 */
const allowance = 2000;

/** The steps of the complex step: powers of two, so that dividing by them is exact. */
export const steps = [2 ** -100, 2 ** -332] as const;

/** Far below this a derivative may have underflowed on its way through the smaller step. */
const negligible = 2 ** -500;

/** Deviation in units of the tolerance; 0 for equal numbers, infinite for a NaN on one side only. */
export function deviationOf({ got, expected, tolerance }: Comparison): number {
  if (got === expected || (Number.isNaN(got) && Number.isNaN(expected))) return 0;
  const deviation = Math.abs(got - expected) / tolerance;
  return Number.isNaN(deviation) ? Number.POSITIVE_INFINITY : deviation;
}

const within = (scale: number) => allowance * unitRoundoff * scale + negligible;

/** Element by element, where the scale is finite: beyond, a derivative on the way is infinite and nothing is promised. */
export function compareAll(
  names: readonly string[],
  got: readonly (readonly number[])[],
  expected: readonly (readonly number[])[],
  scales: readonly (readonly number[])[],
): Comparison[] {
  return names.flatMap((name, k) =>
    expected[k]!.flatMap((value, at) => {
      const scale = scales[k]![at]!;
      if (!Number.isFinite(scale)) return [];
      const where = expected[k]!.length === 1 ? name : `${name}[${at}]`;
      return [{ where, got: got[k]![at]!, expected: value, tolerance: within(scale) }];
    }),
  );
}

/** Of two measurements of `got`, the nearer one: a step may fail where intermediate values are very small or large. */
function nearer(got: number[][], measurements: readonly number[][][]): number[][] {
  return got.map((list, k) =>
    list.map((value, at) => {
      const candidates = measurements.map((measured) => measured[k]![at]!);
      return candidates.reduce((a, b) => (Math.abs(b - value) < Math.abs(a - value) || Number.isNaN(a) ? b : a));
    }),
  );
}

const steppedGradient: Law = {
  name: "gradient",
  statement: "the gradient is the complex step of the loss along every direction",
  compare: ({ loss, slope, slopeScale }, at) => {
    const [got, scale] = at.real([slope, slopeScale]);
    const measured = steps.map((step) => at.complexStep([loss], step));
    return compareAll(["gradient . v"], [got!], nearer([got!], measured), [scale!]);
  },
};

const scaledSteps: Law = {
  name: "scaling",
  statement: "complex steps of 2^-100 and 2^-332 measure the same (else the model is ill-scaled here)",
  compare: ({ loss, slopeScale }, at) => {
    const [large, small] = steps.map((step) => at.complexStep([loss], step));
    return compareAll(["gradient . v"], large!, small!, at.real([slopeScale]));
  },
};

/** A way to the Hessian-vector product, compared with reverse over reverse. */
function hvpLaw(
  name: string,
  statement: string,
  product: (derivatives: Derivatives, at: Evaluation) => number[][],
): Law {
  return {
    name,
    statement,
    compare: (derivatives, at) => {
      const expected = at.real(derivatives.products["reverse-over-reverse"]);
      const scales = at.real(derivatives.productScales);
      return compareAll(namesOf("hvp", derivatives), product(derivatives, at), expected, scales);
    },
  };
}

const namesOf = (what: string, { names }: Derivatives) => names.map((name) => `${what}.${name}`);

const hvpRoutes: readonly Law[] = [
  hvpLaw(
    "hvp: forward over reverse",
    "the gradient's tangent along v is the Hessian-vector product",
    (derivatives, at) => at.real(derivatives.products["forward-over-reverse"]),
  ),
  hvpLaw(
    "hvp: reverse over forward",
    "the gradient of the tangent along v is the Hessian-vector product",
    (derivatives, at) => at.real(derivatives.products["reverse-over-forward"]),
  ),
  hvpLaw("hvp: dual numbers", "dual numbers on the gradient give the Hessian-vector product", (derivatives, at) =>
    at.dualTangent(derivatives.gradient),
  ),
  hvpLaw(
    "hvp: complex step",
    "the complex step of the gradient along v is the Hessian-vector product",
    (derivatives, at) => {
      const measured = steps.map((step) => at.complexStep(derivatives.gradient, step));
      return nearer(at.real(derivatives.products["reverse-over-reverse"]), measured);
    },
  ),
];

const symmetry: Law = {
  name: "symmetry",
  statement: "the Hessian is symmetric: u . H v = v . H u",
  compare: (derivatives, at) => {
    const product = (x: Evaluation) => x.real(derivatives.products["reverse-over-reverse"]);
    const swapped = at.swapped();
    const [hv, hu] = [product(at), product(swapped)];
    const paired = (x: Evaluation, h: number[][], absolute: boolean) =>
      derivatives.names.reduce((sum, name, k) => {
        const direction = x.sample.u.get(name)!;
        return h[k]!.reduce((all, value, i) => all + value * (absolute ? Math.abs(direction[i]!) : direction[i]!), sum);
      }, 0);
    const scale = [at, swapped].map((x) => paired(x, x.real(derivatives.productScales), true));
    return compareAll(
      ["u . H v"],
      [[paired(at, hv, false)]],
      [[paired(swapped, hu, false)]],
      [[scale[0]! + scale[1]!]],
    );
  },
};

const generatedNames = (derivatives: Derivatives) => [
  "loss",
  ...namesOf("gradient", derivatives),
  ...(derivatives.noProducts ? [] : namesOf("hvp", derivatives)),
];

/** Loss, gradient and product by other means than the interpreter, compared with it relative to rounding everywhere. */
export function codeLaw(
  name: string,
  statement: string,
  run: (derivatives: Derivatives, at: Evaluation) => number[][],
): Law {
  return {
    name,
    statement,
    compare: (derivatives, at) => {
      const expected = at.real(derivatives.all);
      const scales = at.real(derivatives.rounding);
      return compareAll(generatedNames(derivatives), run(derivatives, at), expected, scales);
    },
  };
}

/** Graphs after exact rewrites, and code for them that keeps the order of sums; made once. */
const exactForms = new WeakMap<Derivatives, { readonly roots: readonly Expr[]; readonly code: Executable }>();

function exactFormOf(derivatives: Derivatives): { readonly roots: readonly Expr[]; readonly code: Executable } {
  const known = exactForms.get(derivatives);
  if (known) return known;
  const roots = simplify(derivatives.all, { level: "exact", last: true });
  const made = { roots, code: executable(roots, { ordered: true }) };
  exactForms.set(derivatives, made);
  return made;
}

/** Needs leave to evaluate code. */
export const exactLaw: Law = {
  name: "bits",
  statement: "code with ordered sums gives the bits of the interpreter on the same graph, exactly rewritten",
  compare: (derivatives, at) => {
    const { roots, code } = exactFormOf(derivatives);
    const got = code(at.bindings);
    return at.real(roots).flatMap((expected, k) =>
      expected.map((value, i) => ({
        where: `${generatedNames(derivatives)[k]}[${i}]`,
        got: got[k]![i]!,
        expected: value,
        tolerance: 0,
      })),
    );
  },
};

/** What can be said of graphs without products. */
export const slopeLaws: readonly Law[] = [steppedGradient, scaledSteps];

/** What can be said of the graphs alone. */
export const graphLaws: readonly Law[] = [...slopeLaws, ...hvpRoutes, symmetry];
