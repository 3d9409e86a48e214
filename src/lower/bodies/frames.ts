import type { Expr, Graph } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import type { Plan } from "../items/plan.ts";
import type { Value } from "../program/loops.ts";

/** What a leaf of a body stands for where the body's loops are written. */
export type Binding =
  /** A part of a value outside: an index of the leaf goes behind `at`. */
  | { readonly kind: "read"; readonly node: Expr; readonly at: readonly Integer[] }
  /** A number, known in the block `level`. */
  | { readonly kind: "value"; readonly value: Value; readonly level: number };

/** A graph whose nodes are being computed: the model's own, or a body at one place. */
export interface Frame {
  /** Tells the nodes of different graphs apart. */
  readonly number: number;
  readonly plan: Plan;
  readonly bindings: ReadonlyMap<Expr, Binding>;
}

/** The graphs that one program is made from. A body that stands at two places has a graph for each. */
export class Frames {
  private readonly byGraph = new Map<Graph, Frame>();
  private added = 0;
  /** The frame that was asked for last: mostly the one that is asked for next. */
  private last: Frame | undefined;

  add(plan: Plan, bindings: ReadonlyMap<Expr, Binding> = new Map()): void {
    // a graph that is planned anew has a number of its own again: no other graph may meet what was read under it
    this.byGraph.set(plan.graph, { number: this.added++, plan, bindings });
    this.last = undefined;
  }

  of({ graph }: { readonly graph: Graph }): Frame {
    if (this.last?.plan.graph !== graph) this.last = this.byGraph.get(graph)!;
    return this.last;
  }

  planOf(node: Expr): Plan {
    return this.of(node).plan;
  }

  get plans(): Plan[] {
    return [...this.byGraph.values()].map(({ plan }) => plan);
  }
}
