import { emptySet, type IndexSets } from "./index-sets.ts";
import { NumberList } from "./number-list.ts";

/** Collects sets, each once, and unites them. */
export class Union {
  private readonly sets: IndexSets;
  private seen = new Int32Array(64);
  private stamp = 0;
  private readonly list: number[] = [];

  constructor(sets: IndexSets) {
    this.sets = sets;
  }

  add(set: number): void {
    if (set === emptySet) return;
    if (set >= this.seen.length) {
      const more = new Int32Array(2 * Math.max(set, this.sets.count));
      more.set(this.seen);
      this.seen = more;
    }
    if (this.seen[set] === this.stamp + 1) return;
    this.seen[set] = this.stamp + 1;
    this.list.push(set);
  }

  /** The union of what was added; the next one begins. */
  take(): number {
    const union = this.sets.union(this.list);
    this.stamp++;
    this.list.length = 0;
    return union;
  }
}

/** Additions that are kept before they are united. */
const mostWaiting = 2 ** 22;

/** Unites sets element by element where they come in any order. */
export class ScatteredUnions {
  private readonly sets: IndexSets;
  private readonly union: Union;
  private readonly result: Int32Array;
  private readonly elements = new NumberList();
  private readonly waiting = new NumberList();

  constructor(sets: IndexSets, result: Int32Array) {
    this.sets = sets;
    this.union = new Union(sets);
    this.result = result;
  }

  add(element: number, set: number): void {
    if (set === emptySet) return;
    this.elements.push(element);
    this.waiting.push(set);
    if (this.waiting.length >= Math.max(mostWaiting, this.result.length)) this.flush();
  }

  /** Adds what waits to the result. */
  flush(): void {
    const { elements, waiting, result } = this;
    const ends = new Int32Array(result.length + 1);
    for (let k = 0; k < waiting.length; k++) ends[elements.items[k]! + 1]!++;
    for (let element = 0; element < result.length; element++) ends[element + 1]! += ends[element]!;
    const sorted = new Int32Array(waiting.length);
    for (let k = 0; k < waiting.length; k++) sorted[ends[elements.items[k]!]!++] = waiting.items[k]!;
    for (let element = 0, k = 0; element < result.length; element++) {
      while (k < ends[element]!) this.union.add(sorted[k++]!);
      result[element] = this.sets.pair(result[element]!, this.union.take());
    }
    elements.length = 0;
    waiting.length = 0;
  }
}
