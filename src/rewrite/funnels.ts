import type { Graph } from "../ir/graph.ts";
import { NodeNumbers } from "./node-numbers.ts";

/** Further apart, two operands count as meeting nowhere. */
const mostSteps = 32;

/** A node has no funnel: it varies with more than one thing, or is no map. */
const none = 1;
/** A node does not vary: its operands are constants. */
const fixed = 2;
const first = 3;

/**
 * The funnel of a map is the nearest node below it that it is a function of alone: every way down to what varies leads
 * through it. It has a funnel in turn, so that the chain of funnels holds all of what a node is a function of alone.
 * A node's is found from those of its operands, once.
 */
export class Funnels {
  private readonly graph: Graph;
  private readonly found = new NodeNumbers();

  constructor(graph: Graph) {
    this.graph = graph;
  }

  /** The funnel of a node; negative where there is none. */
  of(id: number): number {
    return this.known(id) - first;
  }

  /** True where the node is a function of the other alone, or is that. */
  leadTo(id: number, base: number): boolean {
    let at = id;
    while (at > base) at = this.of(at);
    return at === base;
  }

  private known(wanted: number): number {
    const known = this.found.at(wanted);
    if (known > 0) return known;
    const pending = [wanted];
    for (let id = pending.at(-1); id !== undefined; id = pending.at(-1)) {
      const before = pending.length;
      for (let k = this.graph.operandCount(id) - 1; k >= 0 && this.graph.kindOf(id) === "map"; k--) {
        const operand = this.graph.operandAt(id, k);
        if (this.found.at(operand) === 0) pending.push(operand);
      }
      if (pending.length > before) continue;
      pending.pop();
      this.found.set(id, this.find(id));
    }
    return this.found.at(wanted);
  }

  private find(id: number): number {
    const { graph, found } = this;
    const kind = graph.kindOf(id);
    if (kind !== "map") return kind === "constant" ? fixed : none;
    let funnel = fixed;
    for (let k = graph.operandCount(id) - 1; k >= 0; k--) {
      const operand = graph.operandAt(id, k);
      if (found.at(operand) === fixed) continue;
      funnel = funnel === fixed ? operand + first : this.meeting(funnel, operand + first);
    }
    return funnel;
  }

  /** Where the ways down from two nodes meet. Operands come before users, so that the later one goes on. */
  private meeting(a: number, b: number): number {
    let [later, earlier] = a > b ? [a, b] : [b, a];
    for (let steps = 0; later !== earlier; steps++) {
      const next = this.found.at(later - first);
      if (earlier === none || steps === mostSteps) return none;
      [later, earlier] = next > earlier ? [next, earlier] : [earlier, next];
    }
    return later;
  }
}
