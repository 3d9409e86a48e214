import { readdirSync, readFileSync } from "node:fs";

const root = new URL("../../", import.meta.url);

export interface Page {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** Pages whose figures come from elsewhere: their blocks are not run. */
const reports = new Set(["docs/benchmarks.md"]);

/** README.md and docs/*.md. */
export function allPages(): Page[] {
  const paths = readdirSync(new URL("docs/", root))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`);
  return ["README.md", ...paths.sort()].map((path) => ({ path, text: readFileSync(new URL(path, root), "utf8") }));
}

export const pages = (): Page[] => allPages().filter(({ path }) => !reports.has(path));
