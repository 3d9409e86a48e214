import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** A bundle as a browser would load it. */
export interface Bundle {
  /** Bytes, minified and gzipped. */
  readonly gzipped: number;
  /** Minified bytes of each module in it, largest first. */
  readonly modules: readonly (readonly [path: string, bytes: number])[];
  /** What it leaves to be imported. */
  readonly imports: readonly string[];
}

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Bundles src/`entry`, minified, for browsers: all that it exports, or a page that takes these names alone. */
export async function bundle(entry: string, names?: readonly string[]): Promise<Bundle> {
  const contents = `export ${names ? `{ ${names.join(", ")} }` : "*"} from "./src/${entry}";`;
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    stdin: { contents, resolveDir: root },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    external: ["node:*", "fs", "path", "url", "module", "ts-morph", "fast-check", "vitest"],
    metafile: true,
    write: false,
    outfile: "bundle.js",
    logLevel: "error",
  });
  const output = Object.values(metafile.outputs)[0]!;
  const modules = Object.entries(output.inputs)
    .filter(([path]) => path !== "<stdin>")
    .map(([path, { bytesInOutput }]) => [path, bytesInOutput] as const);
  return {
    gzipped: gzipSync(outputFiles[0]!.contents, { level: 9 }).length,
    modules: modules.sort((a, b) => b[1] - a[1]),
    imports: output.imports.map(({ path }) => path),
  };
}

/** src/`entry` as a script that names its exports `nabla`, without modules. */
export async function script(entry: string, { minify = false } = {}): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [`src/${entry}`],
    bundle: true,
    minify,
    format: "iife",
    globalName: "nabla",
    platform: "browser",
    target: "es2022",
    write: false,
    logLevel: "error",
  });
  return outputFiles[0]!.text;
}
