import { compileForThreads } from "../../emit/wasm/threads.ts";
import { type Needs, requireOptions } from "../../ir/arguments/arguments.ts";
import type { Engine } from "../functions.ts";
import { sayOnce } from "../notice.ts";
import { type WebAssemblyOptions, webAssemblyNeeds, webAssemblyWith } from "../web-assembly.ts";
import { callerAlone, type ThreadHost, WorkerCrew } from "./worker-crew.ts";

export interface ThreadOptions extends WebAssemblyOptions {
  /** How many threads work on a call, the calling one among them. Default: as many as there are processors. */
  readonly threads?: number;
  /** Where the script of the workers is, for pages whose policy forbids workers from text: a copy of `workerScript`. */
  readonly worker?: string | URL;
}

/** An engine with threads of its own. */
export interface ThreadedEngine extends Engine {
  /** How many threads work on a call, the calling one among them. */
  readonly threads: number;
  /** Ends the threads. Calls that follow give the same results on the calling thread alone. */
  close(): void;
}

/** Operations of a call, from which threads pay: about 1 millisecond on one. */
const fewestForThreads = 2_000_000;

/** Threads beyond this find nothing to do: no loop has more pieces. */
const mostThreads = 32;

const threadNeeds: Needs<ThreadOptions> = {
  ...webAssemblyNeeds,
  threads: {
    what: "a whole number of at least 1",
    accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
  },
  worker: { what: "the address of a script", accepts: (value) => typeof value === "string" || value instanceof URL },
};

/** WebAssembly whose loops are shared among threads where that pays. Throws UsageError for options that are none. */
export function threadedWebAssembly(options: ThreadOptions, host: ThreadHost): ThreadedEngine {
  requireOptions<ThreadOptions>("threaded", options, threadNeeds);
  const { accurate = false, fused = true, threads = host.processors(), worker } = options;
  const members = canShare() ? Math.max(1, Math.min(mostThreads, Math.floor(threads))) : 1;
  const crew = members > 1 ? new WorkerCrew(members, host, worker) : undefined;
  const engine = webAssemblyWith(options, (always, operations) =>
    operations < fewestForThreads
      ? always
      : {
          name: `${always.name}, threads`,
          // pieces are cut out of loops where they stand
          lowering: { ...always.lowering, sharesNests: false },
          ...(always.formOf && { formOf: always.formOf }),
          compile: (program, signature) => ({
            ...compileForThreads(program, signature, crew ?? callerAlone, { accurate, fused }),
            ownsWorkspace: true,
          }),
        },
  );
  return { ...engine, threads: members, close: () => crew?.close() };
}

/** False in a page that is not isolated: a note says so once. */
function canShare(): boolean {
  if (typeof SharedArrayBuffer !== "undefined") return true;
  sayOnce(
    "nabla: threads need memory that they share, which a page has only where it is isolated: serve it with the headers " +
      "Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp. Until then calls run on " +
      "the calling thread alone, with the same results.",
  );
  return false;
}
