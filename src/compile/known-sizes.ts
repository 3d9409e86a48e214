import { type Body, bodyOf } from "../ir/bodies/body.ts";
import { resizing } from "../ir/bodies/resize.ts";
import { mapIndices } from "../ir/contraction.ts";
import { must } from "../ir/extension.ts";
import { type Expr, Graph } from "../ir/graph.ts";
import { Integer } from "../ir/integer.ts";
import type { Operation } from "../ir/operation.ts";
import type { DType } from "../ir/primitive.ts";
import { copyNode, copyNodes } from "../ir/walks/copy-graph.ts";
import { idsUnder } from "../ir/walks/traverse.ts";
import type { Program, Statement } from "../lower/program/loops.ts";
import { isNest, statementsOf, visitStatement } from "../lower/program/rewrite-statements.ts";
import { select } from "../ops/elementary/comparison.ts";
import { rootsOf } from "./derive.ts";
import type { FunctionForm } from "./functions.ts";

/** As far as a window may reach: a function of other sizes is made anew. */
const widestWindow = 16;

/**
 * The small sizes that conditions on positions ask for, with their values: where windows are as wide as a size says, every pixel asks
 * whether its window ends inside, and nothing can be laid out in tiles. With the values known most need not be asked. And those of
 * small matrices: their products in panels are mostly the ends of tiles and what is asked of these.
 */
export function smallSizes(program: Program, sizes: readonly number[]): Map<string, number> {
  const asked = new Set<string>();
  /** What variables run up to, or stand for. */
  const behind = new Map<number, readonly Integer[]>();
  const note = (integers: readonly (Integer | undefined)[]) => {
    for (const integer of integers) {
      for (const name of integer?.names() ?? []) asked.add(name);
      for (const variable of integer?.iterators() ?? []) {
        const next = behind.get(variable) ?? [];
        behind.delete(variable);
        note(next);
      }
    }
  };
  const isSmall = (name: string) => {
    const size = sizes[program.sizes.indexOf(name)]!;
    // of size 0 there is nothing to lay out, and what is never run may divide by it
    return size > 0 && size <= widestWindow;
  };
  const statement = (each: Statement) => {
    if (each.kind === "for") {
      if (each.making?.layouts.some((layout) => layout === "panels" || layout === "tiles")) {
        const names = namesWithin(each);
        if (names.every(isSmall)) for (const name of names) asked.add(name);
      }
      behind.set(each.variable, [...each.from, ...each.to]);
      if (each.from.length + each.to.length > 2) note([...each.from, ...each.to]);
    }
    if (each.kind === "index" && each.value.kind === "integer") behind.set(each.variable, [each.value.integer]);
    if (each.kind === "when") for (const { index, extent } of each.guards) note([index, extent]);
  };
  for (const outermost of statementsOf(program)) {
    if (!isNest(outermost) && outermost.kind !== "shared") continue;
    visitStatement(outermost, {
      statement,
      value: (value) => {
        if (value.kind === "guarded") for (const { index, extent } of value.guards) note([index, extent]);
      },
    });
  }
  const known = program.sizes.map((name, k) => [name, sizes[k]!] as const);
  return new Map(known.filter(([name]) => asked.has(name) && isSmall(name)));
}

/** The sizes in the limits of a loop and of those in it. */
function namesWithin(loop: Statement): string[] {
  const limits: Integer[] = [];
  visitStatement(loop, { statement: (each) => each.kind === "for" && limits.push(...each.from, ...each.to) });
  return limits.flatMap((limit) => limit.names());
}

/** A function with numbers in place of some sizes, in the bodies of operations too. */
export function withSizes(form: FunctionForm, sizes: ReadonlyMap<string, number>): FunctionForm {
  const { derived, variables, checked } = form;
  const { loss, gradient, hvp, hessian, outputs, direction, arrays } = derived;
  const leaves = [
    ...variables.map(({ expr }) => expr),
    ...direction,
    ...(arrays ?? []).map(({ expr }) => expr),
    ...(checked?.keys() ?? []),
  ];
  const roots = [...rootsOf(derived), ...leaves];
  const { graph } = roots[0]!;
  const ids = idsUnder(roots);
  const known = (integer: Integer) =>
    integer.substitute((atom) => {
      const size = atom.kind === "name" ? sizes.get(atom.name) : undefined;
      return size === undefined ? undefined : Integer.constant(size);
    });
  const copyOf = copyNodes(roots, new Graph(graph.extensions), new Map(), ids, (node, to, copied) =>
    copyWith(known, node, to, copied),
  );
  const named = <T extends { readonly expr: Expr }>(each: T): T => ({ ...each, expr: copyOf(each.expr) });
  return {
    derived: {
      ...derived,
      loss: loss && copyOf(loss),
      gradient: gradient.map(copyOf),
      hvp: hvp.map(copyOf),
      hessian: hessian.map(copyOf),
      outputs: outputs.map(({ name, node }) => ({ name, node: copyOf(node) })),
      direction: direction.map(copyOf),
      ...(arrays && { arrays: arrays.map(named) }),
    },
    variables: variables.map(named),
    checked: checked && new Map([...checked].map(([leaf, size]) => [copyOf(leaf), known(size)])),
  };
}

/** A condition as 1 and 0. */
function counted(condition: Expr, dtype: DType): Expr {
  const { graph } = condition;
  return select(condition, graph.constantLike(1, condition, dtype), graph.constantLike(0, condition, dtype));
}

/** A node over the copies of its operands, with other integers. */
function copyWith(known: (integer: Integer) => Integer, node: Expr, to: Graph, copyOf: (operand: Expr) => Expr): Expr {
  const { graph: from, id, kind } = node;
  const shape = node.shape.map(known);
  switch (kind) {
    case "size":
      return to.size(known(from.sizeOf(id)), shape);
    case "contraction":
    case "reduce": {
      const structure = from.contractionOf(id);
      const { guards, ...rest } = mapIndices(structure, known);
      const inside = guards.map(({ index, extent }) => ({ index, extent: extent && known(extent) }));
      const placed = { ...rest, extents: structure.extents.map(known), shape, guards: inside };
      const copy = to.combination(from.combineOf(id), placed, node.operands.map(copyOf));
      // a count of one condition is that condition, which only reads as a number where it is one
      return copy.dtype === node.dtype ? copy : counted(copy, node.dtype);
    }
    case "operation":
      return to.operation(resizedOperation(known, from.operationOf(id)), node.operands.map(copyOf))[from.resultOf(id)]!;
    default:
      return copyNode(node, to, copyOf, shape);
  }
}

function resizedOperation(known: (integer: Integer) => Integer, operation: Operation): Operation {
  if (operation.kind !== "kernel")
    return must(resizing, operation.extension)(operation, known, (body) => resizedBody(known, body));
  return operation.over(operation.operands.map(({ dtype, shape }) => ({ dtype, shape: shape.map(known) })));
}

function resizedBody(known: (integer: Integer) => Integer, { parameters, roots }: Body): Body {
  const nodes = [...parameters, ...roots];
  const ids = idsUnder(nodes);
  const copyOf = copyNodes(nodes, new Graph(), new Map(), ids, (node, to, copied) => copyWith(known, node, to, copied));
  return bodyOf(parameters.map(copyOf), roots.map(copyOf));
}
