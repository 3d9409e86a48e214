import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";

/** The Brillouin function of x, as people write it. */
const brillouin = [
  "(2*J + 1)/(2*J)/tanh((2*J + 1)*x/(2*J)) - 1/(2*J)/tanh(x/(2*J))",
  "(2*J + 1)/(2*J)*(1/tanh((2*J + 1)/(2*J)*x)) - 1/(2*J)*(1/tanh(x/(2*J)))",
  "((2*J + 1)/tanh((2*J + 1)*x/(2*J)) - 1/tanh(x/(2*J)))/(2*J)",
  "(J + 0.5)/J/tanh((J + 0.5)*x/J) - 0.5/J/tanh(0.5*x/J)",
  "(2*J + 1)/(2*J)*cosh((2*J + 1)*x/(2*J))/sinh((2*J + 1)*x/(2*J)) - cosh(x/(2*J))/sinh(x/(2*J))/(2*J)",
];

describe("poles of terms that cancel", () => {
  it.each(brillouin)("have a sum with digits, and a value where each is infinite: %s", (text) => {
    const J = 3.5;
    const [slope, cube] = [(J + 1) / (3 * J), (((2 * J + 1) / (2 * J)) ** 4 - (1 / (2 * J)) ** 4) / 45];
    for (const declared of ["param J, s\ndata t: [n]\nlet x = s*t", "param J, s\ndata t: [n]\nlet x = t/s"]) {
      const model = compileText(`${declared}\nloss = sum(${text})`);
      const power = declared.endsWith("t/s") ? -1 : 1;
      for (const t of [0, 1e-9, 1e-5, 1e-3]) {
        const at = { J, s: 1, t: [t] };
        const value = t === 0 ? 0 : slope * t - cube * t ** 3;
        const { loss, gradient } = model.lossAndGradient(at);
        expect(Math.abs(loss - value)).toBeLessThanOrEqual(2e-12 * t);
        const inS = power * (slope * t - 3 * cube * t ** 3);
        expect(Math.abs(gradient.s![0]! - inS)).toBeLessThanOrEqual(2e-11 * t);
        expect(Math.abs(gradient.J![0]! + t / (3 * J * J))).toBeLessThanOrEqual(1e-6 * t);
      }
    }
  });

  it("have a sum where a function of x is x times another", () => {
    const text = "param J, s\ndata t: [n]\nloss = sum((2*J + 1)/expm1((2*J + 1)*s*t/J) - 1/expm1(s*t/J))";
    const { loss, gradient } = compileText(text).lossAndGradient({ J: 2, s: 1, t: [0, 1e-9] });
    // x/(e^x - 1) is 1 - x/2 + x^2/12: each is -J + (J + 1) s t/3
    expect(loss).toBeCloseTo(-4 + 1e-9, 14);
    expect(gradient.J![0]).toBeCloseTo(-2, 8);
    expect(gradient.s![0]! / 1e-9).toBeCloseTo(1, 8);
  });

  it("is what it is elsewhere", () => {
    const [all, none] = (["all", "none"] as const).map((rewrites) =>
      compileText(`param J\ndata x: [n]\nloss = sum(${brillouin[0]})`, { rewrites }),
    );
    const at = { J: 2.5, x: [0.5, -2, 30, 800] };
    expect(all!.loss(at)).toBeCloseTo(none!.loss(at), 13);
    expect(all!.gradient(at).J![0]).toBeCloseTo(none!.gradient(at).J![0]!, 13);
  });

  it("leaves poles that do not cancel", () => {
    const { loss, gradient } = compileText("param a, b\ndata x: [n]\nloss = sum(1/tanh(a*x) - 1/tanh(b*x))");
    expect(loss({ a: 2, b: 3, x: [0.5] })).toBeCloseTo(1 / Math.tanh(1) - 1 / Math.tanh(1.5), 14);
    expect(loss({ a: 2, b: 3, x: [0] })).toBeNaN();
    expect(gradient({ a: 2, b: 3, x: [0.5] }).a![0]).toBeCloseTo(-0.5 / Math.sinh(1) ** 2, 14);
  });
});
