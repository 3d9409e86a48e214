import { fillNormal, Philox } from "../../../numeric/random.ts";

export interface Box {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/**
 * Random start k of a run, the same for the same seed: within bounds where both ends are finite, uniform; else a normal
 * step from `center`, as long as the entry itself, or 1 where that is 0; clipped to the bounds.
 */
export function randomStart(center: Float64Array, { lower, upper }: Box, seed: number, k: number): Float64Array {
  const normal = new Float64Array(center.length);
  fillNormal(normal, seed, 2 * k);
  const random = new Philox();
  return center.map((x, i) => {
    const [low, high] = [lower[i]!, upper[i]!];
    if (Number.isFinite(low) && Number.isFinite(high))
      return low + (high - low) * random.at(seed, 2 * k + 1, i).uniform(0);
    return clip(x + (Math.abs(x) || 1) * normal[i]!, low, high);
  });
}

/**
 * Where to begin in a parameter that has no start of its own: a small normal number, for where everything is 0 a network
 * has no slope; within bounds, their middle or a step inside.
 */
export function drawnStart(length: number, box: Box, offset: number, seed: number): Float64Array {
  const normal = new Float64Array(length);
  fillNormal(normal, seed, 2 ** 40 + offset);
  return normal.map((x, i) => {
    const [low, high] = [box.lower[offset + i]!, box.upper[offset + i]!];
    if (Number.isFinite(low) && Number.isFinite(high)) return low + (high - low) * (0.5 + 0.1 * clip(x, -4, 4));
    if (Number.isFinite(low)) return Math.max(spread * x, low + spread * Math.abs(x));
    if (Number.isFinite(high)) return Math.min(spread * x, high - spread * Math.abs(x));
    return spread * x;
  });
}

const spread = 0.1;

function clip(x: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, x));
}
