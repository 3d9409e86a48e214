import { type ModelUnits, unitsOfGraphs } from "../units/measured.ts";
import type { ElaboratedModel } from "./model.ts";
import { requireModel } from "./require-model.ts";

/** The units of a model's leaves, loss, outputs, gradient and Hessian-vector product; undefined where it states none. */
export function unitsOf(model: ElaboratedModel): ModelUnits | undefined {
  requireModel("unitsOf", model);
  if (!model.measured) return undefined;
  const leaves = new Map([...model.parameters, ...model.data].map(({ name, expr }) => [name, expr]));
  return unitsOfGraphs(
    model.measured,
    leaves,
    model.parameters.map(({ name }) => name),
  );
}
