/** An engine for calls that take a millisecond or more: WebAssembly on several threads, in Node. */
import { nodeThreads } from "./compile/threads/node.ts";
import { type ThreadedEngine, type ThreadOptions, threadedWebAssembly } from "./compile/threads/threads.ts";

export type { ThreadedEngine, ThreadOptions } from "./compile/threads/threads.ts";
export { workerScript } from "./emit/wasm/worker-script.ts";

/** As in pages, with Node's worker threads: see src/threads.ts. */
export function threaded(options: ThreadOptions = {}): ThreadedEngine {
  return threadedWebAssembly(options, nodeThreads);
}
