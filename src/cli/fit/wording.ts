import { counted } from "../../ir/counted.ts";
import type { Curvature, Direction } from "./diagnosis/curvature.ts";
import { farthest } from "./diagnosis/endless.ts";

/** Six digits, with an exponent where there would be many zeros. */
export function briefNumber(value: number): string {
  return shortened(value, 6);
}

/** Ten digits, as a table of parameters shows them. */
export function valueText(value: number): string {
  return shortened(value, 10);
}

function shortened(value: number, digits: number): string {
  const rounded = Number(value.toPrecision(digits));
  const size = Math.abs(rounded);
  return size !== 0 && (size < 1e-4 || size >= 1e9) ? rounded.toExponential() : String(rounded);
}

export function timeText(seconds: number): string {
  return seconds < 1 ? `${Math.max(1, Math.round(1000 * seconds))} ms` : `${seconds.toFixed(1)} s`;
}

export function conditionText(condition: number): string {
  return Number.isNaN(condition)
    ? "none (indefinite)"
    : condition === Number.POSITIVE_INFINITY
      ? "infinite"
      : condition.toPrecision(3);
}

/** The condition number of a curvature: by products it is a lower bound, unless it is infinite. */
export function scaledConditionText({ condition, products }: Curvature): string {
  const bound = products === undefined || !Number.isFinite(condition) ? "" : "at least ";
  const diagonal = products === undefined ? "the diagonal" : "an estimate of the diagonal";
  const source = products === undefined ? "" : `, by ${counted(products, "product")}`;
  return `${bound}${conditionText(condition)} with ${diagonal} of the Hessian scaled to 1${source}`;
}

/** What is said of a direction along which the loss does not rise again. */
export const endlessText = `no minimum in sight: the loss falls on, ${farthest} steps of Newton's method from here, along`;

/** A direction as a combination of parameters: `b[0] - 0.01 b[1]`. */
export function directionText({ parts }: Direction, labels: readonly string[]): string {
  return parts
    .map(({ coordinate, weight }, k) => {
      const sign = weight < 0 ? " - " : k === 0 ? "" : " + ";
      const size = Number(Math.abs(weight).toPrecision(3));
      return `${sign}${size === 1 ? "" : `${size} `}${labels[coordinate]}`;
    })
    .join("");
}
