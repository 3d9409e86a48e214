// Bundles the benchmarks, which Node 20 cannot read as TypeScript, and runs them: `npm run bench -- --help`.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
await build({
  entryPoints: [`${here}main.ts`],
  outfile: `${here}main.generated.js`,
  bundle: true,
  platform: "node",
  format: "esm",
  logLevel: "error",
});
await import("./main.generated.js");
