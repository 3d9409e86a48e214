import { describe, it } from "vitest";
import { expectReference, type Reference } from "./references.ts";

/** Functions that vanish with a parameter, over it, in means over rows. Values, gradients and products from mpmath at 400 digits. */
const references: readonly Reference[] = [
  {
    name: "generalised Pareto near its exponential limit",
    text: "param k, s\ndata x: [n]\nloss = mean(log(s) + (1/k + 1)*log(1 + k*x/s))",
    at: { k: 1e-9, s: 1.3, x: [0.3, 1.5, 4.0] },
    along: { k: 0.686, s: 0.802 },
    loss: 1.7495437513254792,
    gradient: { k: [-0.3214990106064835], s: [-0.3747534500379305] },
    product: { k: [3.509508293948584], s: [2.0610225958712696] },
  },
  {
    name: "extreme values near Gumbel's",
    text: "param k, m, s\ndata x: [n]\nloss = mean(log(s) + (1 + 1/k)*log(1 + k*(x - m)/s) + (1 + k*(x - m)/s)^(-1/k))",
    at: { k: -1e-7, m: 0.5, s: 1.2, x: [-0.4, 0.75, 3.0] },
    along: { k: -0.408, m: -0.361, s: 0.607 },
    loss: 1.714027392024774,
    gradient: { k: [-0.016061217806590512], m: [0.014847437721554403], s: [0.08309491648728837] },
    product: { k: [0.047337052174045206], m: [-0.4917462341229197], s: [0.4877535502926441] },
  },
  {
    name: "hazard of Gompertz near a constant",
    text: "param a, b\ndata t: [n]\nloss = mean(b/a*(exp(a*t) - 1) - log(b) - a*t)",
    at: { a: 1e-10, b: 0.02, t: [0.5, 7.0, 30.0] },
    along: { a: 0.376, b: -0.413 },
    loss: 4.1620230044945625,
    gradient: { a: [-9.335833327257083], b: [-37.49999998417917] },
    product: { a: [-42.49334174123076], b: [-973.013666552433] },
  },
  {
    name: "variance of a process that hardly returns",
    text: "param s, h\ndata t: [n]\nloss = mean(s^2*(1 - exp(-2*h*t))/(2*h))",
    at: { s: 0.3, h: 1e-9, t: [0.1, 1.0, 30.0] },
    along: { s: -0.301, h: -0.15 },
    loss: 0.9329999729697005,
    gradient: { s: [6.219999819798003], h: [-27.030298919959982] },
    product: { s: [20.78956576742932], h: [-107.76519887727146] },
  },
  {
    name: "price of a bond without return",
    text: "param k\ndata t: [n]\nloss = mean((1 - exp(-k*t))/k)",
    at: { k: -1e-8, t: [0.1, 1.0, 30.0] },
    along: { k: 0.287 },
    loss: 10.36666816835015,
    gradient: { k: [-150.16836333444894] },
    product: { k: [861.0321145030401] },
  },
  {
    name: "inverse of Box and Cox",
    text: "param l\ndata y: [n]\nloss = mean((l*y + 1)^(1/l))",
    at: { l: 1e-9, y: [-0.9, 0.25, 3.0] },
    along: { l: 0.464 },
    loss: 7.258710636342102,
    gradient: { l: [-30.196567297551812] },
    product: { l: [118.80805098990344] },
  },
  {
    name: "transform of Yeo and Johnson",
    text: "param l\ndata x: [n]\nloss = mean(((x + 1)^l - 1)/l)",
    at: { l: 1e-9, x: [0.001, 0.4, 40.0] },
    along: { l: -0.119 },
    loss: 1.3503479368701734,
    gradient: { l: [2.317305348965222] },
    product: { l: [-0.6776460986492273] },
  },
  {
    name: "exponential of Tsallis",
    text: "param q\ndata x: [n]\nloss = mean((1 + (1 - q)*x)^(1/(1 - q)))",
    at: { q: 1.00000001, x: [-0.4, 0.125, 0.9] },
    along: { q: -0.451 },
    loss: 1.421023873615197,
    gradient: { q: [0.35287253391712636] },
    product: { q: [-0.23693103018922726] },
  },
  {
    name: "annuity without interest",
    text: "param r\ndata m: [n]\nloss = mean((1 - (1 + r)^(-m))/r)",
    at: { r: 1e-9, m: [1.0, 12.0, 360.0] },
    along: { r: 0.087 },
    loss: 124.33331164700262,
    gradient: { r: [-21686.328105810713] },
    product: { r: [454794.40618773305] },
  },
  {
    name: "logarithm of Hill's share",
    text: "param m, k\ndata x: [n]\nloss = mean(log(x^m/(k^m + x^m)))",
    at: { m: 500.0, k: 1.4, x: [0.001, 1.39, 60.0] },
    along: { m: 0.456, k: -0.716 },
    loss: -1208.5751273019516,
    gradient: { m: [-2.41706746629814], k: [-234.88000624916722] },
    product: { m: [0.35240488437709566], k: [679.6265185197685] },
  },
  {
    name: "complement of a power with a tiny exponent",
    text: "param a\ndata x: [n]\nloss = mean(log(1 - x^a))",
    at: { a: 1e-8, x: [1e-12, 0.4, 0.99] },
    along: { a: -0.356 },
    loss: -18.87689135939176,
    gradient: { a: [99999995.24043985] },
    product: { a: [3559999999999992.0] },
  },
  {
    name: "rate at each row in index notation",
    text: "param k, t: [n]\nloss = sum(i in 0..n: (1 - exp(-k*t[i]))/k)",
    at: { k: 1e-9, t: [0.1, 1.0, 30.0] },
    along: { k: 0.932, t: [-0.98, 0.79, -0.24] },
    loss: 31.099999549495003,
    gradient: { k: [-450.50499099966646], t: [0.9999999999, 0.999999999, 0.9999999700000004] },
    product: { k: [8394.818788387884], t: [-0.09319999901068, -0.9319999998580001, -27.959999160960013] },
  },
];

describe("functions over what they vanish with", () => {
  it.each(references)("keep their slopes near that limit: $name", (reference) => {
    expectReference(reference);
  });
});
