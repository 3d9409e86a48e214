import { fillSigns } from "../numeric/random.ts";
import { addScaled, dot, norm, scale, type Vector } from "../numeric/vectors.ts";
import { promisesMore, relativePromise } from "./driver/relative-promise.ts";
import type { Obstacle } from "./driver/status.ts";
import type { OptimizerState } from "./optimizer.ts";
import type { Oracle } from "./oracle.ts";

/** What changes of coordinates in their last places do: no step can show less. */
export interface Noise {
  /** The largest change of the loss. */
  readonly loss: number;
  /** Whether no entry of the gradient has more than two digits. */
  readonly hidesGradient: boolean;
  /** The changes of the gradient. */
  readonly ofGradient: readonly Vector[];
}

const samples = 8;
/** Of no more than this many times its noise, an entry has hardly two digits. */
const legible = 2 ** 8;

/** Whether slopes promise more than the end of a step at this point explains. */
export function isDoubtful({ kind }: Obstacle, { point, value, gradient }: OptimizerState): boolean {
  return (
    kind === "lineSearch" || (kind === "rounding" && promisesMore(relativePromise(point, gradient), Math.abs(value)))
  );
}

/** The noise of an oracle around a point, measured within the set that a method keeps to. Compare ECNoise, More and Wild (2011). */
export function noiseAround(
  oracle: Oracle,
  { point, value, gradient }: { readonly point: Vector; readonly value: number; readonly gradient: Vector },
  confine?: (point: Vector) => void,
): Noise {
  const signs = new Float64Array(point.length);
  const ofGradient: Vector[] = [];
  const changes = new Float64Array(point.length);
  let loss = 0;
  for (let k = 0; k < samples; k++) {
    fillSigns(signs, samples, k);
    const near = point.map((x, i) => x + x * Number.EPSILON * signs[i]!);
    confine?.(near);
    const change = new Float64Array(point.length);
    loss = Math.max(loss, Math.abs(oracle.lossAndGradient(near, change) - value));
    for (let i = 0; i < change.length; i++) {
      change[i] = change[i]! - gradient[i]!;
      changes[i] = Math.max(changes[i]!, Math.abs(change[i]!));
    }
    ofGradient.push(change);
  }
  return { loss, hidesGradient: gradient.every((g, i) => Math.abs(g) <= legible * changes[i]!), ofGradient };
}

/**
 * What is left of a gradient without the directions in which it has hardly two digits: where one direction is much steeper than
 * all others, its rounding writes every entry, and not what is across it. Overwrites `changes`.
 */
export function withoutNoise(gradient: Vector, changes: readonly Vector[]): Vector {
  const left = gradient.slice();
  const known: Vector[] = [];
  for (const change of changes) {
    // twice: the first time leaves rounding
    for (const u of [...known, ...known]) addScaled(change, -dot(u, change), u);
    const size = norm(change);
    if (!(size > 0)) continue;
    scale(change, 1 / size);
    const slope = dot(change, left);
    if (Math.abs(slope) > legible * size) continue;
    known.push(change);
    addScaled(left, -slope, change);
  }
  return left;
}
