import type { ThreadHost } from "./worker-crew.ts";

/** What is used of a page's interface: typed here, because not every environment's types have it. */
interface Page {
  readonly Worker: new (
    address: string | URL,
  ) => {
    postMessage(message: unknown): void;
    terminate(): void;
    onerror: ((event: { readonly message?: string; preventDefault(): void }) => void) | null;
  };
  readonly Blob: new (parts: readonly string[], options: { readonly type: string }) => object;
  readonly URL: { createObjectURL(blob: object): string };
  readonly navigator?: { readonly hardwareConcurrency?: number };
}

const page = () => globalThis as unknown as Page;

/** The workers of pages, from a script's text as an address of its own, or from an address that the page gives. */
export const webThreads: ThreadHost = {
  processors: () => page().navigator?.hardwareConcurrency ?? 1,
  start: (script, address) => {
    const { Worker, Blob, URL } = page();
    const worker = new Worker(address ?? URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
    return {
      send: (message) => worker.postMessage(message),
      onEnd: (report) => {
        worker.onerror = (event) => {
          event.preventDefault();
          report(event.message ?? "its script could not be loaded");
        };
      },
      end: () => worker.terminate(),
    };
  },
};
