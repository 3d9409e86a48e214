import { needs, requireArgument, requireThat } from "../../ir/arguments/arguments.ts";
import { UsageError } from "../../ir/errors.ts";

/** The strictest options that an emitted module must pass. */
const strict = {
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: true,
  noPropertyAccessFromIndexSignature: true,
  allowUnreachableCode: false,
  allowUnusedLabels: false,
  isolatedModules: true,
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
  declaration: true,
  isolatedDeclarations: true,
  noEmit: true,
  types: [],
};

/** The text of one module, formatted; see checkModules. */
export async function checkModule(text: string, fileName = "model.ts"): Promise<string> {
  requireArgument("checkModule", needs.text, text);
  requireArgument("checkModule", { what: "the name of a file", accepts: needs.text.accepts }, fileName);
  const checked = await checkModules(new Map([[fileName, text]]));
  return checked.get(fileName)!;
}

/**
 * Formats the texts of modules and type-checks them in memory, by ts-morph: the only place that loads it, and slow (a
 * second or two). Texts are keyed by file name. Throws UsageError when ts-morph is not installed, and an internal error
 * for any diagnostic.
 */
export async function checkModules(texts: ReadonlyMap<string, string>): Promise<Map<string, string>> {
  requireThat(texts instanceof Map, "checkModules", "a Map of texts by file name", texts);
  const { Project, ts } = await loadCompiler();
  const lib = ["lib.es2022.d.ts"];
  const compilerOptions = { ...strict, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, lib };
  const project = new Project({ useInMemoryFileSystem: true, compilerOptions });
  const files = [...texts].map(([name, text]) => ({ name, file: project.createSourceFile(`/${name}`, text) }));
  for (const { file } of files) file.formatText({ indentSize: 2 });
  const diagnostics = project.getPreEmitDiagnostics();
  if (diagnostics.length > 0) {
    throw new Error(
      `internal: the generated module has errors.\n${project.formatDiagnosticsWithColorAndContext(diagnostics)}`,
    );
  }
  return new Map(files.map(({ name, file }) => [name, file.getFullText()]));
}

/** A TypeScript module as JavaScript: the same statements and comments without the types. */
export async function withoutTypes(text: string): Promise<string> {
  requireArgument("withoutTypes", needs.text, text);
  const { ts } = await loadCompiler();
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, removeComments: false };
  return ts.transpileModule(text, { compilerOptions }).outputText;
}

async function loadCompiler(): Promise<typeof import("ts-morph")> {
  try {
    return await import("ts-morph");
  } catch {
    throw new UsageError("writing module files needs ts-morph, which is not installed.", {
      notes: [
        "Run: npm install --save-dev ts-morph",
        "Without it, `nabla compile --unchecked` writes TypeScript as it is.",
      ],
    });
  }
}
