import { UsageError } from "../ir/errors.ts";

/** A TypeScript module as JavaScript: the same statements without their types. Needs the optional peer ts-morph. */
export async function withoutTypes(text: string): Promise<string> {
  const { ts } = await import("ts-morph").catch(() => {
    throw new UsageError(
      "writing JavaScript files needs ts-morph, which is not installed: npm install --save-dev ts-morph",
    );
  });
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, removeComments: false },
  });
  return outputText;
}
