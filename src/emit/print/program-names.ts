import { Integer } from "../../ir/integer.ts";
import type { Buffer, Program, Temporary } from "../../lower/program/loops.ts";
import { boundBuffers, type Packed, type Signature } from "../signature.ts";
import { bufferSuggestion, type Names, NumberedNames } from "./names.ts";
import { printInteger } from "./print-integer.ts";

/** Where a packed buffer lies: its vector, the name of its offset, and whether it is all there is. */
export interface Place {
  readonly vector: string;
  readonly offset: string | undefined;
  readonly isWhole: boolean;
}

/** What the things of a program are called in the text of its function, and where its arrays lie. */
export class ProgramNames {
  /** The name of the function. */
  readonly functionName: string;
  /** Names within the function. */
  readonly own: Names;
  /** Where the names of functions live. */
  readonly outer: Names;
  /** Offsets in packed vectors: each line may read the names of those before. */
  private readonly offsets: { readonly name: string; readonly line: string; readonly sizes: readonly string[] }[] = [];
  private readonly bound: readonly Buffer[];
  readonly temporaries = new NumberedNames();
  private readonly variables = new Map<number, string>();
  readonly sizes = new Map<string, string>();
  private readonly buffers = new Map<number, string>();
  private readonly vectors = new Map<Packed, string>();
  /** Of the arrays that lie in vectors. */
  readonly places = new Map<Buffer, Place>();
  /** Of closed functions: the names of what is known around. */
  private readonly around = new Map<string, string>();
  /** What has been asked for since a function was begun. */
  private readonly asked = new Set<string | Buffer>();
  /** The names of sizes, arrays and offsets that have been read since then. */
  private readonly read = new Set<string>();
  private readonly unread = new Map<string, string>();

  constructor(program: Program, signature: Signature, outer: Names, own: Names) {
    this.bound = boundBuffers(program, signature);
    this.outer = outer;
    this.own = own;
    this.functionName = outer.make(signature.name);
    own.make("result");
    for (const size of program.sizes) this.sizes.set(size, own.make(size));
    for (const packed of signature.packed) this.vectors.set(packed, own.make(packed.name));
    const places = signature.packed.flatMap((packed) => packed.buffers.map((part) => ({ ...part, packed })));
    const inVectors = new Set(places.map(({ buffer }) => buffer));
    for (const buffer of program.buffers) {
      if (!inVectors.has(buffer)) this.buffers.set(buffer.id, own.make(bufferSuggestion(buffer)));
    }
    // all vectors are laid out alike: an offset is called after the point's part, or else the result's, or else the direction's
    const offsets = new Map<string, string>([[Integer.zero.key, ""]]);
    const isDirection = ({ buffer, packed }: (typeof places)[number]) =>
      packed !== signature.packed[0] && buffer.role === "input";
    for (const { buffer, offset, before } of [
      ...places.filter((part) => !isDirection(part)),
      ...places.filter(isDirection),
    ]) {
      if (offsets.has(offset.key)) continue;
      const name = own.make(`${bufferSuggestion(buffer)}_at`);
      // written out, the offsets of many parts have as many terms each, unless they are numbers
      const start = offset.value === undefined && before ? offsets.get(before.offset.key) : undefined;
      const length = start ? before!.length : offset;
      const line = `const ${name} = ${start ? `${start} + ` : ""}${this.integer(length)};`;
      this.offsets.push({ name, line, sizes: [...length.names()] });
      offsets.set(offset.key, name);
    }
    for (const { buffer, offset, packed } of places) {
      const from = offsets.get(offset.key);
      this.places.set(buffer, {
        vector: this.packed(packed),
        offset: from || undefined,
        isWhole: packed.isSingle,
      });
    }
  }

  packed(packed: Packed): string {
    return this.vectors.get(packed)!;
  }

  size(name: string): string {
    this.asked.add(name);
    return this.noted(this.sizes.get(name)!);
  }

  buffer(buffer: Buffer): string {
    this.asked.add(buffer);
    return this.noted(this.buffers.get(buffer.id)!);
  }

  temporary({ id, name: suggestion }: Temporary): string {
    const known = this.temporaries.get(id);
    if (known) return known;
    const name = suggestion === undefined ? this.own.numbered("t", id) : this.own.make(suggestion);
    this.temporaries.set(id, name);
    return name;
  }

  variable(id: number): string {
    const known = this.variables.get(id);
    if (known) return known;
    const name = this.own.numbered("i", id);
    this.variables.set(id, name);
    return name;
  }

  /** A polynomial over sizes and integer variables as an expression. */
  integer(integer: Integer): string {
    return printInteger(integer, (atom) =>
      atom.kind === "name" ? this.size(atom.name) : this.variable(atom.iterator),
    );
  }

  /** The name of a size or an array outside of closed functions. */
  knownAs(name: string): string {
    const known = this.around.get(name) ?? this.own.make(`${name}_bound`);
    this.around.set(name, known);
    return known;
  }

  /** The name of the array that holds the buffer. */
  arrayOf(buffer: Buffer): string {
    const place = this.places.get(buffer);
    return place ? this.noted(place.vector) : this.buffer(buffer);
  }

  /** The name, which the function at hand reads. */
  noted(name: string): string {
    this.read.add(name);
    return name;
  }

  /** What the function at hand calls a parameter: one that it does not read begins with _. */
  parameter(name: string): string {
    if (this.read.has(name)) return name;
    const marked = this.unread.get(name) ?? this.own.make(`_${name}`);
    this.unread.set(name, marked);
    return marked;
  }

  /** Where in its array an element lies. */
  positionIn(buffer: Buffer, address: Integer): string {
    const offset = this.places.get(buffer)?.offset;
    const at = this.integer(address);
    if (!offset) return at;
    return at === "0" ? this.noted(offset) : `${this.noted(offset)} + ${at}`;
  }

  /** Another function begins. */
  begin(): void {
    this.asked.clear();
    this.read.clear();
  }

  /** The lines that name the offsets which the function at hand reads; it reads their sizes too. */
  offsetLines(): string[] {
    const last = this.offsets.map(({ name }) => this.read.has(name)).lastIndexOf(true);
    return this.offsets.slice(0, last + 1).map(({ line, sizes }) => {
      for (const size of sizes) this.size(size);
      return line;
    });
  }

  /** The names of the sizes, and the bound arrays, that the function at hand mentions. */
  mentioned(): { readonly sizes: readonly string[]; readonly buffers: readonly Buffer[] } {
    const { asked } = this;
    return {
      sizes: [...asked].flatMap((each) => (typeof each === "string" ? [this.sizes.get(each)!] : [])),
      buffers: this.bound.filter((buffer) => asked.has(buffer)),
    };
  }
}
