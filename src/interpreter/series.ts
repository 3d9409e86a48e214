import type { Field } from "../ir/field.ts";
import { Graph } from "../ir/graph.ts";
import type { Primitive } from "../ir/primitive.ts";
import { reachableIds } from "../ir/walks/traverse.ts";
import { mul } from "../ops/elementary/algebra.ts";
import { select } from "../ops/elementary/comparison.ts";
import { programOver } from "../ops/program.ts";
import { tangentDefinition } from "./dual.ts";

/** A polynomial in t: coefficients from t^0 on. Those that are left out are 0, so that a constant is a list of one. */
export type Series = readonly number[];

/** What one operand adds to the slope of the result: of the operands, the result and the operand's slope. */
interface Rule {
  readonly usesResult: boolean;
  readonly slope: (...numbers: Series[]) => Series;
}

/**
 * Polynomials in t up to t^order, higher powers dropped: dual numbers are those of order 1. What follows products has recurrences of its
 * own; every other primitive z = f(x, ...) is integrated from dz/dt = sum of partial dx/dt, whose right-hand side is needed to one
 * order less only. So all conventions at kinks are those of the partials.
 */
export class SeriesField implements Field<Series> {
  readonly name = "series";
  readonly order: number;
  private readonly lower: readonly SeriesField[];
  private readonly rules = new Map<Primitive, Map<number, readonly (Rule | undefined)[]>>();

  /** `lower` holds the fields of all orders below, from 0 on. */
  constructor(order: number, lower: readonly SeriesField[] = fieldsBelow(order)) {
    this.order = order;
    this.lower = lower;
  }

  of(value: number): Series {
    return [value];
  }

  real(x: Series): number {
    return x[0]!;
  }

  add(x: Series, y: Series): Series {
    return Array.from({ length: Math.max(x.length, y.length) }, (_, k) => (x[k] ?? 0) + (y[k] ?? 0));
  }

  mul(x: Series, y: Series): Series {
    if (x.length === 1 && y.length === 1) return [x[0]! * y[0]!];
    return Array.from({ length: Math.min(this.order, x.length + y.length - 2) + 1 }, (_, k) => {
      let sum = 0;
      // only terms that are there: no 0 * Infinity
      for (let i = Math.max(0, k - y.length + 1); i <= Math.min(k, x.length - 1); i++) sum += x[i]! * y[k - i]!;
      return sum;
    });
  }

  apply(primitive: Primitive, operands: readonly Series[]): Series {
    if (primitive === select.primitive) return operands[operands[0]![0] === 0 ? 2 : 1]!;
    const value = Number(primitive.real(...operands.map((x) => x[0]!)));
    if (this.order === 0 || operands.every((x) => x.length === 1)) return [value];
    if (primitive === mul.primitive) return operands.reduce((x, y) => this.mul(x, y));
    return this.integrated(primitive, operands, value);
  }

  /** The series whose value is known and whose slope the partials give. */
  private integrated(primitive: Primitive, operands: readonly Series[], value: number): Series {
    const z = [value];
    const { order } = this;
    const slopes = operands.map((x) => x.slice(1).map((coefficient, k) => (k + 1) * coefficient));
    const slopeTo = (highest: number): Series => {
      const field = this.lower[highest]!;
      const truncated = [...operands, z].map((x) => x.slice(0, highest + 1));
      let sum: Series = [0];
      for (const [k, rule] of field.rulesOf(primitive, operands.length).entries()) {
        if (rule && slopes[k]!.length > 0)
          sum = field.add(sum, rule.slope(...truncated, slopes[k]!.slice(0, highest + 1)));
      }
      return sum;
    };
    const isClosed = this.lower[0]!.rulesOf(primitive, operands.length).every((rule) => !rule?.usesResult);
    const whole = isClosed ? slopeTo(order - 1) : undefined;
    for (let k = 1; k <= order; k++) z.push(((whole ?? slopeTo(k - 1))[k - 1] ?? 0) / k);
    while (z.length > 1 && z.at(-1) === 0) z.pop();
    return z;
  }

  /** The rules as programs over this field. A program calls those of lower orders only, so that none is entered twice. */
  private rulesOf(primitive: Primitive, count: number): readonly (Rule | undefined)[] {
    const byCount = this.rules.get(primitive) ?? new Map<number, readonly (Rule | undefined)[]>();
    this.rules.set(primitive, byCount);
    const known = byCount.get(count);
    if (known) return known;
    const unknown = new Array<undefined>(count).fill(undefined);
    const made = unknown.map((_, position): Rule | undefined => {
      const definition = tangentDefinition(primitive, position, unknown);
      if (!definition) return undefined;
      const graph = new Graph();
      const variables = Array.from({ length: count + 2 }, () => graph.variable([]));
      const reached = reachableIds(graph, [definition(...variables).id]);
      const kernel =
        (inner: Primitive) =>
        (...numbers: Series[]) =>
          this.apply(inner, numbers);
      return {
        usesResult: reached.includes(variables[count]!.id),
        slope: programOver<Series>(
          definition,
          (constant) => [constant],
          (x) => x[0]!,
          kernel,
        ),
      };
    });
    byCount.set(count, made);
    return made;
  }
}

function fieldsBelow(order: number): SeriesField[] {
  const fields: SeriesField[] = [];
  for (let k = 0; k < order; k++) fields.push(new SeriesField(k, fields.slice()));
  return fields;
}
