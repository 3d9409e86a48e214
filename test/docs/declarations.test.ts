import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Project } from "ts-morph";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** What a library that is built on nabla may export: what its functions give. */
const exported = `
import * as batches from "nabla/batch";
import { checkModel, taylor } from "nabla/check";
import { reportModel } from "nabla/emit";
import { space } from "nabla/geometry";
import { compileText, language } from "nabla/language";
import { parseModel, unitsOf } from "nabla/language/all";
import { loops as withLoops } from "nabla/language/features";
import { repeatWhile, scan } from "nabla/loops";
import * as optimize from "nabla/optimize";
import * as sparse from "nabla/sparse";
import { realField, Tape } from "nabla/tape";
import { threaded } from "nabla/threads";
import { webAssembly } from "nabla/wasm";
import { compile, data, int, model, param, range, size, type Tensor } from "nabla";

export const line = model({ w: param(["d"]), X: data(["n", "d"]), k: int() }, ({ w, X, k }) => ({ loss: X.matmul(w).sum(), y: w.add(k) }));
export const compiled = compile(line);
export const { loss, gradient, lossAndGradient, hvp, hessian, outputs, source, profile, bind } = compiled;
export const bound = bind({ X: [[1]], k: 1 });
export const { flat, pack, unpack, start, refill } = bound;
export const found = [gradient({ w: 1 }), lossAndGradient({ w: 1 }), hessian({ w: 1 }), outputs({}), profile(), bound.layout(), bound.sizes] as const;
export const three = bound.lossGradientHvp({ w: [1] }, { w: [1] });
export const untyped = compileText("loss = 1").lossAndGradient({});
export const { e, loadModel } = language(withLoops);
export const tree = parseModel({ name: "m", text: "loss = 1" });
export const units = unitsOf(line);
export const scanned = (x: Tensor) => scan({ over: { x }, carry: { h: 0 } }, ({ x, h }) => ({ carry: { h: h.add(x) }, stack: { y: h } }));
export const repeated = (x: Tensor) => repeatWhile({ carry: { x }, test: ({ x }) => x.greater(1) }, ({ x }) => ({ x: x.div(2) }));
export const sizes = [range(0, 3), size("n")] as const;
export const { add, sub, exp, at, sum, reshape } = {} as Tensor;
export const hessians = sparse.sparseHessian(bound);
export const shown = [hessians.matrix(new Float64Array(1)), hessians.pattern, sparse.colourColumns(hessians.pattern)] as const;
export const products = [sparse.jacobianProduct(bound, "y"), sparse.gaussNewtonProduct(bound)] as const;
export const many = [batches.batch(bound, 2), batches.hvps(bound, 2), batches.vmap((x) => x!)] as const;
export const engines = [webAssembly(), threaded({ threads: 1 })] as const;
export const tape = new Tape(realField);
export const reports = [await checkModel(line), taylor(line, {}, {}, 3), reportModel(line)] as const;
export const result = optimize.minimizeSync(optimize.lbfgs(), flat, start());
export const later = optimize.minimize(optimize.adam(), flat, start());
export const methods = [optimize.bfgs(), optimize.lbfgsB(), optimize.adaptiveDescent({} as never), optimize.newtonCg(), optimize.levenbergMarquardt()] as const;
export const squares = optimize.leastSquares(bound);
export const plane = space("w", 2);
`;

/** The declarations that a compiler writes of a program that imports the package's entries, and what it says of it. */
function declarations() {
  const paths = { nabla: [`${root}src/index.ts`], "nabla/*": [`${root}src/*.ts`] };
  const project = new Project({
    tsConfigFilePath: `${root}tsconfig.json`,
    skipAddingFilesFromTsConfig: true,
    compilerOptions: { paths, noEmit: false, declaration: true, rootDir: `${root}src`, outDir: `${root}none` },
  });
  const program = project.createSourceFile(`${root}src/exporting.ts`, exported);
  const [file] = program.getEmitOutput({ emitOnlyDtsFiles: true }).getOutputFiles();
  const diagnostics = [
    ...project.getProgram().getSemanticDiagnostics(program),
    ...project.getProgram().getDeclarationDiagnostics(program),
  ];
  return { text: file!.getText(), diagnostics: project.formatDiagnosticsWithColorAndContext(diagnostics) };
}

describe("the package's declarations", () => {
  it("name everything that functions give", { timeout: 300_000 }, () => {
    const { diagnostics, text } = declarations();
    expect(diagnostics).toBe("");
    expect(text).toContain("lossAndGradient");
    const inside = [...text.matchAll(/import\("([^"]+)"\)\.\w+/g)].filter(([, from]) => !/^nabla($|\/)/.test(from!));
    expect(inside.map(([name]) => name)).toEqual([]);
  });

  it("state the types of typed arrays, which compilers since TypeScript 5.7 alone infer with a parameter", () => {
    const inferred = /^ {2}(?:(?:protected|readonly|static) )*\w+ = new (?:Interned<)?(?:Float|Uint|Int)\d+Array\b/m;
    const files = readdirSync(`${root}src`, { recursive: true, encoding: "utf8" });
    const sources = files.filter((file) => file.endsWith(".ts"));
    expect(sources.length).toBeGreaterThan(100);
    expect(sources.filter((path) => inferred.test(readFileSync(`${root}src/${path}`, "utf8")))).toEqual([]);
  });
});
