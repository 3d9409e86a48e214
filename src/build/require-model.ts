import { requireThat } from "../ir/arguments/arguments.ts";

/** Throws UsageError for what is no model. Looks at its form: it may come from another copy of these modules. */
export function requireModel(what: string, model: unknown): void {
  const { graph, parameters } = (model ?? {}) as { readonly graph?: unknown; readonly parameters?: unknown };
  const isModel = typeof graph === "object" && graph !== null && Array.isArray(parameters);
  requireThat(isModel, what, "a model, as model(...) and loadModel(...) give it", model);
}
