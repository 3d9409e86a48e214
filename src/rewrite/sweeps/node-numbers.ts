/** A number for every node, in typed storage that grows; nodes not set have 0. */
export class NodeNumbers {
  private numbers = new Int32Array(1024);

  at(id: number): number {
    return id < this.numbers.length ? this.numbers[id]! : 0;
  }

  set(id: number, value: number): void {
    if (id >= this.numbers.length) {
      const larger = new Int32Array(2 * id);
      larger.set(this.numbers);
      this.numbers = larger;
    }
    this.numbers[id] = value;
  }

  clear(): void {
    this.numbers.fill(0);
  }
}
