import { type Batched, repeated } from "../../../autodiff/batch.ts";
import { iterators } from "../../../ir/contraction.ts";
import type { Expr, Graph } from "../../../ir/graph.ts";
import { type Atom, Integer } from "../../../ir/integer.ts";
import { axes, contract, type Read, reduce, termsOf, view } from "../../../ops/arrays/contractions.ts";
import type { Structure } from "./structure.ts";

/** What a family needs of others. */
export interface Surroundings {
  /** The form of a node that is the same for all members. */
  readonly fixed: (id: number) => Expr;
  /** The whole family of which nodes are members, and their places in it; undefined for what is in none. */
  readonly whole: (ids: readonly number[]) => { readonly of: Expr; readonly at: readonly number[] } | undefined;
}

/** The position of a member in its family. */
const member = iterators(0);

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
  const forms: Batched[] = [];
  const column = (at: number) => entries.map((each) => each[at]!);
  for (const { id, role, operands, from } of steps) {
    forms.push(
      graph.withOrigin(graph.originOf(id), (): Batched => {
        switch (role) {
          case "fixed":
            return { expr: fixed(id), varies: false };
          case "constant":
            return constants(column(from), graph.expr(id));
          case "member":
            return members(column(from));
          case "made": {
            const given = operands.map((position) => forms[position]!);
            const node = graph.expr(id);
            return node.kind === "map"
              ? mapped(node, given, length)
              : combined(node, given, length, (k) => column(from + k));
          }
        }
      }),
    );
  }
  return repeated(forms.at(-1)!, length);

  function constants(values: readonly number[], like: Expr): Batched {
    if (values.every((value) => Object.is(value, values[0]))) return { expr: like, varies: false };
    const table = graph.tensor(values, [values.length]);
    return { expr: view(table, [length, ...like.shape], [member]), varies: true };
  }

  function members(ids: readonly number[]): Batched {
    if (ids.every((id) => id === ids[0])) return { expr: fixed(ids[0]!), varies: false };
    const { of, at } = whole(ids)!;
    const lookups: Expr[] = [];
    const index = [readTables(graph, lookups)(at), ...axes(of.shape.length).slice(1)];
    return { expr: view(of, [length, ...of.shape.slice(1)], index, [], lookups), varies: true };
  }
}

function mapped({ graph, id }: Expr, operands: readonly Batched[], length: Integer): Batched {
  const varies = operands.some((form) => form.varies);
  const all = operands.map((form) => (varies ? repeated(form, length) : form.expr));
  return { expr: graph.map(graph.primitiveOf(id), all), varies };
}

/** A combination of the forms of its operands. `constants`: those of its indices for all members, in the structure's order. */
function combined(
  node: Expr,
  operands: readonly Batched[],
  length: Integer,
  constants: (k: number) => readonly number[],
): Batched {
  const { graph, id } = node;
  const { extents, output, shape, factors, guards } = termsOf(node);
  const forms = operands.map(({ expr }) => expr);
  const lookups = [...forms];
  const inStep = readTables(graph, lookups);
  const moved = extents.map((_, k) => iterators(k + 1));
  let next = 0;
  const place = (index: Integer): Integer => {
    const terms = index.terms.filter(({ atoms }) => atoms.length > 0);
    const placed = terms.map(({ coefficient, atoms }) =>
      atoms.reduce((product, atom) => product.times(placedAtom(atom)), Integer.constant(coefficient)),
    );
    return Integer.sum([...placed, inStep(constants(next++))]);
  };
  const placedAtom = (atom: Atom): Integer => {
    if (atom.kind !== "lookup") return Integer.ofAtom(atom).withIterators(moved);
    const element = atom.index.map(place);
    return Integer.lookup(atom.operand, operands[atom.operand]!.varies ? [member, ...element] : element);
  };
  const positionOf = new Map(node.operands.map((operand, k) => [operand, k]));
  // in the order in which a structure notes its constants
  const target = output.map(place);
  const reads = factors.map(({ of, index }): Read => {
    const { expr, varies } = operands[positionOf.get(of)!]!;
    return { of: expr, index: [...(varies ? [member] : []), ...index.map(place)] };
  });
  const conditions = guards.map(({ index, extent }) => ({ index: place(index), extent }));
  const indices = [...target, ...reads.flatMap(({ index }) => index), ...conditions.map(({ index }) => index)];
  const varies = operands.some((form) => form.varies) || indices.some((index) => index.iterators().includes(0));
  if (!varies) {
    const isSame = forms.every((form, k) => form === node.operands[k]);
    return { expr: isSame ? node : graph.withOperands(id, forms), varies: false };
  }
  const terms = {
    extents: [length, ...extents],
    output: [member, ...target],
    shape: [length, ...shape],
    factors: reads,
    guards: conditions,
    lookups,
  };
  const how = graph.combineOf(id);
  return { expr: how === "sum" ? contract(terms) : reduce(how, terms), varies: true };
}

/** Reads a whole number of each member: the same for all, a multiple of the position more for each, or from a table, one more operand. */
function readTables(graph: Graph, operands: Expr[]): (values: readonly number[]) => Integer {
  return (values) => {
    const [first = 0, second = first] = values;
    const step = second - first;
    if (values.every((value, k) => value === first + k * step)) return member.scaled(step).plus(first);
    return Integer.lookup(operands.push(graph.tensor(values, [values.length], "int")) - 1, [member]);
  };
}
