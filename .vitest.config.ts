import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/setup/grammar.ts"],
    setupFiles: ["test/setup/seed.ts"],
    // machines differ; laws about time have limits of their own
    testTimeout: 60_000,
  },
});
