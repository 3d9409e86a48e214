import { describe, it } from "vitest";
import { closureEngine, javaScriptEngine } from "../../src/compile/functions.ts";
import { webAssembly } from "../../src/wasm.ts";
import { expectReference, type Reference } from "./references.ts";

// Exponentials beside modified Bessel functions, of which one overflows where the other vanishes. Of mpmath, 60 digits.

const angles = [0.1, -0.3, 0.05];
const density = "param m: [], k: []\ndata t: [n]\nloss = sum(i: exp(k*cos(t[i] - m))/(2*pi*besselI(0, k)))";
const amplitude =
  "param m: [], k: []\ndata t: [n]\nloss = sum(i: t[i]/k*exp(-(t[i]^2 + m^2)/(2*k))*besselI(0, t[i]*m/k))";

const references: readonly Reference[] = [
  {
    name: "a von Mises density that is steep",
    text: density,
    at: { m: 0.02, k: 1000, t: angles },
    along: { m: 1, k: 0.5 },
    loss: 8.558423125642136,
    gradient: { m: [282.42536267540555], k: [-0.0009862616621262455] },
    product: { m: [1973.1262636563924], k: [0.1834685970255006] },
  },
  {
    name: "a von Mises density that is flat",
    text: density,
    at: { m: 0.02, k: 1e-9, t: angles },
    along: { m: 1, k: 0.5 },
    loss: 0.4774648297444908,
    gradient: { m: [-3.25720723849338e-11], k: [0.46880475674686617] },
    product: { m: [-0.016286036676308346], k: [0.0783399666928454] },
  },
  {
    name: "a Rice density",
    text: amplitude,
    at: { m: 0.2, k: 1e-5, t: [0.21, 0.19, 0.205] },
    along: { m: 1, k: 0.5 },
    loss: 38.294206108354444,
    gradient: { m: [18244.07808335387], k: [3509530.4297637297] },
    product: { m: [-218708207.3754903], k: [-172111054389.5015] },
  },
  {
    name: "one number, with a sign",
    text: "param m: [], k: []\nloss = m*exp(k)/besselI(0, k)",
    at: { m: 0.2, k: -20 },
    along: { m: 1, k: 0.5 },
    loss: 9.46388838733721e-18,
    gradient: { m: [4.7319441936686044e-17], k: [1.8688061288435614e-17] },
    product: { m: [4.6720153221089034e-17], k: [1.1188561295218092e-16] },
  },
  {
    name: "an exponential of the same number, far out",
    text: "param m: [], k: []\nloss = exp(k)*m/besselI(0, k)",
    at: { m: 0.2, k: 1e6 },
    along: { m: 1, k: 0.5 },
    loss: 501.32559226046584,
    gradient: { m: [2506.627961302329], k: [0.0002506628587959946] },
    product: { m: [0.0006266571469899866], k: [0.0012533142313142427] },
  },
  {
    name: "no concentration",
    text: "param m: [], k: []\nloss = m*exp(k*m)/besselI(0, k)",
    at: { m: 0.2, k: 0 },
    along: { m: 1, k: 0.5 },
    loss: 0.2,
    gradient: { m: [1], k: [0.04] },
    product: { m: [0.2], k: [0.354] },
  },
  {
    name: "order 1",
    text: "param m: [], k: []\nloss = exp(-k - m)*besselI(1, k)/m",
    at: { m: 0.2, k: 1200 },
    along: { m: 1, k: 0.5 },
    loss: 0.04712971105083827,
    gradient: { m: [-0.2827782663050296], k: [-1.962509600325858e-5] },
    product: { m: [2.874971249389144], k: [0.00011776283402463255] },
  },
];

describe("an exponential beside a modified Bessel function", () => {
  it.each(references)("overflows and vanishes with it alone: $name", (reference) => {
    for (const engine of [javaScriptEngine, closureEngine, webAssembly({ use: "always" })])
      expectReference(reference, engine);
  });
});
