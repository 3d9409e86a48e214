import { fileError } from "./files/files.ts";
import { exitCodes } from "./terminal/exit.ts";
import type { Io, Output } from "./terminal/io.ts";

/** The process's own streams. */
export function processIo(): Io {
  return {
    input: process.stdin,
    output: outputOf(process.stdout),
    errors: outputOf(process.stderr),
    environment: process.env,
    folder: process.cwd(),
    interrupted: (until) =>
      new Promise((resolve) => {
        const heard = () => resolve();
        for (const signal of ["SIGINT", "SIGTERM"] as const) {
          process.once(signal, heard);
          until?.addEventListener("abort", () => process.off(signal, heard));
        }
      }),
  };
}

function outputOf(stream: NodeJS.WriteStream): Output {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // the reader has gone (nabla ... | head): nobody is left to tell
    if (error.code === "EPIPE") process.exit(exitCodes.ok);
    if (stream === process.stdout)
      process.stderr.write(`error: ${fileError("write", "standard output", error).message}\n`);
    process.exit(exitCodes.usage);
  });
  return {
    write: (text) =>
      new Promise((resolve) => {
        if (stream.write(text)) resolve();
        else stream.once("drain", resolve);
      }),
    isTerminal: stream.isTTY === true,
    // some terminals say that they have none
    columns: stream.columns || 80,
  };
}
