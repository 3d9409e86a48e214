import { exitCodes } from "./exit.ts";
import type { Io, Output } from "./io.ts";

/** The process's own streams. A reader that goes away (EPIPE) ends the process quietly. */
export function processIo(): Io {
  const interrupt = new AbortController();
  process.once("SIGINT", () => {
    interrupt.abort();
    // a second one means it
    process.once("SIGINT", () => process.exit(130));
    if (!isWaiting()) process.exit(130);
  });
  return {
    input: process.stdin,
    output: outputOf(process.stdout),
    errors: outputOf(process.stderr),
    environment: process.env,
    folder: process.cwd(),
    interrupt: interrupt.signal,
  };
  // only --watch listens for the signal
  function isWaiting(): boolean {
    return listeners(interrupt.signal) > 0;
  }
}
