// Convolutions as what they are, matrices: an entry for each product that an element of the result is a sum of.

/** Whole numbers that look random and are the same each time. */
export class Draws {
  private state: number;
  constructor(seed: number) {
    this.state = seed;
  }
  from(low: number, high: number): number {
    this.state = (this.state * 48271) % 2147483647;
    return low + (this.state % (high - low + 1));
  }
  numbers(count: number): number[] {
    return Array.from({ length: count }, () => this.from(-4, 4));
  }
}

export const elements = (shape: readonly number[]) => shape.reduce((count, size) => count * size, 1);

/** Every index of a shape, in row-major order. */
export function* indices(shape: readonly number[]): Generator<number[]> {
  for (let at = 0; at < elements(shape); at++) {
    const index: number[] = [];
    let rest = at;
    for (const size of [...shape].reverse()) {
      index.unshift(rest % size);
      rest = Math.floor(rest / size);
    }
    yield index;
  }
}

export const flatIndex = (index: readonly number[], shape: readonly number[]) =>
  index.reduce((at, i, axis) => at * shape[axis]! + i, 0);

export interface Move {
  readonly size: number;
  readonly window: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

export const countOf = ({ size, window, stride, dilation, before, after }: Move) =>
  Math.floor((size + before + after - dilation * (window - 1) - 1) / stride) + 1;

export interface Setting {
  readonly batch: number;
  readonly moves: readonly Move[];
  readonly groups: number;
  /** Channels of the image and of the result, in one group. */
  readonly inputs: number;
  readonly outputs: number;
  readonly isFirst: boolean;
}

/** A convolution as what it is: the products that each element of the result is a sum of, one matrix entry each. */
export function toeplitz({ batch, moves, groups, inputs, outputs, isFirst }: Setting) {
  const [sizes, windows, counts] = [
    moves.map(({ size }) => size),
    moves.map(({ window }) => window),
    moves.map(countOf),
  ];
  const arranged = (spatial: readonly number[], channel: number) =>
    isFirst ? [channel, ...spatial] : [...spatial, channel];
  const filterIndex = (window: readonly number[], input: number, output: number) =>
    isFirst ? [output, input, ...window] : [...window, input, output];
  const shapes = {
    image: [batch, ...arranged(sizes, groups * inputs)],
    filter: filterIndex(windows, inputs, groups * outputs),
    result: [batch, ...arranged(counts, groups * outputs)],
  };
  const entries: { image: number; filter: number; result: number }[] = [];
  for (const [m, ...at] of indices([batch, ...counts])) {
    for (const within of indices(windows)) {
      const pixel = moves.map(({ stride, dilation, before }, k) => stride * at[k]! + dilation * within[k]! - before);
      if (pixel.some((place, k) => place < 0 || place >= sizes[k]!)) continue;
      for (let k = 0; k < groups * outputs; k++) {
        for (let c = 0; c < inputs; c++) {
          const channel = Math.floor(k / outputs) * inputs + c;
          entries.push({
            image: flatIndex([m!, ...arranged(pixel, channel)], shapes.image),
            filter: flatIndex(filterIndex(within, c, k), shapes.filter),
            result: flatIndex([m!, ...arranged(at, k)], shapes.result),
          });
        }
      }
    }
  }
  return { shapes, entries };
}

export function accumulate(length: number, terms: Iterable<readonly [at: number, value: number]>): number[] {
  const sums = new Array<number>(length).fill(0);
  for (const [at, value] of terms) sums[at]! += value;
  return sums;
}

export const letters = ["a", "b", "c"];
export const list = (dimensions: number, entry: (letter: string) => string) =>
  `[${letters.slice(0, dimensions).map(entry).join(", ")}]`;
