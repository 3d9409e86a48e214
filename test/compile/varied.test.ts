import { transformSync } from "esbuild";
import { describe, it } from "vitest";
import { Evaluation } from "../../src/cli/eval/evaluate.ts";
import { emitModule } from "../../src/emit.ts";
import { compile, model, sum, vec } from "../../src/index.ts";
import { compileText, loadModel } from "../../src/language/all.ts";
import { expectClose } from "../rewrite/references.ts";

const along = { x: [1], y: [-0.5] };

/** Formulas that lose digits, or are infinite or NaN, as they are written: of the elements of x and y. */
const formulas: readonly (readonly [formula: string, x: number, y: number])[] = [
  ["cos(sqrt(x[i]^2 + y[i]^2))", 0, 0],
  ["log10(x[i] + y[i]) - log10(x[i])", 0.75, 2 ** -30],
  ["(exp(x[i] * y[i]) - 1) / x[i]", 0, 1.5],
  ["(exp(x[i] * y[i]) - 1) / x[i]", 1e-9, 1.5],
  ["sin(sqrt(x[i] / y[i])) * rsqrt(x[i] * y[i])", 1e-9, 1.3],
  ["x[i] / tanh(x[i]) * y[i]", 1e-8, 2],
  ["(1 - cos(x[i])) / x[i]^2 + y[i]^3", 1e-9, 2],
];

type Vectors = Readonly<Record<string, ArrayLike<number>>>;

function expectAlike(got: Vectors, expected: Vectors): void {
  for (const [name, values] of Object.entries(expected)) expectClose(got[name]!, Array.from(values), 1e-13);
}

const textOf = (keyword: string, formula: string) => `${keyword} x: [n], y: [n]\nloss = sum(i: ${formula})`;
const wrt = ["x", "y"];

describe("data that derivatives are taken in", () => {
  it.each(formulas)("vary as parameters do: %s at %d, %d", (formula, x, y) => {
    const point = { x: [x], y: [y] };
    const asParameters = compileText(textOf("param", formula));
    const asData = compileText(textOf("data", formula), { wrt });
    expectClose([asData.loss(point)], [asParameters.loss(point)], 1e-13);
    expectAlike(asData.gradient(point), asParameters.gradient(point));
    expectAlike(asData.hvp(point, along), asParameters.hvp(point, along));
  });

  it.each(formulas)("vary within the language: %s at %d, %d", (formula, x, y) => {
    const outputs = (keyword: string) =>
      compileText(
        `${keyword} x: [n], y: [n]\nlet f = sum(i: ${formula})\noutput g = grad(f, x)\noutput h = hvp(f, x, x + 1)`,
      ).outputs({ x: [x], y: [y] });
    expectAlike(outputs("data") as Vectors, outputs("param") as Vectors);
  });

  it("vary where neither TypeScript nor the model says what they are", () => {
    const length = model({ x: vec("n"), y: vec("n") }, ({ x, y }) => sum(x.square().add(y.square()).sqrt().cos()));
    const { gradient, hvp } = compile(length, { wrt: ["x", "y"] });
    const rest = { x: [0], y: [0] };
    expectAlike(gradient(rest), rest);
    // cos(r) is 1 - r^2 / 2 there
    expectAlike(hvp(rest, along), { x: [-1], y: [0.5] });
  });

  it("vary in files, and for engines that rewrite", () => {
    const given = loadModel({ name: "length.nabla", text: textOf("data", "cos(sqrt(x[i]^2 + y[i]^2))") });
    const { code } = transformSync(emitModule(given, { wrt }), { loader: "ts", format: "cjs" });
    const module = { exports: {} as { bind(): { hvp(at: object, along: object): Vectors } } };
    new Function("module", "exports", code)(module, module.exports);
    const rest = { x: [0], y: [0] };
    expectAlike(module.exports.bind().hvp(rest, along), { x: [-1], y: [0.5] });
    const evaluation = new Evaluation(given);
    for (const engine of ["js", "dual"] as const) {
      const { hvp } = evaluation.answer({ inputs: rest, wrt, direction: along, want: ["hvp"], engine });
      expectAlike({ x: hvp!.x!.values, y: hvp!.y!.values }, { x: [-1], y: [0.5] });
    }
  });

  it("keep conditions on other data about them: rows that are left out may be NaN", () => {
    const text = `param w
data x: [n], y: [n], seen: bool[n]
loss = sum(i: if seen[i] then w * sqrt(x[i]) * y[i] else 0)`;
    const given = { y: [1, Number.NaN], seen: [true, false] };
    const { gradient, hvp } = compileText(text, { wrt: ["w", "x"] }).bind(given);
    const point = { w: 3, x: [4, Number.NaN] };
    expectAlike(gradient(point), { w: [2], x: [0.75, 0] });
    expectAlike(hvp(point, { w: 1, x: [0, 1] }), { w: [0], x: [0.25, 0] });
  });
});
