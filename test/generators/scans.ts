import { loops } from "../../src/extensions/loops.ts";
import { applied } from "../../src/ir/body.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { partsOf, rootsOf, type Scan, type ScanRoots, scanOf } from "../../src/ir/scan.ts";
import { add } from "../../src/ops/algebra.ts";
import { contract, view } from "../../src/ops/contractions.ts";

const integer = (value: number) => Integer.constant(value);

/** What a body makes of the parts that it is given. */
export type ScanBody = (parts: {
  readonly carries: readonly Expr[];
  readonly inputs: readonly Expr[];
  readonly constants: readonly Expr[];
  readonly step: Expr;
}) => ScanRoots<Expr>;

export interface ScanOperands {
  readonly carries: readonly Expr[];
  readonly inputs: readonly Expr[];
  readonly constants: readonly Expr[];
}

/** The scan of a body over operands, with its results by the part they play. */
export function scanned(
  length: Integer,
  operands: ScanOperands,
  body: ScanBody,
  isReversed = false,
): ScanRoots<Expr> & { readonly scan: Scan } {
  const { carries, inputs, constants } = operands;
  const inner = new Graph();
  const like = ({ shape, dtype }: Expr) => inner.variable(shape, dtype);
  const parameters = {
    carries: carries.map(like),
    inputs: inputs.map(({ shape, dtype }) => inner.variable(shape.slice(1), dtype)),
    constants: constants.map(like),
  };
  const step = inner.variable([], "int");
  const scan = scanOf({ extension: loops, length, isReversed, parameters, step, roots: body({ ...parameters, step }) });
  const { graph } = [...carries, ...inputs, ...constants][0]!;
  return { scan, ...rootsOf(scan, graph.operation(scan, [...carries, ...inputs, ...constants])) };
}

/** The same without a loop: `length` copies of the body. */
export function unrolled(scan: Scan, operands: readonly Expr[], length: number): ScanRoots<Expr> {
  const { graph } = operands[0]!;
  const given = partsOf(scan, operands);
  let { carries } = given;
  const slices: (readonly Expr[])[] = [];
  const terms: (readonly Expr[])[] = [];
  for (let count = 0; count < length; count++) {
    const t = scan.isReversed ? length - 1 - count : count;
    const inputs = given.inputs.map((input) => {
      const shape = input.shape.slice(1);
      return view(input, shape, [integer(t), ...shape.map((_, axis) => Integer.iterator(axis))]);
    });
    const roots = rootsOf(
      scan,
      applied(scan.body, graph, [...carries, ...inputs, ...given.constants, graph.constant(t, [], "int")]),
    );
    carries = roots.carries;
    slices[t] = roots.stacks;
    terms.push(roots.sums);
  }
  const results = rootsOf(scan, scan.results);
  return {
    carries,
    stacks: results.stacks.map(({ shape }, k) => {
      const full = [integer(length), ...shape.slice(1)];
      const parts = slices.map((list, t) => placedAt(list[k]!, t, full));
      return parts.length === 0 ? graph.constant(0, full) : parts.reduce((all, part) => add(all, part));
    }),
    sums: results.sums.map(({ shape }, k) =>
      terms.length === 0
        ? graph.constant(0, shape)
        : terms.map((list) => list[k]!).reduce((all, term) => add(all, term)),
    ),
  };
}

/** A slice at its position, 0 elsewhere. */
function placedAt(slice: Expr, t: number, shape: readonly Integer[]): Expr {
  const own = slice.shape.map((_, axis) => Integer.iterator(axis));
  return contract({
    extents: slice.shape,
    output: [integer(t), ...own],
    shape,
    factors: [{ of: slice, index: own }],
  });
}
