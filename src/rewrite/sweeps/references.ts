import type { Graph } from "../../ir/graph.ts";
import { reachableIds } from "../../ir/walks/traverse.ts";
import { NodeNumbers } from "./node-numbers.ts";

/**
 * How often each node is used by the nodes that some roots need, kept while these are rewritten: an operand loses a use
 * when the last user of its user is gone.
 */
export class References {
  private readonly graph: Graph;
  private readonly uses = new NodeNumbers();
  /** One more than the id of the last user, as the graph was met. */
  private readonly users = new NodeNumbers();
  /** What was counted, as long as nothing has changed since. */
  private roots: readonly number[] | undefined;
  private ids: readonly number[] = [];

  constructor(graph: Graph) {
    this.graph = graph;
  }

  /** Counts what the roots need, operands first; what is as it was counted last is not counted again. */
  count(roots: readonly number[]): readonly number[] {
    const known = this.roots;
    if (known?.length === roots.length && roots.every((root, k) => root === known[k])) return this.ids;
    const { graph, uses, users } = this;
    uses.clear();
    users.clear();
    const ids = reachableIds(graph, roots);
    for (const id of roots) uses.set(id, uses.at(id) + 1);
    for (let at = 0; at < ids.length; at++) {
      const id = ids[at]!;
      for (let k = graph.operandCount(id) - 1; k >= 0; k--) {
        const operand = graph.operandAt(id, k);
        uses.set(operand, uses.at(operand) + 1);
        users.set(operand, id + 1);
      }
    }
    this.roots = roots;
    this.ids = ids;
    return ids;
  }

  usesOf(id: number): number {
    return this.uses.at(id);
  }

  /** The last user, as the graph was met; negative for none. */
  lastUserOf(id: number): number {
    return this.users.at(id) - 1;
  }

  /** Whoever used `id` uses its successor from now on. `formOf` gives what stands in the place of an operand. */
  succeed(id: number, successor: number, formOf: (id: number) => number): void {
    this.roots = undefined;
    const users = this.uses.at(id);
    if (this.uses.at(successor) === 0) this.users.set(successor, this.users.at(id));
    this.acquire(successor, users);
    this.release(id, users, formOf);
  }

  /** The node over new operands that nothing uses yet takes the place of the node: what these have as users stays the same. */
  move(id: number, rebuilt: number): void {
    this.roots = undefined;
    this.uses.set(rebuilt, this.uses.at(id));
    this.users.set(rebuilt, this.users.at(id));
    this.uses.set(id, 0);
  }

  private acquire(start: number, users: number): void {
    if (users === 0) return;
    const before = this.uses.at(start);
    this.uses.set(start, before + users);
    if (before > 0) return;
    const pending: number[] = [];
    this.pushOperands(start, pending);
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      const uses = this.uses.at(id);
      this.uses.set(id, uses + 1);
      if (uses === 0) this.pushOperands(id, pending);
    }
  }

  private pushOperands(id: number, pending: number[]): void {
    for (let k = this.graph.operandCount(id) - 1; k >= 0; k--) pending.push(this.graph.operandAt(id, k));
  }

  private release(start: number, users: number, formOf: (id: number) => number): void {
    const pending = [start];
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      const before = this.uses.at(id);
      const after = Math.max(0, before - (id === start ? users : 1));
      this.uses.set(id, after);
      if (before === 0 || after > 0) continue;
      for (let k = this.graph.operandCount(id) - 1; k >= 0; k--) pending.push(formOf(this.graph.operandAt(id, k)));
    }
  }
}
