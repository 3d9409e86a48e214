import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";

/** Angles between the rows of u and v, as people write them by the arc cosine. */
const angles = [
  ["rows", "acos(sum(u * v, axis=1) / (norm(u, axis=1) * norm(v, axis=1)))"],
  ["rows over each length", "acos(sum(u * v, axis=1) / norm(u, axis=1) / norm(v, axis=1))"],
  ["held cosines", "acos(clamp(sum(u * v, axis=1) / (norm(u, axis=1) * norm(v, axis=1)), -1, 1))"],
  ["cosines held by hand", "acos(max(min(sum(u * v, axis=1) / (norm(u, axis=1) * norm(v, axis=1)), 1), -1))"],
  ["one root", "[i in 0..n: acos(sum(k: u[i, k] * v[i, k]) / sqrt(sum(k: u[i, k]^2) * sum(k: v[i, k]^2)))]"],
  [
    "coordinates",
    "acos((u[:, 0] * v[:, 0] + u[:, 1] * v[:, 1]) / (hypot(u[:, 0], u[:, 1]) * hypot(v[:, 0], v[:, 1])))",
  ],
  [
    "coordinates under roots",
    "acos((u[:, 0] * v[:, 0] + u[:, 1] * v[:, 1]) / sqrt((u[:, 0]^2 + u[:, 1]^2) * (v[:, 0]^2 + v[:, 1]^2)))",
  ],
  [
    "vectors that are written out",
    "[i in 0..n: acos(dot([u[i, 0], u[i, 1]], [v[i, 0], v[i, 1]]) / (norm([u[i, 0], u[i, 1]]) * norm([v[i, 0], v[i, 1]])))]",
  ],
  ["unit vectors", "[i in 0..n: acos(dot(u[i] / norm(u[i]), v[i] / norm(v[i])))]"],
  ["rows of arrays of unit vectors", "[i in 0..n: acos(sum(k: p[i, k] * q[i, k]))]"],
  ["rows by numbers", "[i in 0..n: acos(sum(k: p[at[i], k] * q[at[i], k]))]"],
  ["each row with each", "[i in 0..n: acos(sum(k: u[i, k] * v[i, k]) / (l[i] * norm(v[i])))]"],
] as const;

const declared = `param u: [n, 2], v: [n, 2]
data at: int[n]
let l = norm(u, axis=1)
let p = [i in 0..n, k in 0..2: u[i, k] / l[i]]
let q = [i in 0..n, k in 0..2: v[i, k] / norm(v[i])]
`;
/** The same by the arctangent, in which nothing is lost. */
const truth = "atan2(abs(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]), u[:, 0] * v[:, 0] + u[:, 1] * v[:, 1])";

/** Sizes of numbers beside the largest of those that are right. */
function errorOf(found: readonly number[], right: readonly number[]): number {
  const scale = Math.max(...right.map(Math.abs));
  return Math.max(...right.map((value, k) => Math.abs(found[k]! - value))) / scale;
}

describe("an angle between two vectors by the arc cosine", () => {
  it.each(angles)("keeps its digits where they are nearly parallel: %s", (_, text) => {
    for (const loss of ["sum(square(a - 0.5))", "sum(a^2)", "sum(exp(-a))"]) {
      const [mine, right] = [text, truth].map((a) => compileText(`${declared}let a = ${a}\nloss = ${loss}`));
      for (const [angle, side] of [0.2, 1e-4, 1e-7].flatMap(
        (each) =>
          [
            [each, 2],
            [each, -2],
          ] as const,
      )) {
        const at = { u: [[1.5, 0.5]], v: [[side * 1.5 - angle, side * 0.5 + 3 * angle]], at: [0] };
        const along = { u: [[0.3, -0.7]], v: [[0.4, 0.9]] };
        const results = [mine!, right!].map((model) => {
          const { loss, gradient } = model.lossAndGradient(at);
          const hvp = model.hvp(at, along);
          return { loss: [loss], gradient: [...gradient.u!, ...gradient.v!], hvp: [...hvp.u!, ...hvp.v!] };
        });
        for (const name of ["loss", "gradient", "hvp"] as const) {
          const error = errorOf(results[0]![name], results[1]![name]);
          expect(error, `${name} of ${loss} at ${angle}, ${side}`).toBeLessThan(1e-14 / angle);
        }
      }
    }
  });

  it.each(angles)("has a slope of 0 where they are parallel, and further ones where it is flat: %s", (_, text) => {
    const at = { u: [[0.3, 0.4]], v: [[0.6, 0.8]], at: [0] };
    const { gradient, loss } = compileText(`${declared}let a = ${text}\nloss = sum(a)`);
    expect(loss(at)).toBe(0);
    expect(gradient(at).u).toEqual(Float64Array.of(0, 0));
    const { hessian } = compileText(`${declared}let a = ${text}\nloss = sum(a^2)`);
    // 2 (I - w w') / |u|^2 of the unit vector w
    const expected = [2 * 0.64, -2 * 0.48, -2 * 0.48, 2 * 0.36].map((x) => x / 0.25);
    expect(errorOf([...hessian(at).u!.u!], expected)).toBeLessThan(1e-14);
  });

  it.each(["abs(c)", "min(abs(c), 1)"])("keeps its digits between lines, and turns as quaternions: %s", (size) => {
    const text = "param p: [4], q: [4]\nlet c = dot(p / norm(p), q / norm(q))\n";
    const [angle, square] = [`acos(${size})`, `acos(${size})^2`].map((a) => compileText(`${text}loss = 2 * ${a}`));
    for (const sign of [1, -1]) {
      const at = { p: [1, 0, 0, 0], q: [sign, 0, sign * 1e-7, 0] };
      expect(errorOf([...angle!.gradient(at).q!], [0, 0, 2 * sign, 0])).toBeLessThan(1e-6);
      const { q } = square!.hessian({ p: [1, 0, 0, 0], q: [sign, 0, 0, 0] });
      expect([...q!.q!]).toEqual([0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 4]);
      expect(angle!.gradient({ p: [1, 0, 0, 0], q: [sign, 0, 0, 0] }).q).toEqual(new Float64Array(4));
    }
  });

  it("is NaN, and so are its slopes, where a vector is 0", () => {
    const { gradient, loss } = compileText(`${declared}let a = ${angles[0][1]}\nloss = sum(a)`);
    const at = { u: [[0, 0]], v: [[0.6, 0.8]], at: [0] };
    expect(loss(at)).toBeNaN();
    expect(gradient(at).v).toEqual(Float64Array.of(Number.NaN, Number.NaN));
  });
});

describe("a distance on a sphere", () => {
  const cosine = "sin(a) * sin(b) + cos(a) * cos(b) * cos(l - m)";
  const haversine = "sin((a - b) / 2)^2 + cos(a) * cos(b) * sin((l - m) / 2)^2";
  const declared = "param a: [n], b: [n], l: [n], m: [n]\n";

  it("keeps its digits between points that are near, and far", () => {
    const texts = [`acos(${cosine})`, `2 * asin(sqrt(${haversine}))`];
    const [byCosine, byHaversine] = texts.map((text) => compileText(`${declared}loss = sum(${text})`));
    for (const gap of [1, 1e-3, 1e-6, 1e-9]) {
      const at = { a: [0.7], b: [0.7 + 2 * gap], l: [-1.2], m: [-1.2 - gap] };
      const [mine, right] = [byCosine!, byHaversine!].map((model) => {
        const { loss, gradient } = model.lossAndGradient(at);
        return [loss / gap, gradient.a![0]!, gradient.b![0]!, gradient.l![0]!, gradient.m![0]!];
      });
      expect(errorOf(mine!, right!), `at ${gap}`).toBeLessThan(1e-14);
    }
    // the point opposite (a, l), moved by gap: the distance is pi less what it is moved by
    const gap = 2 ** -30;
    const { loss, gradient } = byCosine!.lossAndGradient({ a: [0.5], b: [gap - 0.5], l: [0], m: [Math.PI] });
    expect(Math.abs(loss - (Math.PI - gap))).toBeLessThan(1e-15);
    expect(Math.abs(gradient.b![0]! + 1)).toBeLessThan(1e-12);
  });

  it.each([`acos(${cosine})`, `2 * asin(sqrt(${haversine}))`])("has a slope of 0 between equal points: %s", (text) => {
    const at = { a: [0.3], b: [0.3], l: [1], m: [1] };
    const { gradient } = compileText(`${declared}loss = sum((${text} - 0.2)^2)`);
    expect([...gradient(at).a!, ...gradient(at).l!].map(Math.abs)).toEqual([0, 0]);
    const { hessian } = compileText(`${declared}loss = sum((${text})^2)`);
    const { a, l } = hessian(at);
    expect(errorOf([...a!.a!, ...a!.l!, ...l!.l!], [2, 0, 2 * Math.cos(0.3) ** 2])).toBeLessThan(1e-15);
  });
});

describe("a root of weighted squares", () => {
  const kernel = "[i in 0..n, j in 0..n: sqrt(REST)]";
  const gap = "(x[i, k] - x[j, k])^2";
  it.each([
    ["positive weights", `sum(k: exp(w[k]) * ${gap})`, 1],
    ["weights by softplus", `sum(k: ${gap} * softplus(w[k]))`, 1],
    ["squared weights", `sum(k: w[k]^2 * ${gap})`, 1],
    ["over a square", `3 * sum(k: ${gap}) / w[0]^2`, 1],
    ["over anything", `sum(k: ${gap}) / w[0]`, 1],
  ])("has a slope of 0 where all are 0: %s", (_, text) => {
    const model = (rest: string) =>
      compileText(
        `param x: [n, d], w: [d]\nlet r = ${kernel.replace("REST", rest)}\nloss = sum((1 + r) * exp(-r)) + sum(exp(-r))`,
      );
    const at = {
      x: [
        [1, 2],
        [1, 2],
        [3, 2.5],
      ],
      w: [0.7, 0.3],
    };
    const [mine, smooth] = [model(text), model(`${text} + 1e-24`)].map((each) => each.gradient(at));
    for (const name of ["x", "w"]) expect(errorOf([...mine![name]!], [...smooth![name]!])).toBeLessThan(1e-9);
  });

  it("is left as it is where a weight may be 0, or less", () => {
    const { gradient } = compileText("param w: [n], x: [n]\nloss = sqrt(sum(w * x^2))");
    expect(gradient({ w: [1, -1], x: [1, 1] }).x).toEqual(Float64Array.of(Infinity, -Infinity));
    const relus = compileText("param w: [n], x: [n]\nloss = sqrt(sum(relu(w) * x^2))");
    expect(relus.gradient({ w: [0, 0], x: [1, 2] }).x).toEqual(Float64Array.of(Number.NaN, Number.NaN));
  });
});
