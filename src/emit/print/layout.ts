import type { Buffer, SharedNest, Statement } from "../../lower/program/loops.ts";
import { nestName } from "./nest-name.ts";
import type { ProgramNames } from "./program-names.ts";
import { type Returned, returnedBy } from "./returned.ts";

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
