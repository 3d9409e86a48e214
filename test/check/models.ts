import type { CompilableModel } from "../../src/compile/compile.ts";
import { iterators } from "../../src/ir/contraction.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { matmul } from "../../src/ops/arrays/composites.ts";
import { axes, broadcast, contract, dot, sum, view } from "../../src/ops/arrays/contractions.ts";
import { add, div, mul, neg, square, sub } from "../../src/ops/elementary/algebra.ts";
import { toReal } from "../../src/ops/elementary/cast.ts";
import { exp, log } from "../../src/ops/elementary/exponential.ts";
import { tanh } from "../../src/ops/elementary/hyperbolic.ts";
import { relu, softplus } from "../../src/ops/special/activation.ts";

const [n, d, h] = ["n", "d", "h"].map(Integer.named) as [Integer, Integer, Integer];
const i = iterators(0);

/** A model of the leaves of a graph: parameters and data in the order in which they were made. */
export function modelOf(name: string, loss: Expr, more: Partial<CompilableModel> = {}): CompilableModel {
  const { graph } = loss;
  const leaves = Array.from({ length: graph.length }, (_, id) => graph.expr(id)).filter(({ kind }) => kind === "leaf");
  const named = (role: string) =>
    leaves
      .map((expr) => ({ expr, ...graph.leafOf(expr.id) }))
      .filter((leaf) => leaf.role === role)
      .map(({ expr, name }) => ({ expr, name }));
  return { name, graph, loss, parameters: named("param"), data: named("data"), outputs: new Map(), ...more };
}

/** softplus(-y (X w + b)), averaged, with a penalty. */
export function logistic(): CompilableModel {
  const graph = new Graph();
  const [w, b] = [graph.param("w", [d]), graph.param("b")];
  const [X, y] = [graph.data("X", [n, d]), graph.data("y", [n])];
  const margin = mul(y, add(matmul(X, w), broadcast(b, [n])));
  return modelOf("logistic", add(div(sum(softplus(neg(margin))), toReal(graph.size(n))), mul(0.5e-3, dot(w, w))));
}

export function rosenbrock(): CompilableModel {
  const x = new Graph().param("x", [n]);
  const size = n.minus(1);
  const [left, right] = [view(x, [size], [i]), view(x, [size], [i.plus(1)])];
  return modelOf("rosenbrock", sum(add(mul(100, square(sub(right, square(left)))), square(sub(1, left)))));
}

/** A regression by a network with `depth` hidden layers of width h. */
export function network(depth: number, activation: (x: Expr) => Expr = tanh): CompilableModel {
  const graph = new Graph();
  let layer = graph.data("X", [n, h]);
  for (let k = 0; k < depth; k++) {
    const [W, b] = [graph.param(`W${k}`, [h, h]), graph.param(`b${k}`, [h])];
    layer = activation(add(matmul(layer, W), broadcast(b, [n, h], [1])));
  }
  const last = graph.param("w", [h]);
  return modelOf("network", sum(square(sub(matmul(layer, last), graph.data("y", [n])))));
}

/** Layers of width h with tanh between them; the mean square of the error. */
export function perceptron(layers: number): CompilableModel {
  const graph = new Graph();
  let layer = graph.data("X", [n, h]);
  for (let k = 0; k < layers; k++) {
    const [W, b] = [graph.param(`W${k}`, [h, h]), graph.param(`b${k}`, [h])];
    const linear = add(matmul(layer, W), broadcast(b, [n, h], [1]));
    layer = k < layers - 1 ? tanh(linear) : linear;
  }
  const error = sub(layer, graph.data("Y", [n, h]));
  return modelOf("perceptron", div(sum(square(error)), toReal(graph.size(n.times(h)))));
}

/** Rows of a table chosen by int data, with a kink. */
export function embedding(): CompilableModel {
  const graph = new Graph();
  const table = graph.param("table", [n, d]);
  const chosen = graph.data("chosen", [h], "int");
  const rows = contract({
    extents: [h, d],
    output: axes(2),
    shape: [h, d],
    factors: [{ of: table, index: [Integer.lookup(0, [i]), iterators(1)] }],
    lookups: [chosen],
  });
  return modelOf("embedding", sum(relu(mul(rows, exp(rows)))));
}

/** Defined for positive parameters only. */
export function logarithms(): CompilableModel {
  const x = new Graph().param("x", [n]);
  return modelOf("logarithms", sum(mul(x, log(x))));
}
