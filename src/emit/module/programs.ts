import type { Shape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { Primitive } from "../../ir/primitive.ts";
import type { Buffer, Program } from "../../lower/program/loops.ts";
import { statementsOf, visitStatement } from "../../lower/program/rewrite-statements.ts";
import { documentationOf } from "../../ops/documentation/registry.ts";
import { pow } from "../../ops/elementary/powers.ts";
import { base64 } from "../base64.ts";
import { kernelsNeeded, printApply, printKernel } from "../print/kernel.ts";
import { layout } from "../print/layout.ts";
import { Names } from "../print/names.ts";
import { nestFunctions } from "../print/nest-printer.ts";
import { type PrintedFunction, printProgram } from "../print/print.ts";
import { printInteger } from "../print/print-integer.ts";
import { commentText, printNumber, stringLiteral } from "../print/text.ts";
import { arrayType, arrayTypeOf } from "../signature.ts";
import type { HostFunction } from "../wasm/functions.ts";
import { packedSteps } from "../wasm/fuse.ts";
import { bytesOf } from "../wasm/places.ts";
import type { ModuleContent, ModuleFunctionName, ModuleProgram, ModuleWasm, PreparedInputs } from "./content.ts";
import { methods } from "./methods.ts";
import { loopNotes } from "./notes.ts";

const dialect = { isTyped: true, layout };

/** A program in the module: its function, and what binds its sizes and arrays. */
interface Placed {
  readonly printed: PrintedFunction;
  /** The name under which the function around has its binding. */
  readonly binding: string;
  /** The lines that give the function its sizes, and those that give it its arrays. */
  readonly sizeLines: readonly string[];
  readonly arrayLines: readonly string[];
  /** Sizes and bound arrays, as the function takes them. */
  readonly bound: readonly string[];
  /** The function that makes a record of them. */
  readonly maker: readonly string[];
}

/** The programs of a module as functions that share names, kernels and tables. */
export class ModulePrograms {
  readonly names = new Names();
  /** Functions that compute arrays: outputs, defaults, indices to be checked. */
  readonly producers: string[] = [];
  private readonly sizes: readonly string[];
  private readonly kernelNames = new Map<Primitive, string>();
  private readonly needed: readonly Primitive[];
  private readonly tableNames = new Map<Float64Array, Map<string, string>>();
  private readonly tableTexts: string[] = [];
  private readonly nests = nestFunctions();
  private readonly preparing = new Map<ModuleProgram, string>();

  constructor(content: ModuleContent, reserved: readonly string[], programs: readonly Program[]) {
    this.sizes = content.sizes;
    for (const name of reserved) this.names.make(name);
    this.needed = kernelsNeeded(programs.flatMap(primitivesOf));
    for (const primitive of this.needed) {
      const name = /^[xy][0-9]+$/.test(primitive.name) ? `f_${primitive.name}` : primitive.name;
      this.kernelNames.set(primitive, this.names.make(name));
    }
  }

  /** The loops of a function of the bound model, and the function that hands them out with everything bound. */
  loops(name: ModuleFunctionName, code: ModuleProgram): { readonly of: string; readonly text: string } {
    const { loops } = methods[name];
    const { printed, binding, sizeLines, arrayLines, bound, maker } = this.place(name, code);
    const of = this.names.make(`${name}Of`);
    const vectors = [...printed.callNames];
    let passed = vectors;
    let runFast = (fast: string) => fast;
    if (name === "hessian") {
      const blocks = printed.names.make("blocks");
      const count = code.signature.packed.length;
      passed = vectors.map((vector, k) => (k < count ? vector : `${blocks}[${k - count}]!`));
      vectors.splice(count, vectors.length, blocks);
      runFast = (fast) => `(${vectors.join(", ")}) => ${fast}(${fastArguments(vectors.slice(0, count), blocks)})`;
    }
    const fastName = printed.names.make("fast");
    const fast = code.wasm && this.webAssembly(name, code.wasm, binding, fastName);
    const text = [
      ...(printed.called ? [printed.called, ""] : []),
      `/** ${loops} */`,
      printed.text,
      "",
      ...maker,
      ...(fast ? [`/** The same loops as WebAssembly. */`, fast.bytes, ""] : []),
      `function ${of}(${binding}: Binding): NonNullable<Ready["${name}"]> {`,
      `  if (${binding}.ready.${name}) return ${binding}.ready.${name};`,
      ...(fast?.lines ?? []),
      ...(fast
        ? [
            `  if (${fastName}) return (${binding}.ready.${name} = ${runFast(fastName)} as NonNullable<Ready["${name}"]>);`,
          ]
        : []),
      ...sizeLines,
      ...arrayLines,
      `  return (${binding}.ready.${name} = (${vectors.join(", ")}) => ${printed.name}(${[...bound, ...passed].join(", ")}));`,
      "}",
    ];
    return { of, text: text.join("\n") };
  }

  /** The bytes of a function, and the lines that find out whether it runs: `fast` is it, or undefined. */
  private webAssembly(
    name: string,
    wasm: ModuleWasm,
    binding: string,
    fast: string,
  ): { readonly bytes: string; readonly lines: readonly string[] } {
    const general = this.wasmCall(name, wasm, binding);
    if (!wasm.expected) return { bytes: general.bytes, lines: [`  const ${fast} = ${general.call};`] };
    const special = this.wasmCall(name, wasm.expected.wasm, binding);
    const asExpected = [...wasm.expected.sizes].map(
      ([size, value]) => `${binding}.size(${this.sizes.indexOf(size)}) === ${value}`,
    );
    return {
      bytes: `${general.bytes}\n\n/** The same for the sizes that the model says to expect. */\n${special.bytes}`,
      lines: [`  const ${fast} = ${asExpected.join(" && ")} ? ${special.call} : ${general.call};`],
    };
  }

  /** The bytes of a function, and the call that makes it. */
  private wasmCall(name: string, { signature, module, operations, prepared }: ModuleWasm, binding: string) {
    const bytes = this.names.make(`${name}Bytes`);
    const sizeOf = (size: string) => `${binding}.size(${this.sizes.indexOf(size)})`;
    const inSizes = (integer: Integer) =>
      printInteger(integer, (atom) => (atom.kind === "name" ? sizeOf(atom.name) : `i${atom.iterator}`));
    const places = new Map<Buffer, string>();
    for (const [k, { buffers }] of signature.packed.entries()) {
      for (const { buffer, offset } of buffers) places.set(buffer, `{ in: ${k}, at: ${inSizes(offset)} }`);
    }
    for (const [k, buffer] of signature.separate.entries()) {
      places.set(buffer, `{ output: ${k}, length: ${lengthText(buffer.shape, inSizes)}, bytes: ${bytesOf(buffer)} }`);
    }
    if (signature.returned) places.set(signature.returned, "{ result: true }");
    const arrays = module.buffers.map((buffer) => {
      const known = places.get(buffer);
      if (known) return known;
      if (buffer.role === "table") return `{ copy: ${this.table(buffer)} }`;
      if (buffer.role === "input") return `{ copy: ${this.input(buffer, prepared, binding)} }`;
      return `{ workspace: ${lengthText([...buffer.shape, Integer.constant(bytesOf(buffer))], inSizes)} }`;
    });
    const vectors = signature.packed.map(({ name, buffers }) => {
      return `[${stringLiteral(name)}, ${buffers.some(({ buffer }) => buffer.role === "output")}]`;
    });
    return {
      bytes: `const ${bytes} =\n  "${base64(module.bytes)}";`,
      call: [
        `webAssembly(${binding}, ${stringLiteral(bytes)}, ${bytes}, () => ({`,
        `    fusible: "${base64(packedSteps(module.fusible))}",`,
        `    operations: ${inSizes(operations)},`,
        `    sizes: [${module.sizes.map(sizeOf).join(", ")}],`,
        `    vectors: [${vectors.join(", ")}],`,
        `    arrays: [`,
        ...arrays.map((place) => `      ${place},`),
        `    ],`,
        `    functions: [${module.functions.map(hostExpression).join(", ")}],`,
        `  }))`,
      ].join("\n"),
    };
  }

  /** A function that runs a program on new arrays and returns them: the name it gets. */
  producer(suggestion: string, summary: string, code: ModuleProgram, returns: "one" | "all"): string {
    const { printed, binding, sizeLines, arrayLines, bound, maker } = this.place(suggestion, code);
    const of = this.names.make(`${suggestion}Of`);
    const { packed, separate } = code.signature;
    const point = packed.length > 0 ? printed.callNames[0]! : printed.names.make("x");
    const results = printed.callNames.slice(packed.length);
    const sizeNames = sizeNamesOf(code.program, printed);
    const ofResults = code.program.sizes.filter((size) =>
      separate.some(({ shape }) => shape.some((extent) => extent.names().includes(size))),
    );
    const type = returns === "one" ? arrayTypeOf(separate[0]!) : "readonly ArrayLike<number>[]";
    const returned = returns === "one" ? results[0]! : `[${results.join(", ")}]`;
    const fastName = printed.names.make("fast");
    const fast = code.wasm && this.webAssembly(suggestion, code.wasm, binding, fastName);
    const runFast = `${fastName}(${fastArguments([point], `[${results.join(", ")}]`)})`;
    const body = [
      ...(maker.length > 0 ? this.sizeLines(ofResults, sizeNames, binding) : sizeLines),
      ...separate.map((buffer, k) => `  const ${results[k]} = ${allocation(buffer, sizeNames)};`),
      ...(fast?.lines ?? []),
      ...(fast ? [`  if (${fastName}) {`, `    ${runFast};`, `    return ${returned};`, "  }"] : []),
      ...arrayLines,
      `  ${printed.name}(${[...bound, ...printed.callNames].join(", ")});`,
      `  return ${returned};`,
    ];
    const [first, second] = [binding, point].map((name) => parameterOf(body, name));
    const text = [
      ...(printed.called ? [printed.called, ""] : []),
      `/** ${commentText(summary)} */`,
      printed.text,
      "",
      ...maker,
      ...(fast ? [`/** The same loops as WebAssembly. */`, fast.bytes, ""] : []),
      `function ${of}(${first}: Binding, ${second}: Float64Array): ${type} {`,
      ...body,
      "}",
    ];
    this.producers.push(text.join("\n"));
    return of;
  }

  kernels(): string[] {
    const nameOf = (inner: Primitive) => this.kernelNames.get(inner)!;
    return this.needed.map((each) => printKernel(each, nameOf, dialect, documentationOf(each)?.summary));
  }

  /** The constant tensors of all programs. */
  tables(): readonly string[] {
    return this.tableTexts;
  }

  private place(name: string, code: ModuleProgram): Placed {
    const { program, signature } = code;
    const scope = { names: this.names, kernelNames: this.kernelNames, note: code.describe && loopNotes(code) };
    const printed = printProgram(program, { ...signature, name }, { ...dialect, nests: this.nests }, scope);
    const binding = printed.names.make("binding");
    const sizeNames = sizeNamesOf(program, printed);
    const arrays: { readonly name: string; readonly value: string }[] = [];
    const sizeLines = this.sizeLines(program.sizes, sizeNames, binding);
    for (const [k, buffer] of printed.bound.entries()) {
      const value =
        buffer.role === "table"
          ? this.table(buffer)
          : buffer.role === "input"
            ? this.input(buffer, code.prepared, binding)
            : allocation(buffer, sizeNames);
      arrays.push({ name: printed.boundNames[k]!, value });
    }
    if (printed.record) return { printed, binding, ...recordOf(printed, printed.record, binding, sizeLines, arrays) };
    const own = printed.bound.map(({ role }) => role !== "table");
    const arrayLines = arrays.flatMap(({ name, value }, k) => (own[k] ? [`  const ${name} = ${value};`] : []));
    const bound = [...printed.sizes, ...arrays.map(({ name, value }, k) => (own[k] ? name : value))];
    return { printed, binding, sizeLines, arrayLines, bound, maker: [] };
  }

  /** What a binding has for an input. */
  private input(buffer: Buffer, prepared: PreparedInputs | undefined, binding: string): string {
    const code = prepared?.get(buffer);
    if (!code) return `${binding}.${buffer.dtype}(${stringLiteral(buffer.name)})`;
    const known = this.preparing.get(code);
    const of = known ?? this.producer(code.signature.name, "Follows from the data alone: computed once.", code, "one");
    this.preparing.set(code, of);
    return `${binding}.prepared(${of})`;
  }

  private sizeLines(sizes: readonly string[], names: ReadonlyMap<string, string>, binding: string): string[] {
    return sizes.map((size) => `  const ${names.get(size)} = ${binding}.size(${this.sizes.indexOf(size)});`);
  }

  private table({ values, dtype }: Buffer): string {
    const byType = this.tableNames.get(values!) ?? new Map<string, string>();
    this.tableNames.set(values!, byType);
    const known = byType.get(dtype);
    if (known) return known;
    const name = this.names.make("table");
    byType.set(dtype, name);
    this.tableTexts.push(`const ${name} = new ${arrayType[dtype]}([${Array.from(values!, printNumber).join(", ")}]);`);
    return name;
  }
}

/** What a function calls a parameter: where its lines do not mention the name, it begins with _. */
function parameterOf(lines: readonly string[], name: string): string {
  const mention = new RegExp(`\\b${name}\\b`);
  return lines.some((line) => mention.test(line)) ? name : `_${name}`;
}

/** Sizes and bound arrays as a record that a function of its own makes. */
function recordOf(
  { sizes, names }: PrintedFunction,
  maker: string,
  binding: string,
  sizeLines: readonly string[],
  arrays: readonly { readonly name: string; readonly value: string }[],
): Pick<Placed, "sizeLines" | "arrayLines" | "bound" | "maker"> {
  const record = names.make("bound");
  const body = [
    ...sizeLines,
    "  return {",
    ...(sizes.length > 0 ? [`    ${sizes.join(", ")},`] : []),
    ...arrays.map(({ name, value }) => `    ${name}: ${value},`),
    "  };",
  ];
  return {
    sizeLines: [],
    arrayLines: [`  const ${record} = ${maker}(${binding});`],
    bound: [record],
    maker: [`function ${maker}(${parameterOf(body, binding)}: Binding) {`, ...body, "}", ""],
  };
}

/** What a function in WebAssembly is called with: up to four vectors, then its other results. */
function fastArguments(vectors: readonly string[], outputs: string): string {
  return [...vectors, ...new Array<string>(4 - vectors.length).fill("undefined"), outputs].join(", ");
}

function primitivesOf(program: Program): Primitive[] {
  const found = new Set<Primitive>();
  for (const statement of statementsOf(program)) {
    visitStatement(statement, {
      value: (value) => {
        if (value.kind === "apply") found.add(value.primitive);
      },
    });
  }
  return [...found];
}

const sizeNamesOf = (program: Program, printed: PrintedFunction) =>
  new Map(program.sizes.map((size, k) => [size, printed.sizes[k]!]));

function allocation(buffer: Buffer, sizeNames: ReadonlyMap<string, string>): string {
  const inNames = (integer: Integer) =>
    printInteger(integer, (atom) => (atom.kind === "name" ? sizeNames.get(atom.name)! : `i${atom.iterator}`));
  return `new ${arrayTypeOf(buffer)}(${lengthText(buffer.shape, inNames)})`;
}

/** How many elements an array has: a range within one that is empty may be of a length below 0. */
function lengthText(shape: Shape, print: (integer: Integer) => string): string {
  const length = Integer.product(shape);
  return length.isProvablyNonNegative([]) ? print(length) : `Math.max(0, ${print(length)})`;
}

/** A primitive as a function of numbers; Math's own function where there is one, which engines call directly. */
function hostExpression({ primitive, arity }: HostFunction): string {
  if (primitive === pow.primitive) return "Math.pow";
  const operands = Array.from({ length: arity }, (_, k) => `x${k}`);
  const text = printApply(primitive, operands, (inner) => inner.name);
  const own = /^(Math\.\w+)\(([^()]*)\)$/.exec(text);
  if (own?.[2] === operands.join(", ")) return own[1]!;
  return `(${operands.map((name) => `${name}: number`).join(", ")}) => ${text}`;
}
