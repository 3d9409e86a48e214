import { LimitError } from "../ir/errors.ts";

/** Numbers in one list; more would take half a gigabyte. */
const mostNumbers = 100_000_000;

/** Throws LimitError for patterns that are too large to be stored. */
export function requireRoom(entries: number): void {
  if (entries <= mostNumbers) return;
  throw new LimitError(
    `a sparsity pattern with more than ${mostNumbers} entries, also on the way, is not kept: use products with vectors.`,
  );
}

/** Whole numbers of 32 bits in a row that grows at its end. */
export class NumberList {
  /** The numbers, and behind `length` room for more. */
  items: Int32Array = new Int32Array(64);
  length = 0;

  push(item: number): void {
    if (this.length === this.items.length) this.reserve(1);
    this.items[this.length++] = item;
  }

  /** Makes room for so many more. Throws LimitError. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.items.length) return;
    requireRoom(needed);
    const items = new Int32Array(Math.max(needed, 2 * this.items.length));
    items.set(this.items.subarray(0, this.length));
    this.items = items;
  }
}
