import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Filled } from "../../src/cli/data/read.ts";
import { type Disk, replaceFile } from "../../src/cli/files/atomic.ts";
import type { FitFile } from "../../src/cli/fit/fit-file.ts";
import { Batches } from "../../src/cli/fit/plan/batches.ts";
import { usualMethod } from "../../src/cli/fit/plan/methods.ts";
import { drawnStart, randomStart } from "../../src/cli/fit/plan/starts.ts";
import { History } from "../../src/cli/fit/run/history.ts";
import { loadModel } from "../../src/language/all.ts";
import { optimizers } from "../../src/optimize/optimizers.ts";
import { folderWith, run, type Setting } from "./run.ts";

const misra = {
  "misra1a.nabla": `model misra1a
param b: [2] = [250, 0.0005]
data x: [n], y: [n]
loss = sum((y - b[0] * (1 - exp(-b[1] * x)))^2)
output fit = b[0] * (1 - exp(-b[1] * x))
output residual = y - b[0] * (1 - exp(-b[1] * x))
`,
  "misra.csv": `y,x
10.07,77.6\n14.73,114.9\n17.94,141.1\n23.93,190.8\n29.61,239.9\n35.18,289.0\n40.02,332.8\n44.82,378.4\n50.76,434.8
55.05,477.3\n61.01,536.8\n66.4,593.1\n75.47,689.1\n81.78,760.0\n`,
};

const classes = {
  "classes.nabla": `model classes
param W: [d, k], b: [k]
data X: [n, d], label: int[n] within 0..k
const lambda = 1e-2
let logp = logSoftmax(X @ W + b)
loss = -mean(i: logp[i, label[i]]) + lambda * sum(W^2)
output chances = [i: exp(logp[i])]
output accuracy = mean(argmax(logp, axis = 1) == label)
`,
  "classes.csv": `u,v,kind
1.0,2.0,sand\n1.2,1.9,sand\n0.9,2.2,sand\n-1.0,0.1,clay\n-1.1,0.0,clay\n-0.8,0.3,clay\n0.0,-2.0,silt\n0.1,-1.8,silt
0.2,-2.1,silt\n-0.1,-1.9,silt\n`,
};

const line = { "line.csv": "x,y\n0,1\n1,3\n2,5\n3,7\n4,9\n", "start.json": '{"a": 0.5, "b": 0.5}' };
const models = {
  "line.nabla": "param a = 0, b = 0\ndata x: [n], y: [n]\nloss = mean((y - a * x - b)^2)\noutput r = y - a * x - b",
};

/** Runs a fit and reads what it wrote. */
async function fitted(folder: string, words: readonly string[], setting: Setting = {}) {
  const ran = await run(["fit", ...words, "--json"], { folder, ...setting });
  const parsed = JSON.parse(ran.output || "null") as FitFile & { error?: { message: string } };
  return { ...ran, fit: parsed };
}

describe("fit", () => {
  it("finds NIST's certified parameters, and writes them with status, counts and shapes", async () => {
    const folder = folderWith(misra);
    const { code, output } = await run(["fit", "misra1a.nabla", "-d", "misra.csv"], { folder });
    expect(code).toBe(0);
    expect(output).toMatch(/^data +x \[14\] +misra\.csv: x\n +y \[14\] +misra\.csv: y\nsizes +n = 14\nfit +2 numbers/);
    expect(output).toMatch(/\nconverged: [\s\S]*\nb\[0\] +238\.94212\d+/);
    const text = readFileSync(join(folder, "misra1a.fit.json"), "utf8");
    const saved = JSON.parse(text) as FitFile;
    expect(saved).toMatchObject({
      nabla: "fit 1",
      status: { kind: "converged" },
      sizes: { n: 14 },
      data: { y: { columns: ["y"] } },
    });
    const [b0, b1] = saved.parameters.b as [number, number];
    // certified by NIST, to 11 digits
    expect(b0 / 2.3894212918e2).toBeCloseTo(1, 9);
    expect(b1 / 5.5015643181e-4).toBeCloseTo(1, 9);
    expect(saved.loss / 1.2455138894e-1).toBeCloseTo(1, 9);
  });

  it("takes another method with options, and reports a limit with the best point and exit code 4", async () => {
    const folder = folderWith({ ...models, ...line });
    const words = ["line.nabla", "-d", "line.csv", "-m", "adam", "--option", "rate=0.1"];
    const short = await fitted(folder, [...words, "--iterations", "5"]);
    expect(short).toMatchObject({
      code: 4,
      fit: {
        status: { kind: "limit", limit: "iterations" },
        iterations: 5,
        method: { name: "adam", options: { rate: 0.1 } },
      },
    });
    const long = await fitted(folder, [...words, "--tolerance", "1e-6", "--iterations", "100000"]);
    expect(long).toMatchObject({
      code: 0,
      fit: { status: { kind: "converged", criterion: "gradient", tolerance: 1e-6 } },
    });
    expect(long.fit.parameters.a).toBeCloseTo(2, 5);
    const unknown = await run(["fit", "line.nabla", "-d", "line.csv", "-m", "adamm"], { folder });
    expect(unknown).toMatchObject({ code: 2, errors: expect.stringContaining('Did you mean "adam"?') });
    const option = await run(["fit", "line.nabla", "-d", "line.csv", "-m", "adam", "--option", "rat=1"], { folder });
    expect(option).toMatchObject({ code: 2, errors: expect.stringContaining('Did you mean "rate"?') });
  });

  it("gives the gradient of the point that it saves, where the run went on to worse ones", async () => {
    const folder = folderWith({ ...models, ...line });
    const words = ["line.nabla", "-d", "line.csv", "--method", "sgd", "--option", "rate=1"];
    const { fit: start } = await fitted(folder, [...words, "--iterations", "0"]);
    const { fit } = await fitted(folder, [...words, "--iterations", "5"]);
    expect(fit.parameters).toEqual(start.parameters);
    expect([fit.loss, fit.gradientNorm]).toEqual([start.loss, start.gradientNorm]);
  });

  it("lists the methods with their options", async () => {
    const { code, output } = await run(["fit", "--methods"]);
    expect(code).toBe(0);
    expect(output).toMatch(/^adam: .*\n {2}rate +.*0\.001 where left out$/m);
    const table = JSON.parse((await run(["fit", "--methods", "--json"])).output) as { name: string }[];
    expect(table.map(({ name }) => name)).toEqual(Object.keys(optimizers));
    expect(await run(["fit"])).toMatchObject({ code: 2, errors: expect.stringContaining("needs MODEL, got nothing") });
  });

  it("sets constants, sizes and data, holds parameters, begins where it is told", async () => {
    const text = `param w: [h], c = 1\ndata x: [n], y: [n], t = 1\nconst lambda = 0, k = 3\nsize m = 2
loss = sum((y - sum(w) * t * x - c)^2) + lambda * c^2 + 0 * k + 0 * m + 1e-3 * sum(w^2)`;
    const folder = folderWith({ ...line, "m.nabla": text, "w.json": '{"w": [1, 1, 1]}' });
    const lacks = await run(["fit", "m.nabla", "-d", "line.csv"], { folder });
    expect(lacks).toMatchObject({
      code: 2,
      errors: expect.stringContaining(
        'the size "h" of the parameter "w" follows from no data.\nGive it: --set h=NUMBER',
      ),
    });
    const words = [
      "m.nabla",
      "-d",
      "line.csv",
      "--set",
      "h=4",
      "--set",
      "lambda=1e-3",
      "-s",
      "t=2",
      "-s",
      "m=5",
      "--wrt",
      "w",
    ];
    const { code, fit: set } = await fitted(folder, words);
    expect(code).toBe(0);
    expect(set).toMatchObject({ parameters: { c: 1 }, held: ["c"], set: { h: 4, lambda: 1e-3, t: 2, m: 5 } });
    expect((set.parameters.w as number[]).length).toBe(4);
    // the start has the size that no data tell
    expect((await fitted(folder, ["m.nabla", "-d", "line.csv", "--start", "w.json"])).fit.sizes).toMatchObject({
      h: 3,
    });
    for (const [words, message] of [
      [["--set", "lamda=1"], 'Did you mean "lambda"?'],
      [["--set", "w=1"], "it is a parameter"],
      [["--set", "k"], "--set needs NAME=VALUE"],
      [["--set", "k=x"], "the value needs to be a number"],
      [["--set", "m=-1"], 'the size "m" needs a whole number'],
      [["--set", "h=1", "--wrt", "v"], "the model does not declare"],
    ] as const) {
      const ran = await run(["fit", "m.nabla", "-d", "line.csv", ...words], { folder });
      expect([ran.code, ran.errors]).toEqual([2, expect.stringContaining(message)]);
    }
  });

  it("goes on from an earlier fit", async () => {
    const folder = folderWith({ ...models, ...line });
    await fitted(folder, ["line.nabla", "-d", "line.csv", "-o", "first.json"]);
    const { fit: again } = await fitted(folder, ["line.nabla", "-d", "line.csv", "--start", "first.json"]);
    expect(again).toMatchObject({ status: { kind: "converged" }, iterations: 0 });
  });

  it("counts classes from labels, and saves their numbers", async () => {
    const folder = folderWith(classes);
    const { code, fit: found } = await fitted(folder, [
      "classes.nabla",
      "-d",
      "X=classes.csv:u,v",
      "-d",
      "label=classes.csv:kind",
    ]);
    expect(code).toBe(0);
    expect(found).toMatchObject({
      sizes: { d: 2, k: 3, n: 10 },
      data: { label: { labels: { clay: 0, sand: 1, silt: 2 } } },
    });
    const { output } = await run(["fit", "classes.nabla", "-d", "X=classes.csv:u,v", "-d", "label=classes.csv:kind"], {
      folder,
    });
    expect(output).toContain("clay = 0, sand = 1, silt = 2");
    expect(output).toContain("W, b begin at random");
  });

  it("repeats itself for one seed, and differs for another", async () => {
    const folder = folderWith(classes);
    const words = [
      "classes.nabla",
      "-d",
      "X=classes.csv:u,v",
      "-d",
      "label=classes.csv:kind",
      "-m",
      "adam",
      "--batch",
      "3",
      "--iterations",
      "20",
    ];
    const parameters = async (seed: string) => (await fitted(folder, [...words, "--seed", seed])).fit.parameters;
    const first = await parameters("5");
    expect(await parameters("5")).toEqual(first);
    expect(await parameters("6")).not.toEqual(first);
  });

  it("draws batches, ends with exit code 0 after its steps, and gives the loss of all data", async () => {
    const folder = folderWith({ ...models, ...line });
    const words = ["line.nabla", "-d", "line.csv", "--batch", "2", "--option", "rate=0.05", "--iterations", "3000"];
    const { code, fit: found } = await fitted(folder, words);
    expect([code, found.status.kind]).toEqual([0, "limit"]);
    const { a, b } = found.parameters as { a: number; b: number };
    const loss = [0, 1, 2, 3, 4].reduce((sum, x) => sum + (1 + 2 * x - a * x - b) ** 2 / 5, 0);
    expect(found.loss).toBeCloseTo(loss, 12);
    expect(a).toBeCloseTo(2, 2);
    const { output } = await run(["fit", ...words], { folder });
    expect(output).toMatch(/batches +2 of 5 rows +2 steps an epoch/);
    const many = await run(["fit", "line.nabla", "-d", "line.csv", "--batch", "6"], { folder });
    expect(many).toMatchObject({ code: 2, errors: expect.stringContaining("the data have 5 rows") });
  });

  it("compares by the loss of all data what was fitted by batches", async () => {
    // one row asks for the opposite of the others: a batch of it alone says that the worse method is the better
    const rows = "x,y\n1,-1\n1,1\n1,1\n1,1\n";
    const folder = folderWith({
      "m.nabla": "param w = 0\ndata x: [n], y: [n]\nloss = mean((w*x - y)^2)",
      "d.csv": rows,
    });
    for (const iterations of ["40", "41", "42", "43"]) {
      const words = ["m.nabla", "-d", "d.csv", "--batch", "1", "--iterations", iterations, "--compare", "sgd,adam"];
      const { fit: found } = await fitted(folder, [
        ...words,
        "--option",
        "sgd.rate=0.002",
        "--option",
        "adam.rate=0.01",
      ]);
      const wholes = (found.compared as readonly { readonly loss: number }[]).map(({ loss }) => loss);
      expect(found.loss).toBe(Math.min(...wholes));
      // (w + 1)^2/4 + 3 (w - 1)^2/4
      const { w } = found.parameters as { w: number };
      expect(found.loss).toBeCloseTo((w + 1) ** 2 / 4 + (3 * (w - 1) ** 2) / 4, 12);
      for (const loss of wholes) expect(loss).toBeLessThan(1);
    }
  });

  it("says which methods take batches, and of bounds what is left", async () => {
    const folder = folderWith({
      ...line,
      "m.nabla": "param a within 0..9 = 1\ndata x: [n], y: [n]\nloss = mean((a*x - y)^2)",
    });
    const bounded = await run(["fit", "m.nabla", "-d", "line.csv", "--batch", "2"], { folder });
    expect(bounded.errors).toContain(
      "adam does not keep parameters within the bounds of the model.\nWrite the model without",
    );
    const free = folderWith({ ...models, ...line });
    const { errors, output } = await run(["fit", "line.nabla", "-d", "line.csv", "--batch", "2", "-m", "lbfgs"], {
      folder: free,
    });
    expect(errors).toContain(
      "--batch: lbfgs compares losses at several points, and every batch has a loss of its own.\nMethods of gradients",
    );
    expect(output).toBe("");
  });

  it("keeps the start itself where no start has a loss", async () => {
    const folder = folderWith({ "m.nabla": "param a = -5\nloss = a^2 + sqrt(-1 - a^2)" });
    const { fit: found } = await fitted(folder, ["m.nabla", "--starts", "4"]);
    expect([found.status.kind, found.parameters.a]).toEqual(["failed", -5]);
  });

  it("keeps the best of several starts", async () => {
    // two valleys, the lower one at x = -2
    const folder = folderWith({ "valleys.nabla": "param x within -4..4 = 2\nloss = (x^2 - 4)^2 + x" });
    const words = ["valleys.nabla", "--method", "adam", "--option", "rate=0.01", "--tolerance", "1e-6"];
    const free = folderWith({ "valleys.nabla": "param x = 2\nloss = (x^2 - 4)^2 + x" });
    expect((await fitted(free, words)).fit.parameters.x).toBeGreaterThan(0);
    const { fit: found } = await fitted(free, [...words, "--starts", "8"]);
    expect(found.parameters.x).toBeLessThan(0);
    expect(found.starts).toHaveLength(8);
    const bounded = await run(["fit", ...words], { folder });
    expect(bounded).toMatchObject({
      code: 2,
      errors: expect.stringContaining("adam does not keep parameters within the bounds"),
    });
  });

  it("keeps bounds, and says which it has met", async () => {
    const text = "param a within 0..5 = 1, b within 0.1..1.5 = 0.2\ndata x: [n], y: [n]\nloss = sum((y - a - b * x)^2)";
    const folder = folderWith({ ...line, "m.nabla": text });
    const { code, output } = await run(["fit", "m.nabla", "-d", "line.csv"], { folder });
    expect(code).toBe(0);
    expect(output).toContain("lbfgs-b");
    // the mean of y - 1.5 x
    expect(output).toMatch(/^a +2 +± /m);
    expect(output).toMatch(/^b +1\.5 +at its upper bound$/m);
    const saved = JSON.parse(readFileSync(join(folder, "m.fit.json"), "utf8")) as FitFile;
    expect(saved.diagnosis).toMatchObject({ atBounds: [{ parameter: "b", side: "upper", bound: 1.5 }] });
  });

  it("chooses the method by the problem", () => {
    const usual = { residuals: undefined, hasBounds: false, isStochastic: false, dimension: 10 };
    expect(usualMethod({ ...usual, isStochastic: true, hasBounds: true, residuals: 5 }).name).toBe("adam");
    expect(usualMethod({ ...usual, hasBounds: true, residuals: 50 }).name).toBe("lbfgs-b");
    expect(usualMethod({ ...usual, residuals: 50 }).name).toBe("levenberg-marquardt");
    // a Jacobian too large to be worth its memory
    expect(usualMethod({ ...usual, residuals: 10_000_000 }).name).toBe("trust-exact");
    // and one that would take seconds to factor
    expect(usualMethod({ ...usual, residuals: 5000, dimension: 1500 }).name).toBe("lbfgs");
    expect(usualMethod(usual).name).toBe("trust-exact");
    expect(usualMethod({ ...usual, dimension: 1000 }).name).toBe("lbfgs");
    for (const traits of [usual, { ...usual, dimension: 1e6 }])
      expect(optimizers).toHaveProperty(usualMethod(traits).name);
  });

  it("writes the fit alone to standard output", async () => {
    const folder = folderWith({ ...models, ...line });
    const { output } = await run(["fit", "line.nabla", "-d", "line.csv", "-o", "-"], { folder });
    expect(JSON.parse(output)).toMatchObject({ nabla: "fit 1" });
    expect(readdirSync(folder).filter((name) => name.includes("fit"))).toEqual([]);
  });

  it("fits residuals without a loss", async () => {
    const text = "param a = 0, b = 0\ndata x: [n], y: [n]\noutput r = y - a * x - b";
    const folder = folderWith({ ...line, "m.nabla": text });
    const { code, fit: found } = await fitted(folder, ["m.nabla", "-d", "line.csv", "--residual", "r"]);
    expect([code, found.method.name]).toEqual([0, "levenberg-marquardt"]);
    expect(found.parameters.a).toBeCloseTo(2, 10);
    expect(found.diagnosis).toMatchObject({ noCurvature: "the model has residuals and no loss." });
  });

  it.each([
    ["a penalty beside the squares", "sum(r^2) + 3*a^2", "levenberg-marquardt", 20 / 13],
    ["a multiple of the squares that does not show", "2*exp(log(sum(r^2)))", "levenberg-marquardt", 2],
    ["no squares of residuals", "sum(log1p(r^2))", "trust-exact", 2],
  ])("minimises the loss, not the residuals that are named: %s", async (_, loss, method, slope) => {
    const noisy = "x,y\n0,1\n1,3\n2,5\n3,7\n4,9\n2,4\n2,6\n";
    const text = `param a = 0, b = 0\ndata x: [n], y: [n]\nlet r = y - a*x - b\nloss = ${loss}\noutput r = r`;
    const folder = folderWith({ "noisy.csv": noisy, "m.nabla": text });
    const { code, fit: found } = await fitted(folder, ["m.nabla", "-d", "noisy.csv", "--residual", "r"]);
    expect([code, found.method.name]).toEqual([0, method]);
    expect(found.parameters.a).toBeCloseTo(slope, 6);
    expect(found.diagnosis).toMatchObject({ standardErrorsFrom: "residuals", degreesOfFreedom: 5 });
  });

  it("refuses a method of residuals for a loss that is more than those that are named", async () => {
    const text = "param a = 0, b = 0\ndata x: [n], y: [n]\nlet r = y - a*x - b\nloss = sum(log1p(r^2))\noutput r = r";
    const folder = folderWith({ ...line, "m.nabla": text });
    const words = ["fit", "m.nabla", "-d", "line.csv", "--residual", "r", "-m", "levenberg-marquardt"];
    const { code, errors } = await run(words, { folder });
    expect([code, errors]).toEqual([2, expect.stringContaining("the loss is no multiple of the squares of r.")]);
  });

  it("reads standard input once: the model, or the data, or the start", async () => {
    const folder = folderWith({ ...models, ...line });
    const ok = await run(["fit", "line.nabla", "-d", "x=-:x", "-d", "y=-:y"], { folder, input: line["line.csv"] });
    expect(ok.code).toBe(0);
    for (const words of [
      ["-", "-d", "x=-:x"],
      ["line.nabla", "-d", "-", "--start", "-"],
    ])
      expect((await run(["fit", ...words], { folder })).errors).toContain("standard input can be read only once");
  });

  it("stops at an interruption with the best point saved", async () => {
    const folder = folderWith({ ...models, ...line });
    const interrupted = () => new Promise<void>((resolve) => setTimeout(resolve, 60));
    const words = ["line.nabla", "-d", "line.csv", "-m", "sgd", "--option", "rate=1e-9", "--iterations", "1000000000"];
    const { code, fit: found } = await fitted(folder, words, { interrupted });
    expect([code, found.status]).toMatchObject([4, { kind: "aborted", reason: "interrupted" }]);
    expect(existsSync(join(folder, "line.fit.json"))).toBe(true);
    // on a busy machine it may come before the first step
    expect(found.loss < 33 || found.iterations === 0).toBe(true);
  });

  it("resumes to the last bit, and only the same fit", async () => {
    const folder = folderWith({ ...models, ...line });
    const words = ["line.nabla", "-d", "line.csv", "-m", "adam", "--option", "rate=0.01"];
    const whole = await fitted(folder, [...words, "--iterations", "90"]);
    const saved = [...words, "--checkpoint", "run.state"];
    await fitted(folder, [...saved, "--iterations", "40"]);
    const rest = await fitted(folder, [...saved, "--resume", "--iterations", "90"]);
    expect(rest.fit.parameters).toEqual(whole.fit.parameters);
    expect(rest.fit.evaluations).toEqual(whole.fit.evaluations);
    const other = await run(["fit", ...saved, "--resume", "--seed", "7"], { folder });
    expect(other).toMatchObject({
      code: 2,
      errors: expect.stringContaining("run.state is a checkpoint of another fit"),
    });
    writeFileSync(join(folder, "run.state"), "{}");
    expect((await run(["fit", ...saved, "--resume"], { folder })).errors).toContain(
      "run.state is no checkpoint of a fit",
    );
    expect((await run(["fit", ...words, "--resume"], { folder })).errors).toContain("--resume needs the checkpoint");
  });

  it.each(["--output", "--report", "--checkpoint"])("refuses %s in no folder before it begins", async (option) => {
    const folder = folderWith({ ...models, ...line });
    const ran = await run(["fit", "line.nabla", "-d", "line.csv", option, "no/such/file.html"], { folder });
    const errors = "error: cannot write no/such/file.html: there is no folder no/such. Make it first.\n";
    expect(ran).toMatchObject({ code: 2, errors, output: "" });
    expect(existsSync(join(folder, "line.fit.json"))).toBe(false);
  });

  it("goes on without a checkpoint that cannot be written, and says so", async () => {
    const folder = folderWith({ ...models, ...line });
    mkdirSync(join(folder, `.run.state.${process.pid}.part`));
    const ran = await run(["fit", "line.nabla", "-d", "line.csv", "--checkpoint", "run.state"], { folder });
    expect(ran).toMatchObject({ code: 0, errors: expect.stringContaining("warning: cannot write run.state") });
  });

  it("keeps the checkpoint before where the disk fills up in between, and resumes from it", async () => {
    const folder = folderWith({ ...models, ...line });
    const words = ["line.nabla", "-d", "line.csv", "-m", "adam", "--option", "rate=0.01", "--checkpoint", "run.state"];
    await fitted(folder, [...words, "--iterations", "40"]);
    const before = readFileSync(join(folder, "run.state"));
    // where the draft would be written there is a folder: it fails as a full disk does, and as root too
    const draft = join(folder, `.run.state.${process.pid}.part`);
    mkdirSync(draft);
    const more = await run(["fit", ...words, "--resume", "--iterations", "80"], { folder });
    expect(more.errors).toContain("warning: cannot write run.state");
    expect(more.errors).toContain("The checkpoint before it, if there is one, is unharmed.");
    expect(readFileSync(join(folder, "run.state"))).toEqual(before);
    rmdirSync(draft);
    const rest = await fitted(folder, [...words, "--resume", "--iterations", "80"]);
    const whole = await fitted(folder, [...words.slice(0, -2), "--iterations", "80"]);
    expect(rest.fit.parameters).toEqual(whole.fit.parameters);
  });

  it("ends well where its files vanish while it runs: data that are read, and the folder of its checkpoint", async () => {
    const folder = folderWith({ ...models, ...line });
    mkdirSync(join(folder, "state"));
    const interrupted = async () => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      rmSync(join(folder, "state"), { recursive: true });
      rmSync(join(folder, "line.csv"));
    };
    const words = ["line.nabla", "-d", "line.csv", "-m", "sgd", "--option", "rate=1e-9", "--iterations", "1000000000"];
    const ran = await fitted(folder, [...words, "--checkpoint", "state/run"], { interrupted });
    expect([ran.code, ran.fit.status]).toMatchObject([4, { kind: "aborted" }]);
    expect(ran.errors).toContain("warning: cannot write state/run");
    expect(existsSync(join(folder, "line.fit.json"))).toBe(true);
    expect((await run(["fit", ...words], { folder })).errors).toContain("cannot read line.csv: no such file");
  });

  it("prints a fit that it cannot write, so that nothing is lost", async () => {
    const folder = folderWith({ ...models, ...line });
    mkdirSync(join(folder, `.file.json.${process.pid}.part`));
    const ran = await run(["fit", "line.nabla", "-d", "line.csv", "-o", "file.json"], { folder });
    expect(ran).toMatchObject({ code: 2, errors: expect.stringContaining("cannot write file.json") });
    expect(JSON.parse(ran.output.slice(ran.output.indexOf("{\n")))).toMatchObject({ nabla: "fit 1" });
  });

  it.each<[string, string, readonly string[], string, string]>([
    ["NaN at the start", "param a = -1\nloss = log(a)^2", [], "failed", "NaN appears first in log"],
    ["a loss without a lower bound", "param a = 1\nloss = -a^3", ["-m", "sgd", "--option", "rate=1"], "failed", ""],
    ["a flat region", "param a = 50\nloss = relu(1 - a)", [], "converged", ""],
    ["a saddle on the way", "param a = 0, b = 1\nloss = b^2 - a^2 + a^4", [], "converged", ""],
    ["a saddle at the start", "param a = 0, b = 0\nloss = b^2 - a^2 + a^4", [], "converged", "it is no minimum"],
  ])("ends honestly at %s", async (_, model, words, kind, message) => {
    const folder = folderWith({ "m.nabla": model });
    const ran = await run(["fit", "m.nabla", ...words], { folder });
    expect(JSON.parse(readFileSync(join(folder, "m.fit.json"), "utf8"))).toMatchObject({ status: { kind } });
    expect(ran.code).toBe(kind === "converged" && message === "" ? 0 : 4);
    expect(ran.errors).toContain(message);
  });

  it("warns of more parameters than residuals", async () => {
    const folder = folderWith({
      ...line,
      "m.nabla": "param w: [9] = 1\ndata x: [n], y: [n]\nloss = sum((y - sum(w) * x)^2)",
    });
    const ran = await run(["fit", "m.nabla", "-d", "line.csv"], { folder });
    expect(ran.errors).toContain("9 parameters for 5 residuals: the fit is not unique");
  });

  it.each<[string, string, readonly string[], string]>([
    ["a model without a loss", "param a = 1\noutput b = a", [], "has no loss to minimise"],
    ["a model without parameters", "data x: [n]\nloss = sum(x)", ["-d", "line.csv"], "has no parameter to fit"],
    ["a start that is not finite", "param a = 1\nloss = a^2", ["--start", "inf.json"], "the start of a is Infinity"],
    ["a start for nothing", "param a = 1\nloss = a^2", ["--start", "start.json"], 'no input "b"'],
    ["an empty range", "param a within 2..1 = 1\nloss = a^2", [], 'no value of "a" lies in 2..1'],
    ["residuals that there are not", "param a = 1\nloss = a^2\noutput r = a", ["--residual", "s"], 'no output "s"'],
    ["a tolerance that is none", "param a = 1\nloss = a^2", ["--tolerance", "x"], "needs a number above 0"],
    [
      "a missing file",
      "param a = 1\ndata x: [n]\nloss = sum(a * x^2)",
      ["-d", "gone.csv"],
      "cannot read gone.csv: no such file",
    ],
  ])("refuses %s", async (_, model, words, message) => {
    const folder = folderWith({ ...line, "inf.json": '{"a": "Infinity"}', "m.nabla": model });
    const ran = await run(["fit", "m.nabla", ...words], { folder });
    expect(ran.errors).toContain(message);
    expect([1, 2]).toContain(ran.code);
    expect(existsSync(join(folder, "m.fit.json"))).toBe(false);
  });

  it("shows a live line on a terminal and takes it back", async () => {
    const folder = folderWith({ ...models, ...line });
    const words = ["fit", "line.nabla", "-d", "line.csv", "-m", "adam", "--iterations", "10"];
    const { errors } = await run(words, { folder, isTerminal: true });
    expect(errors).toMatch(/adam 0: loss 33, \|g\| \d\.\d\de[+]1, 1 gradient \.\.\./);
    expect(errors.endsWith("\r\u001b[K")).toBe(true);
  });
});

describe("an option that may be repeated", () => {
  it("gives each name once", async () => {
    const folder = folderWith({ ...models, ...line });
    for (const [message, ...words] of [
      ["--option gives factor twice", "--option", "factor=10", "--option", "factor=20"],
      ["--tolerance gives gradient twice", "--tolerance", "1e-3", "--tolerance", "gradient=1e-4"],
      ["--labels gives y twice", "--labels", "y", "--labels", "y=1:0"],
      ["--labels y=1:0,1:1: gives 1 twice", "--labels", "y=1:0,1:1"],
    ]) {
      const { code, errors } = await run(["fit", "line.nabla", "-d", "line.csv", ...words], { folder });
      expect(errors).toBe(`error: ${message}.\n`);
      expect(code).toBe(2);
    }
    const { output } = await run(["fit", "line.nabla", "-d", "line.csv", "-m", "adam", "--iterations", "1"], {
      folder,
    });
    expect(output).toContain("stopped at the limit of 1 iteration.");
  });
});

describe("a file that is read", () => {
  it("is not written over", async () => {
    const folder = folderWith({ ...models, ...line });
    await fitted(folder, ["line.nabla", "-d", "line.csv"]);
    symlinkSync("line.csv", join(folder, "link.csv"));
    const data = readFileSync(join(folder, "line.csv"), "utf8");
    const fit = readFileSync(join(folder, "line.fit.json"), "utf8");
    const fits = ["-o", "--checkpoint"].map((option) => ["fit", "line.nabla", "-d", "line.csv", option]);
    const predicts = ["predict", "line.nabla", "-p", "line.fit.json", "-d", "line.csv", "-o"];
    for (const [words, target] of [
      ...fits.flatMap((words) =>
        ["line.csv", "./line.csv", "link.csv", "line.nabla"].map((to) => [words, to] as const),
      ),
      ...["line.csv", "line.fit.json"].map((to) => [predicts, to] as const),
      [["compile", "line.nabla", "--force", "-o"], "line.nabla"] as const,
      [["graph", "line.nabla", "--format", "svg", "-o"], "line.nabla"] as const,
    ]) {
      const { code, errors } = await run([...words, target], { folder });
      expect(errors).toBe(`error: cannot write ${target}: it is read as well, and would be lost.\n`);
      expect(code).toBe(2);
    }
    expect(readFileSync(join(folder, "line.csv"), "utf8")).toBe(data);
    expect(readFileSync(join(folder, "line.fit.json"), "utf8")).toBe(fit);
    expect(readFileSync(join(folder, "line.nabla"), "utf8")).toBe(models["line.nabla"]);
    // an earlier fit is where the next one starts
    await fitted(folder, ["line.nabla", "-d", "line.csv", "--start", "line.fit.json"]);
  });
});

describe("predict", () => {
  it("evaluates outputs on new data as the fit encoded them", async () => {
    const folder = folderWith({ ...classes, "new.csv": "v,u\n2,1\n-2,0\n" });
    await fitted(folder, [
      "classes.nabla",
      "-d",
      "X=classes.csv:u,v",
      "-d",
      "label=classes.csv:kind",
      "--standardise",
      "X",
      "-s",
      "lambda=0.1",
    ]);
    const words = ["predict", "classes.nabla", "-p", "classes.fit.json"];
    // labels are not there: what does not read them is evaluated
    const { code, output } = await run([...words, "-d", "new.csv", "--json"], { folder });
    expect(code).toBe(0);
    const { outputs } = JSON.parse(output) as { outputs: { chances: number[][] } };
    expect(Object.keys(outputs)).toEqual(["chances"]);
    expect(outputs.chances.map((row) => row.indexOf(Math.max(...row)))).toEqual([1, 2]);
    const all = await run([...words, "-d", "classes.csv", "--json"], { folder });
    expect(JSON.parse(all.output)).toMatchObject({ outputs: { accuracy: 1 } });
    expect((await run([...words, "-d", "new.csv", "--outputs", "accuracy"], { folder })).errors).toContain(
      'new.csv has no column "kind", which "label" had',
    );
    expect((await run([...words, "-d", "new.csv", "--outputs", "acuracy"], { folder })).errors).toContain(
      'Did you mean "accuracy"?',
    );
    await run([...words, "-d", "new.csv", "-o", "chances.csv"], { folder });
    const rows = readFileSync(join(folder, "chances.csv"), "utf8").trimEnd().split("\n");
    expect(rows[0]).toBe("chances[0],chances[1],chances[2]");
    expect(rows.slice(1).map((row) => row.split(",").map(Number))).toEqual(outputs.chances);
  });

  it("refuses labels that the fit has not seen, files that are no fit, models without the parameters", async () => {
    const folder = folderWith({ ...classes, ...models, "new.csv": "u,v,kind\n1,2,rock\n", "fit.json": "{}" });
    await fitted(folder, ["classes.nabla", "-d", "X=classes.csv:u,v", "-d", "label=classes.csv:kind"]);
    const words = ["predict", "classes.nabla", "-d", "new.csv", "-p"];
    expect(await run([...words, "classes.fit.json"], { folder })).toMatchObject({
      code: 1,
      errors: expect.stringContaining('new.csv:2: column "kind" has the label "rock", which has no code.'),
    });
    expect((await run([...words, "fit.json"], { folder })).errors).toContain("fit.json is no fit");
    const other = await run(["predict", "line.nabla", "-d", "x=new.csv:u", "-p", "classes.fit.json"], { folder });
    expect(other.errors).toContain("line.nabla has changed since it was fitted");
    expect(other.code).toBe(1);
    expect((await run(["predict", "line.nabla"], { folder })).errors).toContain("nabla predict needs a fit");
  });
});

describe("replaceFile", () => {
  it("keeps the old file whole where the disk is full, and leaves no draft", () => {
    const folder = folderWith({ "state.json": "old" });
    const io = { folder };
    const full: Disk = {
      write(path, text) {
        writeFileSync(path, text.slice(0, 1));
        throw Object.assign(new Error("full"), { code: "ENOSPC" });
      },
      rename: () => expect.unreachable(),
      remove: (path) => writeFileSync(path, ""),
    };
    expect(() => replaceFile("state.json", "new", io, full)).toThrow("cannot write state.json: no space left.");
    expect(readFileSync(join(folder, "state.json"), "utf8")).toBe("old");
    replaceFile("state.json", "new", io);
    expect(readFileSync(join(folder, "state.json"), "utf8")).toBe("new");
    mkdirSync(join(folder, "taken"));
    expect(() => replaceFile("taken", "new", io)).toThrow("cannot write taken");
    expect(readdirSync(folder).filter((name) => name.endsWith(".part") && !name.includes("state"))).toEqual([]);
  });
});

describe("replaceFile, over another file,", () => {
  it("leaves a file to those who could read it", () => {
    const folder = folderWith({ "secret.json": "old" });
    chmodSync(join(folder, "secret.json"), 0o600);
    replaceFile("secret.json", "new", { folder });
    expect(statSync(join(folder, "secret.json")).mode & 0o777).toBe(0o600);
  });

  it("is how every command writes: the old text stays where the new one has no room", async () => {
    const texts = { "m.nabla": "param  w\nloss = w^2\n", "m.ts": "// Generated by nabla\n", "m.svg": "<svg/>\n" };
    const folder = folderWith(texts);
    // in the place of the draft
    for (const name of Object.keys(texts)) mkdirSync(join(folder, `.${name}.${process.pid}.part`));
    for (const words of [
      ["format", "--write", "m.nabla"],
      ["compile", "m.nabla", "--unchecked", "-o", "m.ts"],
      ["graph", "m.nabla", "-o", "m.svg"],
    ]) {
      const { code, errors } = await run(words, { folder });
      expect(errors).toContain(`cannot write ${words.at(-1)}`);
      expect(code).toBe(2);
    }
    for (const [name, text] of Object.entries(texts)) expect(readFileSync(join(folder, name), "utf8")).toBe(text);
  });
});

describe("replaceFile, of what is no plain file", () => {
  it("writes through links, and to devices, and replaces neither", () => {
    const folder = folderWith({ "state.json": "old" });
    symlinkSync(join(folder, "state.json"), join(folder, "link.json"));
    replaceFile("link.json", "new", { folder });
    expect(readFileSync(join(folder, "state.json"), "utf8")).toBe("new");
    expect(lstatSync(join(folder, "link.json")).isSymbolicLink()).toBe(true);
    replaceFile("/dev/null", "gone", { folder });
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
    expect(() => replaceFile("/dev/full", "too much", { folder })).toThrow("cannot write /dev/full: no space left.");
  });
});

describe("Batches", () => {
  const model = loadModel({
    name: "m",
    text: "param w: [d]\ndata X: [n, d], y: [n], t: [k]\nloss = sum((X @ w - y)^2) + sum(t)",
  });
  const tensor = (name: string, data: number[], shape: number[]): Filled => ({
    name,
    data: Float64Array.from(data),
    shape,
    from: "",
    encoding: {},
  });
  const rows = Array.from({ length: 7 }, (_, row) => row);
  const filled = [
    tensor(
      "X",
      rows.flatMap((row) => [row, 10 * row]),
      [7, 2],
    ),
    tensor(
      "y",
      rows.map((row) => -row),
      [7],
    ),
    tensor("t", [1, 2], [2]),
  ];
  const drawn = (batches: Batches, step: number) => Array.from(batches.at(step).y!.data, (y) => -y);

  it("go through all rows once an epoch, whole rows together, a remainder left for later", () => {
    const batches = new Batches(model, filled, 3, 1);
    expect([batches.rows, batches.stepsPerEpoch, batches.sizeName]).toEqual([7, 2, "n"]);
    for (let epoch = 0; epoch < 20; epoch++) {
      const seen = [...drawn(batches, 2 * epoch), ...drawn(batches, 2 * epoch + 1)];
      expect(new Set(seen).size).toBe(6);
      const { X, y } = batches.at(2 * epoch + 1);
      expect([...X!.data]).toEqual([...y!.data].flatMap((value) => [-value, -10 * value]));
    }
    expect(Object.keys(batches.at(0))).toEqual(["X", "y"]);
  });

  it("depend on seed and step alone, not on what was drawn before", () => {
    const steps = Array.from({ length: 40 }, (_, step) => step);
    const forwards = new Batches(model, filled, 3, 5);
    const list = steps.map((step) => drawn(forwards, step));
    const backwards = new Batches(model, filled, 3, 5);
    for (const step of steps.reverse()) expect(drawn(backwards, step)).toEqual(list[step]);
    const other = new Batches(model, filled, 3, 6);
    expect(steps.map((step) => drawn(other, step))).not.toEqual(steps.map((step) => list[step]));
  });

  it("refuse data that cannot be cut into rows", () => {
    const square = loadModel({ name: "m", text: "param w: [n]\ndata y: [n]\nloss = sum((w - y)^2)" });
    expect(() => new Batches(square, [filled[1]!], 2, 1)).toThrow('"w" has one part for each row (n)');
    const across = loadModel({ name: "m", text: "param w\ndata X: [d, n], y: [n]\nloss = sum(w * X @ y)" });
    const turned = [tensor("X", [1, 2, 3, 4], [2, 2]), tensor("y", [1, 2, 3], [3])];
    expect(() => new Batches(across, turned, 2, 1)).toThrow("along an axis that is not its first");
    const scalar = loadModel({ name: "m", text: "param w\ndata t\nloss = w * t" });
    expect(() => new Batches(scalar, [tensor("t", [1], [])], 1, 1)).toThrow("no data have rows");
  });
});

describe("History", () => {
  it("thins evenly and keeps the last iterate", () => {
    const history = new History();
    for (let iteration = 0; iteration <= 12_345; iteration++) {
      history.add({
        iteration,
        value: 1,
        gradientNorm: 1,
        metricNorm: 1,
        evaluations: { value: 1, gradient: 1, hvp: 0 },
      } as never);
    }
    const iterations = history.points.map((point) => point.iteration);
    expect(iterations.length).toBeLessThanOrEqual(1001);
    expect([iterations[0], iterations.at(-1)]).toEqual([0, 12_345]);
    const steps = new Set(iterations.slice(1, -1).map((iteration, k) => iteration - iterations[k]!));
    expect(steps.size).toBe(1);
  });
});

describe("starts", () => {
  const infinite = {
    lower: new Float64Array(4).fill(Number.NEGATIVE_INFINITY),
    upper: new Float64Array(4).fill(Number.POSITIVE_INFINITY),
  };
  const box = {
    lower: Float64Array.of(0, Number.NEGATIVE_INFINITY, -2, 1e6),
    upper: Float64Array.of(Number.POSITIVE_INFINITY, 3, 5, 2e6),
  };

  it("stay within bounds, and are the same for the same seed", () => {
    for (let k = 0; k < 200; k++) {
      const start = randomStart(Float64Array.of(1, 1, 1, 1), box, 3, k);
      const drawn = drawnStart(4, box, 0, k);
      for (const x of [start, drawn]) {
        x.forEach((value, i) => {
          expect(value).toBeGreaterThanOrEqual(box.lower[i]!);
          expect(value).toBeLessThanOrEqual(box.upper[i]!);
        });
      }
      expect(randomStart(Float64Array.of(1, 1, 1, 1), box, 3, k)).toEqual(start);
    }
  });

  it("are as large as what they vary", () => {
    const center = Float64Array.of(1e-6, 1e6, 0, -1);
    const sizes = [0, 0, 0, 0];
    for (let k = 1; k <= 400; k++)
      for (const [i, x] of randomStart(center, infinite, 1, k).entries()) sizes[i]! += (x - center[i]!) ** 2 / 400;
    // the mean of 400 squares of normal numbers is within 0.35 of 1 in all but one of 10^6 draws
    for (const [i, size] of [1e-12, 1e12, 1, 1].entries()) expect(Math.abs(sizes[i]! / size - 1)).toBeLessThan(0.35);
  });
});
