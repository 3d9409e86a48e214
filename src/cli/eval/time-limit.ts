import { createContext, Script } from "node:vm";
import { counted } from "../../ir/counted.ts";
import { LimitError } from "../../ir/errors.ts";

/** Runs what computes, for so many seconds at most. */
export type Limited = <T>(run: () => T) => T;

const timedOut = "ERR_SCRIPT_EXECUTION_TIMEOUT";

/**
 * What ends a computation that goes on for longer than `seconds`, whatever it is at: reading, compiling or computing. Nothing
 * that it was at can be trusted afterwards, since no `finally` runs. The time is that of the clock. 0: no limit. What it
 * ends throws LimitError.
 */
export function timeLimit(seconds: number): Limited {
  if (seconds === 0) return (run) => run();
  const context = createContext({ run: undefined }) as { run: (() => unknown) | undefined };
  const script = new Script("run()");
  return <T>(run: () => T): T => {
    context.run = run;
    try {
      return script.runInContext(context, { timeout: Math.max(1, Math.round(1000 * seconds)) }) as T;
    } catch (error) {
      if ((error as NodeJS.ErrnoException | undefined)?.code !== timedOut) throw error;
      throw new LimitError(`this takes longer than ${counted(seconds, "second")}, the limit of time.`, {
        notes: ["--time-limit SECONDS sets another limit, --time-limit 0 none."],
      });
    } finally {
      context.run = undefined;
    }
  };
}
