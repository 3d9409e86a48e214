import type { Combine, Guard } from "../../ir/contraction.ts";
import { operandType } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { Primitive } from "../../ir/primitive.ts";
import type { Apply, Buffer, Loop, Part, Program, Statement, Value } from "../../lower/program/loops.ts";
import { dtypeOf } from "../../lower/program/values.ts";
import { neg } from "../../ops/elementary/algebra.ts";
import type { Signature } from "../signature.ts";
import { type Dialect, kernelsNeeded, type NestFunctions, printApply, printKernel } from "./kernel.ts";
import type { Returned } from "./layout.ts";
import { kernelSuggestion, Names } from "./names.ts";
import { parenthesised } from "./precedence.ts";
import { ProgramNames } from "./program-names.ts";
import { printNumber } from "./text.ts";

/** The names of a module that several functions are printed into; kernels are printed once, by the module. */
export interface Scope {
  readonly names: Names;
  readonly kernelNames: Map<Primitive, string>;
  readonly note?: LoopNotes | undefined;
}

/** Writes a line above a loop that says what it is for. */
export type LoopNotes = (loop: Statement, indent: string, lines: string[]) => void;

type Shared = Extract<Statement, { readonly kind: "shared" }>;

const combineStatement: Readonly<Record<Combine, (target: string, value: string) => string>> = {
  sum: (target, value) => `${target} += ${value};`,
  prod: (target, value) => `${target} *= ${value};`,
  // faster than comparisons that let a NaN in, which engines compile badly where several follow each other
  max: (target, value) => `${target} = Math.max(${target}, ${value});`,
  min: (target, value) => `${target} = Math.min(${target}, ${value});`,
};

/** Prints statements over arrays of numbers; printers of other fields differ in values and in what stores them. */
export class RealPrinter {
  readonly dialect: Dialect;
  /** What its things are called. */
  readonly called: ProgramNames;
  private readonly note: LoopNotes | undefined;
  private lastTimed: number | undefined;
  protected readonly kernelNames: Map<Primitive, string>;
  protected readonly used = new Set<Primitive>();
  readonly returned: Buffer | undefined;
  /** Of the function at hand: how the number that it returns is written. */
  ending: Returned | undefined;
  /** The calls of the routines, as statements, by their numbers. */
  readonly routineCalls: (() => string)[] = [];
  /** Of the function at hand: how a part of a long body in it is called. */
  partCall: ((part: Part) => string) | undefined;

  constructor(program: Program, signature: Signature, dialect: Dialect, scope?: Scope) {
    this.dialect = dialect;
    this.returned = signature.returned;
    this.kernelNames = scope?.kernelNames ?? new Map();
    this.note = scope?.note;
    const outer = scope?.names ?? new Names();
    if (dialect.timing) for (const name of [dialect.timing.clock, dialect.timing.spent]) outer.make(name);
    this.called = new ProgramNames(program, signature, outer, scope ? new Names(outer) : outer);
  }

  head(name: string, parameters: readonly string[], result: string): string {
    const { layout } = this.dialect;
    return layout ? layout.head(name, parameters, result) : `function ${name}(${parameters.join(", ")}) {`;
  }

  /** The arrays that hold a buffer, by name. */
  namesOf(buffer: Buffer): string[] {
    return [this.called.buffer(buffer)];
  }

  protected kernelName = (primitive: Primitive): string => {
    const known = this.kernelNames.get(primitive);
    if (known) return known;
    const name = this.called.outer.make(kernelSuggestion(primitive));
    this.kernelNames.set(primitive, name);
    return name;
  };

  kernels(): string {
    return kernelsNeeded(this.used)
      .map((primitive) => printKernel(primitive, this.kernelName, this.dialect))
      .join("\n\n");
  }

  printAll(statements: readonly Statement[], indent: string, lines: string[]): void {
    for (const statement of statements) this.print(statement, indent, lines);
  }

  /** The statement that combines a value into a target; what is added with a minus is taken away. */
  private combined({ combine, value }: { readonly combine: Combine; readonly value: Value }, target: string): string {
    const isTaken = combine === "sum" && value.kind === "apply" && value.primitive === neg.primitive;
    if (isTaken) return `${target} -= ${this.number(value.operands[0]!)};`;
    return combineStatement[combine](target, this.number(value));
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
        lines.push(`${indent}const ${this.called.temporary(statement.temporary)} = ${this.value(statement.value)};`);
        return;
      case "index":
        lines.push(`${indent}const ${this.called.variable(statement.variable)} = ${this.value(statement.value)};`);
        return;
      case "start":
        lines.push(`${indent}let ${this.called.temporary(statement.temporary)} = ${this.value(statement.value)};`);
        return;
      case "assign":
        lines.push(`${indent}${this.called.temporary(statement.temporary)} = ${this.value(statement.value)};`);
        return;
      case "combine": {
        lines.push(indent + this.combined(statement, this.called.temporary(statement.temporary)));
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
        this.printBlock(`if (${this.guards(statement.guards)})`, statement.body, indent, lines);
        return;
      case "if":
        this.printChoice(this.value(statement.condition), statement, indent, lines);
        return;
      case "while":
        this.printBlock(`while (${this.value(statement.condition)})`, statement.body, indent, lines);
        return;
      case "part":
        lines.push(indent + this.partCall!(statement));
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
    this.printBlock(`if (${condition})`, body, indent, lines);
    if (otherwise.length === 0) return;
    lines.pop();
    this.printBlock("} else", otherwise, indent, lines);
  }

  private printBlock(head: string, body: readonly Statement[], indent: string, lines: string[]): void {
    lines.push(`${indent}${head} {`);
    this.printAll(body, `${indent}  `, lines);
    lines.push(`${indent}}`);
  }

  private printTimed(loop: Loop | Shared, indent: string, lines: string[]): void {
    const { timing } = this.dialect;
    const number = timing?.numberOf(loop);
    const began = number === undefined ? undefined : this.called.own.make("began");
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
    const scope = { names: this.called.outer, kernelNames: this.kernelNames };
    const name = nests.nameOf(nest, { isTyped: this.dialect.isTyped, layout: this.dialect.layout }, scope, this.used);
    const passed = values.map((value, k) => {
      const { kind } = nest.parameters[k]!;
      // a number may be an element of an array: one that a part of the function left for another
      if (value.kind !== "load" || kind === "number") return this.number(value);
      return kind === "array" ? this.called.arrayOf(value.buffer) : this.called.positionIn(value.buffer, value.address);
    });
    return `${name}(${passed.join(", ")})`;
  }

  protected printLoop(loop: Loop, indent: string, lines: string[]): void {
    const name = this.called.variable(loop.variable);
    const bound = (list: readonly Integer[], choose: string) => {
      const texts = [...new Set(list.map((integer) => this.called.integer(integer)))];
      return texts.length === 1 ? texts[0]! : `Math.${choose}(${texts.join(", ")})`;
    };
    const from = bound(loop.from, "max");
    const to = bound(loop.to, "min");
    const step = loop.step === 1 ? `${name}++` : `${name} += ${loop.step}`;
    const isName = /^[A-Za-z0-9_]+$/.test(to);
    const end = isName || loop.descending ? to : this.called.own.make(`${name}_end`);
    const head = loop.descending
      ? `${name} = ${parenthesised(to)} - 1; ${name} >= ${from}; ${name}--`
      : `${name} = ${from}${end === to ? "" : `, ${end} = ${to}`}; ${name} < ${end}; ${step}`;
    this.printBlock(`for (let ${head})`, loop.body, indent, lines);
  }

  protected element(buffer: Buffer, address: Integer): string {
    if (buffer === this.returned) return this.called.buffer(buffer);
    return `${this.called.arrayOf(buffer)}[${this.called.positionIn(buffer, address)}]`;
  }

  protected fill(buffer: Buffer, value: string): string {
    const { called } = this;
    if (buffer === this.returned) return `${called.buffer(buffer)} = ${value};`;
    const place = called.places.get(buffer);
    if (!place || place.isWhole) return `${called.arrayOf(buffer)}.fill(${value});`;
    const end = called.positionIn(buffer, Integer.product(buffer.shape));
    return `${called.arrayOf(buffer)}.fill(${value}, ${place.offset ?? "0"}, ${end});`;
  }

  value(value: Value): string {
    switch (value.kind) {
      case "constant":
        return value.dtype === "bool" ? String(value.value !== 0) : printNumber(value.value);
      case "integer":
        // -i is -0 at 0, and no whole number is
        return this.called.integer(value.integer).replace(/^-/, "0 - ");
      case "temporary":
        return this.called.temporary(value);
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
        return printApply(value.primitive, texts, this.kernelName, operands);
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
    const tests = guards.flatMap(({ index, extent }) => {
      const at = parenthesised(this.called.integer(index));
      const lower = index.value !== undefined && index.value >= 0 ? [] : [`${at} >= 0`];
      return extent ? [...lower, `${at} < ${this.called.integer(extent)}`] : lower;
    });
    return [...new Set(tests)].join(" && ") || "true";
  }
}

/** True where the primitive computes with the operand; conditions, and the sides of a choice between them, stay bool. */
function isArithmetic(value: Apply, position: number): boolean {
  return value.dtype !== "bool" && operandType(value.primitive, position) !== "bool";
}
