import type { Command } from "./command.ts";

/** A command by its name, and how it is loaded: only what runs is. */
export interface Listed {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** Every command, in the order of help. */
export const commands: readonly Listed[] = [
  {
    name: "compile",
    summary: "write a model's functions as one TypeScript module without imports",
    load: async () => (await import("./compile/command.ts")).compileCommand,
  },
  {
    name: "eval",
    summary: "evaluate loss, gradient, Hessian-vector product, Hessian and outputs at a point",
    load: async () => (await import("./eval/command.ts")).evalCommand,
  },
  {
    name: "check",
    summary: "are the derivatives right? gradient, Hessian-vector product and generated code against independent ways",
    load: async () => (await import("./check/command.ts")).checkCommand,
  },
  {
    name: "fit",
    summary: "minimise the loss over the parameters, on data from CSV, JSON or .npy files",
    load: async () => (await import("./fit/command.ts")).fitCommand,
  },
  {
    name: "predict",
    summary: "evaluate a fitted model's outputs on new data",
    load: async () => (await import("./predict/command.ts")).predictCommand,
  },
  {
    name: "explain",
    summary: "step through the rewrites of a compile, forwards and backwards",
    load: async () => (await import("./explain/command.ts")).explainCommand,
  },
  {
    name: "graph",
    summary: "draw the graph of loss, gradient, Hessian-vector product or an output",
    load: async () => (await import("./graph/command.ts")).graphCommand,
  },
  {
    name: "format",
    summary: "lay models out in their one canonical form",
    load: async () => (await import("./format/command.ts")).formatCommand,
  },
  {
    name: "demo",
    summary: "the main job on real data: two regressions compiled, checked, fitted, reported and timed",
    load: async () => (await import("./demo/command.ts")).demoCommand,
  },
];
