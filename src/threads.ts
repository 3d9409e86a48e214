/** An engine for calls that take a millisecond or more: WebAssembly on several threads, in pages. */
import { type ThreadedEngine, type ThreadOptions, threadedWebAssembly } from "./compile/threads/threads.ts";
import { webThreads } from "./compile/threads/web.ts";

export type { ThreadedEngine, ThreadOptions } from "./compile/threads/threads.ts";
export { workerScript } from "./emit/wasm/worker-script.ts";

/**
 * WebAssembly on several threads, for calls that take a millisecond or more; others run as `webAssembly` runs them. A loop is
 * cut into pieces by its sizes alone, so that results have the same bits for any number of threads. Without memory that
 * threads share, calls run on the calling thread alone, and a note on the console says why.
 */
export function threaded(options: ThreadOptions = {}): ThreadedEngine {
  return threadedWebAssembly(options, webThreads);
}
