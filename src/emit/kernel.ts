import type { Primitive } from "../ir/primitive.ts";
import { type Block, compileProgram, type Step } from "../ops/program.ts";

/** How a function of numbers is written: with or without types. */
export interface Dialect {
  readonly isTyped: boolean;
}

export function printNumber(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (value === Number.POSITIVE_INFINITY) return "Infinity";
  if (value === Number.NEGATIVE_INFINITY) return "-Infinity";
  return Object.is(value, -0) ? "-0" : String(value);
}

/** An operand that keeps its meaning inside any operator. */
export function parenthesised(text: string): string {
  return /^([A-Za-z0-9_.]+|[A-Za-z_][A-Za-z0-9_.]*(\([^()]*\)|\[[^[\]]*\]!?))$/.test(text) ? text : `(${text})`;
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
  if (!primitive.program) throw new Error(`internal: ${primitive.name} can be neither printed nor expanded`);
  return compileProgram(primitive.program, primitive.arity === "variadic" ? 2 : primitive.arity);
}

function primitivesOf(block: Block): Primitive[] {
  return block.steps.flatMap((step) =>
    step.kind === "apply" ? [step.primitive] : [...primitivesOf(step.yes), ...primitivesOf(step.no)],
  );
}

/** A primitive as a function declaration; `nameOf` gives the function names of primitives. */
export function printKernel(primitive: Primitive, nameOf: (primitive: Primitive) => string, dialect: Dialect): string {
  const program = programOf(primitive);
  const uses = new Map<number, number>();
  countUses(program.body, uses);
  const text = new Map<number, string>(program.constants.map(({ slot, value }) => [slot, printNumber(value)]));
  const parameters = Array.from({ length: program.arity }, (_, slot) => `x${slot}`);
  for (const [slot, name] of parameters.entries()) text.set(slot, name);
  const lines: string[] = [];
  const printBlock = (block: Block, indent: string): string => {
    for (const step of block.steps) printStep(step, indent);
    return text.get(block.result)!;
  };
  const printStep = (step: Step, indent: string): void => {
    if (step.kind === "choose") {
      const name = `y${step.target}`;
      lines.push(`${indent}let ${name}${dialect.isTyped ? ": number" : ""};`);
      lines.push(`${indent}if (${text.get(step.condition)}) {`);
      lines.push(`${indent}  ${name} = ${printBlock(step.yes, `${indent}  `)};`);
      lines.push(`${indent}} else {`);
      lines.push(`${indent}  ${name} = ${printBlock(step.no, `${indent}  `)};`);
      lines.push(`${indent}}`);
      text.set(step.target, name);
      return;
    }
    const operands = step.operands.map((slot) => text.get(slot)!);
    const value = printApply(step.primitive, operands, nameOf);
    if (uses.get(step.target) === 1 && value.length < 60) {
      text.set(step.target, value);
      return;
    }
    lines.push(`${indent}const y${step.target} = ${value};`);
    text.set(step.target, `y${step.target}`);
  };
  const result = printBlock(program.body, "  ");
  const typed = parameters.map((name) => (dialect.isTyped ? `${name}: number` : name)).join(", ");
  return [
    `// ${primitive.documentation.summary}`,
    `function ${nameOf(primitive)}(${typed})${dialect.isTyped ? ": number" : ""} {`,
    ...lines,
    `  return ${result};`,
    "}",
  ].join("\n");
}

export function printApply(
  primitive: Primitive,
  operands: readonly string[],
  nameOf: (primitive: Primitive) => string,
): string {
  return primitive.print
    ? primitive.print(...operands.map(parenthesised))
    : `${nameOf(primitive)}(${operands.join(", ")})`;
}

function countUses(block: Block, uses: Map<number, number>): void {
  const use = (slot: number) => uses.set(slot, (uses.get(slot) ?? 0) + 1);
  for (const step of block.steps) {
    if (step.kind === "apply") step.operands.forEach(use);
    else {
      use(step.condition);
      // a value used inside a side may be printed there only once, so it is named before
      countUses(step.yes, uses);
      countUses(step.no, uses);
    }
  }
  use(block.result);
}
