import type { Expr } from "../../ir/graph.ts";
import type { Item, NodeRead } from "./item.ts";
import type { Plan } from "./plan.ts";
import { collectReads } from "./reads.ts";

/** What finishes a sum costs at most: more would be written out for every sum of a tile. */
const mostCost = 6;

/**
 * Finishes products of matrices where they are made: all that reads `relu(A @ B + b)` has it from memory then, and neither the
 * product alone nor a further pass is needed. What finishes a product is elementwise, cheap, and the only way in which the
 * product is read. Returns the item of that instead; undefined where the product is better stored as it is.
 */
export function finishing(plan: Plan, roots: readonly Expr[]): (item: Item) => Item | undefined {
  /** The last user of each node, once a product asks. */
  let userOf: Int32Array | undefined;
  const taken = new Set<Expr>();
  return (item) => {
    const { node: product, tile } = item;
    if (!tile) return undefined;
    userOf ??= lastUsers(plan);
    let last = product;
    const isOpen = () =>
      plan.usesOf(last) === 1 && !roots.includes(last) && (last === product || !plan.isStored(last.id));
    let user: Expr | undefined;
    while (isOpen()) {
      user = plan.graph.expr(userOf[last.id]!);
      if (user.kind !== "map" || user.dtype !== "real" || plan.costOf(user) > mostCost || plan.scatteredTerms(user))
        break;
      last = user;
    }
    const isReadAgain = plan.usesOf(last) > 1 || user?.kind === "contraction";
    if (taken.has(last) || last === product || !isReadAgain || plan.isAlias(product.id) || plan.isAlias(last.id))
      return undefined;
    const own = collectReads(last, { factors: [{ node: last, index: item.output }], guards: [], output: [] }, plan);
    // neighbouring columns are read from neighbours in memory
    const runsAlong = ({ index }: NodeRead) =>
      index.every((i, axis) => {
        const unit = i.unitIterator();
        return unit
          ? unit.sign > 0 && (unit.iterator !== tile.column || axis === index.length - 1)
          : i.value !== undefined;
      });
    if (![...own.reads, ...own.loads].every(runsAlong)) return undefined;
    taken.add(last);
    plan.finish(product, last);
    const reads = [...item.reads, ...own.reads.filter(({ node }) => node !== product)];
    return { ...item, node: last, unfinished: product, reads, loads: [...item.loads, ...own.loads] };
  };
}

function lastUsers({ graph, ids }: Plan): Int32Array {
  const users = new Int32Array(graph.length);
  for (const id of ids) for (const operand of graph.operandIds(id)) users[operand] = id;
  return users;
}
