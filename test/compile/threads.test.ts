import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Engine } from "../../src/compile/functions.ts";
import { nodeThreads } from "../../src/compile/threads/node.ts";
import { threadedWebAssembly } from "../../src/compile/threads/threads.ts";
import type { ThreadHost } from "../../src/compile/threads/worker-crew.ts";
import { compileText } from "../../src/language/all.ts";
import { threaded as threadedInPages } from "../../src/threads.ts";
import { type ThreadedEngine, threaded } from "../../src/threads-node.ts";
import { webAssembly } from "../../src/wasm.ts";
import { modelTexts } from "../bench/tasks/models.ts";
import { numbers } from "../generators/numbers.ts";

vi.setConfig({ testTimeout: 240_000 });

/** Whole numbers scaled: results of another order of sums differ in the last digits only. */
interface Case {
  readonly name: string;
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly sizes?: Readonly<Record<string, number>>;
  readonly parameters: number;
}

const labels = (count: number) => Int32Array.from({ length: count }, (_, k) => (k * k + 3) % 10);

const cases: readonly Case[] = [
  {
    name: "logistic",
    text: modelTexts.logistic,
    data: { X: { data: numbers(3001 * 33, 1), shape: [3001, 33] }, y: numbers(3001, 3).map((v) => (v > 0 ? 1 : -1)) },
    parameters: 34,
  },
  {
    name: "mlp",
    text: modelTexts.mlp,
    data: { X: { data: numbers(203 * 31, 1), shape: [203, 31] }, label: labels(203) },
    sizes: { h: 37, c: 10 },
    parameters: 31 * 37 + 37 + 37 * 10 + 10,
  },
  {
    name: "cnn",
    text: modelTexts.cnn,
    data: { images: { data: numbers(19 * 784, 1), shape: [19, 28, 28] }, label: labels(19) },
    parameters: 72 + 8 + 13 * 13 * 8 * 10 + 10,
  },
  {
    name: "rows looked up in a table",
    text: `param E: [k, d], w: [d]
data word: int[n] within 0..k, y: [n]
loss = mean(i: softplus(-y[i] * sum(j: tanh(E[word[i], j]) * w[j])))`,
    data: { word: labels(9000), y: numbers(9000, 4) },
    sizes: { k: 10, d: 24 },
    parameters: 11 * 24,
  },
  {
    name: "a recurrence",
    text: `param W: [h, h], U: [d, h]
data X: [T, n, d], y: [n, h]
let last = scan(x in X, s = zeros(n, h): tanh(s @ W + x @ U))
loss = mean((last[0] - y)^2)`,
    data: {
      X: { data: numbers(4 * 64 * 24, 1), shape: [4, 64, 24] },
      y: { data: numbers(64 * 40, 2), shape: [64, 40] },
    },
    parameters: 40 * 40 + 24 * 40,
  },
];

function functionsOf({ text, data, sizes = {}, parameters }: Case, engine: Engine) {
  const { flat } = compileText(text, { engine }).bind(data as never, sizes);
  const x = numbers(parameters, 5).map((value) => value / 4);
  const v = numbers(parameters, 8);
  return () => {
    const [g, h] = [new Float64Array(parameters), new Float64Array(parameters)];
    const loss = flat.lossAndGradient(x, g);
    flat.hvp(x, v, h);
    return [loss, ...g, ...h];
  };
}

const open: ThreadedEngine[] = [];

function opened(engine: ThreadedEngine): ThreadedEngine {
  open.push(engine);
  return engine;
}

/** Threads that count the pieces that they are given to run. */
function countingHost(): { readonly host: ThreadHost; pieces(): number } {
  const counts: Int32Array[] = [];
  const start: ThreadHost["start"] = (script, address) => {
    const count = new Int32Array(new SharedArrayBuffer(4));
    counts.push(count);
    const counted = script.replace("const pieces =", "Atomics.add(counted, 0, 1); const pieces =");
    const thread = nodeThreads.start(
      `let counted;\n${counted.replace("handled++;", "$&\n  counted ??= message.counted;")}`,
      address,
    );
    return { ...thread, send: (message) => thread.send({ ...(message as object), counted: count }) };
  };
  return {
    host: { ...nodeThreads, start },
    pieces: () => counts.reduce((sum, count) => sum + Atomics.load(count, 0), 0),
  };
}

afterEach(() => {
  for (const engine of open.splice(0)) engine.close();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("threaded", () => {
  it.each(cases)("has the same bits for any number of threads, and close to those of one: $name", async (each) => {
    const alone = functionsOf(each, opened(threaded({ use: "always", threads: 1 })))();
    const expected = functionsOf(each, webAssembly({ use: "always" }))();
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (const [k, value] of alone.entries()) expect(Math.abs(value - expected[k]!)).toBeLessThan(1e-13 * largest);
    const teams = [2, 3, 4, 5].map((threads) => {
      const { host, pieces } = countingHost();
      return { run: functionsOf(each, opened(threadedWebAssembly({ use: "always", threads }, host))), pieces };
    });
    // workers come in their own time
    for (let rounds = 0; rounds < 1000 && teams.some(({ pieces }) => pieces() < 3); rounds++) {
      for (const { run } of teams) {
        const results = run();
        const other = results.findIndex((value, k) => !Object.is(value, alone[k]));
        expect(other).toBe(-1);
      }
      await sleep(1);
    }
    for (const { pieces } of teams) expect(pieces()).toBeGreaterThanOrEqual(3);
  });

  const small = { ...cases[0]!, parameters: 34 };

  it("gives the same results when its threads have been ended", () => {
    const engine = opened(threaded({ use: "always", threads: 2 }));
    const run = functionsOf(small, engine);
    const before = run();
    engine.close();
    expect(run()).toEqual(before);
  });

  it("says what a worker failed with, and goes on alone", async () => {
    const start: ThreadHost["start"] = (script) =>
      nodeThreads.start(
        script
          .replace("const pieces =", 'if (true) fault = "out of order"; const pieces =')
          .replace("try {", "try { if (fault) throw new Error(fault);")
          .replace("let control", "let fault, control"),
        undefined,
      );
    const run = functionsOf(
      small,
      opened(threadedWebAssembly({ use: "always", threads: 2 }, { ...nodeThreads, start })),
    );
    const alone = functionsOf(small, opened(threaded({ use: "always", threads: 1 })))();
    let failure: unknown;
    for (let rounds = 0; failure === undefined && rounds < 2000; rounds++) {
      try {
        run();
      } catch (error) {
        failure = error;
      }
      await sleep(1);
    }
    expect(String(failure)).toBe(
      "Error: a worker thread failed in its piece of a loop: Error: out of order. Further calls run on the calling thread alone.",
    );
    expect(run()).toEqual(alone);
  });

  it("goes on alone where workers cannot be started, and says so once", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const start: ThreadHost["start"] = () => nodeThreads.start('throw new Error("not today")', undefined);
    const run = functionsOf(
      small,
      opened(threadedWebAssembly({ use: "always", threads: 3 }, { ...nodeThreads, start })),
    );
    const first = run();
    await vi.waitFor(() => expect(warn).toHaveBeenCalled(), 20_000);
    expect(run()).toEqual(first);
    expect(warn.mock.calls).toEqual([
      ["nabla: a worker thread has ended (not today), so that calls run on the calling thread alone."],
    ]);
  });

  it("runs on the calling thread alone without memory that threads share, and says once what it needs", () => {
    const alone = functionsOf(small, opened(threaded({ use: "always", threads: 1 })))();
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    vi.stubGlobal("SharedArrayBuffer", undefined);
    for (let k = 0; k < 2; k++) {
      const engine = opened(threadedInPages({ use: "always", threads: 4 }));
      expect(engine.threads).toBe(1);
      expect(functionsOf(small, engine)()).toEqual(alone);
    }
    expect(warn.mock.calls.length).toBe(1);
    expect(warn.mock.calls[0]![0]).toContain("Cross-Origin-Opener-Policy: same-origin");
  });

  it("leaves calls below a millisecond to WebAssembly on one thread", () => {
    const start = vi.fn(nodeThreads.start);
    const engine = opened(threadedWebAssembly({ threads: 2 }, { ...nodeThreads, start }));
    expect(functionsOf(small, engine)()).toEqual(functionsOf(small, webAssembly())());
    expect(start).not.toHaveBeenCalled();
  });

  it("works with the workers of pages", async () => {
    const workers: Worker[] = [];
    const taken = new Int32Array(new SharedArrayBuffer(4));
    /** A page's worker: no require, messages arrive as events. */
    class PageWorker {
      onerror = null;
      private readonly worker: Promise<Worker>;
      constructor(address: string) {
        this.worker = fetch(address)
          .then((response) => response.text())
          .then((script) => {
            const page = `const { parentPort, workerData } = require("node:worker_threads");
              parentPort.on("message", (data) => globalThis.onmessage({ data }));
              { const require = undefined; ${script.replace("const pieces =", "Atomics.add(workerData, 0, 1); $&")} }`;
            const worker = new Worker(page, { eval: true, workerData: taken });
            worker.unref();
            workers.push(worker);
            return worker;
          });
      }
      postMessage(message: unknown) {
        this.worker.then((worker) => worker.postMessage(message));
      }
      terminate() {
        this.worker.then((worker) => worker.terminate());
      }
    }
    vi.stubGlobal("Worker", PageWorker);
    const alone = functionsOf(small, opened(threaded({ use: "always", threads: 1 })))();
    const run = functionsOf(small, opened(threadedInPages({ use: "always", threads: 2 })));
    for (let rounds = 0; Atomics.load(taken, 0) < 5 && rounds < 2000; rounds++) {
      expect(run()).toEqual(alone);
      await sleep(1);
    }
    expect(workers.length).toBe(1);
    expect(Atomics.load(taken, 0)).toBeGreaterThanOrEqual(5);
  });

  it("lets a process end by itself", async () => {
    const main = `
      import { compileText } from "./language.ts";
      import { threaded } from "./threads-node.ts";
      const engine = threaded({ threads: 2, use: "always" });
      const bound = compileText("param x: [n]\\nloss = sum(exp(x) * sin(x))", { engine }).bind();
      const x = new Float64Array(100_000).fill(0.5);
      for (let k = 0; k < 100; k++) bound.flat.lossAndGradient(x, new Float64Array(100_000));
      console.log("done");`;
    const resolveDir = fileURLToPath(new URL("../../src/", import.meta.url));
    const { outputFiles } = await build({
      stdin: { contents: main, resolveDir, loader: "ts" },
      bundle: true,
      platform: "node",
      format: "esm",
      write: false,
    });
    const input = outputFiles[0]!.text;
    const output = execFileSync(process.execPath, ["--input-type=module"], {
      input,
      encoding: "utf8",
      timeout: 200_000,
    });
    expect(output).toBe("done\n");
  });
});
