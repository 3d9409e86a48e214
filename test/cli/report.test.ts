import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { diagnose } from "../../src/cli/fit/diagnosis/diagnosis.ts";
import type { FitFile } from "../../src/cli/fit/fit-file.ts";
import { problemOf } from "../../src/cli/fit/plan/problem.ts";
import type { Outcome } from "../../src/cli/fit/run/runs.ts";
import { briefNumber } from "../../src/cli/fit/wording.ts";
import { chartSvg, correlationsSvg, histogramSvg, intervalsSvg } from "../../src/cli/report/chart.ts";
import { loadModel } from "../../src/language/all.ts";
import { examples, folderWith, run } from "./run.ts";

/** Runs a fit with a report and reads both. */
async function reported(folder: string, words: readonly string[]) {
  const ran = await run(["fit", ...words, "--report", "report.html", "-o", "fit.json"], { folder });
  const fit = JSON.parse(readFileSync(join(folder, "fit.json"), "utf8")) as FitFile & {
    diagnosis: {
      flat?: string[];
      endless?: string[];
      isIndefinite?: boolean;
      noErrors?: string;
      condition?: number | string;
      atBounds: unknown[];
    };
    standardErrors: Record<string, number | number[]>;
    compared: unknown[];
  };
  return { ...ran, fit, html: readFileSync(join(folder, "report.html"), "utf8") };
}

const noise = { "y.csv": "y,<b>x\n1,0\n2,1\n4,2\n3,3\n6,4\n5,5\n", "data.csv": "y,x\n1,0\n2,1\n4,2\n3,3\n6,4\n5,5\n" };

describe("the report", () => {
  it("is one page that needs nothing else, with every part of a least-squares fit", async () => {
    const folder = folderWith({});
    const thurber = join(examples, "nist_thurber.nabla");
    const { code, html } = await reported(folder, [thurber, "-d", join(examples, "data/thurber.json")]);
    expect(code).toBe(0);
    expect(html).toMatch(/^<!doctype html>\n[\s\S]*<\/html>\n$/);
    expect(html).not.toMatch(/https?:|src=|<script|<link|url\(|@import/);
    for (const title of [
      "Loss",
      "Gradient",
      "Parameters",
      "Intervals",
      "Curvature",
      "Correlations of the parameters",
      "Residuals over x",
      "Spread of the residuals",
      "Data",
    ])
      expect(html).toContain(`<h2>${title}</h2>`);
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
    expect(html).toContain("A minimum, determined in every direction.");
    const open = html.match(/<(section|svg|table|tr|td|th|p|text|div|span|dl)[ >]/g)!.length;
    const closed = html.match(/<\/(section|svg|table|tr|td|th|p|text|div|span|dl)>/g)!.length;
    expect(open).toBe(closed);
  });

  it("looks at many parameters by products: a bound on the condition, and what is not determined by name", async () => {
    const wave = (k: number) => Math.sin(1 + 2.3 * k);
    const X = Array.from({ length: 40 }, (_, i) => Array.from({ length: 320 }, (_, j) => wave(320 * i + j)));
    const data = { X, y: X.map((row) => row[0]! + 2 * row[1]!) };
    const model = (offsets: readonly string[]) =>
      [
        `param w: [d] = 0, ${offsets.map((name) => `${name} = 0`).join(", ")}`,
        "data X: [n, d], y: [n]",
        `loss = mean((X @ w + ${offsets.join(" + ")} - y)^2) + 0.05*sum(w^2)`,
      ].join("\n");
    const folder = folderWith({
      "data.json": JSON.stringify(data),
      "two.nabla": model(["b", "c"]),
      "one.nabla": model(["b"]),
    });
    const words = ["-d", "data.json", "-m", "lbfgs"];
    const two = await reported(folder, ["two.nabla", ...words]);
    expect(two.output).toContain("infinite with an estimate of the diagonal of the Hessian scaled to 1, by ");
    expect(two.output).toMatch(/the loss does not change along (b - c|c - b)\n/);
    expect(two.html).toContain("One direction is not determined");
    expect(two.fit.diagnosis.noErrors).toContain("computed for up to 300");
    const one = await reported(folder, ["one.nabla", ...words]);
    expect(one.output).toMatch(/condition +at least [\d.e+]+ with an estimate/);
    expect(one.html).toContain("A minimum, determined in every direction, as far as products see.");
  });

  it("gives NIST's standard errors", async () => {
    const { certified } = JSON.parse(readFileSync(new URL("../cases/nist/Thurber.json", import.meta.url), "utf8")) as {
      certified: { std_errors: string[]; residual_sd: string };
    };
    const folder = folderWith({});
    const { fit, output } = await reported(folder, [
      join(examples, "nist_thurber.nabla"),
      "-d",
      join(examples, "data/thurber.json"),
    ]);
    for (const [k, error] of certified.std_errors.entries())
      expect((fit.standardErrors.b as number[])[k]! / Number(error)).toBeCloseTo(1, 8);
    expect(fit.diagnosis).toMatchObject({ standardErrorsFrom: "residuals", degreesOfFreedom: 30 });
    expect((fit.diagnosis.deviation as number) / Number(certified.residual_sd)).toBeCloseTo(1, 8);
    expect(output).toMatch(/b\[0\] +1288\.13968 +± 4\.6648/);
  });

  it("gives the same errors however the squares are scaled", async () => {
    const errors = async (loss: string) =>
      (
        await reported(folderWith({ ...noise, "m.nabla": `param a = 0, b = 0\ndata x: [n], y: [n]\nloss = ${loss}` }), [
          "m.nabla",
          "-d",
          "data.csv",
        ])
      ).fit.standardErrors;
    const sum = await errors("sum((y - a * x - b)^2)");
    // by hand: s^2 = 3.771428571 / 4 = 0.942857143, the squares of x about their mean sum to 17.5
    expect(sum.a).toBeCloseTo(Math.sqrt(0.942857142857143 / 17.5), 9);
    for (const loss of ["mean((y - a * x - b)^2)", "0.5 * sum((a * x + b - y)^2) + 7"]) {
      const other = await errors(loss);
      for (const name of ["a", "b"]) expect((other[name] as number) / (sum[name] as number)).toBeCloseTo(1, 9);
    }
  });

  it("takes errors from a likelihood that is one, in all or as a mean", async () => {
    const model = (loss: string) => ({ ...noise, "m.nabla": `param m = 0\ndata y: [n]\nloss = ${loss}` });
    const exact = 2 / Math.sqrt(6);
    for (const [loss, kind] of [
      ["sum((y - m)^2) / 8", "total"],
      ["mean((y - m)^2) / 8", "mean"],
    ] as const) {
      const { fit } = await reported(folderWith(model(loss)), ["m.nabla", "-d", "y=data.csv:y", "--likelihood", kind]);
      expect(fit.standardErrors.m).toBeCloseTo(exact, 9);
      expect(fit.diagnosis).toMatchObject({ standardErrorsFrom: "likelihood" });
    }
  });

  it.each<[string, string, readonly string[], string]>([
    [
      "a loss that says nothing of what it is",
      "sum(log(1 + exp(-y * a + x * b))) + a^2 + b^2",
      [],
      "the model does not say what its loss is",
    ],
    [
      "squares of several kinds",
      "sum((y - a * x - b)^2) + 0.1 * (a^2 + b^2)",
      [],
      "--residual NAME says which are residuals",
    ],
    [
      "parameters that nothing determines",
      "sum((y - (a + b) * x)^2)",
      [],
      "the data do not determine all parameters. See the flat directions.",
    ],
    [
      "a fit that has not converged",
      "sum((y - a * x - b)^2)",
      ["-m", "adam", "--iterations", "2"],
      "the fit has not converged",
    ],
  ])("gives no errors for %s, and says why", async (_, loss, words, why) => {
    const folder = folderWith({
      ...noise,
      "m.nabla": `param a = 0.1, b = 0.1\ndata x: [n], y: [n]\nloss = ${loss}`,
    });
    const { fit, html, output } = await reported(folder, ["m.nabla", "-d", "data.csv", ...words]);
    expect(fit.standardErrors).toBeUndefined();
    expect(fit.diagnosis.noErrors).toContain(why);
    expect(output).toContain(`no standard errors: ${fit.diagnosis.noErrors}`);
    expect(html).toContain("No standard errors: ");
  });

  it("names what the loss does not determine", async () => {
    const folder = folderWith({
      ...noise,
      "m.nabla": "param a = 1, b = 2, c = 1\ndata x: [n], y: [n]\nloss = sum((y - (a + 100 * b) * x - c)^2)",
    });
    const { fit, output, html } = await reported(folder, ["m.nabla", "-d", "data.csv"]);
    // what a gains, b gives back
    expect(fit.diagnosis).toMatchObject({
      flat: [expect.stringMatching(/^(a - 0\.01 b|b - 100 a)$/)],
      condition: "Infinity",
      isIndefinite: false,
    });
    expect(output).toContain("not determined: the loss does not change along ");
    expect(html).toContain("One direction is not determined");
  });

  it.each([
    ["classes that a line separates", "-3,0\n-2,0\n-1,0\n1,1\n2,1\n3,1\n", "sum(softplus(a + b*x) - y*(a + b*x))", "b"],
    [
      "classes that a line separates but for a tie",
      "-3,0\n-2,0\n0,0\n0,1\n2,1\n",
      "sum(softplus(a + b*x) - y*(a + b*x))",
      "b",
    ],
    ["a group without a count", "0,3\n0,4\n1,0\n1,0\n", "sum(exp(a + b*x) - y*(a + b*x))", "b"],
    ["an infimum at infinity", "1,1\n2,1\n", "sum(y)/(1 + a^2) + b^2", "a"],
  ])("says that a loss falls on beyond where its gradient is small: %s", async (_what, rows, loss, along) => {
    const folder = folderWith({
      "m.nabla": `param a = 0.1, b = 0.1\ndata x: [n], y: [n]\nloss = ${loss}`,
      "data.csv": `x,y\n${rows}`,
    });
    for (const method of ["trust-exact", "lbfgs"]) {
      const words = ["m.nabla", "-d", "data.csv", "-m", method, "--likelihood", "total", "--tolerance", "1e-8"];
      const { fit, output, html } = await reported(folder, words);
      const says = `o minimum in sight: the loss falls on, 64 steps of Newton's method from here, along`;
      expect(fit.diagnosis.endless, method).toEqual([expect.stringMatching(new RegExp(`^${along}\\b`))]);
      expect(output).toContain(`n${says} ${along}`);
      expect(html).toContain(`N${says.replace("'", "&#39;")} <code>${along}`);
      expect(html).not.toContain("A minimum, determined");
    }
  });

  it("says nothing of the kind of minima that are nearly flat, or whose gradient is rounding", async () => {
    const losses = [
      "(a - 1)^8 + b^2",
      "(a*b - 1)^2 + (a - b)^2",
      "cosh(a) + 1e9 + b^2",
      "exp(-a) + 1e-6*a + b^2",
      "log(1 + a^2) + b^2",
    ];
    for (const loss of losses) {
      const folder = folderWith({ "m.nabla": `param a = 0.3, b = 0.1\nloss = ${loss}` });
      for (const method of ["trust-exact", "lbfgs"]) {
        const { fit } = await reported(folder, ["m.nabla", "-m", method]);
        expect(fit.diagnosis.endless, loss).toEqual([]);
      }
    }
  });

  it("does not take rounding in the Hessian for a saddle: the loss itself has to fall", async () => {
    const start = "[-640.4767396, -621.8274304, -647.2227979]";
    const folder = folderWith({
      "m.nabla": `param a: [3] = ${start}\nloss = -log(dot(softmax(a), [0.1, 0.9, 0.2]))`,
    });
    // a tolerance that is asked for ends where the Hessian is such rounding; the standard one goes on, so far from 0
    const { code, fit, output } = await reported(folder, ["m.nabla", "--tolerance", "1e-8"]);
    expect(fit).toMatchObject({ status: { kind: "converged" }, diagnosis: { isIndefinite: false } });
    expect(output).toContain("not determined: the loss does not change along ");
    expect(code).toBe(0);
  });

  it("does not take a saddle for a minimum, in its exit code neither", async () => {
    const folder = folderWith({ "m.nabla": "param a = 0, b = 1\nloss = b^2 - a^2 + a^4" });
    const { code, errors, fit, output, html } = await reported(folder, [
      "m.nabla",
      "-m",
      "adam",
      "--option",
      "rate=0.01",
      "--iterations",
      "50000",
    ]);
    expect(fit).toMatchObject({
      status: { kind: "converged" },
      diagnosis: { isIndefinite: true, condition: "NaN", flat: ["a"] },
    });
    expect(output).toContain("no minimum: the loss falls along a");
    expect(html).toContain("No minimum: the loss falls along some direction.");
    expect(html).toContain('<p class="status warn">converged');
    expect([code, errors]).toEqual([4, expect.stringContaining("the gradient vanishes here, and it is no minimum")]);
  });

  it("calls nothing a minimum that was not reached", async () => {
    const folder = folderWith({ "m.nabla": "param a = 5\nloss = (a - 1)^2 + 0.1 * (a - 1)^4" });
    const { html } = await reported(folder, ["m.nabla", "-m", "sgd", "--iterations", "3"]);
    expect(html).toContain("has not reached its minimum");
    expect(html).not.toContain("A minimum");
    const { errors } = await run(["fit", "m.nabla", "--report", "curves.svg"], { folder });
    expect(errors).toContain('--report needs FILE.html, got "curves.svg"');
  });

  it("counts parameters at bounds as fixed", () => {
    const model = loadModel({
      name: "m",
      text: "param a within 0..inf = 0, b = 0\ndata x: [n], y: [n]\nloss = sum((y - b * x + a)^2)\noutput r = y - b * x + a",
    });
    const data = {
      x: { data: Float64Array.of(1, 2, 3), shape: [3] },
      y: { data: Float64Array.of(1, 2, 4), shape: [3] },
    };
    const problem = problemOf({
      model,
      filled: [],
      inputs: data,
      sizes: {},
      starts: {},
      wrt: undefined,
      residuals: undefined,
      seed: 1,
    });
    const b = 17 / 14;
    const outcome = {
      status: { kind: "converged", criterion: "gradient", measured: 0, tolerance: 1 },
      point: Float64Array.of(0, b),
      loss: 1,
    } as Partial<Outcome> as Outcome;
    const { atBounds, uncertainty, curvature } = diagnose(problem, outcome, {
      likelihood: undefined,
      rows: 3,
      isNamed: false,
    });
    expect(atBounds).toEqual([{ coordinate: 0, side: "lower", bound: 0 }]);
    const rss = [1, 2, 4].reduce((sum, y, k) => sum + (y - b * (k + 1)) ** 2, 0);
    expect(uncertainty!.standardErrors[0]).toBeNaN();
    expect(uncertainty!.standardErrors[1]).toBeCloseTo(Math.sqrt(rss / 2 / 14), 12);
    expect(curvature!.eigenvalues.length).toBe(1);
  });

  it("races methods in one picture, each with options of its own", async () => {
    const folder = folderWith({});
    const words = [join(examples, "nist_thurber.nabla"), "-d", join(examples, "data/thurber.json")];
    const race = [
      "--compare",
      "trust-exact,levenberg-marquardt,adam",
      "--option",
      "adam.rate=1",
      "--iterations",
      "300",
    ];
    const { code, fit, html, output } = await reported(folder, [...words, ...race]);
    expect(code).toBe(0);
    expect(fit.compared).toHaveLength(3);
    expect(fit.loss / 5642.7082397).toBeCloseTo(1, 9);
    for (const method of ["trust-exact", "levenberg-marquardt", "adam"]) expect(html).toContain(`</i>${method}</span>`);
    expect(output).toMatch(/^ {3}adam .* limit$/m);
    for (const [wrong, message] of [
      [["--compare", "adam"], "--compare needs at least two methods"],
      [["--compare", "adam,sgd", "-m", "adam"], "leave --method out"],
      [["--compare", "adam,sgd", "--option", "rate=1"], "of which method?"],
      [["--compare", "adam,sgd", "--option", "lbfgs.memory=1"], "lbfgs does not run here, but adam, sgd."],
      [["--compare", "adam,sgd", "--starts", "3"], "--compare goes neither with --starts"],
    ] as const)
      expect((await run(["fit", ...words, ...wrong], { folder })).errors).toContain(message);
  });

  it("lets no name out of its text", async () => {
    const folder = folderWith({
      ...noise,
      "m.nabla": "param w: [d] = 0\ndata X: [n, d], y: [n]\nloss = sum((y - X @ w)^2)",
    });
    const { html, output } = await reported(folder, ["m.nabla", "-d", "y.csv"]);
    expect(html).not.toContain("<b>x");
    expect(html).toContain("w[0] &lt;b&gt;x");
    // the parameter is shown with its column
    expect(output).toContain("w[0] <b>x");
  });

  it("shows several starts, and batches without a claim of errors", async () => {
    const folder = folderWith({
      ...noise,
      "m.nabla": "param a = 0, b = 0\ndata x: [n], y: [n]\nloss = mean((y - a * x - b)^2)",
    });
    expect((await reported(folder, ["m.nabla", "-d", "data.csv", "--starts", "3"])).html).toContain("<h2>Starts</h2>");
    const { html } = await reported(folder, ["m.nabla", "-d", "data.csv", "--batch", "2", "--iterations", "30"]);
    expect(html).toContain("loss of each batch");
    expect(html).toContain("No standard errors: the fit has not converged.");
  });
});

describe("charts", () => {
  it("survive points that cannot be shown", () => {
    const points = [
      [0, 1],
      [1, Number.NaN],
      [2, 0],
      [3, Number.POSITIVE_INFINITY],
      [Number.NaN, 1],
    ] as const;
    for (const isLog of [false, true]) {
      for (const shown of [points, points.slice(1, 2), []]) {
        const svg = chartSvg({
          title: "t",
          x: { label: "x" },
          y: { label: "y", isLog },
          series: [{ points: shown, marks: "line" }],
        });
        expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      }
    }
    expect(
      intervalsSvg("t", "x", [
        { name: "a", value: 1, half: Number.NaN },
        { name: "b", value: -1, half: 2 },
      ]),
    ).not.toContain("NaN");
    expect(correlationsSvg("t", ["a", "b"], Float64Array.of(1, Number.NaN, Number.NaN, 1))).not.toMatch(
      /(x|y|fill-opacity)="NaN/,
    );
    expect(
      histogramSvg(
        "t",
        "r",
        [
          { from: 0, to: 1, count: 2 },
          { from: 1, to: 2, count: 0 },
        ],
        [],
      ),
    ).not.toContain("NaN");
  });

  it("mark powers of ten on a logarithm", () => {
    const svg = chartSvg({
      title: "t",
      x: { label: "x", isCount: true },
      y: { label: "y", isLog: true },
      series: [
        {
          points: [
            [0, 1e-12],
            [3, 1e4],
          ],
          marks: "line",
        },
      ],
    });
    expect(svg).toContain('10<tspan class="power" dy="-5">-12</tspan>');
    expect(svg).not.toContain("10·");
    expect(svg).not.toContain(">0.5<");
  });
});

describe("briefNumber", () => {
  it("has six digits, and an exponent where zeros would hide them", () => {
    expect([0, 1 / 3, 5e-5 / 3, -123456789, 0.00012, Number.NaN].map(briefNumber)).toEqual([
      "0",
      "0.333333",
      "1.66667e-5",
      "-123457000",
      "0.00012",
      "NaN",
    ]);
  });
});
