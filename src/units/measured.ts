import { gradient, hvp } from "../autodiff/derivatives.ts";
import type { Expr } from "../ir/graph.ts";
import { inferUnits, type StatedUnits } from "./infer.ts";
import type { Unit } from "./unit.ts";

/** The graphs of a model that states units, with the places where it does. */
export interface MeasuredModel {
  readonly stated: StatedUnits;
  readonly loss: Expr | undefined;
  readonly outputs: ReadonlyMap<string, Expr>;
}

/** Units by name, as people write them; "any" for a value that is zero throughout. */
export interface ModelUnits {
  readonly leaves: ReadonlyMap<string, string>;
  readonly loss: string | undefined;
  readonly outputs: ReadonlyMap<string, string>;
  /** Loss per parameter: the unit of a covector. */
  readonly gradient: ReadonlyMap<string, string>;
  /** What the Hessian makes of a direction in the units of the parameters: loss per parameter again. */
  readonly hvp: ReadonlyMap<string, string>;
}

/**
 * The units of everything a model computes, its gradient and Hessian-vector product included: their graphs are inferred
 * by the same equations as the loss. What no equation settles reads ?1, ?2, ... `leaves`: the model's leaves by name.
 */
export function unitsOfGraphs(
  { stated, loss, outputs }: MeasuredModel,
  leaves: ReadonlyMap<string, Expr>,
  parameters: readonly string[],
): ModelUnits {
  const wrt = loss ? parameters.map((name) => leaves.get(name)!) : [];
  const slopes = loss ? gradient(loss, wrt) : [];
  const directions = wrt.map((x) => x.graph.variable(x.shape));
  const products = loss ? hvp(loss, wrt, directions) : [];
  const directionUnits = new Map(
    wrt.flatMap((x, k) => {
      const unit = stated.leaves.get(x);
      return unit ? [[directions[k]!, unit] as const] : [];
    }),
  );
  const inferred = inferUnits(
    [...leaves.values(), ...(loss ? [loss] : []), ...outputs.values(), ...slopes, ...products],
    {
      ...stated,
      leaves: new Map([...stated.leaves, ...directionUnits]),
    },
  );
  const text = (node: Expr): string => textOf(inferred.unitOf(node));
  const byName = (nodes: readonly Expr[]) =>
    new Map(parameters.slice(0, nodes.length).map((name, k) => [name, text(nodes[k]!)]));
  return {
    leaves: new Map([...leaves].map(([name, leaf]) => [name, text(leaf)])),
    loss: loss && text(loss),
    outputs: new Map([...outputs].map(([name, node]) => [name, text(node)])),
    gradient: byName(slopes),
    hvp: byName(products),
  };
}

function textOf(unit: Unit | undefined): string {
  return unit?.text ?? "any";
}
