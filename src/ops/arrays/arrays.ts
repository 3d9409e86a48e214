import { type Guard, iterators } from "../../ir/contraction.ts";
import { ShapeError, UsageError } from "../../ir/errors.ts";
import { type Expr, type Shape, sameShape, showShape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { add } from "../elementary/algebra.ts";
import { or } from "../elementary/comparison.ts";
import { inGroups } from "../groups.ts";
import { isMap } from "../maps.ts";
import { axes, contract, view } from "./contractions.ts";

// Arrays taken apart and put together: every one is a view, or a sum of views that do not overlap.

/** The index of an axis moved: each other axis stays. */
function along(rank: number, axis: number, index: (i: Integer) => Integer): Integer[] {
  return axes(rank).map((i, at) => (at === axis ? index(i) : i));
}

const withSize = (shape: Shape, axis: number, size: Integer) => shape.map((old, at) => (at === axis ? size : old));

/** Elements from, from + 1, ... to - 1 along an axis. */
export function slice(x: Expr, axis: number, from: Integer, to: Integer): Expr {
  return view(
    x,
    withSize(x.shape, axis, to.minus(from)),
    along(x.shape.length, axis, (i) => i.plus(from)),
  );
}

/** The elements of an axis in the opposite order. */
export function reverse(x: Expr, axis: number): Expr {
  const last = x.shape[axis]!.minus(1);
  return view(
    x,
    x.shape,
    along(x.shape.length, axis, (i) => last.minus(i)),
  );
}

/** Elements before and after those of an axis. */
export interface Width {
  readonly before: Integer;
  readonly after: Integer;
}

/** x with zeros around it, one width per axis. */
export function pad(x: Expr, widths: readonly Width[]): Expr {
  return view(
    x,
    x.shape.map((size, axis) => size.plus(widths[axis]!.before).plus(widths[axis]!.after)),
    axes(x.shape.length).map((i, axis) => i.minus(widths[axis]!.before)),
  );
}

/** Views that do not overlap, as one array; bools are joined by "or". */
export function join(parts: readonly Expr[]): Expr {
  if (parts.length < 2) return parts[0]!;
  return parts[0]!.dtype === "bool"
    ? parts.reduce((all, part) => or(all, part))
    : inGroups(parts, (group) => add(...group));
}

/** The arrays one after the other along an axis: [m, k] and [n, k] -> [m + n, k]. Throws ShapeError where other axes differ. */
export function concat(parts: readonly Expr[], axis: number): Expr {
  const first = requireParts("concat", parts);
  if (axis >= first.shape.length) throw new ShapeError("concat needs arrays, got a scalar.", { shapes: ["[]"] });
  const total = Integer.sum(parts.map((part) => part.shape[axis] ?? Integer.zero));
  const shape = withSize(first.shape, axis, total);
  let offset: Integer = Integer.zero;
  const placed = parts.map((part) => {
    if (part.shape.length !== shape.length || !sameShape(withSize(part.shape, axis, total), shape)) {
      const shapes = parts.map((each) => showShape(each.shape));
      throw new ShapeError(`concat needs shapes that agree outside axis ${axis}, got ${shapes.join(" and ")}.`, {
        shapes,
      });
    }
    const start = offset;
    offset = offset.plus(part.shape[axis]!);
    return view(
      part,
      shape,
      along(shape.length, axis, (i) => i.minus(start)),
    );
  });
  return join(placed);
}

/** Arrays of one shape along a new axis, by default the first: k of [m, n] -> [k, m, n]. Throws ShapeError. */
export function stack(parts: readonly Expr[], axis = 0): Expr {
  const first = requireParts("stack", parts);
  const placed = parts.map((part, k) => {
    if (!sameShape(part.shape, first.shape)) {
      const shapes = parts.map((each) => showShape(each.shape));
      throw new ShapeError(
        `arrays that become one with a new axis need one shape, got ${shapes.slice(0, 8).join(" and ")}.`,
        { shapes },
      );
    }
    return layer(part, axis, k, parts.length);
  });
  return join(placed);
}

/** An array at position k of a new axis of size `count`, and zeros elsewhere. */
function layer(part: Expr, axis: number, k: number, count: number): Expr {
  const shape = [...part.shape.slice(0, axis), Integer.constant(count), ...part.shape.slice(axis)];
  const index = axes(part.shape.length).map((i, at) => (at < axis ? i : iterators(at + 1)));
  const guards: Guard[] = count === 1 ? [] : [{ index: iterators(axis).minus(k), extent: Integer.one }];
  return view(part, shape, index, guards);
}

/** The arrays that were stacked along the axis, where x was made so. */
export function partsOf(x: Expr, axis: number): Expr[] | undefined {
  const { graph, operands } = x;
  if (!isMap(x, add)) return undefined;
  const parts: Expr[] = [];
  for (const operand of operands) {
    const guards = graph.isView(operand.id) ? graph.contractionOf(operand.id).guards : [];
    const k = guards.map(({ index }) => index.unitIterator()?.offset.value ?? Number.NaN).find((offset) => offset <= 0);
    const part = operand.operands[0];
    if (k === undefined || !part || layer(part, axis, -k, operands.length) !== operand) return undefined;
    parts[-k] = part;
  }
  return parts.length === operands.length ? parts : undefined;
}

function requireParts(name: string, parts: readonly Expr[]): Expr {
  const first = parts[0];
  if (!first) throw new UsageError(`${name} needs at least one array.`);
  return first;
}

/** Row-major position of an index. */
function position(index: readonly Integer[], shape: Shape): Integer {
  return index.reduce((at, i, axis) => at.times(shape[axis]!).plus(i), Integer.zero);
}

/** The elements in row-major order under another shape of as many elements. Axes that agree at both ends stay as they are. */
export function reshape(x: Expr, shape: Shape): Expr {
  const [head, tail] = agreement(x.shape, shape);
  const middle = x.shape.slice(head, x.shape.length - tail);
  if (middle.length === 0 && shape.length === head + tail) return x;
  const count = Integer.product(middle);
  const flatShape = [...x.shape.slice(0, head), count, ...x.shape.slice(x.shape.length - tail)];
  const all = axes(x.shape.length);
  const flat =
    middle.length === 1
      ? x
      : contract({
          extents: x.shape,
          output: [
            ...all.slice(0, head),
            position(all.slice(head, x.shape.length - tail), middle),
            ...all.slice(x.shape.length - tail),
          ],
          shape: flatShape,
          factors: [{ of: x, index: all }],
        });
  const wanted = shape.slice(head, shape.length - tail);
  if (wanted.length === 1 && wanted[0]!.equals(count)) return flat;
  const target = axes(shape.length);
  return view(flat, shape, [
    ...target.slice(0, head),
    position(target.slice(head, shape.length - tail), wanted),
    ...target.slice(shape.length - tail),
  ]);
}

/** How many axes two shapes share at the front, and how many of the others at the back. */
function agreement(a: Shape, b: Shape): [head: number, tail: number] {
  const most = Math.min(a.length, b.length);
  let head = 0;
  while (head < most && a[head]!.equals(b[head]!)) head++;
  let tail = 0;
  while (tail < most - head && a[a.length - 1 - tail]!.equals(b[b.length - 1 - tail]!)) tail++;
  return [head, tail];
}
