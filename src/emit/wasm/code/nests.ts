import type { Buffer, SharedNest } from "../../../lower/program/loops.ts";
import { Code, type FunctionType } from "../bytes/encode.ts";
import { bytesOf, Places } from "./places.ts";
import { type Context, Statements } from "./statements.ts";

/** The function of a nest, over what it is called with: where arrays begin, places in them and whole numbers, and numbers. */
export function nestFunction(
  { loop, parameters }: SharedNest,
  context: Omit<Context, "code" | "places">,
): { readonly type: FunctionType; readonly code: Code } {
  const code = new Code(parameters.length);
  const sizes = new Map<string, number>();
  const starts = new Map<Buffer, number>();
  for (const [k, parameter] of parameters.entries()) {
    if (parameter.kind === "array") for (const buffer of parameter.buffers) starts.set(buffer, k);
    if (parameter.kind === "integer") for (const name of parameter.names) sizes.set(name, k);
  }
  for (const [k, parameter] of parameters.entries()) {
    if (parameter.kind !== "place") continue;
    for (const buffer of parameter.buffers) {
      const start = code.local("i32");
      code.get(starts.get(buffer)!);
      code.get(k);
      code.i32(Math.log2(bytesOf(buffer)));
      code.op("i32.shl");
      code.op("i32.add");
      code.set(start);
      starts.set(buffer, start);
    }
  }
  const statements = new Statements({ ...context, code, places: new Places(code, sizes, starts) });
  for (const [k, parameter] of parameters.entries()) {
    if (parameter.kind === "number") for (const temporary of parameter.temporaries) statements.nameLocal(temporary, k);
  }
  statements.statement(loop);
  const types = parameters.map(({ kind }) => (kind === "number" ? ("f64" as const) : ("i32" as const)));
  return { type: { parameters: types, results: [] }, code };
}
