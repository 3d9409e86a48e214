import "../../src/vitest.ts";
