import { describe, expect, it } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import { loadModel } from "../../src/model/load.ts";

/** Values, gradients and Hessians, from mpmath at 60 digits and more. */
const references: readonly (readonly [text: string, point: readonly number[], values: readonly number[]])[] = [
  [
    "x*(1 + x)^y/((1 + x)^y - 1)",
    [1e-10, 10],
    [
      0.100000000055, 0.550000000165, -0.0100000000005, 1.6499999997525, -0.004999999983166667, -0.004999999983166667,
      0.0020000000001,
    ],
  ],
  ["cosh(x) - cos(y)", [1e-10, 1e-10], [1.0000000000000001e-20, 1e-10, 1e-10, 1, 0, 0, 1]],
  [
    "x*log(x) + y*log(y) - (x + y)*log(x + y)",
    [1e-10, 1],
    [
      -2.402585092999046e-9, -23.025850930040455, -9.999999999500001e-11, 9999999999, -0.9999999999, -0.9999999999,
      9.999999999e-11,
    ],
  ],
  [
    "(x + y)*log(x + y) - x*log(x) - y*log(y)",
    [1e-10, 1],
    [
      2.402585092999046e-9, 23.025850930040455, 9.999999999500001e-11, -9999999999, 0.9999999999, 0.9999999999,
      -9.999999999e-11,
    ],
  ],
  [
    "(1 - (1 + x)^(-y))/x",
    [1e-10, 10],
    [
      9.9999999945, -54.999999956, 0.99999999895, 439.999999571, -10.499999987933334, -10.499999987933334,
      -9.999999989e-11,
    ],
  ],
  ["(1 - (1 + x)^(-y))/x", [1e-200, 10], [10, -55, 1, 440, -10.5, -10.5, -1e-200]],
  [
    "x^2 + y^2 - 2*x*y",
    [2, 2.0000000002],
    [4.0000006619229954e-20, -4.000000330961484e-10, 4.000000330961484e-10, 2, -2, -2, 2],
  ],
  [
    "x^2 + y^2 + 2*x*y",
    [2, -2.0000000002],
    [4.0000006619229954e-20, -4.000000330961484e-10, -4.000000330961484e-10, 2, 2, 2, 2],
  ],
  [
    "(x*log(x) - y*log(y))/(x - y)",
    [1e-10, 1.001e-10],
    [
      -22.02535109652384, 4998334166.167, 4996669164.668332, -3.3316676660004758e19, -1.665001498667856e19,
      -1.665001498667856e19, -3.328339326673802e19,
    ],
  ],
  [
    "(x*log(x) - y*log(y))/(x - y)",
    [1, 0.999999999999999],
    [
      0.9999999999999994, 0.5000000000000002, 0.5000000000000003, -0.3333333333333335, -0.16666666666666682,
      -0.16666666666666682, -0.3333333333333338,
    ],
  ],
  [
    "(x*log(x) - y*log(y))/(x - y)",
    [1e10, 1e-160],
    [23.025850929940457, 1e-10, 3.9043946580898773e-8, -1e-20, -3.894394658089877e-18, -3.894394658089877e-18, -1e150],
  ],
  [
    "x^y/(1 + x^y)",
    [1e100, 2],
    [
      1, 2e-300, 2.3025850929940457e-198, 0, -4.5951701859880914e-298, -4.5951701859880914e-298,
      -5.301898110478398e-196,
    ],
  ],
  ["x^y/(1 + x^y)", [1e155, 10], [1, 0, 0, 0, 0, 0, 0]],
  [
    "x/y - 1 - log(x/y)",
    [1e-200, 9.999999899999999e-201],
    [
      5.000000169824031e-17,
      1.0000000203157364e192,
      -1.0000000303157367e192,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ],
  ],
  [
    "log(x) - log(y) - (x - y)/y",
    [2, 1.9999999998],
    [
      -5.000000828070411e-21, -5.000000414201855e-11, 5.000000414701855e-11, -0.25, 0.25000000005, 0.25000000005,
      -0.2500000001,
    ],
  ],
  [
    "x*log(x/y) - x + y",
    [1, 1.0000000001],
    [
      5.000000827070411e-21, -1.000000082690371e-10, 1.000000082640371e-10, 1, -0.9999999999, -0.9999999999,
      0.9999999998,
    ],
  ],
  [
    "y*log(y/x) + x - y",
    [1.0000000001, 1],
    [
      5.000000827070411e-21, 1.000000082640371e-10, -1.000000082690371e-10, 0.9999999998, -0.9999999999, -0.9999999999,
      1,
    ],
  ],
  ["x/sqrt(x*y)", [1e-160, 1e200], [1e-180, 5e-21, 0, -2.5e139, -2.5e-221, -2.5e-221, 0]],
];

describe("functions of two numbers in which terms cancel or overflow", () => {
  it.each(references)("%s at %j", (text, point, values) => {
    const bound = compileModel(loadModel({ name: "f", text: `param x, y\nloss = ${text}\n` })).bind();
    const [gradient, hessian] = [new Float64Array(2), new Float64Array(4)];
    const loss = bound.flat.lossAndGradient(Float64Array.from(point), gradient);
    bound.flat.hessian(Float64Array.from(point), hessian);
    for (const [k, value] of [loss, ...gradient, ...hessian].entries()) {
      const expected = values[k]!;
      if (Math.abs(expected) > 1e-290 && Number.isFinite(expected))
        expect(Math.abs(value / expected - 1)).toBeLessThan(1e-11);
      else if (Number.isFinite(expected)) expect(Math.abs(value)).toBeLessThan(1e-280);
      else expect(value).toBe(expected);
    }
  });
});
