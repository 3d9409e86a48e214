import { norm, type Vector } from "../../numeric/vectors.ts";
import type { Optimizer, OptimizerState } from "../optimizer.ts";
import { describeStatus, type Status } from "./status.ts";

/** The status of an iterate in a sentence for people, with a way out of a failure where one is known. */
export function messageOf<State extends OptimizerState>(
  status: Status,
  { remedy, confine }: Optimizer<State>,
  state: State,
  previous: State | undefined,
): string {
  const text = describeStatus(status);
  if (status.kind !== "failed") return text;
  if (status.why === "notFinite" && state.iteration === 0) return startText(state, confine);
  const runsAway = status.why === "diverged" || (status.why === "notFinite" && previous && isLonger(state, previous));
  return remedy !== undefined && runsAway ? `${text} ${remedy}` : text;
}

/** Whether the last move was longer than what came before it: bad data of one batch are met by a move like any other. */
function isLonger({ point }: OptimizerState, { point: before }: OptimizerState): boolean {
  return !(norm(point) <= 2 * Math.max(1, norm(before)));
}

function startText({ value, point }: OptimizerState, confine: ((point: Vector) => void) | undefined): string {
  const what = Number.isFinite(value) ? "the gradient is NaN or infinite" : `the loss is ${value}`;
  const held = confine ? onBounds(point, confine) : [];
  return held.length === 0
    ? `failed: ${what} at the start. Begin at another point.`
    : `failed: ${what} at the start, where ${named(held)} on a bound. Begin inside of the bounds.`;
}

const mostNamed = 5;

function named(places: readonly number[]): string {
  const shown = places.slice(0, mostNamed).join(", ");
  const more = places.length > mostNamed ? ` and ${places.length - mostNamed} more` : "";
  return places.length === 1 ? `parameter ${shown} lies` : `parameters ${shown}${more} lie`;
}

/** The places of a point that cannot change to one side or the other. */
function onBounds(point: Vector, confine: (point: Vector) => void): number[] {
  const held = [-1, 1].map((sign) => {
    const moved = point.map((x) => x + sign * 1e-6 * (Math.abs(x) || 1));
    confine(moved);
    return moved.map((x, i) => (x === point[i] ? 1 : 0));
  });
  return [...point.keys()].filter((i) => held.some((marks) => marks[i] === 1));
}
