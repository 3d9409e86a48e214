import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { bundle, folderWith, spawned } from "./run.ts";

let file = "";
beforeAll(() => {
  file = bundle();
}, 60_000);

const request = (id: number) =>
  JSON.stringify({ id, model: "param x: [n]\nloss = sum(x^2)", inputs: { x: Array.from({ length: 1000 }, () => id) } });

describe("the process", () => {
  it("answers lines and exits with 0", async () => {
    const lines = Array.from({ length: 300 }, (_, id) => request(id));
    const { code, output, errors } = await spawned(file, ["eval", "--batch"], { input: lines.join("\n") });
    expect([code, errors]).toEqual([0, ""]);
    const ids = output
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { id: number }).id);
    expect(ids).toEqual(lines.map((_, id) => id));
  }, 60_000);

  it("ends quietly when its reader goes away", async () => {
    const lines = Array.from({ length: 3000 }, (_, id) => request(id));
    const ended = await spawned(file, ["eval", "--batch"], { input: lines.join("\n"), closeAfter: 10 });
    expect(ended).toMatchObject({ code: 0, signal: null, errors: "" });
  }, 60_000);

  it.each([
    [["--version"], 0],
    [["eval", "missing.nabla"], 2],
    [["nothing"], 2],
    [["format", "-"], 1],
  ])("exits after %s with %i", async (words, code) => {
    expect((await spawned(file, words, { input: "parm x" })).code).toBe(code);
  });

  // only some systems have a disk that is always full
  it.runIf(existsSync("/dev/full"))(
    "says that a disk is full, and reads no device that it writes to",
    async () => {
      const folder = folderWith({ m: "param x\nloss = x^2" });
      const lines = Array.from({ length: 3 }, (_, id) => request(id)).join("\n");
      const redirected = spawnSync("sh", ["-c", `"${process.execPath}" "${file}" eval --batch > /dev/full`], {
        input: lines,
      });
      expect(String(redirected.stderr)).toBe("error: cannot write standard output: no space left.\n");
      expect(redirected.status).toBe(2);
      const { code, errors } = await spawned(file, ["compile", `${folder}/m`, "--unchecked", "-o", "/dev/full"], {
        input: "",
      });
      expect(errors).toContain("cannot write /dev/full: no space left.");
      expect(code).toBe(2);
    },
    60_000,
  );

  it("watches until interrupted, which ends a run that is under way", async () => {
    const folder = folderWith({ "m.nabla": "loss = x\n" });
    const words = ["check", `${folder}/m.nabla`, "--watch", "--runs", "10000000", "--seconds", "60"];
    const child = spawn(process.execPath, [file, ...words], { stdio: ["ignore", "ignore", "pipe"] });
    const steps: Readonly<Record<string, () => unknown>> = {
      "unknown name": () => writeFileSync(`${folder}/m.nabla`, "param x\nloss = x^4\n"),
      // what begins now would go on for a minute
      changed: () => child.kill("SIGINT"),
    };
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      for (const [said, step] of Object.entries(steps)) if (text.includes(said)) step();
    });
    expect(await once(child, "exit")).toEqual([null, "SIGINT"]);
  }, 60_000);

  it.each(["SIGINT", "SIGTERM"] as const)(
    "ends a fit at %s with what it has found",
    async (sent) => {
      const folder = folderWith({ "m.nabla": "param x: [9] = 3\nloss = sum((x^2 - 1)^2)" });
      const words = ["fit", `${folder}/m.nabla`, "-m", "sgd", "--option", "rate=1e-9", "--iterations", "1000000000"];
      const target = `${folder}/m.fit.json`;
      const { code, signal } = await spawned(file, [...words, "-o", target], { interruptAt: "method", signal: sent });
      expect([code, signal]).toEqual([4, null]);
      const fit = JSON.parse(readFileSync(target, "utf8")) as { status: object; loss: number };
      expect(fit.status).toMatchObject({ kind: "aborted", reason: "interrupted" });
      expect(fit.loss).toBeLessThanOrEqual(576);
    },
    60_000,
  );

  it("runs where code from strings is forbidden, and says so once", async () => {
    const flags = ["--disallow-code-generation-from-strings"];
    const engines = ["js", "interpreter", "complex", "dual"];
    const input = engines
      .map((engine) => JSON.stringify({ model: "param x\nloss = x^3", inputs: { x: 2 }, direction: { x: 1 }, engine }))
      .join("\n");
    const { code, output, errors } = await spawned(file, ["eval", "--batch"], { input, flags });
    expect(code).toBe(0);
    expect(
      output
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(engines.map(() => ({ id: null, loss: 8, gradient: { x: 12 }, hvp: { x: 12 } })));
    expect(errors.match(/forbidden/g)).toHaveLength(1);
  }, 60_000);

  it("never runs what a user wrote as text", async () => {
    const names = ["process.exit(9)", "*/ process.exit(9) /*", "`$" + "{process.exit(9)}`", "'); process.exit(9); ('"];
    const models = names.map((text) => `model m\n# ${text}\nparam x # ${text}\nloss = x^2`);
    const input = [...models, ...names]
      .map((model) => JSON.stringify({ id: model, model, inputs: { x: 1, [model]: 1 } }))
      .join("\n");
    const { code, output } = await spawned(file, ["eval", "--batch"], { input });
    expect(code).toBe(0);
    expect(output.trimEnd().split("\n")).toHaveLength(models.length + names.length);
  }, 60_000);
});
