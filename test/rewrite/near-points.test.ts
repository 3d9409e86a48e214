import { describe, expect, it } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import { special } from "../../src/extensions/special.ts";
import { Graph } from "../../src/ir/graph.ts";
import { loadModel } from "../../src/model/load.ts";
import { div, sub } from "../../src/ops/elementary/algebra.ts";
import { log } from "../../src/ops/elementary/exponential.ts";
import { withSeries } from "../../src/rewrite/series/with-series.ts";

/** The loss, the gradient and the upper half of the Hessian, from mpmath with 60 digits. */
const values: readonly (readonly [loss: string, point: readonly number[], expected: readonly number[]])[] = [
  [
    "x/y - log(x/y) - 1",
    [3, 3.00000003],
    [
      4.999999872558626e-17, -3.333333279741764e-9, 3.3333332464084317e-9, 0.1111111111111111, -0.11111110888888893,
      0.11111110666666679,
    ],
  ],
  [
    "x*log(x) - x*log(y) - x + y",
    [2, 2.002],
    [9.993338329334464e-7, -0.0009995003330834232, 0.000999000999000889, 0.5, -0.4995004995004996, 0.4990014980024971],
  ],
  [
    "(1/x^2 - 1/y^2)/(x - y)",
    [1, 1.000000000000001],
    [
      -1.9999999999999967, 2.9999999999999956, 2.999999999999991, -7.999999999999989, -3.999999999999989,
      -7.999999999999967,
    ],
  ],
  ["(x + y)/(x*y)", [10, 1e10], [0.1000000001, -0.01, -1e-20, 0.002, 0, 2e-30]],
  [
    "y*erf(x/y)",
    [1e-10, 2],
    [
      1.1283791670955126e-10, 1.1283791670955126, 9.403159725795939e-32, -5.641895835477563e-11, 2.8209479177387817e-21,
      -1.4104739588693909e-31,
    ],
  ],
  ["x^3 - 3*x^2 + 3*x - 1", [1.00000001], [9.999999817675872e-25, 2.9999999635351743e-16, 5.999999963535174e-8]],
  [
    "(atan(x) - atan(y))/(x - y)",
    [10, 10.00000000000001],
    [
      0.00990099009900989, -0.0009802960494069198, -0.0009802960494069187, 0.00019347096948691027, 9.673548474345503e-5,
      0.00019347096948690986,
    ],
  ],
  [
    "(tanh(x) - tanh(y))/(x - y)",
    [0.3, 0.299997],
    [
      0.9151377615974, -0.2665902569462782, -0.26658957479043327, -0.45476963265424497, -0.2273852816369325,
      -0.45477149389256794,
    ],
  ],
  [
    "(asinh(x) - asinh(y))/(x - y)",
    [0.3, 0.2999999999997],
    [
      0.957826285221191, -0.13181095668177678, -0.13181095668174372, -0.22035674715414286, -0.1101783735770949,
      -0.22035674715423673,
    ],
  ],
  [
    "(sinh(x) - sinh(y))/(x - y)",
    [0.75, 0.7500000009313226],
    [
      1.2946832850597658, 0.4111583661688763, 0.4111583663698376, 0.43156109495610173, 0.21578054750996095,
      0.4315610950837421,
    ],
  ],
  [
    "(cbrt(x) - cbrt(y))/(x - y)",
    [0.75, 0.7500000009313226],
    [
      0.4038045760177767, -0.17946870040282126, -0.17946870027901143, 0.2658795561156434, 0.13293977794776854,
      0.2658795556754307,
    ],
  ],
  [
    "(exp(-x^2) - exp(-y^2))/(x - y)",
    [0.75, 0.7500000009313226],
    [
      -0.8546742370300531, 0.07122285358885126, 0.07122285408633713, 1.0683427959310348, 0.5341713977457945,
      1.0683427950521431,
    ],
  ],
  [
    "(hypot(x, 2) - hypot(y, 2))/(x - y)",
    [0.75, 0.7500000009313226],
    [
      0.3511234417795204, 0.20522283340837216, 0.20522283337695377, -0.06747052059097877, -0.03373526029950635,
      -0.06747052060704664,
    ],
  ],
  [
    "(tan(x) - tan(y))/(x - y)",
    [3, 3.0029999999999997],
    [
      1.0198864327476114, -0.14436139827184905, -0.14328066735410122, 0.7210811330073726, 0.3602436392493178,
      0.719896244042479,
    ],
  ],
  [
    "(x*exp(-y) - y*exp(-x))/(x - y)",
    [5, 5.000000000000005],
    [
      0.040427681994512715, -0.016844867497713654, -0.01684486749771361, 0.011229911665142442, 0.002245982333028486,
      0.0112299116651424,
    ],
  ],
  [
    "y/(y - x)*(exp(-x) - exp(-y))",
    [10, 10.00000000000001],
    [
      0.0004539992976248466, -0.00022699964881242368, -0.00018159971904993828, 0.0001513330992082826,
      5.296658472289875e-5, 0.00010593316944579725,
    ],
  ],
];

function slopesAt(loss: string, point: readonly number[]): number[] {
  const n = point.length;
  const bound = compileModel(
    loadModel({ name: "f", text: `param ${["x", "y"].slice(0, n).join(", ")}\nloss = ${loss}\n` }),
  ).bind();
  const [gradient, hessian] = [new Float64Array(n), new Float64Array(n * n)];
  const value = bound.flat.lossAndGradient(Float64Array.from(point), gradient);
  bound.flat.hessian(Float64Array.from(point), hessian);
  return [value, ...gradient, ...(n === 1 ? hessian : [hessian[0]!, hessian[1]!, hessian[3]!])];
}

describe("functions near points where they cancel", () => {
  it.each(values)("%s at %j", (loss, point, expected) => {
    const found = slopesAt(loss, point);
    for (const [k, value] of expected.entries()) {
      // the distance of numbers as they are rounded
      const tolerance = k < 1 ? 2e-6 : point.length === 1 ? 2e-6 : 1e-10;
      if (value === 0) expect(Math.abs(found[k]!)).toBeLessThan(1e-30);
      else expect(Math.abs(found[k]! / value - 1)).toBeLessThan(tolerance);
    }
  });

  it.each([true, false])("takes what chooses between numbers for no number: %s", (flag) => {
    const text = "param a\ndata flag: bool\nloss = select(flag, a, 2) * exp(a) - (if flag then 1 else a) / (1 + a)";
    const bound = compileModel(loadModel({ name: "choice.nabla", text })).bind({ flag });
    const [a, e] = [0.5, Math.exp(0.5)];
    expect(bound.loss({ a })).toBeCloseTo(flag ? a * e - 1 / 1.5 : 2 * e - a / 1.5, 14);
    expect(bound.gradient({ a }).a).toBeCloseTo(flag ? 1.5 * e + 1 / 2.25 : 2 * e - 1 / 2.25, 14);
  });

  it("leaves functions alone that are homogeneous in nothing, and large graphs", () => {
    const graph = new Graph([special]);
    const [x, y] = [graph.param("x", []), graph.param("y", [])];
    const plain = sub(div(x, y), log(x));
    expect(withSeries([plain])[0]).toBe(plain);
    const divergence = sub(div(x, y), log(div(x, y)));
    const [near] = withSeries([sub(divergence, 1)]);
    expect(graph.primitiveOf(near!.id).name).toBe("select");
    let long = sub(divergence, 1);
    for (let k = 0; k < 300; k++) long = sub(long, k + 2);
    expect(withSeries([long])[0]).toBe(long);
  });
});
