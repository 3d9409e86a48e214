import type { Graph } from "../../ir/graph.ts";
import { NodeNumbers } from "../sweeps/node-numbers.ts";

/** Further apart, two operands count as meeting nowhere. */
const mostSteps = 32;

/**
 * The funnel of a map is the nearest node below it that it is a function of alone: every way down to what varies leads
 * through it. It has a funnel in turn, so that the chain of funnels holds all that a node is a function of alone.
 */
export class Funnels {
  private readonly graph: Graph;
  /** One more than the id of a node's funnel; 0 for none. */
  private readonly found = new NodeNumbers();
  private length = 0;

  constructor(graph: Graph) {
    this.graph = graph;
  }

  /** The funnel of a node; negative where there is none. */
  of(id: number): number {
    for (; this.length <= id; this.length++) this.found.set(this.length, this.find(this.length) + 1);
    return this.found.at(id) - 1;
  }

  /** The first of what a node is a function of alone. */
  startOf(id: number): number {
    let at = id;
    for (let next = this.of(at); next >= 0; next = this.of(at)) at = next;
    return at;
  }

  /** True where the node is a function of the other alone, or is that. */
  leadTo(id: number, base: number): boolean {
    let at = id;
    while (at > base) at = this.of(at);
    return at === base;
  }

  private find(id: number): number {
    const { graph } = this;
    let funnel = -1;
    if (graph.kindOf(id) !== "map") return funnel;
    for (let k = graph.operandCount(id) - 1; k >= 0; k--) {
      const operand = graph.operandAt(id, k);
      if (graph.kindOf(operand) === "constant") continue;
      funnel = funnel < 0 ? operand : this.meeting(funnel, operand);
      if (funnel < 0) return funnel;
    }
    return funnel;
  }

  /** Where the ways down from two nodes meet. Operands come before users, so that the later one goes on. */
  private meeting(a: number, b: number): number {
    let [one, other] = [a, b];
    for (let steps = 0; one !== other && steps < mostSteps; steps++) {
      if (one > other) one = this.found.at(one) - 1;
      else other = this.found.at(other) - 1;
    }
    return one === other ? one : -1;
  }
}
