// Bundles a program of this folder, which Node 20 cannot read as TypeScript, and runs it: `npm run bench -- --help`.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const [name] = process.argv.splice(2, 1);
await build({
  entryPoints: [`${here}${name}.ts`],
  outfile: `${here}${name}.generated.js`,
  bundle: true,
  platform: "node",
  format: "esm",
  logLevel: "error",
});
await import(`./${name}.generated.js`);
