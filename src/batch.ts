// nabla/batch: compiled functions for many points or many directions at once, and functions of models mapped over an axis.
export { vmap } from "./build/api/vmap.ts";
export { type BatchFunctions, batch, type HessianProducts, hvps } from "./compile/batch.ts";
