import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { examples, folderWith, run } from "./run.ts";

const logistic = join(examples, "logistic.nabla");

describe("nabla", () => {
  it("refuses a name that is given twice, and a file without one", async () => {
    const folder = folderWith({ "m.nabla": "param w: [n]\nloss = sum(w)" });
    for (const [words, message] of [
      [["check", "m.nabla", "--size", "n=3", "--size", "n=4"], "--size gives n twice."],
      [["compile", "m.nabla", "--report", "--size", "n=3", "--size", " n = 4"], "--size gives n twice."],
      [["fit", "m.nabla", "--set", "n=3", "--set", "n=4"], "--set gives n twice."],
      [["compile", ""], "cannot read a file without a name."],
      [["graph", "m.nabla", "-o", ""], "cannot write a file without a name."],
    ] as const) {
      expect(await run(words, { folder })).toEqual({ code: 2, output: "", errors: `error: ${message}\n` });
    }
  });

  it("prints help that names every command", async () => {
    const { code, output } = await run(["--help"]);
    for (const words of [["help"], ["-h"], ["help", "--help"], ["help", "help"]]) {
      expect(await run(words)).toEqual({ code, output, errors: "" });
    }
    expect(code).toBe(0);
    await expect(output).toMatchFileSnapshot("help/nabla.txt");
  });

  it.each(commands.map(({ name }) => name))("teaches %s: what it does, its options, examples", async (name) => {
    const { code, output } = await run([name, "--help"]);
    expect(code).toBe(0);
    expect(await run(["help", name])).toEqual({ code, output, errors: "" });
    await expect(output).toMatchFileSnapshot(`help/${name}.txt`);
  });

  it("gives examples that its own parser takes", async () => {
    const { readArguments } = await import("../../src/cli/arguments.ts");
    for (const { name, load } of commands) {
      const command = await load();
      for (const example of command.examples) {
        const words = example.command.split(/ [|<>] /)[0]!.split(" ");
        expect(words.slice(0, 2)).toEqual(["nabla", name]);
        expect(() => readArguments(words.slice(2), name, command)).not.toThrow();
      }
    }
  });

  it("prints its version", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      version: string;
    };
    expect(await run(["--version"])).toEqual({ code: 0, output: `${version}\n`, errors: "" });
  });

  it.each<[string, readonly string[], number, string]>([
    ["an unknown command", ["evl"], 2, 'Did you mean "nabla eval"?'],
    ["an unknown option", ["eval", "x.nabla", "--jsn"], 2, "Did you mean --json?"],
    ["a forgotten value", ["compile", "x.nabla", "--output", "--force"], 2, "--output needs a value: --output FILE."],
    ["a flag with a value", ["format", "x.nabla", "--check=yes"], 2, "--check takes no value"],
    ["an option given twice", ["graph", "x.nabla", "--of", "loss", "--of", "hvp"], 2, "--of is given twice"],
    ["a value that is no choice", ["graph", "x.nabla", "--format", "sgv"], 2, 'Did you mean "svg"?'],
    ["a missing operand", ["check"], 2, "nabla check needs MODEL, got nothing."],
    ["an option that is a file", ["eval", "-m.nabla"], 2, "If -m.nabla is a file, write ./-m.nabla."],
    ["words after the version", ["--version", "x"], 2, 'nabla --version needs no more words, got "x".'],
    ["words after help", ["help", "eval", "x"], 2, 'nabla help eval needs no more words, got "x".'],
    [
      "names that are none",
      ["eval", logistic, "--wrt", ","],
      2,
      '--wrt needs a name, or several separated by commas, got ","',
    ],
    ["an operand too many", ["check", "a", "b"], 2, 'got "a", "b"'],
    ["a missing file", ["check", "missing.nabla"], 2, "cannot read missing.nabla: no such file."],
    ["a folder", ["check", "."], 2, "cannot read .: it is a folder."],
    [
      "a number that is none",
      ["check", logistic, "--runs", "many"],
      2,
      '--runs needs a whole number of at least 1, got "many".',
    ],
    ["an unknown subject", ["graph", logistic, "--of", "accurracy"], 2, 'Did you mean "accuracy"?'],
    [
      "an option without the one it is for",
      ["compile", logistic, "--unfused"],
      2,
      "--unfused says how --wasm computes",
    ],
    ["an unknown parameter", ["explain", logistic, "--wrt", "w,c"], 2, 'wrt has "c"'],
    ["watching standard input", ["check", "-", "--watch"], 2, "standard input does not change"],
  ])("refuses %s", async (_, words, code, message) => {
    const ran = await run(words);
    expect(ran.errors).toContain(message);
    expect(ran).toMatchObject({ code, output: "" });
    const asJson = words.includes("--json") ? ran : await run([...words, "--json"]);
    if (!words.includes("--json")) expect(JSON.parse(asJson.output)).toMatchObject({ error: { kind: "usage" } });
  });

  it("shows the errors of a model with place, line and caret, and exits with 1", async () => {
    const folder = folderWith({ "wrong.nabla": "param w: [d]\nloss = sum(w) + lamda\n" });
    for (const command of ["compile", "eval", "check", "explain", "graph"]) {
      const { code, errors } = await run([command, "wrong.nabla"], { folder });
      expect(code).toBe(1);
      expect(errors).toContain(
        'wrong.nabla:2:17: unknown name "lamda".\n    |\n  2 | loss = sum(w) + lamda\n    |                 ^^^^^',
      );
      const json = await run([command, "wrong.nabla", "--json"], { folder });
      expect(JSON.parse(json.output)).toMatchObject({ error: { kind: "name", line: 2, column: 17 } });
    }
  });

  it("colours on a terminal only, and not where NO_COLOR is set", async () => {
    const colour = "\u001b[";
    const on = { isTerminal: true };
    expect((await run(["--help"])).output).not.toContain(colour);
    expect((await run(["--help"], on)).output).toContain(colour);
    expect((await run(["--help"], { ...on, environment: { NO_COLOR: "1" } })).output).not.toContain(colour);
    expect((await run(["--help"], { environment: { FORCE_COLOR: "1" } })).output).toContain(colour);
    expect((await run(["graph", logistic, "--format", "dot"])).errors).toBe("");
    // progress takes its line back
    const { errors } = await run(["graph", logistic, "--format", "dot"], on);
    expect(errors).toContain("drawing");
    expect(errors.endsWith(`\r${colour}K`)).toBe(true);
  });
});

describe("format", () => {
  const messy = "param   x:[n]\nloss=sum( x )\n";
  const tidy = "param x: [n]\nloss = sum(x)\n";

  it("prints the canonical text, also of standard input", async () => {
    const folder = folderWith({ "messy.nabla": messy });
    expect(await run(["format", "messy.nabla"], { folder })).toEqual({ code: 0, output: tidy, errors: "" });
    expect(await run(["format", "-"], { input: messy })).toEqual({ code: 0, output: tidy, errors: "" });
    expect(readFileSync(join(folder, "messy.nabla"), "utf8")).toBe(messy);
  });

  it("writes files in place, and checks them without a change", async () => {
    const folder = folderWith({ "messy.nabla": messy, "tidy.nabla": tidy });
    const check = () => run(["format", "--check", "messy.nabla", "tidy.nabla"], { folder });
    expect(await check()).toEqual({ code: 1, output: "not formatted  messy.nabla\n", errors: "" });
    expect(await run(["format", "--write", "messy.nabla", "tidy.nabla"], { folder })).toMatchObject({
      code: 0,
      output: "formatted  messy.nabla\n",
    });
    expect(readFileSync(join(folder, "messy.nabla"), "utf8")).toBe(tidy);
    expect(await check()).toEqual({ code: 0, output: "ok  all formatted\n", errors: "" });
    expect((await run(["format", "--check", "--write", "tidy.nabla"], { folder })).code).toBe(2);
  });

  it("goes on after a wrong file", async () => {
    const folder = folderWith({ "wrong.nabla": "parm x", "messy.nabla": messy });
    const { code, output, errors } = await run(["format", "wrong.nabla", "messy.nabla"], { folder });
    expect([code, output]).toEqual([1, tidy]);
    expect(errors).toContain("wrong.nabla:1:1");
    const json = await run(["format", "--json", "wrong.nabla", "messy.nabla"], { folder });
    expect(JSON.parse(json.output)).toMatchObject([
      { file: "wrong.nabla", error: { kind: "syntax", line: 1 } },
      { file: "messy.nabla", isFormatted: false, text: tidy },
    ]);
  });
});

describe("explain", () => {
  interface Listing {
    readonly steps: {
      number: number;
      stage: string;
      pass: string;
      rule: string;
      node: number;
      by: number;
      before: string;
      after: string;
    }[];
  }

  it("lists every rewrite with its pass, its rule, the node before and after", async () => {
    const { steps } = JSON.parse((await run(["explain", logistic, "--json"])).output) as Listing;
    expect(steps.length).toBeGreaterThan(3);
    expect(steps.map(({ number }) => number)).toEqual(steps.map((_, k) => k + 1));
    for (const { before, node, after, by } of steps) {
      expect(before).toMatch(new RegExp(`^%${node} = `));
      expect(after).toMatch(new RegExp(`^%${by} = `));
    }
    const { output } = await run(["explain", logistic]);
    for (const { rule, pass, stage } of steps) {
      expect(output).toContain(`  ${rule}\n`);
      expect(output).toContain(`${stage} · ${pass}\n`);
    }
    expect(output).toContain(`${steps.length} rewrites.`);
  });

  it("lists what is done to loops", async () => {
    const text = "param W: [d, d], X: [n, d]\nloss = sum(scan(x in X, s = zeros(d): tanh(s + W @ x)))\n";
    const { output, code } = await run(["explain", "-", "--of", "gradient"], { input: text });
    expect(code).toBe(0);
    expect(output).toContain("loops");
    expect(output).toContain("what needs no carry before the loop");
  });

  it.each(["rnn", "logistic", "springs", "graph_layout"])("writes no two sides alike: %s", async (name) => {
    const model = join(examples, `${name}.nabla`);
    const { output } = await run(["explain", model]);
    const sides = [...output.matchAll(/^ {7}- %\d+ +(.*)\n {7}\+ %\d+ +(.*)$/gm)];
    expect(sides.length).toBe(Number(/^(\d+) rewrites\./m.exec(output)![1]));
    for (const [, before, after] of sides) {
      expect(before).not.toBe(after);
      expect(before!.length).toBeLessThan(1000);
    }
  });

  it("steps forwards and backwards: undoing a step leaves the state before it", async () => {
    const state = async (...words: string[]) =>
      (JSON.parse((await run(["explain", logistic, "--json", "--step", ...words])).output) as { replaced: unknown })
        .replaced;
    for (const step of [2, 3]) expect(await state(String(step), "--back")).toEqual(await state(String(step - 1)));
    const forwards = (await run(["explain", logistic])).output.match(/^ +\d+ {2}/gm)!.map(Number);
    const backwards = (await run(["explain", logistic, "--back"])).output.match(/^ +\d+ {2}/gm)!.map(Number);
    expect(backwards).toEqual(forwards.reverse());
    expect((await run(["explain", logistic, "--step", "100000"])).code).toBe(2);
  });

  it("has what is rewritten in a loss that its derivatives share", async () => {
    const { output } = await run(["explain", "-", "--of", "loss"], { input: "param x\nloss = (x - sin(x))/x^3" });
    expect(output).toContain("series where a function cancels");
    expect(output).toContain("whole power");
  });
});

describe.each(["explain", "graph"])("%s of what there is not", (command) => {
  it.each([
    ["data x\nloss = x^2", "gradient", "has nothing to differentiate in: no parameters.\nName parameters or data"],
    ["data x\nloss = x^2", "hvp", "has nothing to differentiate in"],
    ["param x\noutput y = x^2", "gradient", "has no loss: it has outputs only.\nWrite --of y."],
  ])("is an error that says what there is: %s, %s", async (text, of, message) => {
    const { code, errors, output } = await run([command, "-", "--of", of], { input: text });
    expect(errors).toContain(message);
    expect([code, output]).toEqual([2, ""]);
  });

  it.each(["loss", "gradient", "y"])("is an error in wrt too, for %s", async (of) => {
    const input = "param x\nloss = x^2\noutput y = x";
    const { code, errors } = await run([command, "-", "--of", of, "--wrt", "q"], { input });
    expect(errors).toContain('wrt has "q", which the model does not declare. It has: x.');
    expect(code).toBe(2);
  });
});

describe("graph", () => {
  it("draws loss, gradient, hvp and outputs, each node once", async () => {
    for (const of of ["loss", "gradient", "hvp", "accuracy"]) {
      const diagram = JSON.parse((await run(["graph", logistic, "--of", of, "--json"])).output) as {
        boxes: { id: string; kind: string; label: string }[];
        arrows: { from: string; to: string; shape: string }[];
      };
      const ids = new Set(diagram.boxes.map(({ id }) => id));
      expect(ids.size).toBe(diagram.boxes.length);
      expect(diagram.arrows.every(({ from, to }) => ids.has(from) && ids.has(to))).toBe(true);
      const X = diagram.boxes.find(({ label }) => label === "X")!;
      expect(diagram.arrows.filter(({ from }) => from === X.id).map(({ shape }) => shape)).toContain("[n, d]");
      const { output } = await run(["graph", logistic, "--of", of]);
      expect(output.match(/class="outline"/g)!.length).toBeGreaterThanOrEqual(diagram.boxes.length);
      expect(output).toContain("prefers-color-scheme:dark");
    }
  });

  it("takes no names to differentiate in for none, not for all", async () => {
    const { code, errors } = await run(["graph", logistic, "--of", "gradient", "--wrt", ""]);
    expect(errors).toContain("--wrt needs a name");
    expect(code).toBe(2);
  });

  it("counts one thing as one", async () => {
    const folder = folderWith({ "plain.nabla": "param w\nloss = w", "one.nabla": "param w\nloss = 2 * w" });
    const said = async (model: string) => (await run(["graph", model, "-o", "a.svg"], { folder })).output;
    expect(await said("plain.nabla")).toContain("wrote a.svg: 2 boxes, 1 arrow\n");
    expect(await said("one.nabla")).toContain("3 boxes, 2 arrows\n");
  });

  it("draws a call with several results once, and says on arrows which result they carry", async () => {
    const words = ["graph", join(examples, "kalman.nabla"), "--of", "gradient"];
    const diagram = JSON.parse((await run([...words, "--json"])).output) as {
      boxes: { id: string; label: string }[];
      arrows: { from: string; to: string; result?: number }[];
    };
    // forwards and backwards
    const scans = diagram.boxes.filter(({ label }) => label === "scan").map(({ id }) => id);
    expect(scans).toHaveLength(2);
    for (const { from, result } of diagram.arrows) expect(result !== undefined).toBe(scans.includes(from));
    const carried = diagram.arrows.filter(({ from, to }) => from === scans[0] && to === scans[1]);
    expect(new Set(carried.map(({ result }) => result)).size).toBe(carried.length);
    expect((await run([...words, "--format", "dot"])).output).toMatch(/n\d+ -> n\d+ \[label="[a-z ]*#\d+ \[steps, /);
    expect((await run(words)).output).toMatch(/<text class="shape"[^>]*>#\d+ \[steps, /);
  });

  it("writes what FILE's ending says", async () => {
    const folder = folderWith({});
    expect((await run(["graph", logistic, "-o", "loss.dot"], { folder })).output).toMatch(
      /^wrote loss\.dot: \d+ boxes/,
    );
    expect(readFileSync(join(folder, "loss.dot"), "utf8")).toMatch(/^digraph "logistic · loss" \{/);
    await run(["graph", logistic, "-o", "loss.svg"], { folder });
    expect(readFileSync(join(folder, "loss.svg"), "utf8")).toMatch(/^<svg /);
  });

  it("lets no name out of its quotes", async () => {
    const { dotText } = await import("../../src/cli/graph/dot.ts");
    const { layOut } = await import("../../src/cli/graph/layout.ts");
    const { svgText } = await import("../../src/cli/graph/svg.ts");
    const hostile = `"];evil\\"<script>&'\n\u0000\ud800`;
    const box = { kind: "data", label: hostile, detail: hostile, tooltip: hostile } as const;
    const arrow = { from: "n1", to: "n2", letter: hostile, result: undefined, shape: hostile };
    const diagram = {
      title: hostile,
      boxes: [
        { id: "n1", ...box },
        { id: "n2", ...box },
      ],
      arrows: [arrow],
    };
    const svg = svgText(await layOut(diagram));
    expect(svg).not.toContain("<script>");
    for (const character of ["\u0000", "\ud800"]) expect(svg.includes(character)).toBe(false);
    // outside of strings no quote, bracket or word of the name is left
    const plain = dotText(diagram).replace(/"(?:\\.|[^"\\])*"/gs, '""');
    expect(plain).not.toContain("evil");
    expect(plain.match(/"/g)!.length % 2).toBe(0);
  });
});

describe("check", () => {
  it("draws no more numbers than there is room for", async () => {
    const folder = folderWith({ "m.nabla": "param w: [n]\ndata X: [n, d]\nloss = sum(w) + sum(X)" });
    for (const sizes of [
      ["--size", "n=1000000000", "--size", "d=1"],
      ["--size", "d=1000000000"],
    ]) {
      const { code, errors } = await run(["check", "m.nabla", ...sizes], { folder });
      expect(errors).toMatch(
        /^error: a random point has \d+ numbers with these sizes; the limit is 1048576\.\nGive data/,
      );
      expect(code).toBe(1);
    }
  });

  it("reports every law and exits with 0", async () => {
    const { code, output } = await run(["check", logistic, "--runs", "3"]);
    expect([code, output]).toEqual([
      0,
      expect.stringContaining("logistic: derivatives are correct\n  3 points, seed 1\n"),
    ]);
    const json = await run(["check", logistic, "--runs", "3", "--seed", "2", "--json"]);
    expect(JSON.parse(json.output)).toMatchObject({
      model: "logistic",
      passed: true,
      seed: 2,
      points: 3,
      laws: expect.anything(),
    });
  });

  it("checks on given data and sizes", async () => {
    const folder = folderWith({ "data.json": '{"X": [[1, "NaN"]], "y": [1]}', "sizes.json": '{"n": 2, "d": 3}' });
    expect((await run(["check", logistic, "--runs", "2", "-d", "sizes.json"], { folder })).code).toBe(0);
    const atSizes = await run(["check", logistic, "--runs", "2", "--size", "d=3"], { folder });
    expect(atSizes.code).toBe(0);
    const contradicting = await run(["check", logistic, "--size", "d=3", "-d", "data.json"], { folder });
    expect([contradicting.code, contradicting.errors]).toEqual([
      1,
      expect.stringContaining("d = 3 from the given sizes"),
    ]);
    expect((await run(["check", logistic, "--size", "d=x"], { folder })).errors).toContain("--size needs NAME=NUMBER");
    // no finite loss on such data: nothing was checked, and that is no success
    expect((await run(["check", logistic, "--runs", "2", "-d", "data.json"], { folder })).code).toBe(1);
  });
});

describe("compile", () => {
  it("writes a module that runs, and says what it wrote", async () => {
    const folder = folderWith({});
    const { code, output } = await run(["compile", logistic, "-o", "logistic.ts"], { folder });
    expect(code).toBe(0);
    expect(output).toMatch(
      /^wrote logistic\.ts: [0-9.]+ kB, \d+ lines, type-checked, \d+ ms\n {2}functions +loss, lossAndGradient, hvp\n/,
    );
    const typed = readFileSync(join(folder, "logistic.ts"), "utf8");
    expect(typed).toMatch(/^\/\/ Generated by nabla/);
    // its own file is overwritten
    const again = await run(["compile", logistic, "-o", "logistic.ts", "--unchecked", "--json"], { folder });
    expect(JSON.parse(again.output)).toMatchObject({
      file: "logistic.ts",
      outputs: ["chance", "accuracy", "g"],
      data: ["X [n, d]", "y [n]"],
    });
  }, 60_000);

  it("writes JavaScript without types", async () => {
    const { output } = await run(["compile", logistic, "--js", "--unchecked", "--want", "loss"]);
    const module = (await import(`data:text/javascript;base64,${Buffer.from(output).toString("base64")}`)) as {
      bind(data: object): { loss(params: object): number };
    };
    expect(module.bind({ X: [[1]], y: [1] }).loss({ w: [0], b: 0 })).toBeCloseTo(Math.LN2, 12);
  }, 60_000);

  it("says what each loop costs, where it comes from and why it is as it is", async () => {
    const text = "param x: [n]\nloss = sum(i: (x[i+1] - x[i]^2)^2)\noutput far = [i: x[2*i]]\n";
    const folder = folderWith({ "steps.nabla": text });
    const { code, output } = await run(["compile", "steps.nabla", "--report", "--size", "n=50000"], { folder });
    expect(code).toBe(0);
    expect(output).toContain("at n = 50k (--size NAME=NUMBER for others)\n\nloss: 288k operations, 500k bytes\n");
    expect(output).toContain(
      [
        "lossAndGradient: 650k operations, 900k bytes",
        "  for n - 1  650k operations, 900k bytes  steps.nabla:2:8, 2:15",
        "      2 computations in one pass: what one makes the next has at hand",
        "      what neighbours add to an element waits in variables: each element is written once",
        "      4 terms at a time in sums of their own: an addition need not wait for the one before",
      ].join("\n"),
    );
    expect(output).toContain("far steps: x by 2\n");
    expect(output).toMatch(
      /\n {2}WebAssembly in memory: about JavaScript [\d.]+ us, WebAssembly [\d.]+ us, interpreted [\d.]+ ms a call; two numbers at a time save more than its call costs\n/,
    );
    const json = await run(["compile", "steps.nabla", "--report", "--json"], { folder });
    expect(JSON.parse(json.output)).toMatchObject({
      sizes: { n: 100 },
      functions: [{ name: "loss", engines: { chosen: "JavaScript" } }, {}, {}, {}],
    });
    const unknown = await run(["compile", "steps.nabla", "--report", "--size", "m=3"], { folder });
    expect(unknown).toMatchObject({ code: 1, errors: expect.stringContaining('no size "m"') });
    const alone = await run(["compile", "steps.nabla", "--size", "n=3"], { folder });
    expect(alone).toMatchObject({ code: 2, errors: expect.stringContaining("--report") });
  });

  it("overwrites nothing of others unless forced", async () => {
    const folder = folderWith({ "mine.ts": "export const x = 1;\n" });
    const words = ["compile", logistic, "-o", "mine.ts", "--unchecked"];
    expect(await run(words, { folder })).toMatchObject({ code: 2, errors: expect.stringContaining("--force") });
    expect(readFileSync(join(folder, "mine.ts"), "utf8")).toBe("export const x = 1;\n");
    expect((await run([...words, "--force"], { folder })).code).toBe(0);
    const unwritable = await run(["compile", logistic, "-o", "no/such/folder.ts", "--unchecked"], { folder });
    expect(unwritable).toMatchObject({ code: 2, errors: expect.stringContaining("cannot write no/such/folder.ts") });
    expect(existsSync(join(folder, "no"))).toBe(false);
  });
});

describe("demo", () => {
  it("does the main job on real data: compiled, checked, timed, fitted, reported", async () => {
    const folder = folderWith({});
    const { code, output } = await run(["demo", "-o", "out put", "--json"], { folder });
    expect(code).toBe(0);
    const { problems } = JSON.parse(output) as {
      problems: {
        file: string;
        check: { passed: boolean };
        fitted: { command: string; report: string; fit: { status: { kind: string }; loss: number } };
        points: { loss: number; published?: { loss: number } }[];
      }[];
    };
    expect(problems).toHaveLength(2);
    // the first is convex: one minimum, whatever finds it; NIST certifies the second
    expect(problems.map(({ fitted }) => fitted.fit.loss.toPrecision(9))).toEqual(["0.0598279373", "5642.70824"]);
    for (const { file, check, points, fitted } of problems) {
      expect(fitted.fit.status.kind).toBe("converged");
      // as a shell takes it
      expect(fitted.command).toMatch(/^nabla fit \S+\.nabla .* --report 'out put\/\w+\.html'$/);
      expect(readFileSync(join(folder, fitted.report), "utf8")).toContain("<h2>Curvature</h2>");
      expect(readFileSync(join(folder, file), "utf8")).toMatch(/^\/\/ Generated by nabla/);
      expect(check.passed).toBe(true);
      for (const { loss, published } of points) if (published) expect(loss / published.loss).toBeCloseTo(1, 10);
    }
  }, 120_000);

  it("says why its folder cannot be made", async () => {
    const folder = folderWith({ taken: "" });
    const made = async (target: string) => {
      const { code, errors } = await run(["demo", "-o", target], { folder });
      return [code, errors];
    };
    expect(await made("taken")).toEqual([2, "error: cannot make taken: it is no folder.\n"]);
    expect(await made("taken/out")).toEqual([2, "error: cannot make taken/out: a part of the path is no folder.\n"]);
  });
});
