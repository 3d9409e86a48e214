import { describe, expect, it } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { closureEngine, javaScriptEngine } from "../../src/compile/functions.ts";
import { webAssembly } from "../../src/compile/web-assembly.ts";
import { allExtensions } from "../../src/extensions/all.ts";
import { complexField } from "../../src/interpreter/complex.ts";
import { dualField } from "../../src/interpreter/dual.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import type { Field } from "../../src/ir/field.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { compileText } from "../../src/language/all.ts";
import { loadModel } from "../../src/model/load.ts";
import type { Operation } from "../../src/ops/define.ts";
import { operations } from "../../src/ops/registry.ts";
import { expectClose, expectReference, type Reference } from "../rewrite/references.ts";

/** Functions that end flat, of logarithms of 0: values, gradients and products from mpmath, the first element as a limit. */
const references: readonly Reference[] = [
  {
    name: "a sigmoid of a logarithm",
    text: "param h, le\ndata d: [n], y: [n]\nloss = sum((sigmoid(h * (log(d) - le)) - y)^2)",
    at: { h: 1.5, le: 0.3, d: [0.0, 0.1, 1.0, 10.0], y: [0.05, 0.2, 0.5, 0.9] },
    along: { h: 1.0, le: -0.7 },
    loss: 0.0500081381725768,
    gradient: { h: [0.04347039648818375], le: [0.08226821281660264] },
    product: { h: [-0.08679288432486758], le: [-0.0719899350222166] },
  },
  {
    name: "a sigmoid that falls, spelled out",
    text: "param h, le\ndata d: [n], y: [n]\nloss = sum((1 / (1 + exp(h * (log10(d) - le))) - y)^2)",
    at: { h: 1.5, le: 0.3, d: [0.0, 0.1, 1.0, 10.0], y: [0.05, 0.2, 0.5, 0.9] },
    along: { h: 1.0, le: -0.7 },
    loss: 1.781561677446667,
    gradient: { h: [0.379539704672084], le: [-0.06927095917388225] },
    product: { h: [-0.07353861312205366], le: [-0.07534860307734341] },
  },
  {
    name: "a sigmoid of the logarithm of a quotient",
    text: "param h, ec\ndata d: [n], y: [n]\nloss = sum((sigmoid(h * log(d / ec)) - y)^2)",
    at: { h: 0.5, ec: 2.0, d: [0.0, 0.1, 1.0, 10.0], y: [0.05, 0.2, 0.5, 0.9] },
    along: { h: 1.0, ec: -0.7 },
    loss: 0.053845186435991385,
    gradient: { h: [-0.09936282731349692], ec: [0.03401144846759825] },
    product: { h: [0.7012337234482201], ec: [0.06751744304071945] },
  },
  {
    name: "four parameters",
    text: "param a, b, h, ec\ndata d: [n], y: [n]\nloss = sum((a + (b - a) / (1 + (ec / d)^h) - y)^2)",
    at: { a: 0.1, b: 0.9, h: 0.7, ec: 3.0, d: [0.0, 0.1, 1.0, 10.0], y: [0.05, 0.2, 0.5, 0.9] },
    along: { a: 1.0, b: -0.7, h: 0.4, ec: 1.3 },
    loss: 0.08301317944284013,
    gradient: {
      a: [-0.30442768548370686],
      b: [-0.43495555705931677],
      h: [-0.028177218437876028],
      ec: [0.03169092390343464],
    },
    product: {
      a: [3.7008709505439277],
      b: [0.15438284388781826],
      h: [-0.4167040791826229],
      ec: [-0.10507224898461019],
    },
  },
  {
    name: "a power over one more",
    text: "param b, h, ec\ndata d: [n], y: [n]\nloss = sum((b * (d / ec)^h / (1 + (d / ec)^h) - y)^2)",
    at: { b: 0.9, h: 0.7, ec: 3.0, d: [0.0, 0.1, 1.0, 10.0], y: [0.05, 0.2, 0.5, 0.9] },
    along: { b: 1.0, h: -0.7, ec: 0.4 },
    loss: 0.1374095256309628,
    gradient: { b: [-0.5358069095821555], h: [0.027240041228063533], ec: [0.047500582906176245] },
    product: { b: [1.0547307400781294], h: [0.0760404602432318], ec: [-0.07443476911878696] },
  },
  {
    name: "five parameters",
    text: "param a, b, h, le\ndata d: [n], y: [n]\nloss = sum((a / (1 + exp(-h * (log(d) - le)))^b - y)^2)",
    at: { a: 0.9, b: 0.4, h: 1.5, le: 0.3, d: [0.0, 0.1, 1.0, 10.0], y: [0.05, 0.2, 0.5, 0.9] },
    along: { a: 1.0, b: -0.7, h: 0.4, le: 1.3 },
    loss: 0.01668009784137098,
    gradient: {
      a: [0.12151866308968232],
      b: [-0.11627324780900289],
      h: [-0.006902834667320368],
      le: [-0.049316622088395476],
    },
    product: {
      a: [3.2419167818311396],
      b: [-2.0217404043044436],
      h: [-0.23856423050582407],
      le: [-0.5407331366175988],
    },
  },
  {
    name: "a probit of a logarithm",
    text: "param h, le\ndata d: [n], y: [n]\nloss = sum((normalCdf(h * log(d) - le) - y)^2)",
    at: { h: 1.5, le: 0.3, d: [0.0, 0.1, 1.0, 10.0], y: [0.05, 0.2, 0.5, 0.9] },
    along: { h: 1.0, le: -0.7 },
    loss: 0.06620781942580792,
    gradient: { h: [0.0015808542974318624], le: [0.0895312845573736] },
    product: { h: [-0.013759130756779916], le: [-0.18044736099202613] },
  },
  {
    name: "the curve of Weibull",
    text: "param h, le\ndata d: [n], y: [n]\nloss = sum((1 - exp(-exp(h * (log(d) - le))) - y)^2)",
    at: { h: 1.5, le: 0.3, d: [0.0, 0.1, 1.0, 10.0], y: [0.05, 0.2, 0.5, 0.9] },
    along: { h: 1.0, le: -0.7 },
    loss: 0.04572860037447584,
    gradient: { h: [0.024290681473457736], le: [0.03953307510331172] },
    product: { h: [-0.09300776874114855], le: [-0.23577149055879795] },
  },
  {
    name: "softplus of a logarithm",
    text: "param h, le\ndata d: [n], y: [n]\nloss = sum((softplus(h * (log(d) - le)) - y)^2)",
    at: { h: 1.5, le: 0.3, d: [0.0, 0.1, 1.0, 10.0], y: [0.05, 0.2, 0.5, 0.9] },
    along: { h: 1.0, le: -0.7 },
    loss: 4.667274258758508,
    gradient: { h: [8.23303724420428], le: [-6.133190827759482] },
    product: { h: [15.052267004152634], le: [-13.640803338095505] },
  },
  {
    name: "two sigmoids of one logarithm",
    text: "param t, h, le\ndata d: [n], y: [n]\nlet z = h * (log(d) - le)\nloss = sum((t * tanh(-z) * sigmoid(z) - y)^2)",
    at: { t: 0.8, h: 1.5, le: 0.3, d: [0.0, 0.1, 1.0, 10.0], y: [0.05, 0.2, 0.5, 0.9] },
    along: { t: 1.0, h: -0.7, le: 0.4 },
    loss: 2.9227697640905888,
    gradient: { t: [3.016312207305398], h: [0.26356345665919856], le: [-0.4012762144102968] },
    product: { t: [1.2800974324410055], h: [1.0742531261282704], le: [-0.5389860535584721] },
  },
  {
    name: "lifetimes, of which one is censored at 0",
    text: "param m, s\ndata t: [n], seen: [n]\nlet z = (log(t) - m) / exp(s)\nloss = sum(exp(z)) - sum(select(seen > 0, z - s, 0))",
    at: { m: 0.3, s: -0.2, t: [1, 0, 2], seen: [1, 0, 0] },
    along: { m: 1, s: -0.7 },
    loss: 2.476015028875639,
    gradient: { m: [-1.599541969694221], s: [0.1114133878389989] },
    product: { m: [1.879387981667101], s: [1.289256821621645] },
  },
];

describe("functions that end flat, of logarithms", () => {
  it.each(references)("have values and derivatives where the logarithm is infinite: $name", (reference) => {
    for (const engine of [javaScriptEngine, closureEngine, webAssembly({ use: "always" })])
      expectReference(reference, engine);
  });

  const responses = ["sigmoid(h * (log(d) - le))", "tanh(h * log(d) - le)", "exp(-exp(h * (log2(d) - le)))"];
  const at = { h: 1.5, le: 0.3 };
  const text = (response: string) => `param h, le\ndata d: [n]\nloss = sum(${response})`;
  /** The product with the Hessian along h of the responses at 0.5 alone: at 0 they have slopes of 0. */
  const expected = (response: string) => {
    const { h, le } = compileText(text(response)).hvp({ ...at, d: [0.5] }, { h: 1, le: 0 });
    return [h![0]!, le![0]!];
  };

  it.each([...responses, "normalCdf(log(d) * h - le)"])("have them at every level: %s", (response) => {
    for (const rewrites of ["all", "exact", "none"] as const) {
      const { h, le } = compileText(text(response), { rewrites }).hvp({ ...at, d: [0, 0.5] }, { h: 1, le: 0 });
      expectClose([h![0]!, le![0]!], expected(response));
    }
  });

  it.each(responses)("keep their curvature where a residual is 0: %s", (response) => {
    const residual = `(w - v) * (${response})`;
    const model = compileText(`param w, h, le\ndata v, d: [n]\nloss = sum(${residual}) + 0.5 * sum((${residual})^2)`);
    const weighed = { ...at, w: 0.7, v: 0.7, d: [0.5] };
    const { w } = model.hvp(weighed, { w: 0, h: 1, le: 0 });
    expectClose([w![0]!], [...compileText(text(response)).gradient({ ...at, d: [0.5] }).h!]);
  });

  it.each(responses)("have them over dual and complex numbers: %s", (response) => {
    const { loss, parameters, data } = loadModel({ name: "f", text: text(response) });
    const [h, le] = parameters.map(({ expr }) => expr) as [Expr, Expr];
    const slopes = gradient(loss!, [h, le]);
    const run = <T>(field: Field<T>, step: T) => {
      const numbers = [at.le, 0, 0.5].map((value) => field.of(value)) as [T, T, T];
      const values = new Map([[h, [step]] as const, [le, [numbers[0]]], [data[0]!.expr, numbers.slice(1)]]);
      return interpret(slopes, { sizes: new Map([["n", 2]]), values }, field).map(([slope]) => slope!);
    };
    const duals = run(dualField, { value: at.h, tangent: 1 });
    expectClose(
      duals.map(({ tangent }) => tangent),
      expected(response),
    );
    const complex = run(complexField, { re: at.h, im: 2 ** -100 });
    expectClose(
      complex.map(({ im }) => im * 2 ** 100),
      expected(response),
    );
  });

  const overflowing = [
    "exp(-h * exp(le * d))",
    "1 - exp(-exp(h + le * d))",
    "sigmoid(-h * exp(le * d))",
    "(1 - tanh(h * sinh(le * d)))",
    "erfc(h * exp(le * d))",
    "h / (1 + 3 * exp(le * d))",
    "h / (le + exp(le * d))",
    "1 / (1 + square(h * exp(le * d)))",
    "h / (d^5 * (exp(le * d) - 1))",
  ];

  it.each(overflowing)("have slopes of 0 where a power of e overflows: %s", (response) => {
    const text = `param h, le\ndata d: [n]\nloss = sum((${response})^2)`;
    for (const rewrites of ["all", "exact", "none"] as const)
      for (const engine of [javaScriptEngine, closureEngine, webAssembly({ use: "always" })]) {
        const { gradient, hvp } = compileText(text, { rewrites, engine });
        const along = { h: 1, le: -0.7 };
        const [whole, part] = [[3000, 0.5], [0.5]].map((d) => [
          ...Object.values(gradient({ ...at, d })),
          ...Object.values(hvp({ ...at, d }, along)),
        ]);
        expectClose(
          whole!.map(([value]) => value!),
          part!.map(([value]) => value!),
        );
      }
  });

  it("have slopes of 0 at their ends, of every order", () => {
    const faults = [...operations.values()].flatMap((operation) =>
      [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY].flatMap((end) => {
        const { name, arity, real, domain = [[-end, end]] } = operation.primitive;
        const isOutside = !domain[0]!.includes(end);
        if (
          arity !== 1 ||
          isOutside ||
          !isSmooth(operation) ||
          excused.has(name) ||
          !Number.isFinite(Number(real(end)))
        )
          return [];
        const slopes = slopesOf(operation, end);
        return slopes.every((slope) => slope === 0) ? [] : [`${name} at ${end}: ${slopes.join(", ")}`];
      }),
    );
    expect(faults).toEqual([]);
  });
});

describe("functions of quotients by data that are 0", () => {
  const responses = [
    "1/(1 + ec/d)",
    "ec/(1 + ec/d)^2",
    "1/(1 + ec/d)^1.5",
    "1/(1 + (ec/d)^2)",
    "1/(1 + (ec/d)^0.7)",
    "1/(1 + (ec/d)^0.7)^2",
    "exp(-ec/d)",
    "exp(-sqrt(ec/d))",
    "exp(-(ec/d)^0.7)",
    "(ec/d)^-0.7",
  ];

  it.each(responses)("have no slopes there where they have none beside: %s", (response) => {
    const text = `param ec\ndata d: [n], y: [n]\nloss = sum((${response} - y)^2)`;
    const at = (d: readonly number[]) => ({ ec: 3, d, y: d.map(() => 0.1) });
    for (const rewrites of ["all", "exact", "none"] as const) {
      const model = compileText(text, { rewrites });
      const [some, all] = [
        [0.5, 2],
        [0, 0.5, 2],
      ].map((d) => ({
        slope: model.lossAndGradient(at(d)).gradient.ec![0]!,
        product: model.hvp(at(d), { ec: 1 }).ec![0]!,
      }));
      expectClose([all!.slope, all!.product], [some!.slope, some!.product]);
    }
  });

  const curves = [
    "1/(1 + (ec/d)^h)",
    "1/(1 + (ec/d)^h)^2",
    "1/(1 + (ec/d)^h)^g",
    "(1 + (ec/d)^h)^(-g)",
    "1/(1 + (ec/d)^h)^0.7",
    "1/(1 + ec/d)^h",
    "(d/(ec + d))^h",
    "g/(1 + exp(-h*(log(d) - log(ec))))",
    "exp(-exp(-h*log(d/ec)))",
    "exp(-(ec/d)^h)",
    "g*exp(-(ec/d)^h)",
    "1/sqrt(1 + (ec/d)^2)",
    "log(1 + (ec/d)^(-h))",
    "g*10^(-ec/d)",
    "g*d^h*exp(-ec/d)",
  ];

  it.each(curves)("have no slopes there either where their exponents vary: %s", (curve) => {
    const model = compileText(`param ec, h, g\ndata d: [n]\nloss = sum((${curve})^2) + 0*(h + g)`);
    const point = { ec: 3, h: 1.3, g: 0.8 };
    const [some, all] = [
      [0.5, 2],
      [0, 0.5, 2],
    ].map((d) => {
      const at = { ...point, d };
      const { gradient } = model.lossAndGradient(at);
      const products = model.hvp(at, { ec: 0.4, h: 1, g: 0.3 });
      const rows = Object.values(model.hessian(at)).flatMap((row) => Object.values(row));
      return [...Object.values(gradient), ...Object.values(products), ...rows].flatMap((each) => [...each]);
    });
    expectClose(all!, some!);
  });

  it("are infinite where they grow", () => {
    const { lossAndGradient } = compileText("param ec\ndata d: [n]\nloss = sum(exp(ec/d))");
    expect(lossAndGradient({ ec: 3, d: [0, 1] }).gradient.ec).toEqual(Float64Array.of(Number.POSITIVE_INFINITY));
  });
});

describe("how products grow", () => {
  it.each(["exp(x)", "x / d"])("is not looked for down a long chain: %s", { timeout: 60_000 }, (first) => {
    const steps = Array.from({ length: 4000 }, (_, k) => `let y${k + 1} = sin(y${k})\n`).join("");
    const text = `param x: [n]\ndata d: [n]\nlet y0 = ${first}\n${steps}loss = sum(y4000)`;
    expect(
      compileText(text)
        .gradient({ x: [1, 2], d: [2, 3] })
        .x!.every(Number.isFinite),
    ).toBe(true);
  });
});

/** Of the shape of its asymptote, which no model is made of. */
const excused = new Set(["erfcHazardExcess"]);

function slopesOf(operation: Operation, at: number): number[] {
  const graph = new Graph(allExtensions);
  const x = graph.param("x", []);
  const functions = [operation(x)];
  for (let order = 1; order <= 3; order++) functions.push(...gradient(functions.at(-1)!, [x]));
  const values = interpret(functions, { sizes: new Map(), values: new Map([[x, [at]]]) }, realField);
  return values.slice(1).map(([slope]) => slope!);
}

const isSmooth = ({ primitive }: Operation) =>
  primitive.operands?.[0] !== "bool" && typeof primitive.partials[0] === "function";
