import type { Expr, Shape } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { type Kernel, kernelKey, type ValueType } from "../../src/ir/operation.ts";
import type { Primitive } from "../../src/ir/primitive.ts";
import { emitForAll, emitLet, type KernelEmitter } from "../../src/lower/bodies/kernels.ts";
import type { Value } from "../../src/lower/program/loops.ts";
import { view } from "../../src/ops/arrays/contractions.ts";
import { add, div, mul, neg, square } from "../../src/ops/elementary/algebra.ts";
import { sqrt } from "../../src/ops/elementary/powers.ts";

/** An operation with two results, for tests: (x, y) -> (r, q) with r = sqrt(x^2 + y^2) and q = x / r. */
export function polar(shape: Shape): Kernel {
  const type: ValueType = { dtype: "real", shape };
  return {
    kind: "kernel",
    name: "polar",
    parameters: "",
    key: kernelKey("polar", "", [type, type]),
    operands: [type, type],
    results: [type, type],
    over: ([other]) => polar(other!.shape),
    cost: Integer.product(shape).times(5),
    evaluate: ([x, y], field) => {
      const radius = x!.values.map((value, k) =>
        field.apply(sqrt.primitive, [field.add(field.mul(value, value), field.mul(y!.values[k]!, y!.values[k]!))]),
      );
      return [radius, x!.values.map((value, k) => field.apply(div.primitive, [value, radius[k]!]))];
    },
    tangents: ({ operands, results }, [dx, dy], batch) => {
      const [x, y, r, q] = [...operands, ...results].map((node) => spread(node, batch)) as [Expr, Expr, Expr, Expr];
      const changes = [...(dx ? [mul(div(x, r), dx)] : []), ...(dy ? [mul(div(y, r), dy)] : [])];
      const dr = changes.length === 2 ? add(changes[0]!, changes[1]!) : changes[0];
      if (!dr) return [undefined, undefined];
      const ofRadius = neg(mul(div(q, r), dr));
      return [dr, dx ? add(div(dx, r), ofRadius) : ofRadius];
    },
    cotangents: ({ operands, results }, [cr, cq]) => {
      const [x, y] = operands as [Expr, Expr];
      const [r, q] = results as [Expr, Expr];
      // q = x / r: its share of r's cotangent is -q / r
      const parts = [...(cr ? [cr] : []), ...(cq ? [neg(mul(cq, div(q, r)))] : [])];
      const total = parts.length === 2 ? add(parts[0]!, parts[1]!) : parts[0];
      if (!total) return [undefined, undefined];
      const toX = mul(total, div(x, r));
      return [cq ? add(toX, div(cq, r)) : toX, mul(total, div(y, r))];
    },
  };
}

/** x repeated along axes at its end. */
function spread(x: Expr, batch: Shape): Expr {
  const shape = [...x.shape, ...batch];
  return view(
    x,
    shape,
    x.shape.map((_, axis) => Integer.iterator(axis)),
  );
}

const apply = (primitive: Primitive, ...operands: Value[]): Value => ({
  kind: "apply",
  primitive,
  operands,
  dtype: "real",
});

export const emitPolar: KernelEmitter = ({ builder, call, operand, result }) => {
  const { shape } = call.results[0]!;
  emitForAll(builder, shape, (index) => {
    const [x, y] = [operand(0, index), operand(1, index)];
    const squares = apply(add.primitive, apply(square.primitive, x), apply(square.primitive, y));
    const r = emitLet(builder, apply(sqrt.primitive, squares));
    const address = builder.address(index, shape);
    builder.emit({ kind: "store", buffer: result(0), address, value: r });
    builder.emit({ kind: "store", buffer: result(1), address, value: apply(div.primitive, x, r) });
  });
};
