import { nearestName, UsageError } from "../ir/errors.ts";
import { helpHint, quoted, readArguments } from "./arguments.ts";
import { commands, type Listed } from "./commands.ts";
import { version } from "./package.ts";
import { type ExitCode, exitCodes } from "./terminal/exit.ts";
import { reportFailure } from "./terminal/failure.ts";
import { commandHelp, programHelp } from "./terminal/help.ts";
import type { Io } from "./terminal/io.ts";
import { Progress } from "./terminal/progress.ts";
import { type Style, styleFor } from "./terminal/style.ts";

/** The command line: runs the command that the words name, prints errors, returns the exit code. */
export async function main(words: readonly string[], io: Io): Promise<ExitCode> {
  const progress = new Progress(io);
  try {
    return await dispatch(words, io, progress);
  } catch (error) {
    await progress.done();
    return reportFailure(error, { io, isJson: words.includes("--json") });
  } finally {
    await progress.done();
  }
}

async function dispatch(words: readonly string[], io: Io, progress: Progress): Promise<ExitCode> {
  const [first, ...rest] = words;
  const style = styleFor(io.output, io.environment);
  const isHelp = (word: string | undefined) => word === "--help" || word === "-h" || word === "help";
  if (first === undefined || isHelp(first)) {
    const [topic, ...more] = rest.filter((word) => !isHelp(word));
    if (first !== undefined) requireNoMore(topic === undefined ? first : `${first} ${topic}`, more);
    await io.output.write(topic === undefined ? programHelp(commands, style) : await helpOf(topic, style));
    return first === undefined ? exitCodes.usage : exitCodes.ok;
  }
  if (first === "--version" || first === "-V") {
    requireNoMore(first, rest);
    await io.output.write(`${version()}\n`);
    return exitCodes.ok;
  }
  const command = await commandNamed(first).load();
  const { options, operands, wantsHelp } = readArguments(rest, first, command);
  if (wantsHelp) {
    await io.output.write(await helpOf(first, style));
    return exitCodes.ok;
  }
  return command.run({ io, style, progress, options, operands });
}

function requireNoMore(first: string, words: readonly string[]): void {
  if (words.length === 0) return;
  throw new UsageError(`nabla ${first} needs no more words, got ${quoted(words)}.`, { notes: [helpHint("")] });
}

async function helpOf(name: string, style: Style): Promise<string> {
  const listed = commandNamed(name);
  return commandHelp(listed, await listed.load(), style);
}

function commandNamed(name: string): Listed {
  const found = commands.find((command) => command.name === name);
  if (found) return found;
  const names = commands.map((command) => command.name);
  const guess = nearestName(name, names);
  throw new UsageError(`there is no command "${name}": nabla has ${names.join(", ")}.`, {
    notes: [...(guess ? [`Did you mean "nabla ${guess}"?`] : []), helpHint("")],
  });
}
