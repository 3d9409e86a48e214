import { type Array1D, allocate, type BoundFunction } from "../../emit/javascript.ts";
import type { Expr } from "../../ir/graph.ts";
import type { ModelFunction, Preparation } from "../functions.ts";
import type { Binding } from "../inputs/binding.ts";

/** As many numbers may be kept, and more where there is twice as much data. */
const mostNumbers = 4e6;

/** What follows from the data of a binding alone: computed when a function first reads it, and when data are filled in again. */
export class Prepared {
  private readonly values = new Map<Expr, Array1D>();
  private readonly runs: { readonly reads: ReadonlySet<string>; readonly results: readonly Array1D[]; run(): void }[] =
    [];

  /** The values of the parts, in order; undefined where they are too large to be kept, or follow from more than the binding. */
  of(preparation: Preparation, b: Binding, bind: (fn: ModelFunction) => BoundFunction): Array1D[] | undefined {
    const nodes = preparation.parts.map(([node]) => node);
    const missing = nodes.filter((node) => !this.values.has(node));
    if (missing.length > 0 && !this.prepare(missing, preparation, b, bind)) return undefined;
    return nodes.map((node) => this.values.get(node)!);
  }

  private prepare(
    nodes: readonly Expr[],
    preparation: Preparation,
    b: Binding,
    bind: (fn: ModelFunction) => BoundFunction,
  ): boolean {
    const lengths = nodes.map(({ shape }) => b.lengthOf(shape));
    const kept = [...lengths, ...[...this.values.values()].map(({ length }) => length)];
    const given = [...b.data.values()].map(({ length }) => length);
    // not so either for sizes that the binding has not
    if (!(total(kept) <= Math.max(mostNumbers, 2 * total(given)))) return false;
    const code = preparation.code(nodes);
    const results = nodes.map(({ dtype }, k) => allocate({ role: "output", dtype }, lengths[k]!));
    const run = bind(code);
    const reads = new Set(code.bound.flatMap(({ role, name }) => (role === "input" ? [name] : [])));
    const part = { reads, results, run: () => run(noPoint, ...results) };
    part.run();
    this.runs.push(part);
    for (const [k, node] of nodes.entries()) this.values.set(node, results[k]!);
    return true;
  }

  /** Computes again what follows from data of these names; returns the arrays that hold other values now. */
  refilled(names: Iterable<string>): Array1D[] {
    const refilled = [...names];
    const stale = this.runs.filter(({ reads }) => refilled.some((name) => reads.has(name)));
    for (const { run } of stale) run();
    return stale.flatMap(({ results }) => results);
  }
}

const total = (lengths: readonly number[]): number => lengths.reduce((sum, length) => sum + length, 0);

const noPoint = new Float64Array(0);
