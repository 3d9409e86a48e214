import { describe, expect, it } from "vitest";
import { compileText, loadModel, unitsOf } from "../../src/language/all.ts";

/** Models that state units, with inputs; every number that has a unit is an input. */
const models: readonly (readonly [name: string, text: string, inputs: Readonly<Record<string, unknown>>])[] = [
  [
    "decay",
    `param k: [] in 1/s, a: [] in mol
data t: [n] in s, y: [n] in mol
loss = mean((y - a*exp(-k*t))^2)
output half in s = log(2)/k
output slope = grad(loss, k)`,
    { k: 0.3, a: 2, t: [0, 1, 2.5], y: [2, 1.5, 0.9] },
  ],
  [
    "a spring over time",
    `param x0 in m, v0 in m/s, k in kg/s^2
data mass in kg, dt in s, seen in m
let run = scan(i in 0..20, x = x0, v = v0: {
  x = x + dt*v
  v = v - dt*k/mass*x
})
loss = (run.x - seen)^2 + (dt*run.v)^2
output energy = 0.5*k*run.x^2 + 0.5*mass*run.v^2`,
    { x0: 1, v0: 0.3, k: 2, mass: 0.7, dt: 0.05, seen: 0.4 },
  ],
  [
    "roots, powers, norms and choices",
    `param x: [3] in m, area in m^2
data w: [3] in kg
loss = norm(x)*sum(w*x)/sqrt(area) + max(w)*cbrt(x[0]*x[1]*x[2]) + hypot(x[0], sqrt(area))*w[1]
output side = if x[0] > x[1] then x[0] else sqrt(area)
output bend = hvp(loss, x, x)`,
    { x: [1.5, 0.7, 2.2], area: 3.1, w: [0.3, 1.1, 0.6] },
  ],
  [
    "a regression by a system",
    `param y: [n] in V, width in s
data t: [n] in s
let K = [i, j: exp(-((t[i] - t[j])/width)^2)] + eye(n)
loss = dot(y, solve(K, y)) + sum(y^2)
output weights = solve(K, y)`,
    { y: [1, 0.5, -0.7], width: 0.8, t: [0, 0.6, 1.9] },
  ],
];

/** What a number in this unit is multiplied by, each base unit being `powers[name]` powers of two smaller. */
function factorOf(unit: string, powers: Readonly<Record<string, number>>): number {
  let [sum, sign] = [0, 1];
  for (const [part, name, exponent] of unit.matchAll(/([A-Za-z]+)(?:\^\(?(\d+(?:\/\d+)?)\)?)?|\//g)) {
    if (part === "/") sign = -1;
    else {
      const [over, under = 1] = (exponent ?? "1").split("/").map(Number) as [number, number?];
      sum += (sign * powers[name!]! * over) / under;
    }
  }
  if (!Number.isInteger(sum)) throw new Error(`${unit} is no power of two`);
  return 2 ** sum;
}

const scaled = (value: unknown, factor: number): unknown =>
  typeof value === "number" ? value * factor : (value as readonly unknown[]).map((entry) => scaled(entry, factor));

describe("a change of units", () => {
  // sixfold, so that square and cube roots are powers of two too
  const changes = [
    { s: 6, mol: 0, m: 0, kg: 0, V: 12 },
    { s: -12, mol: 18, m: 6, kg: -6, V: -6 },
    { s: 0, mol: -6, m: -18, kg: 12, V: 0 },
  ];

  it.each(models)("scales everything by its unit, to the last bit for powers of two: %s", (_, text, inputs) => {
    const model = loadModel({ name: "m.nabla", text });
    const units = unitsOf(model)!;
    const compiled = compileText(text);
    const directions = Object.fromEntries(model.parameters.map(({ name }) => [name, inputs[name]]));
    const at = (here: Readonly<Record<string, unknown>>, along: Readonly<Record<string, unknown>>) => ({
      loss: compiled.loss(here as never),
      gradient: compiled.gradient(here as never),
      hvp: compiled.hvp(here as never, along as never),
      outputs: compiled.outputs(here as never),
    });
    const before = at(inputs, directions);
    for (const powers of changes) {
      const inOther = (values: Readonly<Record<string, unknown>>) =>
        Object.fromEntries(
          Object.entries(values).map(([name, value]) => [
            name,
            scaled(value, factorOf(units.leaves.get(name)!, powers)),
          ]),
        );
      const after = at(inOther(inputs), inOther(directions));
      expect(after.loss).toBe(before.loss * factorOf(units.loss!, powers));
      for (const kind of ["gradient", "hvp", "outputs"] as const) {
        for (const [name, unit] of units[kind]) {
          const wanted = before[kind][name]!.map((entry) => entry * factorOf(unit, powers));
          expect(after[kind][name], `${kind} ${name}`).toEqual(wanted);
        }
      }
    }
  });
});
