// Writes the command line, and the entries that package.json has for Node, to a folder: `node .bundle.mjs [folder]`. They come
// in few files, which share what they have in common: a thousand modules take Node longer to find than to run.
import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL(".", import.meta.url));
const folder = process.argv[2] ?? `${root}dist`;
const { exports } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
const forNode = Object.values(exports).flatMap(({ node }) => node ?? []);
const entry = (path) => path.slice("./dist/node/".length, -".js".length);

for (const old of ["cli", "node"]) rmSync(`${folder}/${old}`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: [
    { in: "src/cli/main.ts", out: "cli/main" },
    ...forNode.map(entry).map((name) => ({ in: `src/${name}.ts`, out: `node/${name}` })),
  ],
  outdir: folder,
  chunkNames: "node/[name]-[hash]",
  bundle: true,
  splitting: true,
  packages: "external",
  platform: "node",
  format: "esm",
  target: "node20",
  logLevel: "error",
});
