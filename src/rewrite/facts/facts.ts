import { alwaysHolds, isGather } from "../../ir/contraction.ts";
import type { Expr, Graph } from "../../ir/graph.ts";
import type { Interval, Primitive } from "../../ir/primitive.ts";
import { mulIntervals, nonNegative, unbounded, union, unit } from "../../ops/elementary/interval.ts";
import { NodeNumbers } from "../sweeps/node-numbers.ts";
import { Funnels } from "./funnels.ts";

/** What is known of every element of a node. */
export interface Fact {
  /** Holds every element that is a number; NaN lies in every interval. */
  readonly interval: Interval;
  readonly mayBeNaN: boolean;
  readonly mayBeNegativeZero: boolean;
}

const nothing: Fact = { interval: unbounded, mayBeNaN: true, mayBeNegativeZero: true };
const counting: Fact = { interval: nonNegative, mayBeNaN: false, mayBeNegativeZero: false };

/** Facts about the nodes of one graph, found when asked for and kept by node id. */
export class Facts {
  /** What nodes are functions of alone. */
  readonly funnels: Funnels;
  private readonly graph: Graph;
  /** What is known, and where it stands by node: one more than its position, or 0. */
  private readonly list: Fact[] = [];
  private readonly positions = new NodeNumbers();

  constructor(graph: Graph) {
    this.graph = graph;
    this.funnels = new Funnels(graph);
  }

  of(node: Expr): Fact {
    return this.known(node.id) ?? this.find(node.id);
  }

  private known(id: number): Fact | undefined {
    const position = this.positions.at(id);
    return position > 0 ? this.list[position - 1] : undefined;
  }

  private find(wanted: number): Fact {
    const pending = [wanted];
    while (pending.length > 0) {
      const id = pending[pending.length - 1]!;
      const before = pending.length;
      if (!this.known(id)) {
        for (let k = this.graph.operandCount(id) - 1; k >= 0; k--) {
          const operand = this.graph.operandAt(id, k);
          if (!this.known(operand)) pending.push(operand);
        }
        if (pending.length > before) continue;
        const fact = factOf(this.graph, id, (operand) => this.known(operand)!);
        this.positions.set(id, this.list.push(fact));
      }
      pending.pop();
    }
    return this.known(wanted)!;
  }

  /** Every element is > 0 or NaN. */
  isPositive(node: Expr): boolean {
    return this.of(node).interval[0] > 0;
  }
  /** Every element is >= 0 or NaN. */
  isNonNegative(node: Expr): boolean {
    return this.of(node).interval[0] >= 0;
  }
  isNonPositive(node: Expr): boolean {
    return this.of(node).interval[1] <= 0;
  }
  /** It is one number, not an array. */
  isNumber(node: Expr): boolean {
    return node.shape.length === 0;
  }
  /** No element is 0. */
  isNonZero(node: Expr): boolean {
    const [low, high] = this.of(node).interval;
    return low > 0 || high < 0;
  }
  isFinite(node: Expr): boolean {
    const { interval, mayBeNaN } = this.of(node);
    return !mayBeNaN && isBounded(interval);
  }
  isNeverNaN(node: Expr): boolean {
    return !this.of(node).mayBeNaN;
  }
  isNeverNegativeZero(node: Expr): boolean {
    return !this.of(node).mayBeNegativeZero;
  }
  /** Every element of x is below every element of y, where both are numbers. */
  isBelow(x: Expr, y: Expr): boolean {
    return this.of(x).interval[1] < this.of(y).interval[0];
  }
  isAtMost(x: Expr, y: Expr): boolean {
    return this.of(x).interval[1] <= this.of(y).interval[0];
  }
}

const known = new WeakMap<Graph, Facts>();

/** The facts about a graph, which all that rewrite it have in common. */
export function factsOf(graph: Graph): Facts {
  const facts = known.get(graph) ?? new Facts(graph);
  known.set(graph, facts);
  return facts;
}

/** True when no read of a view can leave its operand and no guard can fail: every element is one of the operand's. */
export function isTotal(graph: Graph, id: number): boolean {
  const { factors, guards, extents } = graph.contractionOf(id);
  return (
    guards.length === 0 &&
    factors.every((factor) => {
      const shape = graph.shapeOf(graph.operandAt(id, factor.operand));
      return factor.index.every((index, axis) => alwaysHolds({ index, extent: shape[axis]! }, extents));
    })
  );
}

function factOf(graph: Graph, id: number, of: (operand: number) => Fact): Fact {
  switch (graph.kindOf(id)) {
    case "constant":
      return factOfValues([graph.constantOf(id)]);
    case "tensor":
      return factOfValues(graph.tensorOf(id));
    case "iota":
      return counting;
    case "size":
      return graph.sizeOf(id).isProvablyNonNegative([]) ? counting : { ...counting, interval: unbounded };
    case "map":
      return mapFact(graph.primitiveOf(id), graph.operandIds(id).map(of), graph.dtypeOf(id) === "bool");
    case "contraction":
      return graph.isView(id) ? viewFact(graph, id, of) : sumFact(graph, id, of);
    case "reduce":
      return reduceFact(graph, id, of);
    case "operation":
      return graph.dtypeOf(id) === "bool" ? { ...counting, interval: unit } : nothing;
    case "leaf":
      if (graph.dtypeOf(id) === "bool") return { ...counting, interval: unit };
      return graph.dtypeOf(id) === "int" ? { ...nothing, mayBeNaN: false } : nothing;
  }
}

function factOfValues(values: ArrayLike<number>): Fact {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [mayBeNaN, mayBeNegativeZero] = [false, false];
  for (let k = 0; k < values.length; k++) {
    const value = values[k]!;
    if (Number.isNaN(value)) mayBeNaN = true;
    else [low, high] = [Math.min(low, value), Math.max(high, value)];
    if (Object.is(value, -0)) mayBeNegativeZero = true;
  }
  return { interval: low <= high ? [low, high] : unbounded, mayBeNaN, mayBeNegativeZero };
}

function mapFact(primitive: Primitive, operands: readonly Fact[], isCondition: boolean): Fact {
  if (isCondition) return { ...counting, interval: unit };
  const intervals = operands.map(({ interval }) => interval);
  const interval = primitive.range?.(...intervals) ?? unbounded;
  return {
    interval,
    mayBeNaN: mayMapBeNaN(primitive, operands, interval),
    mayBeNegativeZero: interval[0] <= 0 && interval[1] >= 0 && mayMapBeNegativeZero(primitive.name, operands),
  };
}

/** From finite operands inside its domain to a bounded range, a primitive meets neither poles nor overflow. */
function mayMapBeNaN(primitive: Primitive, operands: readonly Fact[], range: Interval): boolean {
  const domain = primitive.domain ?? [unbounded];
  const isInside = operands.every(({ interval, mayBeNaN }, position) => {
    const within = domain[Math.min(position, domain.length - 1)]!;
    return !mayBeNaN && isBounded(interval) && interval[0] >= within[0] && interval[1] <= within[1];
  });
  return !(isInside && isBounded(range));
}

/** Primitives that never give -0, whatever they are given. */
const neverNegativeZero: ReadonlySet<string> = new Set([
  "exp",
  "exp2",
  "abs",
  "square",
  "sigmoid",
  "softplus",
  "cosh",
  "cos",
  "relu",
]);

/** Primitives that give -0 only when one of these operands can be -0. */
const negativeZeroFrom: Readonly<Record<string, readonly number[]>> = { sub: [0], toReal: [0], select: [1, 2] };

function mayMapBeNegativeZero(name: string, operands: readonly Fact[]): boolean {
  if (neverNegativeZero.has(name)) return false;
  // rounding to nearest, x + y is -0 only when both are
  if (name === "add") return operands.every((operand) => operand.mayBeNegativeZero);
  // of two zeros max takes the positive one
  if (name === "max" && operands.some(({ interval, mayBeNegativeZero }) => interval[0] >= 0 && !mayBeNegativeZero)) {
    return false;
  }
  if (name === "mul" && operands.every((operand) => operand.interval[0] >= 0)) {
    return operands.some((operand) => operand.mayBeNegativeZero);
  }
  const from = negativeZeroFrom[name];
  return from ? from.some((position) => operands[position]!.mayBeNegativeZero) : true;
}

function viewFact(graph: Graph, id: number, of: (operand: number) => Fact): Fact {
  const fact = of(graph.operandAt(id, graph.contractionOf(id).factors[0]!.operand));
  return isTotal(graph, id) ? fact : { ...fact, interval: union(fact.interval, [0, 0]) };
}

/** A sum has the sign that all its terms share; an absent term adds nothing, and an element that no term is added to is 0. */
function sumFact(graph: Graph, id: number, of: (operand: number) => Fact): Fact {
  const factors = graph.contractionOf(id).factors.map((factor) => of(graph.operandAt(id, factor.operand)));
  const [low, high] = factors.map(({ interval }) => interval).reduce(mulIntervals, [1, 1]);
  const contraction = graph.contractionOf(id);
  const isSomewhere = contraction.extents.every((extent) => extent.minus(1).isProvablyNonNegative([]));
  const hasTerms = isGather(contraction) && isSomewhere && isTotal(graph, id);
  return {
    interval: [
      low >= 0 ? (hasTerms ? low : 0) : Number.NEGATIVE_INFINITY,
      high <= 0 ? (hasTerms ? high : 0) : Number.POSITIVE_INFINITY,
    ],
    mayBeNaN: factors.some(({ mayBeNaN }) => mayBeNaN) || !isBounded([low, high]),
    mayBeNegativeZero: !(low >= 0 && factors.every(({ mayBeNegativeZero }) => !mayBeNegativeZero)),
  };
}

function reduceFact(graph: Graph, id: number, of: (operand: number) => Fact): Fact {
  const fact = of(graph.operandAt(id, graph.contractionOf(id).factors[0]!.operand));
  if (graph.combineOf(id) === "prod") {
    return { ...nothing, interval: fact.interval[0] >= 0 ? nonNegative : unbounded };
  }
  // an empty set of terms gives an infinity
  const empty = graph.combineOf(id) === "max" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const isSomewhere = isGather(graph.contractionOf(id)) && isTotal(graph, id);
  return isSomewhere ? fact : { ...fact, interval: union(fact.interval, [empty, empty]) };
}

function isBounded([low, high]: Interval): boolean {
  return low > Number.NEGATIVE_INFINITY && high < Number.POSITIVE_INFINITY;
}
