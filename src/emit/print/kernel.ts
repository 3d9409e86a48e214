import { Ability } from "../../ir/extension.ts";
import type { Primitive } from "../../ir/primitive.ts";
import type { SharedNest, Value } from "../../lower/program/loops.ts";
import { isRepeated } from "../../lower/program/values.ts";
import { type Block, compileProgram, type Step, type Program as StraightProgram } from "../../ops/program.ts";
import type { Timing } from "../report/profile.ts";
import type { Layout } from "./layout.ts";
import { formOf, operandOf } from "./precedence.ts";
import { printNumber } from "./print-number.ts";
import type { Scope } from "./real-printer.ts";
import { commentText } from "./text.ts";

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
  /** Tells of results that may have lost digits. Default: nothing does. */
  readonly watch?: Watch | undefined;
}

/** How results that may have lost digits are watched, in one program. */
export interface Watch {
  /** The name of the variable that is set where digits are lost. */
  readonly doubt: string;
  /** The text of a value that is watched, made of those of its operands. */
  text(value: Value, operands: readonly string[], kernelName: (primitive: Primitive) => string): string | undefined;
  /** The tests of what the statement at hand has computed, as lines. */
  tests(): readonly string[];
  /** What stands before and behind the statements of a function, as lines. */
  ends(print: (value: Value) => string): Readonly<Record<"before" | "behind", readonly string[]>>;
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

/** Prints the steps of a program whose operands are given as text; returns the text of its result. */
export function printSteps(
  program: StraightProgram,
  operands: readonly string[],
  printer: StepPrinter,
  indent: string,
): string {
  const { dialect, lines } = printer;
  const uses = new Map<number, number>();
  countUses(program.body, uses);
  const text = new Map<number, string>(program.constants.map(({ slot, value }) => [slot, printNumber(value)]));
  for (const [slot, operand] of operands.entries()) text.set(slot, operand);
  const printBlock = (block: Block, indent: string): string => {
    for (const step of block.steps) printStep(step, indent);
    return text.get(block.result)!;
  };
  const printStep = (step: Step, indent: string): void => {
    if (step.kind === "choose") {
      const name = printer.variable(step.target);
      lines.push(`${indent}let ${name}${dialect.isTyped ? ": number" : ""};`);
      lines.push(`${indent}if (${text.get(step.condition)}) {`);
      lines.push(`${indent}  ${name} = ${printBlock(step.yes, `${indent}  `)};`);
      lines.push(`${indent}} else {`);
      lines.push(`${indent}  ${name} = ${printBlock(step.no, `${indent}  `)};`);
      lines.push(`${indent}}`);
      text.set(step.target, name);
      return;
    }
    const values = step.operands.map((slot) => text.get(slot)!);
    const value = printApply(step.primitive, values, printer.kernelName);
    if (uses.get(step.target) === 1 && value.length < longestInline) {
      text.set(step.target, value);
      return;
    }
    const name = printer.variable(step.target);
    lines.push(`${indent}const ${name} = ${value};`);
    text.set(step.target, name);
  };
  return printBlock(program.body, indent);
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
  const result = printSteps(program, parameters, printer, "  ");
  const typed = parameters.map((name) => (dialect.isTyped ? `${name}: number` : name)).join(", ");
  return [
    ...(summary === undefined ? [] : [`// ${commentText(summary)}`]),
    `function ${kernelName(primitive)}(${typed})${dialect.isTyped ? ": number" : ""} {`,
    ...lines,
    `  return ${result};`,
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
