import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { allPages } from "./pages.ts";

const root = new URL("../../", import.meta.url);
const all = allPages();
const { scripts, files } = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as {
  readonly scripts: object;
  readonly files: readonly string[];
};
const textOf = new Map(all.map(({ path, text }) => [path, text]));

/** Headings as GitHub makes anchors of them. */
function anchorsOf(text: string): Set<string> {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, "");
  const headings = [...prose.matchAll(/^#+ (.*)$/gm)].map((match) => match[1]!);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\- ]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

describe.each(all)("$path", ({ path, text }) => {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, "").replace(/`[^`\n]*`/g, "");
  const links = [...prose.matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g)]
    .map((match) => match[1]!)
    .filter((link) => !/^https?:/.test(link));

  it("links to files and headings that exist", () => {
    for (const link of links) {
      const { pathname, hash } = new URL(link, new URL(path, root));
      expect(existsSync(pathname), link).toBe(true);
      const target = textOf.get(pathname.slice(root.pathname.length));
      if (hash !== "" && target !== undefined)
        expect(anchorsOf(target), link).toContain(decodeURIComponent(hash.slice(1)));
    }
  });

  it("links to files that the package has", () => {
    for (const link of links.filter((each) => !each.startsWith("#"))) {
      const target = new URL(link, new URL(path, root)).pathname.slice(root.pathname.length);
      expect(
        files.some((file) => target === file || target.startsWith(`${file}/`)),
        link,
      ).toBe(true);
    }
  });

  it("names files that exist", () => {
    const named = [...text.matchAll(/\b(?:src|test|grammar)\/[\w./-]*\w/g)].map(([file]) => file);
    expect(named.filter((file) => !existsSync(new URL(file, root)))).toEqual([]);
  });

  it("names scripts that exist", () => {
    for (const [, name] of text.matchAll(/npm run ([\w:]+)/g)) expect(Object.keys(scripts)).toContain(name);
  });

  it("has short lines, apart from tables", () => {
    const long = text.split("\n").filter((line) => line.length > 160 && !line.startsWith("|"));
    expect(long).toEqual([]);
  });
});

describe("docs/design.md", () => {
  const rows = textOf
    .get("docs/design.md")!
    .split("\n")
    .filter((line) => line.startsWith("|"));
  const rooms = new Set(
    rows.flatMap((line) => [...line.split("|")[1]!.matchAll(/`([^`]+)`/g)].map(([, room]) => room!)),
  );
  const foldersIn = (path: string) =>
    readdirSync(new URL(path, root), { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? entry.name : [],
    );

  // src, and those of its rooms that have a table of their own
  it.each(["src", "src/compile", "src/lower"])("has a row for every folder in %s", (path) => {
    expect(foldersIn(path).filter((folder) => !rooms.has(folder))).toEqual([]);
  });
});
