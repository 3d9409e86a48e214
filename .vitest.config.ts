import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/setup/grammar.ts"],
    setupFiles: ["test/setup/seed.ts"],
    // one core is left to others, but of two none: the second would idle for a third of an hour
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // machines differ; laws about time have limits of their own
    testTimeout: 60_000,
  },
});
