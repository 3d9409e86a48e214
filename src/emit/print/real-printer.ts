import type { Combine, Guard } from "../../ir/contraction.ts";
import { operandType } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { Primitive } from "../../ir/primitive.ts";
import type { Buffer, Loop, Program, Statement, Temporary, Value } from "../../lower/program/loops.ts";
import { mentionedByRoutine } from "../../lower/program/mentioned.ts";
import { dtypeOf } from "../../lower/program/values.ts";
import { neg } from "../../ops/algebra.ts";
import { arrayTypeOf, boundBuffers, type Packed, type Signature } from "../signature.ts";
import { type Dialect, kernelsNeeded, type NestFunctions, printApply, printKernel } from "./kernel.ts";
import { bufferSuggestion, kernelSuggestion, Names, NumberedNames } from "./names.ts";
import { parenthesised } from "./precedence.ts";
import { printInteger } from "./print-integer.ts";
import { printNumber } from "./print-number.ts";
import type { Returned } from "./returned.ts";

/** The names of a module that several functions are printed into; kernels are printed once, by the module. */
export interface Scope {
  readonly names: Names;
  readonly kernelNames: Map<Primitive, string>;
  readonly note?: LoopNotes | undefined;
}

/** Writes a line above a loop that says what it is for. */
export type LoopNotes = (loop: Statement, indent: string, lines: string[]) => void;

type Shared = Extract<Statement, { readonly kind: "shared" }>;

const combineStatement: Readonly<Record<Combine, (target: string, value: string, next: string) => string>> = {
  sum: (target, value) => `${target} += ${value};`,
  prod: (target, value) => `${target} *= ${value};`,
  // a NaN enters, and once in stays
  max: (target, value, x) => `{ const ${x} = ${value}; if (${x} > ${target} || ${x} !== ${x}) ${target} = ${x}; }`,
  min: (target, value, x) => `{ const ${x} = ${value}; if (${x} < ${target} || ${x} !== ${x}) ${target} = ${x}; }`,
};

/** Where a packed buffer lies: its vector, the name of its offset, and whether it is all there is. */
interface Place {
  readonly vector: string;
  readonly offset: string | undefined;
  readonly isWhole: boolean;
}

/** Prints statements over arrays of numbers; printers of other fields differ in values and in what stores them. */
export class RealPrinter {
  protected readonly dialect: Dialect;
  readonly names: Names;
  /** Where the names of functions live. */
  readonly outer: Names;
  protected readonly next: string;
  private readonly note: LoopNotes | undefined;
  private lastTimed: number | undefined;
  protected readonly temporaryNames = new NumberedNames();
  protected readonly sizeNames = new Map<string, string>();
  protected readonly bufferNames = new Map<number, string>();
  protected readonly variableNames = new Map<number, string>();
  protected readonly kernelNames: Map<Primitive, string>;
  protected readonly used = new Set<Primitive>();
  protected readonly packedNames = new Map<Packed, string>();
  protected readonly places = new Map<Buffer, Place>();
  protected readonly offsetLines: string[] = [];
  private readonly offsetSizes: string[] = [];
  /** Of closed functions: the arrays that are bound, and the names of what is known around. */
  private readonly bound: ReadonlySet<Buffer>;
  private readonly outside = new Map<string, string>();
  /** What the statements of the function at hand have mentioned. */
  private readonly mentionedSizes = new Set<string>();
  private readonly mentionedBuffers = new Set<Buffer>();
  protected readonly returned: Buffer | undefined;
  /** Of the function at hand. */
  private ending: Returned | undefined;
  readonly name: string;
  /** The calls of the routines, as statements. */
  private readonly routineCalls: (() => string)[] = [];

  constructor(program: Program, signature: Signature, dialect: Dialect, scope?: Scope) {
    this.dialect = dialect;
    this.returned = signature.returned;
    this.bound = new Set(boundBuffers(program, signature));
    this.outer = scope?.names ?? new Names();
    this.names = scope ? new Names(this.outer) : this.outer;
    this.kernelNames = scope?.kernelNames ?? new Map();
    this.note = scope?.note;
    if (dialect.timing) for (const name of [dialect.timing.clock, dialect.timing.spent]) this.outer.make(name);
    this.name = this.outer.make(signature.name);
    this.names.make("result");
    this.next = this.names.make("next");
    for (const size of program.sizes) this.sizeNames.set(size, this.names.make(size));
    for (const packed of signature.packed) this.packedNames.set(packed, this.names.make(packed.name));
    const places = signature.packed.flatMap((packed) => packed.buffers.map((part) => ({ ...part, packed })));
    const inVectors = new Set(places.map(({ buffer }) => buffer));
    for (const buffer of program.buffers) {
      if (!inVectors.has(buffer)) this.bufferNames.set(buffer.id, this.names.make(bufferSuggestion(buffer)));
    }
    // all vectors are laid out alike: an offset is called after the point's part, or else the result's, or else the direction's
    const offsets = new Map<string, string>([[Integer.zero.key, ""]]);
    const isDirection = ({ buffer, packed }: (typeof places)[number]) =>
      packed !== signature.packed[0] && buffer.role === "input";
    for (const { buffer, offset } of [...places.filter((part) => !isDirection(part)), ...places.filter(isDirection)]) {
      if (offsets.has(offset.key)) continue;
      const name = this.names.make(`${bufferSuggestion(buffer)}_at`);
      this.offsetLines.push(`const ${name} = ${this.integer(offset)};`);
      this.offsetSizes.push(...offset.names());
      offsets.set(offset.key, name);
    }
    for (const { buffer, offset, packed } of places) {
      const vector = this.packedNames.get(packed)!;
      const from = offsets.get(offset.key);
      this.places.set(buffer, { vector, offset: from || undefined, isWhole: packed.isSingle });
    }
  }

  /** The name of a size or an array outside of closed functions. */
  knownAs(name: string): string {
    const known = this.outside.get(name) ?? this.names.make(`${name}_bound`);
    this.outside.set(name, known);
    return known;
  }

  /** The lines of a function: what closed ones know, by the names that statements use, then the statements. */
  private body(statements: readonly Statement[], before: readonly string[] = [], record?: string): string[] {
    this.mentionedSizes.clear();
    this.mentionedBuffers.clear();
    const lines: string[] = [];
    this.printAll(statements, "  ", lines);
    const ends = this.dialect.watch?.ends((value) => this.value(value));
    if (ends) {
      lines.unshift(...ends.before);
      lines.push(...ends.behind);
    }
    if (!this.dialect.isClosed && record === undefined) return [...before, ...lines];
    for (const size of this.offsetSizes) this.mentionedSizes.add(size);
    const buffers = [...this.bound].filter((buffer) => this.mentionedBuffers.has(buffer));
    const names = [
      ...[...this.mentionedSizes].map((size) => this.sizeName(size)),
      ...buffers.flatMap((buffer) => this.namesOf(buffer)),
    ];
    if (record !== undefined) return [...this.dialect.layout!.taken(names, record), ...before, ...lines];
    // a variable of its own is read once
    return [...names.map((name) => `  const ${name} = ${this.knownAs(name)};`), ...before, ...lines];
  }

  protected head(name: string, parameters: readonly string[], result: string): string {
    const { layout } = this.dialect;
    return layout ? layout.head(name, parameters, result) : `function ${name}(${parameters.join(", ")}) {`;
  }

  /** The functions of the routines, over the arrays and sizes that each of them uses; notes how they are called. */
  private routineFunctions({ routines }: Program): string[] {
    return routines.flatMap((routine) => {
      const { sizes, buffers } = mentionedByRoutine(routine, routines);
      const sizeNames = sizes.map((size) => this.sizeName(size));
      const typed = (name: string, type: string) => (this.dialect.isTyped ? `${name}: ${type}` : name);
      const arrays = buffers.flatMap((buffer) =>
        this.namesOf(buffer).map((name) => ({ name, parameter: typed(name, arrayTypeOf(buffer)) })),
      );
      const parameters = [
        ...sizeNames.map((name) => typed(name, "number")),
        ...arrays.map(({ parameter }) => parameter),
      ];
      const mentioned = () => [
        ...sizes.map((size) => this.sizeName(size)),
        ...buffers.flatMap((buffer) => this.namesOf(buffer)),
      ];
      const passed = () => (this.dialect.isClosed ? "" : mentioned().join(", "));
      const functions = routine.parts.map((statements) => {
        const name = this.functionName(routine.name);
        const head = this.head(name, this.dialect.isClosed ? [] : parameters, "void");
        return { name, text: [head, ...this.body(statements), "}"].join("\n") };
      });
      this.routineCalls.push(() => functions.map(({ name }) => `${name}(${passed()});`).join(" "));
      return functions.map(({ text }) => text);
    });
  }

  /** A name for a function of the module that no name within this one hides. */
  private functionName(suggestion: string): string {
    const own = this.names.make(suggestion);
    return this.outer === this.names ? own : this.outer.make(own);
  }

  /** The arrays that hold a buffer, by name. */
  protected namesOf(buffer: Buffer): string[] {
    return [this.bufferName(buffer)];
  }

  /**
   * The functions of the program, a long one calling its parts in order, and those that they call. `record`: the parameter that
   * sizes and bound arrays are the properties of.
   */
  functions(
    program: Program,
    parameters: readonly string[],
    names: readonly string[],
    record?: string,
  ): { readonly called: readonly string[]; readonly own: readonly string[] } {
    const routines = this.routineFunctions(program);
    const own = this.programFunctions(program, parameters, names, record);
    return { called: [...(this.dialect.nests?.texts.splice(0) ?? []), ...routines], own };
  }

  private programFunctions(
    program: Program,
    parameters: readonly string[],
    names: readonly string[],
    record: string | undefined,
  ): string[] {
    const head = (name: string) => this.head(name, parameters, this.returned ? "number" : "void");
    const offsets = this.offsetLines.map((line) => `  ${line}`);
    const texts = program.parts.map((statements) => {
      this.ending = this.returned && this.howReturned(this.returned, statements);
      const { before = [], after = [] } = this.ending ?? {};
      // a part is one text once it is printed: the lines of all parts take many times the room
      return inOneText([...this.body(statements, [...offsets, ...before], record), ...after]);
    });
    if (texts.length === 1) return [[head(this.name), ...texts[0]!, "}"].join("\n")];
    const parts = texts.map((lines, k) => ({ name: this.functionName(`${this.name}_${k + 1}`), lines }));
    // the scalar result is computed in one part and 0 in the others
    const calls = parts.map((part) => `${part.name}(${names.join(", ")})`);
    const main = this.returned
      ? [`  let result = ${calls[0]};`, ...calls.slice(1).map((call) => `  result += ${call};`), "  return result;"]
      : calls.map((call) => `  ${call};`);
    return [
      ...parts.map((part) => [head(part.name), ...part.lines, "}"].join("\n")),
      [head(this.name), ...main, "}"].join("\n"),
    ];
  }

  private howReturned(buffer: Buffer, statements: readonly Statement[]): Returned {
    const name = this.bufferName(buffer);
    return (
      this.dialect.layout?.returnedBy(buffer, statements, name) ?? {
        before: [`  let ${name} = 0;`],
        after: [`  return ${name};`],
      }
    );
  }

  packedName(packed: Packed): string {
    return this.packedNames.get(packed)!;
  }

  sizeName(name: string): string {
    this.mentionedSizes.add(name);
    return this.sizeNames.get(name)!;
  }

  bufferName(buffer: Buffer): string {
    this.mentionedBuffers.add(buffer);
    return this.bufferNames.get(buffer.id)!;
  }

  protected kernelName = (primitive: Primitive): string => {
    const known = this.kernelNames.get(primitive);
    if (known) return known;
    const name = this.outer.make(kernelSuggestion(primitive));
    this.kernelNames.set(primitive, name);
    return name;
  };

  kernels(): string {
    return kernelsNeeded(this.used)
      .map((primitive) => printKernel(primitive, this.kernelName, this.dialect))
      .join("\n\n");
  }

  printAll(statements: readonly Statement[], indent: string, lines: string[]): void {
    for (const statement of statements) {
      this.print(statement, indent, lines);
      for (const test of this.dialect.watch?.tests() ?? []) lines.push(indent + test);
    }
  }

  /** The statement that combines a value into a target; what is added with a minus is taken away. */
  private combined({ combine, value }: { readonly combine: Combine; readonly value: Value }, target: string): string {
    const isTaken = combine === "sum" && value.kind === "apply" && value.primitive === neg.primitive;
    if (isTaken) return `${target} -= ${this.number(value.operands[0]!)};`;
    return combineStatement[combine](target, this.number(value), this.next);
  }

  protected print(statement: Statement, indent: string, lines: string[]): void {
    switch (statement.kind) {
      case "for":
      case "shared": {
        if (statement.kind === "shared" && !this.dialect.nests) {
          this.print(statement.loop, indent, lines);
          return;
        }
        this.note?.(statement, indent, lines);
        this.printTimed(statement, indent, lines);
        return;
      }
      case "let":
        lines.push(`${indent}const ${this.temporary(statement.temporary)} = ${this.value(statement.value)};`);
        return;
      case "index":
        lines.push(`${indent}const ${this.variable(statement.variable)} = ${this.value(statement.value)};`);
        return;
      case "start":
        lines.push(`${indent}let ${this.temporary(statement.temporary)} = ${this.value(statement.value)};`);
        return;
      case "assign":
        lines.push(`${indent}${this.temporary(statement.temporary)} = ${this.value(statement.value)};`);
        return;
      case "combine": {
        lines.push(indent + this.combined(statement, this.temporary(statement.temporary)));
        return;
      }
      case "store": {
        const value = this.number(statement.value, statement.buffer.dtype === "bool");
        const own = statement === this.ending?.store && this.ending.written?.(value);
        lines.push(indent + (own || `${this.element(statement.buffer, statement.address)} = ${value};`));
        return;
      }
      case "accumulate": {
        lines.push(indent + this.combined(statement, this.read(statement.buffer, statement.address)));
        return;
      }
      case "fill":
        lines.push(indent + this.fill(statement.buffer, printNumber(statement.value)));
        return;
      case "when":
        lines.push(`${indent}if (${this.guards(statement.guards)}) {`);
        this.printAll(statement.body, `${indent}  `, lines);
        lines.push(`${indent}}`);
        return;
      case "if":
        this.printChoice(this.value(statement.condition), statement, indent, lines);
        return;
      case "while":
        lines.push(`${indent}while (${this.value(statement.condition)}) {`);
        this.printAll(statement.body, `${indent}  `, lines);
        lines.push(`${indent}}`);
        return;
      case "call":
        lines.push(indent + this.routineCalls[statement.routine]!());
    }
  }

  /** Statements that a condition chooses. */
  protected printChoice(
    condition: string,
    { body, otherwise }: Extract<Statement, { kind: "if" }>,
    indent: string,
    lines: string[],
  ): void {
    lines.push(`${indent}if (${condition}) {`);
    this.printAll(body, `${indent}  `, lines);
    if (otherwise.length > 0) {
      lines.push(`${indent}} else {`);
      this.printAll(otherwise, `${indent}  `, lines);
    }
    lines.push(`${indent}}`);
  }

  private printTimed(loop: Loop | Shared, indent: string, lines: string[]): void {
    const { timing } = this.dialect;
    const number = timing?.numberOf(loop);
    const began = number === undefined ? undefined : this.names.make("began");
    if (began) lines.push(`${indent}const ${began} = ${timing!.clock}();`);
    if (loop.kind === "for") this.printLoop(loop, indent, lines);
    else lines.push(`${indent}${this.nestCall(loop, this.dialect.nests!)};`);
    if (!timing || number === undefined) return;
    lines.push(`${indent}${timing.spent}[${2 * number}] += ${timing.clock}() - ${began};`);
    // of a loop and the one for what it leaves over, the first counts
    if (number !== this.lastTimed) lines.push(`${indent}${timing.spent}[${2 * number + 1}]++;`);
    this.lastTimed = number;
  }

  /** The call of loops that stand elsewhere too. */
  private nestCall({ nest, arguments: values }: Shared, nests: NestFunctions): string {
    const scope = { names: this.outer, kernelNames: this.kernelNames };
    const name = nests.nameOf(nest, { isTyped: this.dialect.isTyped, layout: this.dialect.layout }, scope, this.used);
    const passed = values.map((value, k) => {
      const { kind } = nest.parameters[k]!;
      // a number may be an element of an array: one that a part of the function left for another
      if (value.kind !== "load" || kind === "number") return this.number(value);
      const place = this.places.get(value.buffer);
      if (kind === "array") return place ? place.vector : this.bufferName(value.buffer);
      return this.at(place, value.address);
    });
    return `${name}(${passed.join(", ")})`;
  }

  protected printLoop(loop: Loop, indent: string, lines: string[]): void {
    const name = this.variable(loop.variable);
    const bound = (list: readonly Integer[], choose: string) => {
      const texts = [...new Set(list.map((integer) => this.integer(integer)))];
      return texts.length === 1 ? texts[0]! : `Math.${choose}(${texts.join(", ")})`;
    };
    const from = bound(loop.from, "max");
    const to = bound(loop.to, "min");
    if (loop.descending) {
      const last = `${parenthesised(to)} - 1`;
      lines.push(`${indent}for (let ${name} = ${last}; ${name} >= ${from}; ${name}--) {`);
      this.printAll(loop.body, `${indent}  `, lines);
      lines.push(`${indent}}`);
      return;
    }
    const step = loop.step === 1 ? `${name}++` : `${name} += ${loop.step}`;
    if (/^[A-Za-z0-9_]+$/.test(to)) lines.push(`${indent}for (let ${name} = ${from}; ${name} < ${to}; ${step}) {`);
    else {
      const end = this.names.make(`${name}_end`);
      lines.push(`${indent}for (let ${name} = ${from}, ${end} = ${to}; ${name} < ${end}; ${step}) {`);
    }
    this.printAll(loop.body, `${indent}  `, lines);
    lines.push(`${indent}}`);
  }

  protected temporary({ id, name: suggestion }: Temporary): string {
    const known = this.temporaryNames.get(id);
    if (known) return known;
    const name = suggestion === undefined ? this.names.numbered("t", id) : this.names.make(suggestion);
    this.temporaryNames.set(id, name);
    return name;
  }

  protected variable(id: number): string {
    const known = this.variableNames.get(id);
    if (known) return known;
    const name = this.names.numbered("i", id);
    this.variableNames.set(id, name);
    return name;
  }

  protected element(buffer: Buffer, address: Integer): string {
    if (buffer === this.returned) return this.bufferName(buffer);
    const place = this.places.get(buffer);
    return `${place ? place.vector : this.bufferName(buffer)}[${this.at(place, address)}]`;
  }

  private at(place: Place | undefined, address: Integer): string {
    const at = this.integer(address);
    return place?.offset ? (at === "0" ? place.offset : `${place.offset} + ${at}`) : at;
  }

  protected fill(buffer: Buffer, value: string): string {
    if (buffer === this.returned) return `${this.bufferName(buffer)} = ${value};`;
    const place = this.places.get(buffer);
    if (!place) return `${this.bufferName(buffer)}.fill(${value});`;
    if (place.isWhole) return `${place.vector}.fill(${value});`;
    const length = this.integer(Integer.product(buffer.shape));
    const from = place.offset ?? "0";
    return `${place.vector}.fill(${value}, ${from}, ${place.offset ? `${from} + ${length}` : length});`;
  }

  protected value(value: Value): string {
    switch (value.kind) {
      case "constant":
        return value.dtype === "bool" ? String(value.value !== 0) : printNumber(value.value);
      case "integer":
        // -i is -0 at 0, and no whole number is
        return this.integer(value.integer).replace(/^-/, "0 - ");
      case "temporary":
        return this.temporary(value);
      case "load": {
        const text = this.read(value.buffer, value.address);
        return value.buffer.dtype === "bool" ? `${text} !== 0` : text;
      }
      case "guarded":
        return dtypeOf(value.value) === "bool"
          ? `${this.guards(value.guards)} && ${parenthesised(this.value(value.value))}`
          : `${this.guards(value.guards)} ? ${parenthesised(this.value(value.value))} : 0`;
      case "apply": {
        if (!value.primitive.print) this.used.add(value.primitive);
        const { operands } = value;
        const texts = new Array<string>(operands.length);
        for (let k = 0; k < operands.length; k++)
          texts[k] = isArithmetic(value, k) ? this.number(operands[k]!) : this.value(operands[k]!);
        return (
          this.dialect.watch?.text(value, texts, this.kernelName) ??
          printApply(value.primitive, texts, this.kernelName, operands)
        );
      }
    }
  }

  /** The value as a number: conditions become 1 and 0. */
  protected number(value: Value, isCondition = dtypeOf(value) === "bool"): string {
    const text = this.value(value);
    return isCondition ? `${parenthesised(text)} ? 1 : 0` : text;
  }

  /** An element to read, also in an assignment that combines. */
  protected read(buffer: Buffer, address: Integer): string {
    const element = this.element(buffer, address);
    return this.dialect.isTyped && element.endsWith("]") ? `${element}!` : element;
  }

  protected guards(guards: readonly Guard[]): string {
    return guards
      .map((guard) => {
        const index = parenthesised(this.integer(guard.index));
        const upper = guard.extent && `${index} < ${this.integer(guard.extent)}`;
        return upper ? `${index} >= 0 && ${upper}` : `${index} >= 0`;
      })
      .join(" && ");
  }

  /** A polynomial over sizes and integer variables as an expression. */
  protected integer(integer: Integer): string {
    return printInteger(integer, (atom) =>
      atom.kind === "name" ? this.sizeName(atom.name) : this.variable(atom.iterator),
    );
  }
}

/** The lines as one, if there are any. */
const inOneText = (lines: readonly string[]) => (lines.length === 0 ? lines : [lines.join("\n")]);

/** True where the primitive computes with the operand; conditions, and the sides of a choice between them, stay bool. */
function isArithmetic(value: Extract<Value, { kind: "apply" }>, position: number): boolean {
  return value.dtype !== "bool" && operandType(value.primitive, position) !== "bool";
}

/** Kernels name their own variables x0, y1, ...: no kernel has such a name. */
