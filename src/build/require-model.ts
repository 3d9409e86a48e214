import { requireThat } from "../ir/arguments.ts";
import { Graph } from "../ir/graph.ts";

/** Throws UsageError for what is no model. */
export function requireModel(what: string, model: unknown): void {
  const isModel = (model as { readonly graph?: unknown } | null | undefined)?.graph instanceof Graph;
  requireThat(isModel, what, "a model, as model(...) and loadModel(...) give it", model);
}
