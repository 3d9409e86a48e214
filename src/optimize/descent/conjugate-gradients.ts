import { dot, norm, type Vector } from "../../numeric/vectors.ts";
import { defineMethod } from "../method.ts";
import { count, nonNegative, oneOf } from "../options.ts";
import { type Aim, type Arrival, type DescentState, descent, searchOptions } from "./descent.ts";

/** Moves since the last direction that was a plain gradient. */
export interface ConjugateMemory {
  readonly sinceRestart: number;
}

export type ConjugateState = DescentState & ConjugateMemory;

/** The products that the formulas of beta are made of: g is the new gradient, y its change, d the last direction. */
interface Products {
  readonly gg: number;
  readonly gy: number;
  readonly gd: number;
  readonly yy: number;
  readonly yd: number;
  readonly dd: number;
  readonly ggBefore: number;
}

/** beta of d := -g + beta d. */
const formulas = {
  /** Fletcher and Reeves (1964). */
  "fletcher-reeves": ({ gg, ggBefore }: Products) => gg / ggBefore,
  /** Polak and Ribiere (1969), not below 0 (Powell, 1984). */
  "polak-ribiere": ({ gy, ggBefore }: Products) => Math.max(0, gy / ggBefore),
  /** Hestenes and Stiefel (1952), not below 0. */
  "hestenes-stiefel": ({ gy, yd }: Products) => Math.max(0, gy / yd),
  /** Dai and Yuan (1999). */
  "dai-yuan": ({ gg, yd }: Products) => gg / yd,
  /** Hager and Zhang (2005), with their lower bound for eta = 0.01. */
  "hager-zhang": ({ gy, gd, yy, yd, dd, ggBefore }: Products) =>
    Math.max((gy - 2 * (yy / yd) * gd) / yd, -1 / (Math.sqrt(dd) * Math.min(0.01, Math.sqrt(ggBefore)))),
} satisfies Record<string, (products: Products) => number>;

export type Formula = keyof typeof formulas;

/**
 * Nonlinear conjugate gradients: d := -g + beta d, with beta by one of five formulas, which agree on quadratics. It
 * restarts from -g where a move met negative curvature (<y, d> <= 0), where d is no clear descent, where neighbouring
 * gradients are far from orthogonal (|<g, g_before>| > restart <g, g>; Powell, 1977), and after `cycle` n moves.
 */
export const conjugateGradients = defineMethod({
  name: "cg",
  summary: "nonlinear conjugate gradients; little memory, for many parameters",
  options: {
    formula: oneOf(Object.keys(formulas) as Formula[])("how beta is made", "dai-yuan"),
    restart: nonNegative("how far neighbouring gradients may be from orthogonal, as a share of <g, g>", 0.5),
    cycle: count("moves between restarts, in numbers of parameters", 6),
    ...searchOptions({ search: "more-thuente", curvature: 0.01 }),
  },
  create: ({ formula, restart, cycle, ...search }) => {
    const beta = formulas[formula];
    const begin = ({ gradient }: Arrival, spare: ConjugateState | undefined): Aim<ConjugateMemory> => {
      const direction = negated(gradient, spare?.direction);
      const size = norm(gradient);
      return {
        direction,
        slope: -size * size,
        longest: Number.POSITIVE_INFINITY,
        first: 1 / Math.max(1, size),
        metricNorm: size,
        hasMemory: false,
        sinceRestart: 0,
      };
    };
    return descent<ConjugateMemory>(
      {
        name: "cg",
        begin,
        proceed(at, previous, _oracle, spare) {
          const { gradient } = at;
          const products = productsOf(gradient, previous);
          const direction = negated(gradient, spare?.direction);
          const size = Math.sqrt(products.gg);
          const restartsBy =
            products.yd <= 0 ||
            Math.abs(products.gg - products.gy) > restart * products.gg ||
            previous.sinceRestart + 1 >= cycle * gradient.length;
          const share = restartsBy ? 0 : beta(products);
          if (share !== 0 && Number.isFinite(share)) {
            for (let i = 0; i < direction.length; i++) direction[i] = direction[i]! + share * previous.direction[i]!;
          }
          let slope = dot(gradient, direction);
          const isDescent = slope < -leastCosine * size * norm(direction);
          if (!isDescent) {
            negated(gradient, direction);
            slope = -products.gg;
          }
          const hasMemory = share !== 0 && isDescent;
          return {
            direction,
            slope,
            longest: Number.POSITIVE_INFINITY,
            first: firstStep(at, previous, slope),
            metricNorm: size,
            hasMemory,
            sinceRestart: hasMemory ? previous.sinceRestart + 1 : 0,
          };
        },
      },
      search,
    );
  },
});

/** A direction that is closer to orthogonal to the gradient than this is no descent. */
const leastCosine = 1e-10;

/** The step that would lower the loss, to first order, as much as the last one did. */
function firstStep(at: Arrival, previous: ConjugateState, slope: number): number {
  const step = (at.step * previous.slope) / slope;
  return Number.isFinite(step) && step > 0 ? step : 1 / Math.max(1, Math.sqrt(-slope));
}

function negated(gradient: Vector, into: Vector = new Float64Array(gradient.length)): Vector {
  for (let i = 0; i < into.length; i++) into[i] = -gradient[i]!;
  return into;
}

function productsOf(gradient: Vector, { gradient: before, direction }: ConjugateState): Products {
  let gg = 0;
  let gy = 0;
  let gd = 0;
  let yy = 0;
  let yd = 0;
  let dd = 0;
  let ggBefore = 0;
  for (let i = 0; i < gradient.length; i++) {
    const g = gradient[i]!;
    const d = direction[i]!;
    const y = g - before[i]!;
    gg += g * g;
    gy += g * y;
    gd += g * d;
    yy += y * y;
    yd += y * d;
    dd += d * d;
    ggBefore += before[i]! ** 2;
  }
  return { gg, gy, gd, yy, yd, dd, ggBefore };
}
