import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A file of the installed package: two folders up from here, in sources and builds alike. */
export function packageFile(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** The version of the package. */
export function version(): string {
  return (JSON.parse(readFileSync(packageFile("package.json"), "utf8")) as { version: string }).version;
}
