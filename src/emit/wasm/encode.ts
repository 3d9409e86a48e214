import { type Instruction, opcodes } from "./opcodes.ts";

/** Types of values by their names in the text form, with their bytes. */
const valueTypes = { i32: 0x7f, i64: 0x7e, f64: 0x7c, v128: 0x7b } as const;
export type ValueType = keyof typeof valueTypes;

export interface FunctionType {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** Something a module asks its host for: a function, or a constant whole number. */
export interface Import {
  readonly module: string;
  readonly name: string;
  /** Absent: a constant i32. */
  readonly type?: FunctionType;
}

/** A module with one memory, which is imported. Functions are numbered from the imported ones on. */
export interface Module {
  readonly memory: {
    readonly module: string;
    readonly name: string;
    /** Pages of 64 kB that a memory which threads share may have; absent: a memory of one thread. */
    readonly sharedPages?: number | undefined;
  };
  readonly imports: readonly Import[];
  readonly functions: readonly { readonly type: FunctionType; readonly code: Code; readonly exported?: string }[];
}

const sections = { type: 1, import: 2, function: 3, export: 7, code: 10 } as const;

/** A module in binary form, and where in it products stand, and the sums that may take them in: see fuse.ts. */
export interface EncodedModule {
  readonly bytes: Uint8Array;
  /** In ascending order. */
  readonly fusible: readonly number[];
}

/** The binary form of a module. */
export function encodeModule({ memory, imports, functions }: Module): EncodedModule {
  const types: FunctionType[] = [];
  const typeKeys = new Map<string, number>();
  const typeIndex = (type: FunctionType): number => {
    const key = `${type.parameters}>${type.results}`;
    const known = typeKeys.get(key) ?? types.push(type) - 1;
    typeKeys.set(key, known);
    return known;
  };
  const imported = imports.map(({ module, name, type }) => [
    ...text(module),
    ...text(name),
    ...(type ? [0x00, ...unsigned(typeIndex(type))] : [0x03, valueTypes.i32, 0x00]),
  ]);
  const limits = memory.sharedPages === undefined ? [0x00, 0x01] : [0x03, 0x01, ...unsigned(memory.sharedPages)];
  const memoryImport = [...text(memory.module), ...text(memory.name), 0x02, ...limits];
  const declared = functions.map(({ type }) => unsigned(typeIndex(type)));
  const first = imports.filter(({ type }) => type).length;
  const exported = functions.flatMap(({ exported }, k) =>
    exported === undefined ? [] : [[...text(exported), 0x00, ...unsigned(first + k)]],
  );
  const valueList = (list: readonly ValueType[]) => vector(list.map((type) => [valueTypes[type]]));
  const writer = new Bytes();
  writer.add([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
  const section = (id: number, entries: readonly ArrayLike<number>[]) => {
    const content = new Bytes();
    content.add(unsigned(entries.length));
    for (const entry of entries) content.add(entry);
    writer.add([id, ...unsigned(content.length)]);
    writer.add(content.view());
  };
  section(
    sections.type,
    types.map(({ parameters, results }) => [0x60, ...valueList(parameters), ...valueList(results)]),
  );
  section(sections.import, [memoryImport, ...imported]);
  section(sections.function, declared);
  section(sections.export, exported);
  const bodies = functions.map(({ code }) => code.encoded());
  section(
    sections.code,
    bodies.map(({ bytes }) => bytes),
  );
  let start = writer.length - bodies.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const fusible = bodies.flatMap((body) => {
    const own = body.fusible.map((at) => start + at);
    start += body.bytes.length;
    return own;
  });
  return { bytes: writer.view().slice(), fusible };
}

/** Where an instruction reads or writes memory, beyond the address on the stack. */
export interface MemoryOperand {
  /** log2 of the alignment in bytes. */
  readonly align: number;
  /** Bytes, added to the address without wrapping. */
  readonly offset: number;
}

/** Instructions that were set aside, and where among them products and sums may be fused. */
export interface Captured {
  readonly bytes: ArrayLike<number>;
  readonly fusible: readonly number[];
}

/** The body of a function as it is written: instructions one after the other, and the locals they use. */
export class Code {
  private bytes = new Bytes();
  private fusible: number[] = [];
  private readonly locals: ValueType[] = [];
  private readonly parameterCount: number;

  constructor(parameterCount: number) {
    this.parameterCount = parameterCount;
  }

  /** A new local, 0 at first. */
  local(type: ValueType): number {
    return this.parameterCount + this.locals.push(type) - 1;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.bytes.length;
  }

  /** What `write` writes, set aside: for a loop whose preparations are known once its body is. */
  capture(write: () => void): Captured {
    const outer = { bytes: this.bytes, fusible: this.fusible };
    this.bytes = new Bytes();
    this.fusible = [];
    write();
    const captured = { bytes: this.bytes.view(), fusible: this.fusible };
    this.bytes = outer.bytes;
    this.fusible = outer.fusible;
    return captured;
  }

  append({ bytes, fusible }: Captured): void {
    for (const at of fusible) this.fusible.push(this.length + at);
    this.bytes.add(bytes);
  }

  /** Of vectors x and y on the stack and z, which is written then, makes x y + z: as two instructions, which `fuse` makes one. */
  multiplyAdd(z: () => void): void {
    this.fusible.push(this.length);
    this.op("f64x2.mul");
    z();
    this.fusible.push(this.length);
    this.op("f64x2.add");
  }

  op(name: Instruction): void {
    const opcode = opcodes[name];
    if (opcode < 0x100) this.bytes.push(opcode);
    else {
      this.bytes.push(opcode < 0x10000 ? 0xfc : 0xfd);
      this.bytes.add(unsigned(opcode < 0x10000 ? opcode - 0x100 : opcode - 0x10000));
    }
  }

  /** An instruction with one index: a local, a function, a label, a lane. */
  indexed(name: Instruction, index: number): void {
    this.op(name);
    this.bytes.add(unsigned(index));
  }

  get(local: number): void {
    this.indexed("local.get", local);
  }

  set(local: number): void {
    this.indexed("local.set", local);
  }

  tee(local: number): void {
    this.indexed("local.tee", local);
  }

  access(name: Instruction, { align, offset }: MemoryOperand, lane?: number): void {
    this.op(name);
    this.bytes.add([...unsigned(align), ...unsigned(offset), ...(lane === undefined ? [] : [lane])]);
  }

  i32(value: number): void {
    this.op("i32.const");
    this.bytes.add(signed(value));
  }

  i64(value: bigint): void {
    this.op("i64.const");
    this.bytes.add(signed64(value));
  }

  f64(value: number): void {
    this.op("f64.const");
    this.bytes.add(bytesOf(value));
  }

  /** Both lanes hold the number. */
  f64x2(value: number): void {
    this.op("v128.const");
    this.bytes.add(bytesOf(value));
    this.bytes.add(bytesOf(value));
  }

  /** Both lanes hold the bits. */
  i64x2(value: bigint): void {
    const bytes = new Uint8Array(new BigInt64Array([value, value]).buffer);
    this.op("v128.const");
    this.bytes.add(bytes);
  }

  /** Four whole numbers of 32 bits. */
  i32x4(values: readonly [number, number, number, number]): void {
    this.op("v128.const");
    this.bytes.add(new Uint8Array(new Int32Array(values).buffer));
  }

  /** Takes the lanes of 64 bits that `lanes` names among the four of two vectors. */
  shuffle(lanes: readonly [number, number]): void {
    this.op("i8x16.shuffle");
    this.bytes.add(lanes.flatMap((lane) => Array.from({ length: 8 }, (_, k) => 8 * lane + k)));
  }

  /** Opens a block, a loop or a condition that leaves a value of the type, or nothing. */
  open(name: "block" | "loop" | "if", type?: ValueType): void {
    this.op(name);
    this.bytes.push(type ? valueTypes[type] : 0x40);
  }

  fill(): void {
    this.op("memory.fill");
    this.bytes.push(0x00);
  }

  /** Size, locals, instructions, end: as the code section holds it. */
  encoded(): { readonly bytes: Uint8Array; readonly fusible: readonly number[] } {
    const groups: [count: number, type: ValueType][] = [];
    for (const type of this.locals) {
      const last = groups[groups.length - 1];
      if (last?.[1] === type) last[0]++;
      else groups.push([1, type]);
    }
    const head = vector(groups.map(([count, type]) => [...unsigned(count), valueTypes[type]]));
    const whole = new Bytes();
    whole.add(unsigned(head.length + this.bytes.length + 1));
    whole.add(head);
    const fusible = this.fusible.map((at) => whole.length + at);
    whole.add(this.bytes.view());
    whole.push(opcodes.end);
    return { bytes: whole.view(), fusible };
  }
}

/** Bytes that grow. */
class Bytes {
  private store = new Uint8Array(256);
  length = 0;

  push(byte: number): void {
    this.reserve(1);
    this.store[this.length++] = byte;
  }

  add(bytes: ArrayLike<number>): void {
    this.reserve(bytes.length);
    this.store.set(bytes, this.length);
    this.length += bytes.length;
  }

  view(): Uint8Array {
    return this.store.subarray(0, this.length);
  }

  private reserve(more: number): void {
    if (this.length + more <= this.store.length) return;
    const larger = new Uint8Array(2 * (this.length + more));
    larger.set(this.store);
    this.store = larger;
  }
}

const vector = (entries: readonly (readonly number[])[]) => [...unsigned(entries.length), ...entries.flat()];

function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value);
  return [...unsigned(bytes.length), ...bytes];
}

/** LEB128 of a whole number from 0 to 2^32 - 1. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return bytes;
}

/** Signed LEB128 of a whole number of 32 bits. */
export const signed = (value: number): number[] => signed64(BigInt(value | 0));

function signed64(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asIntN(64, value);
  for (;;) {
    const byte = Number(rest & 0x7fn);
    rest >>= 7n;
    const isLast = (rest === 0n && byte < 0x40) || (rest === -1n && byte >= 0x40);
    bytes.push(isLast ? byte : byte | 0x80);
    if (isLast) return bytes;
  }
}

const bytesOf = (value: number) => new Uint8Array(new Float64Array([value]).buffer);
