import type { Vector } from "./vectors.ts";

/**
 * Random numbers by counter: nothing is carried from one draw to the next, so that a run can be taken up anywhere.
 * Philox 4x32 with ten rounds (Salmon, Moraes, Dror, Shaw, 2011): a block of four 32-bit words from a key of two words
 * and a counter of four; the block takes the counter's place.
 */
export class Philox {
  static readonly rounds = 10;
  static readonly multipliers = [0xd2511f53, 0xcd9e8d57] as const;
  /** What the key grows by from round to round. */
  static readonly increments = [0x9e3779b9, 0xbb67ae85] as const;

  readonly counter: Uint32Array = new Uint32Array(4);
  readonly key: Uint32Array = new Uint32Array(2);

  /** Encrypts the counter under the key, in place. */
  block(): void {
    const { counter, key } = this;
    let c0 = counter[0]!;
    let c1 = counter[1]!;
    let c2 = counter[2]!;
    let c3 = counter[3]!;
    let k0 = key[0]!;
    let k1 = key[1]!;
    for (let round = 0; round < Philox.rounds; round++) {
      const high0 = highProduct(multiplier0, c0);
      const low0 = Math.imul(multiplier0, c0);
      const high1 = highProduct(multiplier1, c2);
      const low1 = Math.imul(multiplier1, c2);
      c0 = (high1 ^ c1 ^ k0) >>> 0;
      c1 = low1 >>> 0;
      c2 = (high0 ^ c3 ^ k1) >>> 0;
      c3 = low0 >>> 0;
      k0 = (k0 + weyl0) >>> 0;
      k1 = (k1 + weyl1) >>> 0;
    }
    counter[0] = c0;
    counter[1] = c1;
    counter[2] = c2;
    counter[3] = c3;
  }

  /** The block of a seed, a stream (an epoch, a step) and a place in it: whole numbers from 0 to 2^53. */
  at(seed: number, stream: number, place: number): this {
    const { counter, key } = this;
    key[0] = seed;
    key[1] = Math.floor(seed / 2 ** 32);
    counter[0] = place;
    counter[1] = Math.floor(place / 2 ** 32);
    counter[2] = stream;
    counter[3] = Math.floor(stream / 2 ** 32);
    this.block();
    return this;
  }

  /** The first or the second pair of words as a number in [0, 1): a multiple of 2^-53. */
  uniform(pair: 0 | 1): number {
    const high = this.counter[2 * pair]!;
    const low = this.counter[2 * pair + 1]!;
    return (high * 2 ** 21 + (low >>> 11)) * 2 ** -53;
  }
}

const [multiplier0, multiplier1] = Philox.multipliers;
const [weyl0, weyl1] = Philox.increments;

/** The upper 32 bits of a product of two 32-bit words. */
function highProduct(x: number, y: number): number {
  const xLow = x & 0xffff;
  const xHigh = x >>> 16;
  const yLow = y & 0xffff;
  const yHigh = y >>> 16;
  const middle = xHigh * yLow + ((xLow * yLow) >>> 16);
  const other = xLow * yHigh + (middle & 0xffff);
  return xHigh * yHigh + (middle >>> 16) + (other >>> 16);
}

/** A permutation of 0, 1, ..., n - 1, written to `out` of length n; the same for the same seed and stream. */
export function permute(out: Int32Array, seed: number, stream: number): void {
  const random = new Philox();
  for (let i = 0; i < out.length; i++) out[i] = i;
  for (let i = out.length - 1; i > 0; i--) {
    const pair = i & 1 ? 0 : 1;
    // one block serves two draws: the odd place makes it, the even one below takes its second half
    if (pair === 0 || i === out.length - 1) random.at(seed, stream, i >>> 1);
    const j = Math.floor(random.uniform(pair) * (i + 1));
    const held = out[i]!;
    out[i] = out[j]!;
    out[j] = held;
  }
}

/** Independent standard normal numbers (Box and Muller, 1958); the same for the same seed and stream. */
export function fillNormal(out: Vector, seed: number, stream: number): void {
  const random = new Philox();
  for (let i = 0; i < out.length; i += 2) {
    random.at(seed, stream, i >>> 1);
    const radius = Math.sqrt(-2 * Math.log(1 - random.uniform(0)));
    const angle = 2 * Math.PI * random.uniform(1);
    out[i] = radius * Math.cos(angle);
    if (i + 1 < out.length) out[i + 1] = radius * Math.sin(angle);
  }
}

/** Independent signs, -1 or 1; the same for the same seed and stream. */
export function fillSigns(out: Vector, seed: number, stream: number): void {
  const random = new Philox();
  for (let i = 0; i < out.length; i++) {
    // a block has four words of 32 signs
    if (i % 128 === 0) random.at(seed, stream, i / 128);
    out[i] = (random.counter[(i >> 5) & 3]! >>> (i & 31)) & 1 ? 1 : -1;
  }
}
