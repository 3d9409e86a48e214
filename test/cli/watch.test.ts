import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { main } from "../../src/cli/run.ts";
import { folderWith } from "./run.ts";

/** Starts a command that goes on, and gives hold of what it prints and of its end. */
function start(words: readonly string[], folder: string) {
  let output = "";
  let errors = "";
  let interrupt = () => {};
  const interrupted = new Promise<void>((resolve) => {
    interrupt = resolve;
  });
  const into = (add: (text: string) => void) => ({
    write: async (text: string) => add(text),
    isTerminal: false,
    columns: 80,
  });
  const code = main(words, {
    input: (async function* () {})(),
    output: into((text) => {
      output += text;
    }),
    errors: into((text) => {
      errors += text;
    }),
    environment: {},
    folder,
    interrupted: () => interrupted,
  });
  return { code, output: () => output, errors: () => errors, interrupt: () => interrupt() };
}

async function until(holds: () => boolean): Promise<void> {
  for (let k = 0; k < 2400 && !holds(); k++) await new Promise((resolve) => setTimeout(resolve, 25));
  expect(holds()).toBe(true);
}

describe("--watch", () => {
  it("runs again at each change, goes on after errors, and ends when interrupted", async () => {
    const folder = folderWith({ "model.nabla": "param x\nloss = x^2\n" });
    const running = start(["check", "model.nabla", "--runs", "2", "--watch"], folder);
    const passes = () => running.output().split("derivatives are correct").length - 1;
    await until(() => passes() === 1);
    writeFileSync(join(folder, "model.nabla"), "param x\nloss = x^3 + y\n");
    await until(() => running.errors().includes('unknown name "y"'));
    writeFileSync(join(folder, "other.nabla"), "param x\n");
    writeFileSync(join(folder, "model.nabla"), "param x\nloss = x^3\n");
    await until(() => passes() === 2);
    running.interrupt();
    expect(await running.code).toBe(0);
    // two changes of the model, none of the other file
    expect(running.errors().match(/^changed$/gm)).toHaveLength(2);
  }, 120_000);

  it("writes the compiled file anew", async () => {
    const folder = folderWith({ "model.nabla": "param x\nloss = x^2\n" });
    const running = start(["compile", "model.nabla", "-o", "model.ts", "--unchecked", "--watch"], folder);
    const writes = () => running.output().split("wrote model.ts").length - 1;
    await until(() => writes() === 1);
    writeFileSync(join(folder, "model.nabla"), "param x\nloss = x^4\n");
    await until(() => writes() === 2);
    running.interrupt();
    expect(await running.code).toBe(0);
  }, 120_000);

  it("follows a link, and a folder that is made anew", async () => {
    const folder = folderWith({});
    const save = (text: string) => {
      mkdirSync(join(folder, "real"), { recursive: true });
      writeFileSync(join(folder, "real/draft"), text);
      renameSync(join(folder, "real/draft"), join(folder, "real/model.nabla"));
    };
    symlinkSync("real/model.nabla", join(folder, "link.nabla"));
    const running = start(["check", "link.nabla", "--runs", "2", "--watch"], folder);
    const passes = () => running.output().split("derivatives are correct").length - 1;
    await until(() => running.errors().includes("cannot read link.nabla: no such file."));
    save("param x\nloss = x^2\n");
    await until(() => passes() === 1);
    save("param x\nloss = x^3\n");
    await until(() => passes() === 2);
    rmSync(join(folder, "real"), { recursive: true });
    await until(() => running.errors().split("no such file").length === 3);
    save("param x\nloss = x^4\n");
    await until(() => passes() === 3);
    rmSync(join(folder, "link.nabla"));
    symlinkSync("link.nabla", join(folder, "link.nabla"));
    await until(() => running.errors().includes("cannot read link.nabla: ELOOP"));
    running.interrupt();
    expect(await running.code).toBe(2);
  }, 120_000);
});
