import { fillSigns } from "../numeric/random.ts";
import type { Vector } from "../numeric/vectors.ts";
import type { Oracle } from "./oracle.ts";

/** What changes of coordinates in their last places do: no step can show less. */
export interface Noise {
  /** The largest change of the loss. */
  readonly loss: number;
  /** Whether no entry of the gradient has more than two digits. */
  readonly hidesGradient: boolean;
}

const samples = 8;
/** Of no more than this many times its noise, an entry has hardly two digits. */
const legible = 2 ** 8;

/** The noise of an oracle around a point, measured. Compare ECNoise, More and Wild (2011). */
export function noiseAround(
  oracle: Oracle,
  { point, value, gradient }: { readonly point: Vector; readonly value: number; readonly gradient: Vector },
): Noise {
  const signs = new Float64Array(point.length);
  const slopes = new Float64Array(point.length);
  const changes = new Float64Array(point.length);
  let loss = 0;
  for (let k = 0; k < samples; k++) {
    fillSigns(signs, samples, k);
    const near = point.map((x, i) => x + x * Number.EPSILON * signs[i]!);
    loss = Math.max(loss, Math.abs(oracle.lossAndGradient(near, slopes) - value));
    for (let i = 0; i < changes.length; i++) changes[i] = Math.max(changes[i]!, Math.abs(slopes[i]! - gradient[i]!));
  }
  return { loss, hidesGradient: gradient.every((g, i) => Math.abs(g) <= legible * changes[i]!) };
}
