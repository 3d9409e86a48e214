import type { Buffer, SharedNest, Statement } from "../../lower/program/loops.ts";
import { visitStatement } from "../../lower/program/rewrite-statements.ts";
import { nestName } from "./nest-name.ts";
import type { ProgramNames } from "./program-names.ts";

/** How functions are laid out for people. */
export interface Layout {
  /** The first line of a function, or lines where its parameters are many. */
  head(name: string, parameters: readonly string[], result: string): string;
  /** What takes the place of sizes and bound arrays where the parameters of the program's function are many. */
  recordOf(called: ProgramNames, parameters: readonly string[]): BoundRecord | undefined;
  /** The statement that gives properties of a record names of their own. */
  taken(properties: readonly string[], record: string): string[];
  /** What the function of shared loops is called, and the line above it. */
  nestName(nest: SharedNest): { readonly name: string; readonly summary: string };
  /** How statements write the number that their function returns, by its name; undefined where it takes a variable. */
  returnedBy(buffer: Buffer, statements: readonly Statement[], name: string): Returned | undefined;
}

/** Sizes and bound arrays as one record. */
export interface BoundRecord {
  /** The function that makes it. */
  readonly maker: string;
  readonly name: string;
  readonly parameter: string;
}

const widest = 120;

export const layout: Layout = {
  head(name, parameters, result) {
    const line = `function ${name}(${parameters.join(", ")}): ${result} {`;
    if (line.length <= widest) return line;
    return [`function ${name}(`, ...parameters.map((parameter) => `  ${parameter},`), `): ${result} {`].join("\n");
  },
  recordOf(called, parameters) {
    if (!this.head(called.functionName, parameters, "number").includes("\n")) return undefined;
    const maker = called.outer.make(`${called.functionName}Bound`);
    const name = called.own.make("bound");
    return { maker, name, parameter: `${name}: ReturnType<typeof ${maker}>` };
  },
  taken(properties, record) {
    if (properties.length === 0) return [];
    const lines = ["  const {"];
    for (const name of properties) {
      const last = lines.length - 1;
      if (lines[last]!.length + name.length + 2 > widest) lines.push(`    ${name},`);
      else lines[last] += ` ${name},`;
    }
    lines.push(`${lines.pop()!.slice(0, -1)} } = ${record};`);
    return lines;
  },
  nestName,
  returnedBy,
};

/** How a function writes the number that it returns. */
export interface Returned {
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** The one store that writes the number whatever the data, and its text. */
  readonly store?: Statement;
  written?(value: string): string;
}

/**
 * What is written once has no need of a variable: it is a constant, or the value of the function when nothing comes after it.
 * undefined for what is written in more places, or only where a condition holds.
 */
function returnedBy(buffer: Buffer, statements: readonly Statement[], name: string): Returned | undefined {
  const writes: Statement[] = [];
  for (const statement of statements) {
    visitStatement(statement, { statement: (inner) => isWrite(inner, buffer) && writes.push(inner) });
    if (writes.length > 1) return undefined;
  }
  const [store] = writes;
  if (!store) return { before: [], after: ["  return 0;"] };
  if (store.kind !== "store" || !statements.includes(store)) return undefined;
  if (store === statements[statements.length - 1])
    return { before: [], after: [], store, written: (value) => `return ${value};` };
  return { before: [], after: [`  return ${name};`], store, written: (value) => `const ${name} = ${value};` };
}

function isWrite(statement: Statement, buffer: Buffer): boolean {
  const { kind } = statement;
  return (kind === "store" || kind === "accumulate" || kind === "fill") && statement.buffer === buffer;
}
