import type { ElaboratedModel } from "../../../build/model.ts";
import { unravel } from "../../../compile/inputs/tensors.ts";
import { evaluateShape } from "../../../interpreter/interpret.ts";
import { Integer } from "../../../ir/integer.ts";
import type { Filled } from "../../data/read.ts";
import type { Problem } from "./problem.ts";

/**
 * What each entry of the packed vector is for people: its name in the model, and what the data call its place: for
 * `w: [d]` beside `X: [n, d]` the column, for `b: [k]` beside labels within 0..k the class.
 */
export function coordinateLabels({ model, bound, names }: Problem, filled: readonly Filled[]): string[] {
  const places = placesBySize(model, filled);
  if (places.size === 0) return [...names];
  const sizes = new Map(Object.entries(bound.sizes));
  const labels = [...names];
  for (const { name, start, length } of bound.layout()) {
    const { shape } = model.parameters.find((parameter) => parameter.name === name)!.expr;
    const extents = evaluateShape(shape, sizes);
    const byAxis = shape.map((size) => [...places].find(([place]) => Integer.named(place).equals(size))?.[1]);
    for (let k = 0; k < length; k++) {
      const index = unravel(k, extents);
      const texts = byAxis.flatMap((known, axis) => known?.[index[axis]!] ?? []);
      if (texts.length > 0) labels[start + k] = `${names[start + k]} ${texts.join(", ")}`;
    }
  }
  return labels;
}

/** The names that data give to the places along an axis, by the size of the axis. */
function placesBySize({ data }: ElaboratedModel, filled: readonly Filled[]): Map<string, readonly string[]> {
  const places = new Map<string, readonly string[]>();
  for (const { name, shape, encoding } of filled) {
    const { expr, within } = data.find((each) => each.name === name)!;
    const [size] = expr.shape[1]?.names() ?? [];
    if (shape.length === 2 && encoding.columns && size !== undefined) places.set(size, encoding.columns);
    const [classes] = within?.high.names() ?? [];
    if (!encoding.labels || classes === undefined) continue;
    const ordered = Object.entries(encoding.labels).sort(([, a], [, b]) => a - b);
    if (ordered.every(([, code], k) => code === k))
      places.set(
        classes,
        ordered.map(([label]) => label),
      );
  }
  return places;
}
