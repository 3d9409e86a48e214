import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** Folders whose files share one context a worker: they only compute, and loading all modules anew for each would take longer than many of them. No file here loads modules anew. */
const together = [
  "attack",
  "autodiff",
  "build",
  "cases",
  "lower",
  "model",
  "numeric",
  "ops",
  "optimize",
  "rewrite",
].map((folder) => `test/${folder}/**/*.test.ts`);

export default defineConfig(({ mode }) => ({
  test: {
    globalSetup: ["test/setup/grammar.ts"],
    setupFiles: ["test/setup/seed.ts"],
    // one core is left to others, but of two none: the second would idle for a third of an hour
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // machines differ; laws about time have limits of their own
    testTimeout: 60_000,
    restoreMocks: true,
    unstubGlobals: true,
    projects: [
      {
        extends: true,
        mode,
        test: { name: "apart", include: ["test/**/*.test.ts"], exclude: [...together, "**/node_modules/**"] },
      },
      {
        extends: true,
        mode,
        test: { name: "together", include: together, isolate: false, setupFiles: ["test/setup/one-context.ts"] },
      },
    ],
  },
}));
