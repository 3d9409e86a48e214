import { vi } from "vitest";

// what a file leaves behind, half of it old modules and half new ones, would reach the files after it in the same context
vi.resetModules = () => {
  throw new Error("modules are shared with other test files here: move this file to a folder with contexts of its own");
};
