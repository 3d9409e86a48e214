import { Ability } from "../../ir/extension.ts";
import type { Primitive } from "../../ir/primitive.ts";
import type { SharedNest, Value } from "../../lower/program/loops.ts";
import { isRepeated } from "../../lower/program/values.ts";
import { type Block, compileProgram, type Step, type Program as StraightProgram } from "../../ops/program.ts";
import type { Timing } from "../report/profile.ts";
import type { Layout } from "./layout.ts";
import { formOf, operandOf } from "./precedence.ts";
import type { Scope } from "./real-printer.ts";
import { commentText, printNumber } from "./text.ts";

/** How a function of numbers is written: with or without types. */
export interface Dialect {
  readonly isTyped: boolean;
  /** How functions are laid out. Default: in lines that nobody reads. */
  readonly layout?: Layout | undefined;
  /**
   * Functions stand within one that knows sizes and bound arrays, and take vectors alone: V8 writes code for such arrays with
   * their addresses in it, while they are bound once. Default: they take all as parameters.
   */
  readonly isClosed?: boolean;
  /** Outermost loops are timed. */
  readonly timing?: Timing | undefined;
  /** The functions of loops that are shared. Default: loops stand where they are called. */
  readonly nests?: NestFunctions | undefined;
}

/** Makes the functions of the loops that a program shares. */
export const nestPrinting = new Ability<() => NestFunctions>("functions of nests");

/** Functions of shared loops, each printed where it is first called. */
export interface NestFunctions {
  /** The texts of functions that nobody has taken yet. */
  readonly texts: string[];
  /** The name of the function; kernels that it needs are noted in `used`. */
  nameOf(nest: SharedNest, dialect: Dialect, scope: Scope, used: Set<Primitive>): string;
}

/** Every primitive without an expression of its own that the given ones need, each after what it calls. */
export function kernelsNeeded(primitives: Iterable<Primitive>): Primitive[] {
  const ordered: Primitive[] = [];
  const state = new Map<Primitive, "open" | "done">();
  const pending = [...primitives].reverse();
  for (let next = pending[pending.length - 1]; next; next = pending[pending.length - 1]) {
    if (next.print || state.get(next) === "done") {
      pending.pop();
      continue;
    }
    if (state.get(next) === "open") {
      state.set(next, "done");
      ordered.push(next);
      pending.pop();
      continue;
    }
    state.set(next, "open");
    pending.push(...primitivesOf(programOf(next).body).filter((inner) => state.get(inner) === undefined));
  }
  return ordered;
}

function programOf(primitive: Primitive) {
  return compileProgram(primitive.program!, primitive.arity === "variadic" ? 2 : primitive.arity);
}

function primitivesOf(block: Block): Primitive[] {
  return block.steps.flatMap((step) =>
    step.kind === "apply" ? [step.primitive] : [...primitivesOf(step.yes), ...primitivesOf(step.no)],
  );
}

type Choice = Step & { readonly kind: "choose" };

/** How the steps of a program are written into a function: its variables, the functions it calls, where its lines go. */
export interface StepPrinter {
  readonly dialect: Dialect;
  /** A name for the variable of a slot. */
  readonly variable: (slot: number) => string;
  readonly kernelName: (primitive: Primitive) => string;
  readonly lines: string[];
}

/** Longest expression that is written where it is used instead of getting a name. */
const longestInline = 60;
/** Longest choice that is one line, and the most steps that it may have: it is tried. */
const longestChoice = 100;
const mostInOneLine = 4;

const sizeOf = ({ steps }: Block): number =>
  steps.reduce((sum, step) => sum + 1 + (step.kind === "choose" ? sizeOf(step.yes) + sizeOf(step.no) : 0), 0);

/** Prints the steps of a program whose operands are given as text; returns the text of its result. */
export function printSteps(
  program: StraightProgram,
  operands: readonly string[],
  printer: StepPrinter,
  indent: string,
): string {
  return new Steps(program, operands, printer).block(program.body, indent);
}

/** The steps of a program on their way into lines. */
class Steps {
  private readonly printer: StepPrinter;
  private readonly uses = new Map<number, number>();
  private readonly text: Map<number, string>;

  constructor(program: StraightProgram, operands: readonly string[], printer: StepPrinter) {
    this.printer = printer;
    countUses(program.body, this.uses);
    this.text = new Map(program.constants.map(({ slot, value }) => [slot, printNumber(value)]));
    for (const [slot, operand] of operands.entries()) this.text.set(slot, operand);
  }

  /** Returns the text of the block's result. */
  block({ steps, result }: Block, indent: string): string {
    for (const step of steps) this.step(step, indent);
    return this.text.get(result)!;
  }

  /** Writes a block that ends its function: what ends in a choice returns from either side. */
  returning({ steps, result }: Block, indent: string): void {
    const { lines } = this.printer;
    const last = steps.at(-1);
    const choice = last?.kind === "choose" && last.target === result ? last : undefined;
    for (const step of choice ? steps.slice(0, -1) : steps) this.step(step, indent);
    const inOneLine = choice && this.inOneLine(choice, indent);
    if (!choice || inOneLine) {
      lines.push(`${indent}return ${inOneLine ?? this.text.get(result)};`);
      return;
    }
    lines.push(`${indent}if (${this.text.get(choice.condition)}) {`);
    this.returning(choice.yes, `${indent}  `);
    lines.push(`${indent}}`);
    this.returning(choice.no, indent);
  }

  private step(step: Step, indent: string): void {
    if (step.kind === "choose") this.choice(step, indent);
    else {
      const values = step.operands.map((slot) => this.text.get(slot)!);
      this.value(step.target, printApply(step.primitive, values, this.printer.kernelName), indent);
    }
  }

  private value(target: number, value: string, indent: string): void {
    const isInline = this.uses.get(target) === 1 && value.length < longestInline;
    const name = isInline ? value : this.printer.variable(target);
    if (!isInline) this.printer.lines.push(`${indent}const ${name} = ${value};`);
    this.text.set(target, name);
  }

  private choice(step: Choice, indent: string): void {
    const inOneLine = this.inOneLine(step, indent);
    if (inOneLine !== undefined) {
      this.value(step.target, inOneLine, indent);
      return;
    }
    const { dialect, lines, variable } = this.printer;
    const name = variable(step.target);
    const side = (block: Block) => lines.push(`${indent}  ${name} = ${this.block(block, `${indent}  `)};`);
    lines.push(`${indent}let ${name}${dialect.isTyped ? ": number" : ""};`);
    lines.push(`${indent}if (${this.text.get(step.condition)}) {`);
    side(step.yes);
    lines.push(`${indent}} else {`);
    side(step.no);
    lines.push(`${indent}}`);
    this.text.set(step.target, name);
  }

  /** A choice as an expression, where its sides need no lines of their own. */
  private inOneLine({ condition, yes, no }: Choice, indent: string): string | undefined {
    if (sizeOf(yes) + sizeOf(no) > mostInOneLine) return undefined;
    const { lines } = this.printer;
    const from = lines.length;
    const parts = [this.text.get(condition)!, this.block(yes, indent), this.block(no, indent)];
    const own = lines.splice(from);
    const [test, first, second] = parts.map((part) => (part.includes(" ? ") ? `(${part})` : part));
    const text = `${test} ? ${first} : ${second}`;
    return own.length === 0 && text.length < longestChoice ? text : undefined;
  }
}

/** A primitive as a function declaration, under its summary; `kernelName` gives the function names of primitives. */
export function printKernel(
  primitive: Primitive,
  kernelName: (primitive: Primitive) => string,
  dialect: Dialect,
  summary?: string,
): string {
  const program = programOf(primitive);
  const parameters = Array.from({ length: program.arity }, (_, slot) => `x${slot}`);
  const lines: string[] = [];
  const printer: StepPrinter = { dialect, variable: (slot) => `y${slot}`, kernelName, lines };
  new Steps(program, parameters, printer).returning(program.body, "  ");
  const typed = parameters.map((name) => (dialect.isTyped ? `${name}: number` : name)).join(", ");
  return [
    ...(summary === undefined ? [] : [`// ${commentText(summary)}`]),
    `function ${kernelName(primitive)}(${typed})${dialect.isTyped ? ": number" : ""} {`,
    ...lines,
    "}",
  ].join("\n");
}

/** A primitive over operands that are given as texts; `values`: what the texts say, where that is known. */
export function printApply(
  primitive: Primitive,
  operands: readonly string[],
  nameOf: (primitive: Primitive) => string,
  values?: readonly Value[],
): string {
  const { print } = primitive;
  if (!print) return `${nameOf(primitive)}(${operands.join(", ")})`;
  const form = formOf(primitive, operands.length);
  // arguments of a function need no parentheses
  if (form.isCall) return print(...operands);
  const text =
    operands.length === 2
      ? print(operandOf(form, 0, operands[0]!, values?.[0]), operandOf(form, 1, operands[1]!, values?.[1]))
      : print(...operands.map((operand, position) => operandOf(form, position, operand, values?.[position])));
  return form.isWrapped ? `(${text})` : text;
}

function countUses(block: Block, uses: Map<number, number>): void {
  const use = (slot: number) => uses.set(slot, (uses.get(slot) ?? 0) + 1);
  for (const step of block.steps) {
    if (step.kind === "apply") {
      for (const [position, slot] of step.operands.entries()) {
        use(slot);
        // what is printed twice gets a name
        if (isRepeated(step.primitive, position)) use(slot);
      }
    } else {
      use(step.condition);
      // a value used inside a side may be printed there only once, so it is named before
      countUses(step.yes, uses);
      countUses(step.no, uses);
    }
  }
  use(block.result);
}
