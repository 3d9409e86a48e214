import { UsageError } from "../ir/errors.ts";

/** The strictest options that an emitted module must pass. */
const strict = {
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: true,
  noEmit: true,
  types: [],
};

/**
 * Formats the text of a module and type-checks it in memory, by ts-morph: the only place that loads it, and slow (a
 * second or two). Throws UsageError when ts-morph is not installed, and an internal error for any diagnostic.
 */
export async function checkModule(text: string, fileName = "model.ts"): Promise<string> {
  const { Project, ts } = await loadCompiler();
  const project = new Project({
    useInMemoryFileSystem: true,
    compilerOptions: {
      ...strict,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      lib: ["lib.es2022.d.ts"],
    },
  });
  const file = project.createSourceFile(fileName, text);
  file.formatText({ indentSize: 2 });
  const diagnostics = project.getPreEmitDiagnostics();
  if (diagnostics.length === 0) return file.getFullText();
  throw new Error(
    `internal: the generated module has errors.\n${project.formatDiagnosticsWithColorAndContext(diagnostics)}`,
  );
}

async function loadCompiler(): Promise<typeof import("ts-morph")> {
  try {
    return await import("ts-morph");
  } catch {
    throw new UsageError(
      "writing TypeScript files needs ts-morph, which is not installed: npm install --save-dev ts-morph",
    );
  }
}
