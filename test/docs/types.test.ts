import { fileURLToPath } from "node:url";
import { type CompilerOptions, Project } from "ts-morph";
import { describe, expect, it } from "vitest";
import { emitModule } from "../../src/emit.ts";
import { loadModel } from "../../src/language/all.ts";
import { blocksOf, programsOf } from "./blocks.ts";
import { pages } from "./pages.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The package's entries, as users import them. */
const paths = {
  nabla: [`${root}src/index.ts`],
  "nabla/*": [`${root}src/*.ts`],
};

/** The slowest of the documentation's tests: it loads a compiler and the package's sources. */
const limit = 120_000;

describe("the TypeScript of the documentation", () => {
  it("has no type errors", { timeout: limit }, () => {
    const compilerOptions = { paths, skipLibCheck: true } satisfies CompilerOptions;
    const project = new Project({
      tsConfigFilePath: `${root}tsconfig.json`,
      skipAddingFilesFromTsConfig: true,
      compilerOptions,
    });
    const programs = pages().flatMap(({ path, text }) => {
      const blocks = blocksOf(text);
      // beside the page, so that imports from the sources are found; nothing is written
      const folder = `${root}docs`;
      // a page may import what it compiled from one of its models
      for (const { language, file, text: model } of blocks) {
        if (
          language !== "nabla" ||
          !file ||
          !["ts", "js"].some((type) => text.includes(`"./${file.replace(/nabla$/, type)}"`))
        )
          continue;
        const module = emitModule(loadModel({ name: file, text: model }));
        project.createSourceFile(`${folder}/${file.replace(/nabla$/, "ts")}`, module, { overwrite: true });
      }
      return programsOf(blocks).map(({ blocks: parts }) => {
        const code = parts.map((part) => part.text).join("\n");
        const name = `${folder}/${path.replace(/\W/g, "-")}-${parts[0]!.line}.ts`;
        return project.createSourceFile(name, `${code}\nexport {};\n`, { overwrite: true });
      });
    });
    const diagnostics = programs.flatMap((file) => file.getPreEmitDiagnostics());
    expect(project.formatDiagnosticsWithColorAndContext(diagnostics)).toBe("");
  });
});
