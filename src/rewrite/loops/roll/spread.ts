import { repeated } from "../../../autodiff/batch.ts";
import { iterators } from "../../../ir/contraction.ts";
import type { Expr, Graph } from "../../../ir/graph.ts";
import { type Atom, Integer } from "../../../ir/integer.ts";
import { axes, contract, type Read, reduce, termsOf, view } from "../../../ops/contractions.ts";
import type { Structure } from "./structure.ts";

/** What a family needs of others. */
export interface Surroundings {
  /** The form of a node that is the same for all members. */
  readonly fixed: (id: number) => Expr;
  /** The whole family of which nodes are members, and their places in it; undefined for what is in none. */
  readonly whole: (ids: readonly number[]) => { readonly of: Expr; readonly at: readonly number[] } | undefined;
}

interface Form {
  readonly expr: Expr;
  /** True where the first axis is that of the family. */
  readonly varies: boolean;
}

/**
 * The parts of a family as one expression with one more axis at the front. `structure` is that of any member, `entries` those of
 * all. What differs between members comes from tables, or from positions where it is in step with them.
 */
export function spread(
  graph: Graph,
  { steps }: Structure,
  entries: readonly (readonly number[])[],
  { fixed, whole }: Surroundings,
): Expr {
  const length = Integer.constant(entries.length);
  const forms: Form[] = [];
  const columnAt = (at: number) => entries.map((each) => each[at]!);
  for (const { id, role, operands, from } of steps) {
    forms.push(
      graph.withOrigin(graph.originOf(id), (): Form => {
        switch (role) {
          case "fixed":
            return { expr: fixed(id), varies: false };
          case "constant":
            return constants(columnAt(from), graph.expr(id));
          case "member":
            return members(columnAt(from));
          case "made":
            return made(
              id,
              operands.map((position) => forms[position]!),
              from,
            );
        }
      }),
    );
  }
  return repeated(forms[forms.length - 1]!, length);

  function constants(values: readonly number[], like: Expr): Form {
    if (values.every((value) => Object.is(value, values[0]))) return { expr: like, varies: false };
    const table = graph.tensor(values, [values.length]);
    return { expr: view(table, [length, ...like.shape], [iterators(0)]), varies: true };
  }

  function members(ids: readonly number[]): Form {
    if (ids.every((id) => id === ids[0])) return { expr: fixed(ids[0]!), varies: false };
    const { of, at } = whole(ids)!;
    const lookups: Expr[] = [];
    const index = [inStep(at, lookups, 0), ...axes(of.shape.length).slice(1)];
    return { expr: view(of, [length, ...of.shape.slice(1)], index, [], lookups), varies: true };
  }

  function made(id: number, operands: readonly Form[], from: number): Form {
    const node = graph.expr(id);
    const inner = operands.some(({ varies }) => varies);
    if (node.kind === "map") {
      const all = operands.map((form) => (inner ? repeated(form, length) : form.expr));
      return { expr: graph.map(graph.primitiveOf(id), all), varies: inner };
    }
    const tables: Expr[] = [];
    let at = from;
    const constant = () => inStep(columnAt(at++), tables, operands.length);
    const moved = node.graph.contractionOf(id).extents.map((_, k) => iterators(k + 1));
    const place = (index: Integer): Integer => {
      const terms = index.terms.flatMap(({ coefficient, atoms }) =>
        atoms.length === 0
          ? []
          : [atoms.reduce((product, atom) => product.times(placed(atom)), Integer.constant(coefficient))],
      );
      return Integer.sum([...terms, constant()]);
    };
    const placed = (atom: Atom): Integer => {
      if (atom.kind !== "lookup") return Integer.ofAtom(atom).withIterators(moved);
      const element = atom.index.map(place);
      return Integer.lookup(atom.operand, operands[atom.operand]!.varies ? [iterators(0), ...element] : element);
    };
    const { extents, output, shape, factors, guards } = termsOf(node);
    const positionOf = new Map(node.operands.map((operand, k) => [operand, k]));
    // in the order in which a structure notes its constants
    const target = output.map(place);
    const reads = factors.map(({ of, index }): Read => {
      const form = operands[positionOf.get(of)!]!;
      return { of: form.expr, index: [...(form.varies ? [iterators(0)] : []), ...index.map(place)] };
    });
    const conditions = guards.map(({ index, extent }) => ({ index: place(index), extent }));
    const varies =
      inner ||
      tables.length > 0 ||
      isMoving([...target, ...reads.flatMap(({ index }) => index), ...conditions.map(({ index }) => index)]);
    if (!varies) {
      const same = operands.every(({ expr }, k) => expr === node.operands[k]);
      return {
        expr: same
          ? node
          : graph.withOperands(
              id,
              operands.map(({ expr }) => expr),
            ),
        varies,
      };
    }
    const terms = {
      extents: [length, ...extents],
      output: [iterators(0), ...target],
      shape: [length, ...shape],
      factors: reads,
      guards: conditions,
      lookups: [...operands.map(({ expr }) => expr), ...tables],
    };
    const how = graph.combineOf(id);
    return { expr: how === "sum" ? contract(terms) : reduce(how, terms), varies };
  }

  /** Whole numbers by member: the same for all, a multiple of the position more for each, or from a table. */
  function inStep(values: readonly number[], tables: Expr[], operands: number): Integer {
    const [first = 0, second = first] = values;
    const step = second - first;
    if (values.every((value, k) => value === first + k * step)) return iterators(0).scaled(step).plus(first);
    tables.push(graph.tensor(values, [values.length], "int"));
    return Integer.lookup(operands + tables.length - 1, [iterators(0)]);
  }

  function isMoving(indices: readonly Integer[]): boolean {
    return indices.some((index) => index.iterators().includes(0));
  }
}
