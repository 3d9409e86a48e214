import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/** Folders from the ground up; those of one floor may use each other. */
const floors = [
  ["numeric"],
  ["ir"],
  ["ops", "optimize", "geometry"],
  ["interpreter"],
  ["autodiff", "units", "sparse"],
  ["rewrite"],
  ["lower"],
  ["emit"],
  ["extensions"],
  ["model", "build"],
  ["compile"],
  ["check", "tape", "language"],
  ["cli"],
];
const floorOf = new Map(floors.flatMap((folders, floor) => folders.map((folder) => [folder, floor] as const)));
const source = fileURLToPath(new URL("../src/", import.meta.url));

/** Every import between folders of src: the file, and the folder it reaches into. Package faces are not on a floor. */
function imports(): { readonly file: string; readonly from: string; readonly to: string }[] {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  return files.flatMap((file) => {
    const [from, ...rest] = file.split(path.sep);
    if (rest.length === 0) return [];
    const text = readFileSync(path.join(source, file), "utf8");
    return [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].flatMap(([, target]) => {
      const reached = path.relative(source, path.resolve(source, path.dirname(file), target!)).split(path.sep);
      return reached.length > 1 ? [{ file, from: from!, to: reached[0]! }] : [{ file, from: from!, to: "a face" }];
    });
  });
}

describe("the floors of src", () => {
  it("hold every folder", () => {
    expect([...new Set(imports().map(({ from }) => from))].filter((folder) => !floorOf.has(folder))).toEqual([]);
  });

  it("are only ever imported from above", () => {
    const upward = imports().filter(({ from, to }) => {
      if (to === "a face") return !["cli", "check"].includes(from);
      return floorOf.get(to)! > floorOf.get(from)!;
    });
    expect(upward.map(({ file, to }) => `${file} imports ${to}`)).toEqual([]);
  });
});
