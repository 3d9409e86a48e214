import { describe, expect, it } from "vitest";
import { bundle, script } from "./bundle.ts";

interface Face {
  readonly entry: string;
  /** What a page takes of it, where that is not all. */
  readonly names?: readonly string[];
  readonly kilobytes: number;
  readonly holds: string;
}

/** The goals are 40 kB and 55 kB for the first two; these limits hold what is there, so that it can only shrink. */
const faces: readonly Face[] = [
  { entry: "core.ts", kilobytes: 174, holds: "the builder, differentiation and JavaScript in memory" },
  { entry: "language.ts", names: ["language"], kilobytes: 195, holds: "the same and the core of the language" },
  { entry: "index.ts", kilobytes: 241, holds: "the builder with all rules" },
  { entry: "language.ts", kilobytes: 261, holds: "the same and the core of the language" },
  { entry: "language/all.ts", kilobytes: 370, holds: "the same and the whole language" },
];

/** What models bring along only where they use it: folders, or the beginnings of paths. */
const further = [
  ...["extensions", "model", "units", "sparse", "optimize", "rewrite/loops", "ops/linear-algebra"],
  ...["ops/continuation", "numeric/complex"],
];

/** Of the model language, what comes as features. */
const featured = [
  ...["extensions", "units", "rewrite/loops", "ops/linear-algebra"],
  ...["model/features/loops", "model/features/units", "model/features/customs", "model/elaborate/calls"],
  ...["model/help/habits", "model/help/slips", "model/help/operator-slips", "model/help/form-slips"],
  ...["build/functions/window", "build/functions/random", "build/functions/special", "build/functions/other-names"],
];

const isBelow = (starts: readonly string[]) => (file: string) =>
  starts.some((start) => file.startsWith(`src/${start}`));

async function bundled(
  entry: string,
  starts: readonly string[],
  names?: readonly string[],
): Promise<readonly string[]> {
  const { modules } = await bundle(entry, names);
  const below = isBelow(starts);
  return modules.filter(([file, bytes]) => bytes > 0 && below(file)).map(([file]) => file);
}

describe("the bundle of the core", () => {
  it("holds no loops, matrices, text, units or methods of minimisation", async () => {
    expect(await bundled("core.ts", further)).toEqual([]);
  });
});

describe("a minified bundle", () => {
  it("has errors that say what they are by their names", async () => {
    const classes = new Function(`${await script("ir/errors.ts", { minify: true })}; return nabla;`)();
    const names = Object.keys(classes).filter((name) => /Error$/.test(name) && name !== "NablaError");
    const details = { primitive: "floor", path: [] };
    expect(names.map((name) => new classes[name]("nothing fits", details).name)).toEqual(names);
    expect(names.length).toBeGreaterThan(9);
    expect(new classes.ModelErrors([new classes.DataError("no data")]).name).toBe("ModelErrors");
  });
});

describe("the bundle of the language's core", () => {
  it("holds no features", async () => {
    expect(await bundled("language.ts", featured, ["language"])).toEqual([]);
  });
});

describe("the bundle of the whole language", () => {
  it("holds each of the features", async () => {
    const held = await bundled("language/all.ts", featured);
    expect(featured.filter((start) => !held.some(isBelow([start])))).toEqual([]);
  });
});

describe("the bundle of a package face", () => {
  for (const { entry, names, kilobytes, holds } of faces) {
    const face = `src/${entry}${names ? `, ${names}` : ""}`;

    it(`is at most ${kilobytes} kB gzipped: ${face}, ${holds}`, async () => {
      const { gzipped, modules } = await bundle(entry, names);
      const largest = modules.slice(0, 15).map(([path, bytes]) => `${String(bytes).padStart(7)} ${path}`);
      expect(gzipped, ["minified bytes by module:", ...largest].join("\n")).toBeLessThanOrEqual(kilobytes * 1000);
    });

    it(`leaves nothing to import and holds no tool: ${face}`, async () => {
      const { imports, modules } = await bundle(entry, names);
      expect(imports).toEqual([]);
      const packages = modules.map(([path]) => path).filter((path) => path.includes("node_modules"));
      expect(packages.filter((path) => !path.startsWith("node_modules/immer/"))).toEqual([]);
    });
  }
});
