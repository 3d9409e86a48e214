import type { Buffer, Part, Program, Statement } from "../../lower/program/loops.ts";
import { mentionedByRoutine, variablesAround } from "../../lower/program/mentioned.ts";
import { arrayTypeOf } from "../signature.ts";
import type { Returned } from "./layout.ts";
import type { RealPrinter } from "./real-printer.ts";

/** How the functions of a program are called: what stands in their heads, and what parts are handed on. */
interface Call {
  readonly parameters: readonly string[];
  readonly names: readonly string[];
  /** The parameter that sizes and bound arrays are the properties of. */
  readonly record: string | undefined;
}

/** The functions of a program, a long one calling its parts in order, and those that they call. */
export function printFunctions(
  printer: RealPrinter,
  program: Program,
  call: Call,
): { readonly called: readonly string[]; readonly own: readonly string[] } {
  const routines = routineFunctions(printer, program);
  const own = programFunctions(printer, program, call);
  return { called: [...(printer.dialect.nests?.texts.splice(0) ?? []), ...routines], own };
}

function programFunctions(printer: RealPrinter, program: Program, { parameters, names, record }: Call): string[] {
  const { called, returned } = printer;
  const head = (name: string, all: readonly string[]) => printer.head(name, all, returned ? "number" : "void");
  const layout = { record, hasOffsets: true };
  const inBodies = new BodyParts(printer, {
    name: called.functionName,
    parameters: () => readOf(printer, parameters, names),
    passed: () => names.map((name) => called.noted(name)),
    linesOf: (statements) => linesOf(printer, statements, layout),
  });
  const texts = program.parts.map((statements) => {
    const ending = returned && howReturned(printer, returned, statements);
    printer.ending = ending;
    // a part is one text once it is printed: the lines of all parts take many times the room
    const lines = linesOf(printer, statements, { ...layout, before: ending?.before });
    return {
      lines: inOneText([...lines, ...(ending?.after ?? [])]),
      parameters: readOf(printer, parameters, names),
    };
  });
  const ofBodies = inBodies.functions();
  if (texts.length === 1) {
    const { lines, parameters } = texts[0]!;
    return [...ofBodies, [head(called.functionName, parameters), ...lines, "}"].join("\n")];
  }
  const parts = texts.map((text, k) => ({ ...text, name: called.outer.make(`${called.functionName}_${k + 1}`) }));
  // the scalar result is computed in one part and 0 in the others
  const calls = parts.map((part) => `${part.name}(${names.join(", ")})`);
  const main = returned
    ? [`  let result = ${calls[0]};`, ...calls.slice(1).map((each) => `  result += ${each};`), "  return result;"]
    : calls.map((each) => `  ${each};`);
  return [
    ...ofBodies,
    ...parts.map((part) => [head(part.name, part.parameters), ...part.lines, "}"].join("\n")),
    [head(called.functionName, parameters), ...main, "}"].join("\n"),
  ];
}

/** The functions of the routines, over the arrays and sizes that each of them uses; notes how they are called. */
function routineFunctions(printer: RealPrinter, { routines }: Program): string[] {
  const { called, dialect } = printer;
  return routines.flatMap((routine) => {
    const { sizes, buffers } = mentionedByRoutine(routine, routines);
    const typed = (name: string, type: string) => (dialect.isTyped ? `${name}: ${type}` : name);
    const named = [
      ...sizes.map((size) => typed(called.size(size), "number")),
      ...buffers.flatMap((buffer) => printer.namesOf(buffer).map((name) => typed(name, arrayTypeOf(buffer)))),
    ];
    const parameters = dialect.isClosed ? [] : named;
    const mentioned = () => [
      ...sizes.map((size) => called.size(size)),
      ...buffers.flatMap((buffer) => printer.namesOf(buffer)),
    ];
    const names = mentioned();
    const passed = () => (dialect.isClosed ? [] : mentioned());
    const inBodies = new BodyParts(printer, {
      name: routine.name,
      parameters: () => readOf(printer, parameters, names),
      passed,
      linesOf: (statements) => linesOf(printer, statements),
    });
    const functions = routine.parts.map((statements) => {
      const name = called.outer.make(routine.name);
      const lines = linesOf(printer, statements);
      const head = printer.head(name, readOf(printer, parameters, names), "void");
      return { name, text: [head, ...lines, "}"].join("\n") };
    });
    printer.routineCalls.push(() => functions.map(({ name }) => `${name}(${passed().join(", ")});`).join(" "));
    return [...inBodies.functions(), ...functions.map(({ text }) => text)];
  });
}

/** What the parts of long bodies have from the function around: they are named after it, and take what it takes. */
interface Around {
  readonly name: string;
  /** Those that the function printed last reads by their names. */
  readonly parameters: () => readonly string[];
  readonly passed: () => readonly string[];
  readonly linesOf: (statements: readonly Statement[]) => string[];
}

/** The parts of long bodies of a function: they are printed as they are met, and one may hold others. */
class BodyParts {
  private readonly printer: RealPrinter;
  private readonly around: Around;
  private readonly waiting: { readonly name: string; readonly parameters: string[]; readonly part: Part }[] = [];

  /** From here on the printer calls the parts that it meets. */
  constructor(printer: RealPrinter, around: Around) {
    this.printer = printer;
    this.around = around;
    printer.partCall = (part) => {
      const { called, dialect } = printer;
      const name = called.outer.make(`${around.name}_part`);
      const variables = variablesAround(part.body).map((variable) => called.variable(variable));
      const parameters = variables.map((variable) => (dialect.isTyped ? `${variable}: number` : variable));
      this.waiting.push({ name, parameters, part });
      return `${name}(${[...variables, ...around.passed()].join(", ")});`;
    };
  }

  /** The texts of the functions that were called. */
  functions(): string[] {
    const { printer, around, waiting } = this;
    const texts: string[] = [];
    printer.ending = undefined;
    for (const { name, parameters, part } of waiting) {
      const lines = around.linesOf(part.body);
      const head = printer.head(name, [...parameters, ...around.parameters()], "void");
      texts.push([head, ...lines, "}"].join("\n"));
    }
    return texts;
  }
}

/** Parameters as the function that was printed last has them in its head: what it does not read begins with _. */
function readOf(
  { called, dialect }: RealPrinter,
  parameters: readonly string[],
  names: readonly string[],
): readonly string[] {
  if (!dialect.isTyped) return parameters;
  return parameters.map((parameter, k) => called.parameter(names[k]!) + parameter.slice(names[k]!.length));
}

/** What stands before the statements of a function. */
interface Before {
  readonly record?: string | undefined;
  readonly hasOffsets?: boolean;
  readonly before?: readonly string[] | undefined;
}

/** The lines of a function: what closed ones know, by the names that statements use, then the statements. */
function linesOf(printer: RealPrinter, statements: readonly Statement[], layout: Before = {}): string[] {
  const { record, hasOffsets = false } = layout;
  const { called, dialect } = printer;
  called.begin();
  const lines: string[] = [];
  printer.printAll(statements, "  ", lines);
  const offsets = hasOffsets ? called.offsetLines().map((line) => `  ${line}`) : [];
  const before = [...offsets, ...(layout.before ?? [])];
  if (!dialect.isClosed && record === undefined) return [...before, ...lines];
  const { sizes, buffers } = called.mentioned();
  const names = [...sizes, ...buffers.flatMap((buffer) => printer.namesOf(buffer))];
  if (record !== undefined) {
    if (names.length > 0) called.noted(record);
    return [...dialect.layout!.taken(names, record), ...before, ...lines];
  }
  // a variable of its own is read once
  return [...names.map((name) => `  const ${name} = ${called.knownAs(name)};`), ...before, ...lines];
}

function howReturned({ called, dialect }: RealPrinter, buffer: Buffer, statements: readonly Statement[]): Returned {
  const name = called.buffer(buffer);
  const plain = { before: [`  let ${name} = 0;`], after: [`  return ${name};`] };
  return dialect.layout?.returnedBy(buffer, statements, name) ?? plain;
}

/** The lines as one, if there are any. */
const inOneText = (lines: readonly string[]) => (lines.length === 0 ? lines : [lines.join("\n")]);
