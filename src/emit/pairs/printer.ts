import type { Integer } from "../../ir/integer.ts";
import type { Apply, Buffer, Program, Statement, Value } from "../../lower/program/loops.ts";
import { dtypeOf } from "../../lower/program/values.ts";
import { mul } from "../../ops/elementary/algebra.ts";
import { select } from "../../ops/elementary/comparison.ts";
import { printFunctions } from "../print/functions.ts";
import { printApply } from "../print/kernel.ts";
import { parenthesised } from "../print/precedence.ts";
import { RealPrinter } from "../print/real-printer.ts";
import { printNumber } from "../print/text.ts";
import { boundBuffers, type Signature } from "../signature.ts";
import { hasSecond } from "./arrays.ts";

/** A number of two parts as text: names, property reads or literals. Without a second part it is a constant. */
export interface PairText {
  readonly first: string;
  readonly second: string | undefined;
}

/** Where text goes, and how far it is indented. */
export interface Target {
  readonly indent: string;
  readonly lines: string[];
}

const isAtom = (text: string) => /^-?[A-Za-z0-9_.]+$/.test(text);

/**
 * Prints loops over numbers of two parts: two arrays for each real buffer, two variables for each number. Expressions
 * become variables one by one. First parts alone decide branches, guards and indices.
 */
export abstract class PairPrinter extends RealPrinter {
  /** What the names of second parts end in. */
  protected abstract readonly suffix: string;
  private readonly secondNames = new Map<string, string>();
  private readonly texts = new Map<number, PairText>();
  private readonly mutable = new Set<number>();
  private readonly program: Program;
  private readonly signature: Signature;

  constructor(program: Program, signature: Signature) {
    super(program, signature, { isTyped: false });
    this.program = program;
    this.signature = signature;
  }

  /** A primitive of at least one operand with a second part. */
  protected abstract applyPair(value: Apply, operands: readonly PairText[], target: Target): PairText;

  /** The functions, and the names of bound and of passed arrays: each real array is followed by its second one. */
  printFunctions(): { text: string; sizes: string[]; bound: string[]; vectors: string[] } {
    const { program, signature } = this;
    const sizes = program.sizes.map((name) => this.called.size(name));
    const named = (buffer: Buffer) => this.arrayNames(this.called.buffer(buffer), hasSecond(buffer));
    const bound = boundBuffers(program, signature).flatMap(named);
    const packed = signature.packed.flatMap((vector) => this.arrayNames(this.called.packed(vector), true));
    const vectors = [...packed, ...signature.separate.flatMap(named)];
    const parameters = [...sizes, ...bound, ...vectors];
    const { called, own } = printFunctions(this, program, { parameters, names: parameters, record: undefined });
    return { text: [...called, ...own].join("\n\n"), sizes, bound, vectors };
  }

  private arrayNames(first: string, isPair: boolean): string[] {
    return isPair ? [first, this.secondOf(first)] : [first];
  }

  override namesOf(buffer: Buffer): string[] {
    return this.arrayNames(this.called.buffer(buffer), hasSecond(buffer));
  }

  /** The name of the second part beside that of the first. */
  protected secondOf(first: string): string {
    const known = this.secondNames.get(first);
    if (known) return known;
    const name = this.called.own.make(`${first}_${this.suffix}`);
    this.secondNames.set(first, name);
    return name;
  }

  /** Text that begins with the name of a first array, about the second one. */
  private inSecond(text: string): string {
    const [, name, rest] = /^(\w+)(.*)$/.exec(text)!;
    return this.secondOf(name!) + rest;
  }

  protected override print(statement: Statement, indent: string, lines: string[]): void {
    const target = { indent, lines };
    const write = (text: string) => lines.push(indent + text);
    switch (statement.kind) {
      case "let":
        this.texts.set(statement.temporary.id, this.defined(statement.value, target));
        return;
      case "index":
        write(`const ${this.called.variable(statement.variable)} = ${this.pair(statement.value, target).first};`);
        return;
      case "start":
        this.start(statement, target);
        return;
      case "assign":
        this.assign(this.texts.get(statement.temporary.id)!, this.pair(statement.value, target), target);
        return;
      case "combine":
        this.combine(statement, this.texts.get(statement.temporary.id)!, target);
        return;
      case "store":
        this.store(statement, target);
        return;
      case "accumulate":
        this.combine(statement, this.elements(statement.buffer, statement.address), target);
        return;
      case "fill":
        write(this.fill(statement.buffer, printNumber(statement.value)));
        if (hasSecond(statement.buffer)) write(this.inSecond(this.fill(statement.buffer, "0")));
        return;
      case "if":
        this.printChoice(this.pair(statement.condition, target).first, statement, indent, lines);
        return;
      case "while":
        this.printWhile(statement, target);
        return;
      default:
        super.print(statement, indent, lines);
    }
  }

  /** The texts of a value that keeps them: what is changed later is copied. */
  private defined(value: Value, target: Target): PairText {
    const isCopy = value.kind === "temporary" && this.mutable.has(value.id);
    const pair = this.pair(value, target);
    return isCopy ? this.nameBoth(pair, target) : pair;
  }

  private start({ temporary, value }: Extract<Statement, { kind: "start" }>, target: Target): void {
    const { first, second } = this.pair(value, target);
    const name = this.called.temporary(temporary);
    const pair = { first: name, second: temporary.dtype === "real" ? this.secondOf(name) : undefined };
    this.texts.set(temporary.id, pair);
    this.mutable.add(temporary.id);
    const further = pair.second ? `, ${pair.second} = ${second ?? 0}` : "";
    target.lines.push(`${target.indent}let ${name} = ${first}${further};`);
  }

  private store({ buffer, address, value }: Extract<Statement, { kind: "store" }>, target: Target): void {
    const pair = this.pair(value, target);
    const isCondition = dtypeOf(value) === "bool" || buffer.dtype === "bool";
    const first = isCondition ? `${parenthesised(pair.first)} ? 1 : 0` : pair.first;
    this.assign(this.elements(buffer, address), { first, second: pair.second }, target);
  }

  /** What the condition takes to compute is computed at every turn. */
  private printWhile({ condition, body }: Extract<Statement, { kind: "while" }>, { indent, lines }: Target): void {
    const inner: Target = { indent: `${indent}  `, lines };
    lines.push(`${indent}for (;;) {`);
    lines.push(`${inner.indent}if (!${parenthesised(this.pair(condition, inner).first)}) break;`);
    this.printAll(body, inner.indent, lines);
    lines.push(`${indent}}`);
  }

  private elements(buffer: Buffer, address: Integer): PairText {
    const first = this.element(buffer, address);
    return { first, second: hasSecond(buffer) ? this.inSecond(first) : undefined };
  }

  private assign(place: PairText, { first, second }: PairText, { indent, lines }: Target): void {
    lines.push(`${indent}${place.first} = ${first};`);
    if (place.second) lines.push(`${indent}${place.second} = ${second ?? 0};`);
  }

  private combine(
    { combine, value }: Extract<Statement, { kind: "combine" | "accumulate" }>,
    place: PairText,
    target: Target,
  ): void {
    const { indent, lines } = target;
    const pair = this.pair(value, target);
    const { first, second } = pair;
    switch (combine) {
      case "sum":
        lines.push(`${indent}${place.first} += ${first};`);
        if (place.second && second) lines.push(`${indent}${place.second} += ${second};`);
        return;
      case "prod": {
        const dtype = dtypeOf(value);
        const known: Value = { kind: "temporary", id: -1, dtype };
        const apply: Apply = { kind: "apply", primitive: mul.primitive, operands: [known, value], dtype };
        this.assign(place, this.applyTo(apply, [this.nameBoth(place, target), pair], target), target);
        return;
      }
      default: {
        const sign = combine === "max" ? ">" : "<";
        lines.push(`${indent}if (${first} ${sign} ${place.first} || ${first} !== ${first}) {`);
        this.assign(place, pair, { indent: `${indent}  `, lines });
        lines.push(`${indent}}`);
      }
    }
  }

  /** The value as two parts; what it takes to compute them is printed before. */
  protected pair(value: Value, target: Target): PairText {
    switch (value.kind) {
      case "constant":
      case "integer":
        return { first: this.named(this.value(value), target), second: undefined };
      case "temporary":
        return this.texts.get(value.id)!;
      case "load": {
        const element = this.elements(value.buffer, value.address);
        if (value.buffer.dtype !== "bool") return this.nameBoth(element, target);
        return { first: this.named(`${element.first} !== 0`, target), second: undefined };
      }
      case "guarded":
        return this.choice(this.guards(value.guards), value.value, undefined, target);
      case "apply": {
        if (value.primitive === select.primitive) {
          const [condition, yes, no] = value.operands;
          return this.choice(this.pair(condition!, target).first, yes!, no!, target);
        }
        const operands = value.operands.map((operand) => this.pair(operand, target));
        return this.applyTo(value, operands, target);
      }
    }
  }

  private applyTo(value: Apply, operands: readonly PairText[], target: Target): PairText {
    const varies = value.dtype === "real" && operands.some((operand) => operand.second !== undefined);
    return varies
      ? this.applyPair(value, operands, target)
      : { first: this.applyReal(value, operands, target), second: undefined };
  }

  /** The primitive of the first parts. */
  protected applyReal({ primitive }: Apply, operands: readonly PairText[], target: Target): string {
    if (!primitive.print) this.used.add(primitive);
    const firsts = operands.map(({ first }) => first);
    return this.named(printApply(primitive, firsts, this.kernelName), target);
  }

  /** One value or the other, 0 where there is no other; only the side that is taken is computed. */
  private choice(condition: string, yes: Value, no: Value | undefined, { indent, lines }: Target): PairText {
    const side = (value: Value | undefined) => {
      const inner: Target = { indent: `${indent}  `, lines: [] };
      const pair = value
        ? this.pair(value, inner)
        : { first: dtypeOf(yes) === "bool" ? "false" : "0", second: undefined };
      return { inner, pair };
    };
    const [first, second] = [side(yes), side(no)];
    const name = this.called.own.make("p");
    const hasSecondPart = first.pair.second !== undefined || second.pair.second !== undefined;
    const result = { first: name, second: hasSecondPart ? this.secondOf(name) : undefined };
    lines.push(`${indent}let ${name}${result.second ? `, ${result.second}` : ""};`);
    for (const [k, { inner, pair }] of [first, second].entries()) {
      this.assign(result, pair, inner);
      lines.push(k === 0 ? `${indent}if (${condition}) {` : `${indent}} else {`, ...inner.lines);
    }
    lines.push(`${indent}}`);
    return result;
  }

  /** A name for a text that is more than one. */
  protected named(text: string, { indent, lines }: Target): string {
    if (isAtom(text)) return text;
    const name = this.called.own.make("p");
    lines.push(`${indent}const ${name} = ${text};`);
    return name;
  }

  /** New variables for both parts. */
  protected nameBoth({ first, second }: PairText, { indent, lines }: Target): PairText {
    const name = this.called.own.make("p");
    const other = second === undefined ? undefined : this.secondOf(name);
    lines.push(`${indent}const ${name} = ${first}${other ? `, ${other} = ${second}` : ""};`);
    return { first: name, second: other };
  }
}
