import { compileModel } from "../../src/compile/compile.ts";
import { loadModel } from "../../src/model/load.ts";
import type { Oracle } from "../../src/optimize.ts";

/** A test problem of More, Garbow and Hillstrom (1981): a sum of squares as a model of one vector x. */
export interface MghProblem {
  readonly number: number;
  readonly name: string;
  readonly start: readonly number[];
  /** Known local minima and infima, from the paper to six digits, refined to more by Newton's method. */
  readonly minima: readonly number[];
  readonly text: string;
}

const filled = <Entry>(n: number, entry: (j: number) => Entry) => Array.from({ length: n }, (_, k) => entry(k + 1));
const repeated = (times: number, block: readonly number[]) => filled(times, () => 0).flatMap(() => block);

const gaussianData =
  ".0009, .0044, .0175, .0540, .1295, .2420, .3521, .3989, .3521, .2420, .1295, .0540, .0175, .0044, .0009";
const bardData = ".14, .18, .22, .25, .29, .32, .35, .39, .37, .58, .73, .96, 1.34, 2.10, 4.39";
const meyerData =
  "34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872";
const kowalikData = ".1957, .1947, .1735, .1600, .0844, .0627, .0456, .0342, .0323, .0235, .0246";
const osborneData1 =
  ".844, .908, .932, .936, .925, .908, .881, .850, .818, .784, .751, .718, .685, .658, .628, .603, .580, .558, .538, .522, .506, .490, .478, .467, .457, .448, .438, .431, .424, .420, .414, .411, .406";
const osborneData2 =
  "1.366, 1.191, 1.112, 1.013, .991, .885, .831, .847, .786, .725, .746, .679, .608, .655, .616, .606, .602, .626, .651, .724, .649, .649, .694, .644, .624, .661, .612, .558, .533, .495, .500, .423, .395, .375, .372, .391, .396, .405, .428, .429, .523, .562, .607, .653, .672, .708, .633, .668, .645, .632, .591, .559, .597, .625, .739, .710, .729, .720, .636, .581, .428, .292, .162, .098, .054";

const penalty2 = `
param x: [n]
let total = sum(j in 0..n: (n - j)*x[j]^2) - 1
loss = (x[0] - 0.2)^2 + total^2 + 1e-5*sum(i in 1..n: (exp(x[i]/10) + exp(x[i-1]/10) - exp((i+1)/10) - exp(i/10))^2) + 1e-5*sum(i in 1..n: (exp(x[i]/10) - exp(-0.1))^2)`;

const watson = `
param x: [n]
loss = x[0]^2 + (x[1] - x[0]^2 - 1)^2 + sum([i in 1..30: (sum(j in 1..n: j*x[j]*(i/29)^(j-1)) - sum(j in 0..n: x[j]*(i/29)^j)^2 - 1)^2])`;

const penalty1 = `
param x: [n]
loss = 1e-5*sum((x - 1)^2) + (sum(x^2) - 0.25)^2`;

/** The polynomials by their recurrence: cos(i acos(t)) ends outside -1..1. */
function chebyquad(n: number): string {
  const polynomials = filled(n - 1, (i) => `let T${i + 1} = 2*t*T${i} - ${i === 1 ? "1" : `T${i - 1}`}`);
  const residuals = filled(n, (i) => `(sum(T${i})/${n}${i % 2 === 0 ? ` + 1/${i * i - 1}` : ""})^2`);
  return `param x: [${n}]\nlet t = 2*x - 1\nlet T1 = t\n${polynomials.join("\n")}\nloss = ${residuals.join(" + ")}`;
}

function chebyquadProblem(n: number, minima: readonly number[]): MghProblem {
  return { number: 35, name: `Chebyquad ${n}`, start: filled(n, (j) => j / (n + 1)), minima, text: chebyquad(n) };
}

function extendedRosenbrock(n: number): MghProblem {
  return {
    number: 21,
    name: `extended Rosenbrock ${n}`,
    start: repeated(n / 2, [-1.2, 1]),
    minima: [0],
    text: "param x: [n]\nloss = sum(k in 0..n//2: 100*(x[2*k+1] - x[2*k]^2)^2 + (1 - x[2*k])^2)",
  };
}

export const mghProblems: readonly MghProblem[] = [
  {
    number: 1,
    name: "Rosenbrock",
    start: [-1.2, 1],
    minima: [0],
    text: "param x: [2]\nloss = 100*(x[1] - x[0]^2)^2 + (1 - x[0])^2",
  },
  {
    number: 2,
    name: "Freudenstein and Roth",
    start: [0.5, -2],
    minima: [0, 48.98425367924],
    text: "param x: [2]\nloss = (-13 + x[0] + ((5 - x[1])*x[1] - 2)*x[1])^2 + (-29 + x[0] + ((x[1] + 1)*x[1] - 14)*x[1])^2",
  },
  {
    number: 3,
    name: "Powell badly scaled",
    start: [0, 1],
    minima: [0],
    text: "param x: [2]\nloss = (1e4*x[0]*x[1] - 1)^2 + (exp(-x[0]) + exp(-x[1]) - 1.0001)^2",
  },
  {
    number: 4,
    name: "Brown badly scaled",
    start: [1, 1],
    minima: [0],
    text: "param x: [2]\nloss = (x[0] - 1e6)^2 + (x[1] - 2e-6)^2 + (x[0]*x[1] - 2)^2",
  },
  {
    number: 5,
    name: "Beale",
    start: [1, 1],
    minima: [0],
    text: "param x: [2]\nloss = (1.5 - x[0]*(1 - x[1]))^2 + (2.25 - x[0]*(1 - x[1]^2))^2 + (2.625 - x[0]*(1 - x[1]^3))^2",
  },
  {
    number: 6,
    name: "Jennrich and Sampson",
    start: [0.3, 0.4],
    minima: [124.36218235561],
    text: "param x: [2]\nloss = sum(i in 1..11: (2 + 2*i - exp(i*x[0]) - exp(i*x[1]))^2)",
  },
  {
    number: 7,
    name: "helical valley",
    start: [-1, 0, 0],
    minima: [0],
    text: `
param x: [3]
let turn = atan(x[1]/x[0])/(2*pi) + (if x[0] < 0 then 0.5 else 0)
loss = 100*(x[2] - 10*turn)^2 + 100*(sqrt(x[0]^2 + x[1]^2) - 1)^2 + x[2]^2`,
  },
  {
    number: 8,
    name: "Bard",
    start: [1, 1, 1],
    minima: [8.21487730657899e-3, 17.42869333],
    text: `
param x: [3]
let y = [${bardData}]
loss = sum(i in 1..16: (y[i-1] - x[0] - i/((16 - i)*x[1] + min(i, 16 - i)*x[2]))^2)`,
  },
  {
    number: 9,
    name: "Gaussian",
    start: [0.4, 1, 0],
    minima: [1.12793276961912e-8],
    text: `
param x: [3]
let y = [${gaussianData}]
loss = sum(i in 1..16: (x[0]*exp(-x[1]*((8 - i)/2 - x[2])^2/2) - y[i-1])^2)`,
  },
  {
    number: 10,
    name: "Meyer",
    start: [0.02, 4000, 250],
    minima: [87.9458551709],
    text: `
param x: [3]
let y = [${meyerData}]
loss = sum(i in 1..17: (x[0]*exp(x[1]/(45 + 5*i + x[2])) - y[i-1])^2)`,
  },
  {
    number: 11,
    name: "Gulf",
    start: [5, 2.5, 0.15],
    minima: [0, 0.038],
    text: `
param x: [3]
let t = [i in 0..99: (i + 1)/100]
loss = sum(i in 0..99: (exp(-abs(25 + (-50*log(t[i]))^(2/3) - x[1])^x[2]/x[0]) - t[i])^2)`,
  },
  {
    number: 12,
    name: "Box",
    start: [0, 10, 20],
    minima: [0],
    text: `
param x: [3]
loss = sum(i in 1..11: (exp(-i*x[0]/10) - exp(-i*x[1]/10) - x[2]*(exp(-i/10) - exp(-i)))^2)`,
  },
  {
    number: 13,
    name: "Powell singular",
    start: [3, -1, 0, 1],
    minima: [0],
    text: "param x: [4]\nloss = (x[0] + 10*x[1])^2 + 5*(x[2] - x[3])^2 + (x[1] - 2*x[2])^4 + 10*(x[0] - x[3])^4",
  },
  {
    number: 14,
    name: "Wood",
    start: [-3, -1, -3, -1],
    minima: [0],
    text: `
param x: [4]
loss = 100*(x[1] - x[0]^2)^2 + (1 - x[0])^2 + 90*(x[3] - x[2]^2)^2 + (1 - x[2])^2 + 10*(x[1] + x[3] - 2)^2 + (x[1] - x[3])^2/10`,
  },
  {
    number: 15,
    name: "Kowalik and Osborne",
    start: [0.25, 0.39, 0.415, 0.39],
    minima: [3.07505603849e-4, 1.02734e-3],
    text: `
param x: [4]
let y = [${kowalikData}]
let u = [4, 2, 1, .5, .25, .167, .125, .1, .0833, .0714, .0625]
loss = sum((y - x[0]*(u^2 + u*x[1])/(u^2 + u*x[2] + x[3]))^2)`,
  },
  {
    number: 16,
    name: "Brown and Dennis",
    start: [25, 5, -5, -1],
    minima: [85822.2016263563],
    text: `
param x: [4]
let t = [i in 0..20: (i + 1)/5]
loss = sum(((x[0] + t*x[1] - exp(t))^2 + (x[2] + x[3]*sin(t) - cos(t))^2)^2)`,
  },
  {
    number: 17,
    name: "Osborne 1",
    start: [0.5, 1.5, -1, 0.01, 0.02],
    minima: [5.46489469748e-5],
    text: `
param x: [5]
let y = [${osborneData1}]
loss = sum(i in 0..33: (y[i] - x[0] - x[1]*exp(-10*i*x[3]) - x[2]*exp(-10*i*x[4]))^2)`,
  },
  {
    number: 18,
    name: "Biggs EXP6",
    start: [1, 2, 1, 1, 1, 1],
    minima: [0, 5.6556499255e-3],
    text: `
param x: [6]
let t = [i in 0..13: (i + 1)/10]
let y = exp(-t) - 5*exp(-10*t) + 3*exp(-4*t)
loss = sum((x[2]*exp(-t*x[0]) - x[3]*exp(-t*x[1]) + x[5]*exp(-t*x[4]) - y)^2)`,
  },
  {
    number: 19,
    name: "Osborne 2",
    start: [1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5],
    minima: [4.01377362935e-2],
    text: `
param x: [11]
let y = [${osborneData2}]
let t = [i in 0..65: i/10]
loss = sum((y - x[0]*exp(-t*x[4]) - x[1]*exp(-(t - x[8])^2*x[5]) - x[2]*exp(-(t - x[9])^2*x[6]) - x[3]*exp(-(t - x[10])^2*x[7]))^2)`,
  },
  { number: 20, name: "Watson 6", start: repeated(6, [0]), minima: [2.28767005355e-3], text: watson },
  { number: 20, name: "Watson 9", start: repeated(9, [0]), minima: [1.3997601381e-6], text: watson },
  { number: 20, name: "Watson 12", start: repeated(12, [0]), minima: [4.72238114e-10], text: watson },
  extendedRosenbrock(10),
  extendedRosenbrock(100),
  {
    number: 22,
    name: "extended Powell singular 12",
    start: repeated(3, [3, -1, 0, 1]),
    minima: [0],
    text: `
param x: [n]
loss = sum(k in 0..n//4: (x[4*k] + 10*x[4*k+1])^2 + 5*(x[4*k+2] - x[4*k+3])^2 + (x[4*k+1] - 2*x[4*k+2])^4 + 10*(x[4*k] - x[4*k+3])^4)`,
  },
  { number: 23, name: "penalty I 4", start: [1, 2, 3, 4], minima: [2.24997750089e-5], text: penalty1 },
  { number: 23, name: "penalty I 10", start: filled(10, (j) => j), minima: [7.08765146709e-5], text: penalty1 },
  { number: 24, name: "penalty II 4", start: repeated(4, [0.5]), minima: [9.37629268e-6], text: penalty2 },
  { number: 24, name: "penalty II 10", start: repeated(10, [0.5]), minima: [2.93660357e-4], text: penalty2 },
  {
    number: 25,
    name: "variably dimensioned 10",
    start: filled(10, (j) => 1 - j / 10),
    minima: [0],
    text: `
param x: [n]
let total = sum(j in 0..n: (j + 1)*(x[j] - 1))
loss = sum((x - 1)^2) + total^2 + total^4`,
  },
  {
    number: 26,
    name: "trigonometric 10",
    start: repeated(10, [1 / 10]),
    minima: [0, 2.79506121876e-5],
    text: `
param x: [n]
let total = sum(cos(x))
loss = sum(i in 0..n: (n - total + (i + 1)*(1 - cos(x[i])) - sin(x[i]))^2)`,
  },
  {
    number: 27,
    name: "Brown almost linear 10",
    start: repeated(10, [0.5]),
    minima: [0, 1],
    text: `
param x: [n]
let total = sum(x)
loss = (prod(x) - 1)^2 + sum(i in 0..n-1: (x[i] + total - (n + 1))^2)`,
  },
  {
    number: 28,
    name: "discrete boundary value 10",
    start: filled(10, (j) => (j / 11) * (j / 11 - 1)),
    minima: [0],
    text: `
param x: [n]
let h = 1/(n + 1)
loss = sum(i in 0..n: (2*x[i] - (if i > 0 then x[i-1] else 0) - (if i < n-1 then x[i+1] else 0) + h^2*(x[i] + (i + 1)*h + 1)^3/2)^2)`,
  },
  {
    number: 29,
    name: "discrete integral equation 10",
    start: filled(10, (j) => (j / 11) * (j / 11 - 1)),
    minima: [0],
    text: `
param x: [n]
let h = 1/(n + 1)
let t = [i in 0..n: (i + 1)*h]
let c = (x + t + 1)^3
loss = sum(i in 0..n: (x[i] + h/2*((1 - t[i])*sum(j in 0..i+1: t[j]*c[j]) + t[i]*sum(j in i+1..n: (1 - t[j])*c[j])))^2)`,
  },
  {
    number: 30,
    name: "Broyden tridiagonal 10",
    start: repeated(10, [-1]),
    minima: [0],
    text: `
param x: [n]
loss = sum(i in 0..n: ((3 - 2*x[i])*x[i] - (if i > 0 then x[i-1] else 0) - 2*(if i < n-1 then x[i+1] else 0) + 1)^2)`,
  },
  {
    number: 31,
    name: "Broyden banded 10",
    start: repeated(10, [-1]),
    minima: [0],
    text: `
param x: [n]
let b = x*(1 + x)
loss = sum(i in 0..n: (x[i]*(2 + 5*x[i]^2) + 1 + b[i] - sum(k in 0..7: if i + k >= 5 and i + k - 5 < n then b[i+k-5] else 0))^2)`,
  },
  {
    number: 32,
    name: "linear, full rank",
    start: repeated(10, [1]),
    minima: [10],
    text: `
param x: [n]
let mean = sum(x)/10
loss = sum((x - mean - 1)^2) + 10*(mean + 1)^2`,
  },
  {
    number: 33,
    name: "linear, rank 1",
    start: repeated(10, [1]),
    minima: [(20 * 19) / (2 * 41)],
    text: `
param x: [n]
let total = sum(j in 0..n: (j + 1)*x[j])
loss = sum(i in 1..21: (i*total - 1)^2)`,
  },
  {
    number: 34,
    name: "linear, rank 1 with zero columns and rows",
    start: repeated(10, [1]),
    minima: [(20 ** 2 + 3 * 20 - 6) / (2 * (2 * 20 - 3))],
    text: `
param x: [n]
let total = sum(j in 1..n-1: (j + 1)*x[j])
loss = 2 + sum(i in 1..19: (i*total - 1)^2)`,
  },
  chebyquadProblem(7, [0]),
  chebyquadProblem(8, [3.51687372568e-3]),
  chebyquadProblem(9, [0]),
  chebyquadProblem(10, [6.5039548e-3, 4.77271369e-3]),
];

/** A problem as nabla compiles it: its `flat` functions are an oracle, `leastSquares` of it one with residuals. */
export function mghModel({ text, name, start }: MghProblem) {
  return compileModel(loadModel({ name: `${name}.nabla`, text })).bind(
    {},
    text.includes("[n]") ? { n: start.length } : {},
  );
}

/** Loss, gradient, Hessian-vector products and Hessian of a problem, as nabla derives and compiles them. */
export function mghOracle(problem: MghProblem): Required<Pick<Oracle, "loss" | "lossAndGradient" | "hvp" | "hessian">> {
  return mghModel(problem).flat;
}
