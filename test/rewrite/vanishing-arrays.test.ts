import { describe, expect, it } from "vitest";
import { topologicalOrder } from "../../src/ir/walks/traverse.ts";
import { compileText, loadModel } from "../../src/language/all.ts";
import { select } from "../../src/ops/elementary/comparison.ts";
import { isMap } from "../../src/ops/maps.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";

/** Formulas that are 0/0 as they are written where x is 0, of an array x and numbers or arrays b and c. */
const formulas = [
  "c*x^3/(exp(x) - 1)",
  "c*sin(x)/sinh(x)",
  "c*(1 - exp(-x))/expm1(x)",
  "c*(1 - exp(-b*x))/(1 - exp(-x))",
  "c*sin(b*x)/sin(x)",
  "(sin(x) - c*x)/(1 - exp(-x))",
  "x^2*c/(cosh(x) - 1)",
  "c*(x - sin(x))/x^3",
  "(exp(-x) - 1 + x)/x^2",
  "c*(1 - exp(-x)*(1 + x))/x^2",
  "(sin(x) - x*cos(x))/x^3",
  "(sqrt(1 + c*x) - sqrt(1 + b*x))/x",
  "sqrt(c/x)*erf(sqrt(x))",
  "sqrt(c/x)*sin(sqrt(x)) + b",
  "1/tanh(x/c) - c/x",
  "b/tanh(x/c) - b*c/x",
  "b*(c/x)*((exp(x/c) + exp(-x/c))/(exp(x/c) - exp(-x/c)) - c/x)",
  "1/(exp(b*x/(c*2)) - 1) - 2*c/(x*b)",
  "(x/c)^2*exp(x/c)/(exp(x/c) - 1)^2",
  "x*b/(c*(exp(x/c) - 1))",
];

const places = [0, 1e-9, 1e-5, 0.5];

describe("arrays with elements where a formula is 0/0", () => {
  it.each(formulas.flatMap((formula) => [false, true].map((areArrays) => [formula, areArrays] as const)))(
    "have the values and derivatives that lead there: %s, all of arrays: %s",
    (formula, areArrays) => {
      const [b, c] = areArrays ? ["b: [n]", "c: [n]"] : ["b", "c"];
      const all = (value: number) => (areArrays ? places.map(() => value) : value);
      const array = compileText(`param x: [n]\ndata ${b}, ${c}\nloss = sum(${formula})`).bind({ b: all(3), c: all(2) });
      const x = Float64Array.from(places);
      const direction = x.map(() => 1);
      const [slopes, product] = [new Float64Array(x.length), new Float64Array(x.length)];
      const loss = array.flat.lossGradientHvp(x, direction, slopes, product);
      // a function of numbers is computed with as many digits as it takes
      const number = compileText(`param x\ndata b, c\nloss = ${formula}`).bind({ b: 3, c: 2 });
      let total = 0;
      for (const [k, place] of places.entries()) {
        const [slope, curvature] = [new Float64Array(1), new Float64Array(1)];
        const at = Float64Array.of(place === 0 ? 1e-60 : place);
        total += number.flat.lossGradientHvp(at, Float64Array.of(1), slope, curvature);
        expect(Math.abs(slopes[k]! - slope[0]!)).toBeLessThan(1e-11 * Math.max(1, Math.abs(slope[0]!)));
        expect(Math.abs(product[k]! - curvature[0]!)).toBeLessThan(1e-9 * Math.max(1, Math.abs(curvature[0]!)));
      }
      expect(Math.abs(loss - total)).toBeLessThan(1e-12 * Math.abs(total));
    },
  );
});

describe("rates of subjects", () => {
  const text = (course: string) => `
param mu: [2], logScale: [2], eta: [n, 2]
data t: [n]
let ka = exp(mu[0] + exp(logScale[0])*eta[:, 0])
let ke = exp(mu[1] + exp(logScale[1])*eta[:, 1])
let half = 0.5*t*(ka - ke)
loss = sum((3*ka*${course} - 0.3)^2)
`;

  it("have their derivatives where those of one meet, or nearly do", () => {
    const t = [1, 2, 0.5, 3];
    const [written, other] = ["(exp(-ke*t) - exp(-ka*t))/(ka - ke)", "t*exp(-0.5*t*(ka + ke))*(sinh(half)/half)"].map(
      (course) => compileText(text(course)).bind({ t }).flat,
    );
    const x = Float64Array.of(-0.5, -0.5, -1, -1, 0.3, 0.3, 0.1, 0.1 + 1e-9, 0.1, 0.1 + 1e-5, 0.5, -0.2);
    const direction = x.map((_, k) => Math.cos(k));
    const results = [written!, other!].map((flat) => {
      const [slopes, product] = [new Float64Array(x.length), new Float64Array(x.length)];
      return [flat.lossGradientHvp(x, direction, slopes, product), ...slopes, ...product];
    });
    for (const [k, value] of results[0]!.entries()) expect(Math.abs(value - results[1]![k]!)).toBeLessThan(1e-13);
  });
});

describe("quotients of what vanishes with a number", () => {
  it.each([
    "(x + x)/silu(x)",
    "x/mish(x)",
    "gelu(x)/x",
    "c*x/silu(x) + silu(x)/x",
    "(mish(x^2 + x) - mish(x^2))/x",
    "(relu(x^2 + x) - relu(x^2))/x",
  ])("settle in a few steps: %s", (formula) => {
    const { loss } = loadModel({ name: "f.nabla", text: `param x: [n]\ndata c\nloss = sum(${formula})` });
    let steps = 0;
    simplify([loss!], {
      record: {
        pass: (_, rewrites) => {
          steps += rewrites.length;
        },
      },
    });
    expect(steps).toBeLessThan(60);
  });

  it("have one series for what is over a multiple of the number", () => {
    const text = "param x: [n]\ndata b, c\nloss = sum(c*(1 - exp(-b*x))/sin(3*x))";
    const [simple] = simplify([loadModel({ name: "f.nabla", text }).loss!]);
    expect(topologicalOrder([simple!]).filter((node) => isMap(node, select))).toHaveLength(1);
  });

  it.each(["relu", "abs"])("are no slopes of what has a kink: %s", (f) => {
    const text = `param x: [n]\nloss = sum((${f}(abs(x) + x) - ${f}(abs(x)))/x)`;
    const x = [-0.5, 0.25, 2];
    expect(compileText(text).lossAndGradient({ x })).toEqual({ loss: 3, gradient: { x: Float64Array.of(0, 0, 0) } });
  });

  it.each([
    ["sigmoid(log1p(x))/(1 + x)", (x: number) => 1 / (2 + x)],
    ["sech(atanh(x))/(1 - x)", (x: number) => Math.sqrt((1 + x) / (1 - x))],
  ] as const)("keep what is infinite where they vanish: %s", (formula, reference) => {
    const x = [0.25, 0.5, 0.75];
    const { f } = compileText(`param x: [n]\noutput f = ${formula}`).outputs({ x });
    for (const [k, value] of x.entries()) expect(f![k]).toBeCloseTo(reference(value), 14);
  });
});
