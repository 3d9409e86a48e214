import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { ThreadHost } from "./worker-crew.ts";

/** Node's worker threads. They do not keep the process alive. */
export const nodeThreads: ThreadHost = {
  processors: availableParallelism,
  start: (script, address) => {
    const worker = new Worker(address ?? script, { eval: address === undefined, execArgv: [], name: "nabla" });
    worker.unref();
    return {
      send: (message) => worker.postMessage(message),
      onEnd: (report) => {
        worker.on("error", (error) => report(error.message));
        worker.on("exit", (code) => report(`exit code ${code}`));
      },
      end: () => void worker.terminate(),
    };
  },
};
