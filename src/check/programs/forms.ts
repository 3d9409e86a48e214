import { iterators } from "../../ir/contraction.ts";
import type { Expr } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { concat, pad, reshape, reverse, slice, stack } from "../../ops/arrays/arrays.ts";
import {
  axes,
  broadcast,
  contract,
  dot,
  maximum,
  minimum,
  product,
  sum,
  transpose,
  view,
} from "../../ops/arrays/contractions.ts";
import { type Bounded, held } from "./boxes.ts";
import { isVector, vectorIdioms } from "./idioms.ts";
import { d, type Kind, kindOf, magnitude, mostElements, mostRows, n, within } from "./kinds.ts";

const [i, j, k] = [iterators(0), iterators(1), iterators(2)];

// What the instructions of a random program do to tensors.

type Reading = (x: Expr) => Expr;

/** A position that data tell for another one. */
const picked = (position: Integer) => Integer.lookup(0, [position]);
const pickOf = ({ graph }: Expr) => graph.data("pick", [n], "int");
const pickedRows = (x: Expr) => view(x, [n, d], [picked(i), j], [], [pickOf(x)]);

/** Elements of one value in other places; 0 where none is. */
const readings: Readonly<Record<Kind, readonly Reading[]>> = {
  scalar: [(x) => broadcast(x, [n]), (x) => broadcast(x, [d]), (x) => broadcast(x, [n, d])],
  rows: [
    (x) => broadcast(x, [n, d], [0]),
    (x) => reverse(x, 0),
    (x) => view(x, [n], [i.plus(1)]),
    (x) => slice(pad(x, [{ before: Integer.one, after: Integer.one }]), 0, Integer.zero, n),
    (x) => view(x, [n], [i.scaled(2)]),
    (x) => view(x, [], [Integer.zero]),
    (x) => view(x, [n], [picked(i)], [], [pickOf(x)]),
    (x) => view(x, [n], [picked(picked(i))], [], [pickOf(x)]),
    (x) => slice(concat([x, reverse(x, 0)], 0), 0, Integer.one, n.plus(1)),
  ],
  columns: [(x) => broadcast(x, [n, d], [1]), (x) => view(x, [d], [i.minus(1)])],
  matrix: [
    (x) => view(x, [n], [i, Integer.zero]),
    (x) => view(x, [d], [Integer.zero, i]),
    (x) => view(x, [n, d], [i.minus(1), j.plus(1)]),
    (x) => transpose(reshape(x, [d, n]), [1, 0]),
    pickedRows,
    (x) => view(pickedRows(x), [n, d], [i.plus(1), j.plus(1)]),
    (x) => view(stack([x, transpose(transpose(x, [1, 0]), [1, 0])]), [n, d], [Integer.one, i, j]),
  ],
};

/** Sums of elements of one value. */
const sums: Readonly<Record<Kind, readonly Reading[]>> = {
  scalar: [(x) => contract({ extents: [n], output: [], shape: [], factors: [{ of: x, index: [] }] })],
  rows: [
    (x) => sum(x),
    // running sums, forwards and backwards
    (x) => triangle(x, i.minus(j)),
    (x) => triangle(x, j.minus(i).minus(1)),
    // several elements into one place
    (x) =>
      contract({
        extents: [n],
        output: [picked(i)],
        shape: [n],
        factors: [{ of: x, index: [i] }],
        lookups: [pickOf(x)],
      }),
    // windows of width two, at every other place
    (x) =>
      contract({
        extents: [n, Integer.constant(2)],
        output: [i],
        shape: [n],
        factors: [{ of: x, index: [i.scaled(2).plus(j).minus(1)] }],
      }),
  ],
  columns: [(x) => sum(x), (x) => triangleOf(x, d, i.minus(j))],
  matrix: [
    (x) => sum(x),
    (x) => sum(x, [0]),
    (x) => sum(x, [1]),
    (x) =>
      contract({
        extents: [n, d],
        output: [i],
        shape: [n],
        factors: [{ of: x, index: [i, j] }],
        guards: [{ index: i.minus(j), extent: Integer.one }],
      }),
  ],
};

const triangleOf = (x: Expr, size: Integer, gap: Integer) =>
  contract({
    extents: [size, size],
    output: [i],
    shape: [size],
    factors: [{ of: x, index: [j] }],
    guards: [{ index: gap, extent: undefined }],
  });
const triangle = (x: Expr, gap: Integer) => triangleOf(x, n, gap);

/** Everything above: linear in its one operand. */
export const linearForms: Readonly<Record<Kind, readonly Reading[]>> = {
  scalar: [...readings.scalar, ...sums.scalar],
  rows: [...readings.rows, ...sums.rows],
  columns: [...readings.columns, ...sums.columns],
  matrix: [...readings.matrix, ...sums.matrix],
};

const allAxes = (x: Expr) => axes(x.shape.length).map((_, axis) => axis);

/** One value in, one out, of any shapes. */
export function reshaped(x: Bounded, choice: number, hasKinks: boolean): Bounded {
  const kind = kindOf(x.node);
  const forms: ((x: Bounded) => Bounded)[] = [
    ...readings[kind].map(
      (read) =>
        ({ node }: Bounded) =>
          within(read(node), magnitude(x)),
    ),
    ...sums[kind].map(
      (add) =>
        ({ node }: Bounded) =>
          within(add(node), mostElements * magnitude(x)),
    ),
  ];
  if (isVector(x.node)) forms.push(...vectorIdioms);
  if (kind !== "scalar") {
    const last = [x.node.shape.length - 1];
    const axis = choice % 2 === 0 ? last : allAxes(x.node);
    if (hasKinks)
      forms.push(
        (y) => within(maximum(y.node, axis), magnitude(y)),
        (y) => within(minimum(y.node, axis), magnitude(y)),
      );
    forms.push((y) => within(product(held(y, 1.5).node, last), 1.5 ** mostRows));
  }
  return forms[choice % forms.length]!(x);
}

type Pairing = (x: Expr, y: Expr) => Expr;

/** Sums of products of two values, by their kinds. */
const pairings: Readonly<Record<string, readonly Pairing[]>> = {
  "rows rows": [
    dot,
    (x, y) =>
      contract({
        extents: [n, n],
        output: [i],
        shape: [n],
        factors: [
          { of: x, index: [i.minus(j)] },
          { of: y, index: [j] },
        ],
      }),
    (x, y) =>
      contract({
        extents: [n],
        output: [i],
        shape: [n],
        factors: [
          { of: x, index: [i] },
          { of: y, index: [i] },
        ],
      }),
  ],
  "columns columns": [dot],
  "matrix matrix": [
    dot,
    (x, y) =>
      contract({
        extents: [n, d, n],
        output: [i, j],
        shape: [n, d],
        factors: [
          { of: x, index: [i, j] },
          { of: y, index: [k, j] },
        ],
      }),
    (x, y) =>
      contract({
        extents: [n, d],
        output: [i],
        shape: [n],
        factors: [
          { of: x, index: [i, j] },
          { of: y, index: [i, j] },
        ],
      }),
  ],
  "matrix columns": [
    (x, y) =>
      contract({
        extents: [n, d],
        output: [i],
        shape: [n],
        factors: [
          { of: x, index: [i, j] },
          { of: y, index: [j] },
        ],
      }),
  ],
  "matrix rows": [
    (x, y) =>
      contract({
        extents: [n, d],
        output: [j],
        shape: [d],
        factors: [
          { of: x, index: [i, j] },
          { of: y, index: [i] },
        ],
      }),
  ],
  "rows columns": [
    (x, y) =>
      contract({
        extents: [n, d],
        output: [i, j],
        shape: [n, d],
        factors: [
          { of: x, index: [i] },
          { of: y, index: [j] },
        ],
      }),
  ],
  "scalar rows": [
    (x, y) =>
      contract({
        extents: [n],
        output: [],
        shape: [],
        factors: [
          { of: x, index: [] },
          { of: y, index: [i] },
        ],
      }),
  ],
};

/** A sum of products of two values whose shapes meet; undefined for others. */
export function paired(x: Bounded, y: Bounded, choice: number): Bounded | undefined {
  for (const [a, b] of [
    [x, y],
    [y, x],
  ] as const) {
    const forms = pairings[`${kindOf(a.node)} ${kindOf(b.node)}`];
    if (!forms) continue;
    const [first, second] = [held(a, 8), held(b, 8)];
    const node = forms[choice % forms.length]!(first.node, second.node);
    return within(node, mostElements * magnitude(first) * magnitude(second));
  }
  return undefined;
}

/** A quadratic form r' M c where all three are at hand: a product of three factors in one sum. */
export function tripled(rows: Bounded, matrix: Bounded, columns: Bounded): Bounded {
  const [x, y, z] = [held(rows, 4), held(matrix, 4), held(columns, 4)];
  const node = contract({
    extents: [n, d],
    output: [],
    shape: [],
    factors: [
      { of: x.node, index: [i] },
      { of: y.node, index: [i, j] },
      { of: z.node, index: [j] },
    ],
  });
  return within(node, mostElements * magnitude(x) * magnitude(y) * magnitude(z));
}
