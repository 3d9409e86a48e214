import { counted } from "../../ir/counted.ts";
import type { Passed } from "./tolerances.ts";

/** How a minimisation ended. Only `converged` is success, and it says what was measured. */
export type Status =
  /** `criterion`: `gradient`, `relativeGradient`, `metric`, `step`, `value`, `rounding`, or a method's own. */
  | ({ readonly kind: "converged" } & Passed)
  | { readonly kind: "limit"; readonly limit: LimitName; readonly allowed: number }
  | { readonly kind: "aborted"; readonly reason: string }
  | { readonly kind: "failed"; readonly why: FailureKind };

export type LimitName = "iterations" | "value" | "gradient" | "hvp" | "seconds";

export type FailureKind =
  /** NaN or infinity where a number was needed. */
  | "notFinite"
  /** The loss falls without end. */
  | "unbounded"
  /** A line search found no acceptable step, though the loss can still change. */
  | "lineSearch"
  /** A linear system could not be solved. */
  | "singular"
  /** The iterates leave every bound. */
  | "diverged";

/** Why a step could not be made. `rounding` is no failure: no point nearby has a loss that float64 can tell apart. */
export type Obstacle =
  | {
      readonly kind: FailureKind;
      readonly message: string;
      /** True where it is trial points that are no numbers: the one before them may be a minimum. */
      readonly isBeyond?: boolean;
      /** The decrease that slopes promised and the loss did not show. */
      readonly promised?: number;
    }
  /** `measured`: the decrease that the method predicts; `tolerance`: the rounding of the loss. */
  | {
      readonly kind: "rounding";
      readonly message: string;
      readonly measured: number;
      readonly tolerance: number;
      /** True where second derivatives say so in every direction. */
      readonly isResolved?: boolean;
    }
  /** A test of the method's own, passed. */
  | ({ readonly kind: "converged"; readonly message: string } & Passed);

/** The status in a sentence for people. */
export function describeStatus(status: Status): string {
  switch (status.kind) {
    case "converged":
      return `converged: ${criterionText(status.criterion)} ${brief(status.measured)} <= ${brief(status.tolerance)}.`;
    case "limit":
      return `stopped at the limit of ${counted(status.allowed, ...limitText[status.limit])}.`;
    case "aborted":
      return `aborted: ${status.reason}.`;
    case "failed":
      return `failed: ${failureText[status.why]}.`;
  }
}

const criterionTexts: Readonly<Record<string, string>> = {
  gradient: "the norm of the gradient",
  relativeGradient: "the norm of the gradient beside that at the start",
  metric: "the norm of the gradient in the method's metric",
  step: "the relative length of the step",
  value: "the relative decrease of the loss",
  offset: "the part of the residuals that a linear change of the parameters takes away",
  rounding: "the decrease left to make is within the rounding of the loss,",
};

function criterionText(criterion: string): string {
  return criterionTexts[criterion] ?? criterion;
}

const limitText: Readonly<Record<LimitName, readonly [one: string, many: string]>> = {
  iterations: ["iteration", "iterations"],
  value: ["evaluation of the loss", "evaluations of the loss"],
  gradient: ["evaluation of the gradient", "evaluations of the gradient"],
  hvp: ["Hessian-vector product", "Hessian-vector products"],
  seconds: ["second", "seconds"],
};

const failureText: Readonly<Record<FailureKind, string>> = {
  notFinite: "the loss or its gradient is NaN or infinite here",
  unbounded: "the loss has no lower bound along the way taken",
  lineSearch: "no step along the search direction lowers the loss enough",
  singular: "a linear system of the step is singular",
  diverged: "the iterates grow without bound",
};

function brief(value: number): string {
  return value === 0 ? "0" : value.toExponential(2);
}

/** The status of a run that met a criterion. */
export function converged(criterion: string, measured: number, tolerance: number): Status {
  return { kind: "converged", criterion, measured, tolerance };
}

/** How a run ends that a method cannot take further. */
export function statusOf(why: Obstacle): Status {
  if (why.kind === "converged") return converged(why.criterion, why.measured, why.tolerance);
  if (why.kind === "rounding") return converged("rounding", why.measured, why.tolerance);
  return { kind: "failed", why: why.kind };
}
