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
  of({ parts, code }: Preparation, b: Binding, bind: (fn: ModelFunction) => BoundFunction): Array1D[] | undefined {
    if (parts.every(([node]) => this.values.has(node))) return parts.map(([node]) => this.values.get(node)!);
    const lengths = parts.map(([{ shape }]) => b.lengthOf(shape));
    const length = lengths.reduce((total, each) => total + each, 0);
    const given = [...b.data.values()].reduce((total, each) => total + each.length, 0);
    // not so either for sizes that the binding has not
    if (!(length <= Math.max(mostNumbers, 2 * given))) return undefined;
    const results = parts.map(([, buffer], k) => allocate(buffer, lengths[k]!));
    const run = bind(code);
    const reads = new Set(code.bound.flatMap(({ role, name }) => (role === "input" ? [name] : [])));
    const part = { reads, results, run: () => run(noPoint, ...results) };
    part.run();
    this.runs.push(part);
    for (const [k, [node]] of parts.entries()) this.values.set(node, results[k]!);
    return results;
  }

  /** Computes again what follows from data of these names; returns the arrays that hold other values now. */
  refilled(names: Iterable<string>): Array1D[] {
    const refilled = [...names];
    const stale = this.runs.filter(({ reads }) => refilled.some((name) => reads.has(name)));
    for (const { run } of stale) run();
    return stale.flatMap(({ results }) => results);
  }
}

const noPoint = new Float64Array(0);
