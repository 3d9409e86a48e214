import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";

/** Value, gradient and Hessian, from mpmath at 250 digits and more: no row has digits enough as it is rewritten. */
const references: readonly (readonly [text: string, point: readonly number[], values: readonly number[]])[] = [
  [
    "(sin(x+y)-2*sin(x)+sin(x-y))/y^2",
    [0.5, 0.0001],
    [
      ...[-0.4794255382046817, -0.8775825611590539, 7.990425638076434e-6],
      ...[0.4794255382046817, 1.4626376021755295e-5, 1.4626376021755295e-5, 0.07990425627422532],
    ],
  ],
  ["cosh(x)*cos(x)-1", [0.001], [-1.666666666666663e-13, -6.666666666666635e-10, -1.999999999999978e-6]],
  ["log(sin(x))", [1.5707], [-4.6394257147038685e-9, 9.632679519456816e-5, -1.0000000092788515]],
  ["cos(x)^(1/x^2)", [1e-5], [0.606530659707579, -1.010884432899879e-6, -0.10108844329908584]],
  [
    "((x^y+1)/2)^(1/y)",
    [2.5, 1e-10],
    [
      ...[1.5811388301007836, 0.31622776603464453, 0.16593828791163556],
      ...[-0.06324555319770679, 0.1780659431666168, 0.1780659431666168, 0.017414989035328805],
    ],
  ],
  ["sin(1000000*cos(x))", [1e-5], [-0.3500403393401578, -9.367346266714913, -936699.6226063339]],
  ["cos(1000000*cos(x))", [1e-5], [0.9367346266871035, -3.5004033933432384, -350134.0127853214]],
  ["tan(1000000*cos(x))", [1e-5], [-0.37368143481374844, -11.396378147054678, -1139722.9869662318]],
  [
    "acos(cos(x)*cos(y))",
    [1e-5, 1e-6],
    [
      ...[1.0049875621119233e-5, 0.9950371902098216, 0.09950371901769853],
      ...[985.1853368417324, -9851.853368752289, -9851.853368752289, 98518.53368092215],
    ],
  ],
  ["asin(cos(x))", [1e-5], [1.5707863267948967, -1, 0]],
  ["atanh(cos(x))", [1e-5], [12.206072645521841, -100000.00000166666, 9999999999.833332]],
  ["logit(cos(x))", [1e-5], [23.718998110458735, -200000.0000083333, 19999999999.16666]],
  ["acosh(1/cos(x))", [1e-5], [1.0000000000166668e-5, 1.00000000005, 1.0000000000833334e-5]],
  // of special functions
  [
    "erf(x+y)-2*erf(x)+erf(x-y)",
    [0.5, 0.0001],
    [
      -8.787825752738508e-9, -8.787825782031261e-9, -0.00017575651432245133, 4.393912864652153e-8,
      -0.00017575651549416144, -0.00017575651549416144, -1.757565113931761,
    ],
  ],
  [
    "log(normalCdf(x+y))-2*log(normalCdf(x))+log(normalCdf(x-y))",
    [-3.5, 0.0001],
    [
      -9.430669950376078e-9, 2.3500827282097964e-10, -0.00018861339900530245, 1.331457495495097e-10,
      4.7001654579494755e-6, 4.7001654579494755e-6, -1.8861339899642606,
    ],
  ],
  [
    "digamma(x+y)-2*digamma(x)+digamma(x-y)",
    [2.5, 0.001],
    [
      -2.3620407778806437e-7, 2.2390589703136017e-7, -0.00047240820786880995, -3.1375610934060465e-7,
      0.00044781189049095636, 0.00044781189049095636, -0.47240841703956415,
    ],
  ],
  [
    "lgamma(x+y)-lgamma(x)-y*log(x)",
    [6002, 1.39],
    [
      ...[4.515771463327788e-5, -7.523405980568625e-9, 0.000148274068686528],
      ...[2.5068424304371975e-12, -2.4702471301546846e-8, -2.4702471301546846e-8, 0.0001665864271521573],
    ],
  ],
  ["exp(x^2)*erfc(x)/(1+x^2)", [1e-12], [0.9999999999988716, -1.1283791670955126, 2.256758334197025e-12]],
  // of a square that has vanished
  ["x/sinh(x)", [500], [7.124576406741287e-215, -7.110327253927803e-215, 7.09607810111432e-215]],
  // with constants that have no end of digits
  ["log(2)+x*log(x)+(1-x)*log(1-x)", [0.5007], [9.800003201336794e-7, 0.0028000018293356205, 4.000007840015367]],
  ["sqrt(2)-sin(x)-cos(x)", [0.7853], [6.8137181308654605e-9, -0.00013882400777707012, 1.414213555559377]],
  // and with one that stands for pi, whose further digits change nothing
  ["sqrt(pi/x)*erf(sqrt(x))", [1e-9], [1.9999999993333333, -0.6666666662666667, 0.3999999997142857]],
  ["exp(x)-x*exp(1)", [1.001], [1.359594074485032e-6, 0.0027196414225332307, 2.7210014698815783]],
];

const compiled = (text: string, count: number) =>
  compileText(`param ${["x", "y"].slice(0, count).join(", ")}\nloss = ${text}`).bind();

describe("results that have lost digits, computed again", () => {
  it.each(references)("%s at %j", (text, point, values) => {
    const { flat } = compiled(text, point.length);
    const x = Float64Array.from(point);
    const n = point.length;
    const [gradient, hessian, product] = [n, n * n, n].map((length) => new Float64Array(length)) as Float64Array[];
    const direction = Float64Array.from(point, (_, k) => (k === 0 ? 1 : 0));
    const loss = flat.lossAndGradient(x, gradient!);
    flat.hessian(x, hessian!);
    flat.hvp(x, direction, product!);
    expect(flat.loss(x)).toBe(loss);
    const found = [loss, ...gradient!, ...hessian!, ...product!];
    for (const [k, truth] of [...values, ...values.slice(1 + n, 1 + 2 * n)].entries())
      expect(Math.abs(found[k]! - truth), String(k)).toBeLessThanOrEqual(1e-12 * Math.abs(truth));
  });
});

describe("outputs", () => {
  const half = "(tan(x) - sin(x))/x^3";

  it("have the digits that a loss has, elements of arrays among them", () => {
    const { outputs } = compileText(`param x: [n]\noutput each = ${half}\noutput one = sum(${half})`);
    const { each, one } = outputs({ x: [1e-7, 1e-5, -1e-7] });
    for (const [k, value] of [0.5, 0.5000000000125, 0.5].entries()) expect(each![k]).toBeCloseTo(value, 13);
    expect(one![0]).toBeCloseTo(1.5000000000125, 13);
  });

  it("are computed again without a loss too", () => {
    const { outputs } = compileText("param x\noutput bend = (sin(x + 1e-5) - 2*sin(x) + sin(x - 1e-5))/1e-10");
    expect(outputs({ x: 1 }).bend![0]).toBeCloseTo(-0.8414709848008843, 14);
  });
});

describe("results that numbers given leave open", () => {
  // y - x^2 is as sure as x and y are; 1e-10 of a sum that is not used is nothing
  it.each([
    ["exp(x)*(y - x^2)^2 + x*y", [0.5, 0.2500000001]],
    ["x*log(x) + y*log(y) + (1 - x - y)*log(1 - x - y)", [0.333333333, 0.333333334]],
    // of the digits of pi that are not written, nothing else is left
    ["(sin(pi) + 1e-30*x)*exp(y)", [1, 1]],
  ])("%s at %j keep every bit", (text, point) => {
    const plain = compileText(`param x, y\nloss = ${text}`, { rewrites: "exact" }).bind();
    const [expected, found] = [plain, compiled(text, 2)].map(({ flat }) => {
      const gradient = new Float64Array(2);
      return [flat.lossAndGradient(Float64Array.from(point), gradient), ...gradient];
    });
    for (const [k, value] of found!.entries()) expect(Math.abs(value - expected![k]!)).toBeLessThan(1e-15);
  });
});
