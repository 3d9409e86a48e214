import { isRecord, type Need, requireThat } from "../../ir/arguments/arguments.ts";
import { UsageError } from "../../ir/errors.ts";
import { dot, type Vector } from "../../numeric/vectors.ts";
import type { Evaluations, Oracle, OraclePart } from "../oracle.ts";
import type { Status } from "./status.ts";
import { firstWrite } from "./written.ts";

/** What a run may take; it is obeyed to the call. */
export interface Limits {
  /** Steps. Default: 10,000. */
  readonly iterations?: number;
  /** Evaluations of the loss, of the gradient, and products with the Hessian. Default: no limit. */
  readonly evaluations?: Partial<Evaluations>;
  /** Wall-clock time. Default: no limit. */
  readonly seconds?: number;
}

/** Thrown out of an oracle call that a limit or the user's signal forbids; only the driver catches it. */
export class Interruption extends Error {
  readonly status: Status;
  constructor(status: Status) {
    super(status.kind);
    this.status = status;
  }
}

export interface BestPoint {
  readonly point: Vector;
  readonly value: number;
}

/** An oracle that counts its calls, refuses those beyond the limits, and remembers the lowest loss it has seen. */
export class CountedOracle implements Oracle {
  value = 0;
  gradient = 0;
  products = 0;
  bestValue = Number.POSITIVE_INFINITY;
  readonly bestPoint: Vector;
  private oracle: Oracle;
  private readonly tracksBest: boolean;
  private readonly mostValues: number;
  private readonly mostGradients: number;
  private readonly mostProducts: number;
  private readonly deadline: number;
  private readonly seconds: number;
  private readonly signal: AbortSignal | undefined;
  /** The functions that have been called, and write to the arrays that they are given. */
  private readonly called = new Set<string>();
  readonly residualCurvature?: (x: Vector, v: Vector, out: Vector) => void;

  constructor(
    oracle: Oracle,
    dimension: number,
    limits: Limits,
    options: { readonly signal?: AbortSignal | undefined; readonly tracksBest: boolean },
  ) {
    this.oracle = oracle;
    this.tracksBest = options.tracksBest;
    this.bestPoint = new Float64Array(dimension);
    this.mostValues = limits.evaluations?.value ?? Number.POSITIVE_INFINITY;
    this.mostGradients = limits.evaluations?.gradient ?? Number.POSITIVE_INFINITY;
    this.mostProducts = limits.evaluations?.hvp ?? Number.POSITIVE_INFINITY;
    this.seconds = limits.seconds ?? Number.POSITIVE_INFINITY;
    this.deadline = performance.now() + 1000 * this.seconds;
    this.signal = options.signal;
    if (oracle.residualCurvature) {
      this.residualCurvature = (x, v, out) => {
        this.admit(0, 0, 1);
        this.written("residualCurvature", out, () => this.oracle.residualCurvature!(x, v, out));
      };
    }
  }

  get evaluations(): Evaluations {
    return { value: this.value, gradient: this.gradient, hvp: this.products };
  }

  /** Goes on counting from a checkpoint. */
  restore(evaluations: Evaluations, best: BestPoint): void {
    this.value = evaluations.value;
    this.gradient = evaluations.gradient;
    this.products = evaluations.hvp;
    if (!this.tracksBest || Number.isNaN(best.value)) return;
    this.bestValue = best.value;
    this.bestPoint.set(best.point);
  }

  /** The batch of the coming step. */
  use(oracle: Oracle): void {
    this.oracle = oracle;
  }

  get residualCount(): number {
    return this.oracle.residualCount ?? 0;
  }

  get residualFactor(): number {
    return this.oracle.residualFactor ?? 1;
  }

  get residualOffset(): number {
    return this.oracle.residualOffset ?? 0;
  }

  loss(x: Vector): number {
    this.admit(1, 0, 0);
    return this.seen(x, this.oracle.loss(x));
  }

  lossAndGradient(x: Vector, g: Vector): number {
    this.admit(1, 1, 0);
    return this.seen(
      x,
      this.written("lossAndGradient", g, () => this.oracle.lossAndGradient(x, g)),
    );
  }

  hvp(x: Vector, v: Vector, h: Vector): void {
    this.admit(0, 0, 1);
    this.written("hvp", h, () => void this.has("hvp").hvp(x, v, h));
  }

  hessian(x: Vector, H: Vector): void {
    this.admit(0, 0, x.length);
    this.written("hessian", H, () => void this.has("hessian").hessian(x, H));
  }

  residuals(x: Vector, r: Vector): void {
    this.admit(1, 0, 0);
    this.written("residuals", r, () => void this.has("residuals").residuals(x, r));
    this.seen(x, this.residualFactor * dot(r, r) + this.residualOffset);
  }

  jacobian(x: Vector, J: Vector): void {
    this.admit(0, 1, 0);
    this.written("jacobian", J, () => void this.has("jacobian").jacobian(x, J));
  }

  private written<Value>(
    name: OraclePart | "lossAndGradient" | "residualCurvature",
    out: Vector,
    write: () => Value,
  ): Value {
    if (this.called.has(name)) return write();
    this.called.add(name);
    return firstWrite(name, out, write);
  }

  private has<Part extends OraclePart>(part: Part): Oracle & Required<Pick<Oracle, Part>> {
    if (!this.oracle[part]) throw missingPart(part);
    return this.oracle as Oracle & Required<Pick<Oracle, Part>>;
  }

  private admit(values: number, gradients: number, products: number): void {
    if (this.signal?.aborted) throw new Interruption({ kind: "aborted", reason: reasonOf(this.signal) });
    if (this.value + values > this.mostValues) throw overLimit("value", this.mostValues);
    if (this.gradient + gradients > this.mostGradients) throw overLimit("gradient", this.mostGradients);
    if (this.products + products > this.mostProducts) throw overLimit("hvp", this.mostProducts);
    if (this.seconds < Number.POSITIVE_INFINITY && performance.now() > this.deadline)
      throw overLimit("seconds", this.seconds);
    this.value += values;
    this.gradient += gradients;
    this.products += products;
  }

  private seen(x: Vector, value: number): number {
    requireThat(typeof value === "number", "the loss", "to be a number", value);
    if (this.tracksBest && value < this.bestValue) {
      this.bestValue = value;
      this.bestPoint.set(x);
    }
    return value;
  }
}

/** What has the functions of an oracle, or gives one for each step. */
export const oracleNeed: Need = {
  what: "an oracle with lossAndGradient, such as the `flat` functions of a bound model",
  // functions of the same name that take parameters by name: a bound model's own, and a compiled model's
  accepts: (value) =>
    typeof value === "function" ||
    (isRecord(value) && typeof value.lossAndGradient === "function" && !("flat" in value || "bind" in value)),
};

/** The parts that a method needs and an oracle lacks. */
export function missingParts(oracle: Oracle, needs: readonly OraclePart[]): readonly OraclePart[] {
  return needs.filter((part) => typeof oracle[part] !== "function");
}

/** The error for an oracle without what a method needs. */
export function missingPart(part: OraclePart): UsageError {
  const waysOut: Record<OraclePart, string> = {
    hvp: "A compiled model's `flat` functions have it; a method such as lbfgs() does without.",
    hessian: "A compiled model's `flat` functions have it; a method such as newtonCg() needs products only.",
    residuals: "Take the oracle of a model whose loss is a sum of squares, or a method such as lbfgs().",
    jacobian: "Take the oracle of a model whose loss is a sum of squares, or a method such as lbfgs().",
  };
  return new UsageError(`the oracle has no ${part}, which this method needs.`, { notes: [waysOut[part]] });
}

function overLimit(limit: "value" | "gradient" | "hvp" | "seconds", allowed: number): Interruption {
  return new Interruption({ kind: "limit", limit, allowed });
}

/** Why a signal was aborted, in words. */
export function reasonOf(signal: AbortSignal): string {
  const { reason } = signal as { reason: unknown };
  return reason instanceof Error ? reason.message : String(reason ?? "aborted");
}
