import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";

/** The slopes of e^(-g t) g_k(D t^2), D = w^2 - g^2, by the series of sin(r)/r and cos(r) in r^2, r = t sqrt(D). */
function damped(coefficients: readonly number[], g: number, w: number, t: number) {
  const [a = 0, b = 0, c = 0] = coefficients;
  const [decay, square] = [Math.exp(-g * t), t * t];
  const D = (w - g) * (w + g);
  const inD = b * square + 2 * c * D * square ** 2;
  const value = a + b * D * square + c * (D * square) ** 2;
  return {
    loss: decay * value,
    g: decay * (-t * value - 2 * g * inD),
    w: decay * 2 * w * inD,
    ww: decay * (2 * inD + 4 * w * w * 2 * c * square ** 2),
  };
}
const sine = [1, -1 / 6, 1 / 120];
const cosine = [1, -1 / 2, 1 / 24];

const t = 0.75;
const times = [
  { declared: "data t: [n]", whole: (text: string) => `sum(${text})`, data: { t: [t] } },
  { declared: `const t = ${t}`, whole: (text: string) => text, data: {} },
];

describe("oscillations as they become critical", () => {
  it.each([
    { text: "exp(-g*t)*sin(sqrt(w^2 - g^2)*t)/(t*sqrt(w^2 - g^2))", series: sine },
    { text: "exp(-g*t)*cos(sqrt(w^2 - g^2)*t)", series: cosine },
    { text: "exp(-g*t)*cos(w*sqrt(1 - (g/w)^2)*t)", series: cosine },
    { text: "exp(-g*t)*sin(w*sqrt(1 - (g/w)^2)*t)/(t*w*sqrt(1 - (g/w)^2))", series: sine },
  ])("have all slopes: $text", ({ text, series }) => {
    for (const { declared, whole, data } of times) {
      const model = compileText(`param g, w\n${declared}\nloss = ${whole(text)}`);
      for (const w of [2, 2 + 1e-12, 2 + 1e-9]) {
        const at = { g: 2, w, ...data };
        const truth = damped(series, 2, w, t);
        const { loss, gradient } = model.lossAndGradient(at);
        expect(loss).toBeCloseTo(truth.loss, 14);
        expect(gradient.g![0]).toBeCloseTo(truth.g, 12);
        expect(gradient.w![0]).toBeCloseTo(truth.w, 12);
        expect(model.hvp(at, { g: 0, w: 1 }).w![0]).toBeCloseTo(truth.ww, 7);
      }
    }
  });

  it("have all slopes where both functions stand beside each other", () => {
    const text = "cos(w*sqrt(1 - z^2)*t) + z/sqrt(1 - z^2)*sin(w*sqrt(1 - z^2)*t)";
    for (const { declared, whole, data } of times) {
      const { gradient } = compileText(`param z, w\n${declared}\nloss = ${whole(text)}`);
      // of q = (1 - z^2) w^2: 1 - q t^2/2 + z w t (1 - q t^2/6)
      const u = 2 * t;
      const { z, w } = gradient({ z: 1, w: 2, ...data });
      expect(z![0]).toBeCloseTo(u * u + u + u ** 3 / 3, 13);
      expect(w![0]).toBeCloseTo(t, 14);
    }
  });
});

describe("functions of the root of a number over that number", () => {
  it.each([0, 1e-12, 1e-9, 1e-4])("have all slopes for each element of an array: z = %d", (z) => {
    const model = compileText("param z\ndata t: [n]\nloss = sum((1 - cos(sqrt(z)*t))/z)");
    const at = { z, t: [t, 2 * t] };
    const sum = (term: (s: number) => number) => term(t * t) + term(4 * t * t);
    const { loss, gradient } = model.lossAndGradient(at);
    expect(loss).toBeCloseTo(
      sum((s) => s / 2 - (z * s * s) / 24 + (z * z * s ** 3) / 720),
      14,
    );
    expect(gradient.z![0]).toBeCloseTo(
      sum((s) => (-s * s) / 24 + (z * s ** 3) / 360 - (z * z * s ** 4) / 13440),
      13,
    );
    expect(model.hvp(at, { z: 1 }).z![0]).toBeCloseTo(
      sum((s) => s ** 3 / 360 - (z * s ** 4) / 6720),
      7,
    );
  });
});

/** Of f(z t^2) t^k, or of f(z, t), by the first coefficients in z: the sums over t = 1, 1/2 of value, slope and curvature at z. */
const sums = (coefficients: (t: number) => readonly number[], z: number) =>
  [0, 1, 2].map((order) =>
    [1, 0.5]
      .map((each) =>
        coefficients(each).reduce((sum, c, k) => {
          const falling = order === 0 ? 1 : order === 1 ? k : k * (k - 1);
          return falling === 0 ? sum : sum + c * falling * z ** (k - order);
        }, 0),
      )
      .reduce((a, b) => a + b),
  );

describe("quotients of functions of a root, for each element of an array", () => {
  it.each([
    // (x - sin x)/z^(3/2) = t^3 (1/6 - x^2/120 + x^4/5040), x^2 = z t^2
    ["(sqrt(z)*t - sin(sqrt(z)*t))/z^1.5", (t: number) => [t ** 3 / 6, -(t ** 5) / 120, t ** 7 / 5040]],
    ["(sqrt(z)*t - sin(sqrt(z)*t))/(z*sqrt(z))", (t: number) => [t ** 3 / 6, -(t ** 5) / 120, t ** 7 / 5040]],
    // x coth x - 1 = x^2/3 - x^4/45 + 2 x^6/945
    ["3/(z*t^2)*(sqrt(z)*t/tanh(sqrt(z)*t) - 1)", (t: number) => [1, -(t ** 2) / 15, (2 * t ** 4) / 315]],
    ["3/(sqrt(z)*t)*(1/tanh(sqrt(z)*t) - 1/(sqrt(z)*t))", (t: number) => [1, -(t ** 2) / 15, (2 * t ** 4) / 315]],
    ["(sqrt(z)*t/tanh(sqrt(z)*t) - 1)/z", (t: number) => [t ** 2 / 3, -(t ** 4) / 45, (2 * t ** 6) / 945]],
    // 1 - tanh(x)/x = x^2/3 - 2 x^4/15 + 17 x^6/315
    ["(1 - tanh(sqrt(z)*t)/(sqrt(z)*t))/z", (t: number) => [t ** 2 / 3, (-2 * t ** 4) / 15, (17 * t ** 6) / 315]],
    [
      "(1 - tanh(sqrt(z/2)*t)/(sqrt(z/2)*t))/z",
      (t: number) => [t ** 2 / 6, (-2 * t ** 4) / 60, (17 * t ** 6) / 315 / 8],
    ],
    // sinh(a r)/sinh(b r) = a/b (1 + (a^2 - b^2) z/6 + (3 a^4 - 10 a^2 b^2 + 7 b^4) z^2/360)
    [
      "sinh(sqrt(z)*(2 - t))/sinh(2*sqrt(z))",
      (t: number) => {
        const a = 2 - t;
        return [1, (a ** 2 - 4) / 6, (3 * a ** 4 - 40 * a ** 2 + 112) / 360].map((c) => (c * a) / 2);
      },
    ],
  ] as const)("have all slopes near 0: %s", (text, coefficients) => {
    const model = compileText(`param z\ndata t: [n]\nloss = sum(${text})`);
    for (const z of [0, 1e-12, 1e-9, 1e-5]) {
      const at = { z, t: [1, 0.5] };
      const [value, slope, curvature] = sums(coefficients, z) as [number, number, number];
      const { loss, gradient } = model.lossAndGradient(at);
      expect(loss).toBeCloseTo(value, 13);
      expect(gradient.z![0]).toBeCloseTo(slope, 9);
      expect(model.hvp(at, { z: 1 }).z![0]).toBeCloseTo(curvature, 4);
    }
  });
});

it.each([
  ["(1 - cos(hypot(a, b)*t))/(a^2 + b^2)", 1],
  ["(1 - cos(sqrt(a^2 + b^2)*t))/(a^2 + b^2)", 1],
  ["(1 - cos(sqrt(a^2 - b^2)*t))/((a - b)*(a + b))", -1],
] as const)("functions of a length over its square have all slopes, for each element of an array: %s", (text, sign) => {
  const model = compileText(`param a, b\ndata t: [n]\nloss = sum(${text})`);
  // t^2/2 - t^4 D/24 of D = a^2 + sign b^2, over t = 1, 1/2
  const fourth = (1 + 1 / 16) / 24;
  for (const a of [0, 1e-9, 1e-4]) {
    const at = { a, b: 0, t: [1, 0.5] };
    const { loss, gradient } = model.lossAndGradient(at);
    expect(loss).toBeCloseTo(0.625 - fourth * a ** 2, 14);
    expect(gradient.a![0]).toBeCloseTo(-2 * fourth * a, 13);
    expect(gradient.b![0]).toBeCloseTo(0, 13);
    const { a: aa, b: bb } = model.hvp(at, { a: 1, b: 1 });
    expect(aa![0]).toBeCloseTo(-2 * fourth, 8);
    expect(bb![0]).toBeCloseTo(-2 * sign * fourth, 8);
  }
});

it.each([0, 1e-9, 1e-3])("the chance of a turn has all slopes without drive or detuning: %d", (w) => {
  const model = compileText("param W, D\ndata t: [n]\nloss = sum(W^2*sin(sqrt(W^2 + D^2)*t/2)^2/(W^2 + D^2))");
  const at = { W: w, D: 0, t: [1, 0.5] };
  // sin(W t/2)^2
  const sum = (term: (t: number) => number) => term(1) + term(0.5);
  const { loss, gradient } = model.lossAndGradient(at);
  expect(loss).toBeCloseTo(
    sum((time) => Math.sin((w * time) / 2) ** 2),
    15,
  );
  expect(gradient.W![0]).toBeCloseTo(
    sum((time) => (Math.sin(w * time) * time) / 2),
    14,
  );
  expect(gradient.D![0]).toBe(0);
  expect(model.hvp(at, { W: 1, D: 0 }).W![0]).toBeCloseTo(
    sum((time) => (Math.cos(w * time) * time ** 2) / 2),
    12,
  );
});

it("turns from one direction to one beside it by the angle between them", () => {
  const model = compileText(
    [
      "param p: [2], q: [2]",
      "data t: [n]",
      "let th = acos(dot(p, q)/(norm(p)*norm(q)))",
      "loss = sum(i in 0..n: sum(a in 0..2: (a + 1)*(sin((1 - t[i])*th)/sin(th)*p[a] + sin(t[i]*th)/sin(th)*q[a])))",
    ].join("\n"),
  );
  // half way along a small angle: (p + q)/2 (1 + th^2/8)
  for (const apart of [1e-9, 1e-7, 1e-5]) {
    const { loss, gradient } = model.lossAndGradient({ p: [1, 0], q: [1, apart], t: [0.5] });
    expect(loss).toBeCloseTo(1 + apart, 9);
    expect([...gradient.p!, ...gradient.q!]).toEqual([0.5, 1, 0.5, 1].map((c) => expect.closeTo(c, 4)));
  }
});

describe("turns by the root of a product of a vector with itself", () => {
  it.each(["(1 - cos(n))/n^2", "(1 - cos(n))/(n*n)", "2*sin(n/2)^2/n^2", "(1 - cos(n))/dot(w, w)"])(
    "have all slopes where there is none: %s",
    (text) => {
      const model = compileText(`param w: [3]\nlet n = sqrt(dot(w, w))\nloss = ${text} + sin(n)/n`);
      for (const size of [0, 1e-9, 1e-3]) {
        // 1/2 - n^2/24 + 1 - n^2/6
        const w = [size, -size, 2 * size];
        const { loss, gradient } = model.lossAndGradient({ w });
        expect(loss).toBeCloseTo(1.5 - (5 / 24) * 6 * size ** 2, 10);
        for (const [k, each] of gradient.w!.entries()) expect(each).toBeCloseTo((-5 / 12) * w[k]!, 9);
        expect(model.hvp({ w }, { w: [1, 0, 0] }).w![0]).toBeCloseTo(-5 / 12, 5);
      }
    },
  );
});
