import fc from "fast-check";

const places = ["k", "p[k]", "k - 1", "m - 1 - k", "k + 2", "3"];
const values = [
  "sin(D[p[k]])",
  "D[i] * b[k]",
  "D[p[k]]^2 + b[i] * E[i]",
  "0",
  "sum(j in 0..k: D[j] * b[j])",
  "c * D[k] + E[p[k]]",
  "b[k] / D[i]",
  "exp(-D[i]^2) * D[p[p[k]]]",
];

const condition = fc
  .tuple(fc.constantFrom(...places), fc.constantFrom(...places), fc.nat(5))
  .map(([place, other, form]) => {
    if (form === 0) return `i == ${place} or i == ${other}`;
    if (form === 1) return `i == ${place} and b[k] > 0`;
    if (form === 2) return `i == ${place} and D[p[k]] > b[i]`;
    return form === 3 ? `${place} == i` : `i == ${place}`;
  });

/** An element of the next array: D or E changed at some places, in the model language. */
const element = (name: string) =>
  fc
    .tuple(
      fc.array(fc.tuple(condition, fc.constantFrom(...values)), { minLength: 1, maxLength: 2 }),
      fc.option(fc.constantFrom("if i == p[k] then D[k]^2 else 0", "if i < k then b[k] * D[k] else 0")),
    )
    .map(([changes, term]) => {
      const chosen = changes.reduce((rest, [at, value]) => `(if ${at} then ${value} else ${rest})`, `${name}[i]`);
      return term === null ? chosen : `${chosen} + (${term})`;
    });

/**
 * Texts of models with a loop that carries two arrays, of which steps change places, and a number; `b: [m]`, `p: int[m]`.
 */
export const tableTexts = fc
  .tuple(fc.constantFrom("scan", "reverseScan"), element("D"), element("E"), fc.boolean(), fc.boolean())
  .map(([loop, d, e, together, history]) => {
    const second = together ? e : "E[i]";
    return [
      "param b: [m]",
      "data p: int[m]",
      `let r = ${loop}(k in 0..m, D = b, E = [i in 0..m: 1 - 0.1 * i], c = 0.5: {`,
      `  let F = [i in 0..m: ${d}]`,
      `  E = [i in 0..m: ${second}]`,
      "  c = 0.7 * c + 0.2 * sin(D[k])",
      "  D = F",
      `  y = ${history ? "sum(i in 0..m: F[i]^2 * i)" : "F[p[k]] * E[k]"}`,
      "})",
      "loss = sum(i in 0..m: (i + 1) * r.D[i]^2) + sum(r.E * b) + r.c^2 + sum(r.y)",
    ].join("\n");
  });
