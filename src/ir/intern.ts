/** Columns per node: kind and type packed, shape, payload, start and number of operands. */
const columns = 5;

/**
 * So many slots are looked at where a row should be; from there on it is looked for in strides that its hash alone says,
 * as slots in a row may all be taken where many nodes have the same few last operands.
 */
const nearby = 24;

/**
 * Hash-consed storage of nodes as integers: a growing typed array of rows, a pool of operands and an open-addressing
 * table of hashes and row numbers. A million nodes take a fraction of a second and about 50 bytes each. Nodes are made and
 * looked for in the order of their ids, or nearly so: the place of a row in the table follows its last operand, so that
 * a walk over a graph walks through the table too, and little of it has to be in the cache at any time.
 */
export class InternTable {
  private rows = new Int32Array(128 * columns);
  private pool = new Int32Array(256);
  /** Two entries a slot: one more than the number of a row, 0 for none, and the hash beside it. */
  private table = new Int32Array(1024);
  private poolLength = 0;
  length = 0;

  kind(id: number): number {
    return this.rows[id * columns]! & 0xff;
  }
  dtype(id: number): number {
    return this.rows[id * columns]! >> 8;
  }
  shape(id: number): number {
    return this.rows[id * columns + 1]!;
  }
  payload(id: number): number {
    return this.rows[id * columns + 2]!;
  }
  operandCount(id: number): number {
    return this.rows[id * columns + 4]!;
  }
  operandAt(id: number, position: number): number {
    return this.pool[this.rows[id * columns + 3]! + position]!;
  }
  operands(id: number): number[] {
    const start = this.rows[id * columns + 3]!;
    const count = this.operandCount(id);
    const list = new Array<number>(count);
    for (let k = 0; k < count; k++) list[k] = this.pool[start + k]!;
    return list;
  }

  /** The number of the row with these fields: the known one, or a new one at the end. */
  intern(kind: number, dtype: number, shape: number, payload: number, operands: readonly number[]): number {
    const head = kind | (dtype << 8);
    let hash = mix(mix(mix(head, shape), payload), operands.length);
    for (let k = 0; k < operands.length; k++) hash = mix(hash, operands[k]!);
    const { table } = this;
    const mask = table.length - 2;
    const stride = strideOf(hash) & mask;
    let slot = firstSlot(operands[operands.length - 1] ?? 0, hash) & mask;
    let left = nearby;
    for (let entry = table[slot]!; entry > 0; entry = table[slot]!) {
      if (table[slot + 1] === hash && this.matches(entry - 1, head, shape, payload, operands)) return entry - 1;
      slot = (slot + (--left > 0 ? 2 : stride)) & mask;
    }
    const id = this.append(head, shape, payload, operands);
    table[slot] = id + 1;
    table[slot + 1] = hash;
    if (this.length * 4 > table.length) this.rehash();
    return id;
  }

  private matches(id: number, head: number, shape: number, payload: number, operands: readonly number[]): boolean {
    const row = id * columns;
    const { rows, pool } = this;
    if (rows[row] !== head || rows[row + 1] !== shape || rows[row + 2] !== payload) return false;
    if (rows[row + 4] !== operands.length) return false;
    const start = rows[row + 3]!;
    for (let k = 0; k < operands.length; k++) if (pool[start + k] !== operands[k]) return false;
    return true;
  }

  private append(head: number, shape: number, payload: number, operands: readonly number[]): number {
    const row = this.length * columns;
    if (row + columns > this.rows.length) this.rows = grown(this.rows, row + columns);
    const poolEnd = this.poolLength + operands.length;
    if (poolEnd > this.pool.length) this.pool = grown(this.pool, poolEnd);
    this.rows[row] = head;
    this.rows[row + 1] = shape;
    this.rows[row + 2] = payload;
    this.rows[row + 3] = this.poolLength;
    this.rows[row + 4] = operands.length;
    for (let k = 0; k < operands.length; k++) this.pool[this.poolLength + k] = operands[k]!;
    this.poolLength = poolEnd;
    return this.length++;
  }

  private rehash(): void {
    const before = this.table;
    // by four: places follow operands, so that what lies behind them costs no memory until it is needed
    const table = new Int32Array(before.length * 4);
    const mask = table.length - 2;
    for (let from = 0; from < before.length; from += 2) {
      const entry = before[from]!;
      if (entry === 0) continue;
      const hash = before[from + 1]!;
      const count = this.operandCount(entry - 1);
      const stride = strideOf(hash) & mask;
      let slot = firstSlot(count && this.operandAt(entry - 1, count - 1), hash) & mask;
      for (let left = nearby; table[slot]! > 0; ) slot = (slot + (--left > 0 ? 2 : stride)) & mask;
      table[slot] = entry;
      table[slot + 1] = hash;
    }
    this.table = table;
  }
}

/** There are two slots or more for each row; those with one last operand begin in any of sixteen. */
const firstSlot = (last: number, hash: number) => ((last << 1) + (hash & 15)) << 1;

/** An odd number of slots: there are a power of two of them, so that each is come by. */
const strideOf = (hash: number) => (hash | 1) << 1;

function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

function grown(array: Int32Array<ArrayBuffer>, needed: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(array.length * 2, needed));
  larger.set(array);
  return larger;
}

/** Objects stored once, found by key, known by number. */
export class Interned<T> {
  private readonly items: T[] = [];
  private readonly numbers = new Map<unknown, number>();
  private readonly keyOf: (item: T) => unknown;

  constructor(keyOf: (item: T) => unknown) {
    this.keyOf = keyOf;
  }

  /** `admit`: throws for what is not to be stored. */
  intern(item: T, admit?: (item: T) => unknown): number {
    const key = this.keyOf(item);
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    admit?.(item);
    this.numbers.set(key, this.items.length);
    this.items.push(item);
    return this.items.length - 1;
  }

  at(number: number): T {
    return this.items[number]!;
  }
}
