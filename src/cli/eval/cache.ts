/** Values by text, the least recently used forgotten first once their texts fill more than `capacity` characters. */
export class TextCache<V> {
  private readonly entries = new Map<string, V>();
  private readonly capacity: number;
  private filled = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  forget(text: string): void {
    if (this.entries.delete(text)) this.filled -= sizeOf(text);
  }

  get(text: string, make: (text: string) => V): V {
    const known = this.entries.get(text);
    const value = known ?? make(text);
    // a Map keeps the order of insertion: the oldest use comes first
    if (known !== undefined) this.entries.delete(text);
    else this.filled += sizeOf(text);
    this.entries.set(text, value);
    for (const oldest of this.entries.keys()) {
      if (this.filled <= this.capacity || oldest === text) break;
      this.entries.delete(oldest);
      this.filled -= sizeOf(oldest);
    }
    return value;
  }
}

/** A short text costs more than its characters: its graphs and its code. */
const sizeOf = (text: string) => text.length + 20_000;
