import { Arena, type Leaf, type NodeKind } from "./arena.ts";
import { ofLibrary, requirePrimitive } from "./arguments/require-primitive.ts";
import { type Combine, type Contraction, canonicalContraction, isView } from "./contraction.ts";
import { counted } from "./counted.ts";
import { ShapeError, TypeMismatchError, UsageError } from "./errors.ts";
import { type Ability, type Extension, howTo } from "./extension.ts";
import { Integer } from "./integer.ts";
import { NodeNames } from "./node-names.ts";
import { type Call, type Operation, typeKey, type ValueType } from "./operation.ts";
import type { DType, Primitive } from "./primitive.ts";

export type Shape = readonly Integer[];

/**
 * A node of a graph: a light handle. Within one graph equal expressions are one object, so `===` compares them;
 * ids count upwards and every operand's id is smaller than its user's.
 */
export class Expr {
  readonly graph: Graph;
  readonly id: number;

  constructor(graph: Graph, id: number) {
    this.graph = graph;
    this.id = id;
  }

  get kind(): NodeKind {
    return this.graph.kindOf(this.id);
  }
  get dtype(): DType {
    return this.graph.dtypeOf(this.id);
  }
  get shape(): Shape {
    return this.graph.shapeOf(this.id);
  }
  get operands(): Expr[] {
    return this.graph.operandsOf(this.id);
  }
  /** The number that a constant is; undefined of other nodes. */
  get constant(): number | undefined {
    return this.kind === "constant" ? this.graph.constantOf(this.id) : undefined;
  }
  get isScalar(): boolean {
    return this.shape.length === 0;
  }
}

export const ofAnotherModel = (): UsageError =>
  new UsageError("an expression of another model cannot be used here: each model owns its expressions.");

/**
 * Expressions and how they are made: each a node of the arena, known where an equal one is there. Nothing here simplifies; a node
 * is what was asked for, in canonical form.
 */
export class Graph extends Arena {
  private readonly handles: (Expr | undefined)[] = [];
  private readonly leafIds = new Map<string, number>();
  /** What people call nodes. */
  readonly names = new NodeNames();
  private variables = 0;
  private readonly extended: Set<Extension>;

  /** `extensions` are known before any node needs them. */
  constructor(extensions: Iterable<Extension> = []) {
    super();
    this.extended = new Set(extensions);
  }

  /** What the nodes need beyond the core. */
  get extensions(): readonly Extension[] {
    return [...this.extended];
  }

  /** How the first extension that can do something does it; undefined where none can. */
  ability<T>(ability: Ability<T>): T | undefined {
    for (const extension of this.extended) {
      const how = howTo(ability, extension);
      if (how !== undefined) return how;
    }
    return undefined;
  }

  /** Makes an extension known. */
  extend(extension: Extension): void {
    this.extended.add(extension);
  }

  expr(id: number): Expr {
    let handle = this.handles[id];
    if (!handle) {
      if (id < 0 || id >= this.length) throw new UsageError(`no node ${id} in this graph.`);
      handle = new Expr(this, id);
      this.handles[id] = handle;
    }
    return handle;
  }

  operandsOf(id: number): Expr[] {
    const count = this.nodes.operandCount(id);
    const operands = new Array<Expr>(count);
    for (let k = 0; k < count; k++) operands[k] = this.expr(this.nodes.operandAt(id, k));
    return operands;
  }

  /** The whole call that a node is a result of. */
  call(id: number): Call {
    const operation = this.operationOf(id);
    const first = this.callOf(id);
    return { operation, operands: this.operandsOf(id), results: operation.results.map((_, k) => this.expr(first + k)) };
  }

  param(name: string, shape: Shape = []): Expr {
    return this.leaf({ role: "param", name }, shape, "real");
  }

  data(name: string, shape: Shape = [], dtype: DType = "real"): Expr {
    return this.leaf({ role: "data", name }, shape, dtype);
  }

  /** What stands for data where derivatives are taken in them: a leaf beside that of the data themselves. */
  varied(name: string, shape: Shape = []): Expr {
    return this.leaf({ role: "varied", name }, shape, "real");
  }

  /** A fresh stand-in, distinct from every other node. */
  variable(shape: Shape, dtype: DType = "real"): Expr {
    return this.leaf({ role: "variable", name: `u${this.variables++}` }, shape, dtype);
  }

  /** Leaves have one name space a graph, stand-ins aside: the same name twice must mean the same leaf. */
  private leaf(leaf: Leaf, shape: Shape, dtype: DType): Expr {
    const isStandIn = leaf.role === "variable" || leaf.role === "varied";
    const key = JSON.stringify([isStandIn ? leaf.role : "", leaf.name]);
    const known = this.leafIds.get(key);
    if (known !== undefined) {
      const declared = this.leaves[this.nodes.payload(known)]!;
      const same = declared.role === leaf.role && this.dtypeOf(known) === dtype;
      if (same && this.shapeIdOf(known) === this.shapes.intern(shape)) return this.expr(known);
      throw new UsageError(`"${leaf.name}" is declared twice with different roles, types or shapes.`);
    }
    this.leaves.push(leaf);
    const created = this.node("leaf", dtype, this.shapes.intern(shape), this.leaves.length - 1, []);
    this.leafIds.set(key, created.id);
    return created;
  }

  /** A constant with one value in every element. */
  constant(value: number, shape: Shape = [], dtype: DType = "real"): Expr {
    return this.constantOfShapeId(value, this.shapes.intern(shape), dtype);
  }

  /** A constant in the shape of another node. */
  constantLike(value: number, like: Expr, dtype: DType = "real"): Expr {
    return this.constantOfShapeId(value, this.nodes.shape(like.id), dtype);
  }

  private constantOfShapeId(value: number, shape: number, dtype: DType): Expr {
    return this.node("constant", dtype, shape, this.constants.intern(value), []);
  }

  /** A constant tensor in row-major order; the values are copied. */
  tensor(values: ArrayLike<number>, shape: readonly number[], dtype: DType = "real"): Expr {
    const count = shape.reduce((product, size) => product * size, 1);
    if (count !== values.length) {
      throw new ShapeError(
        `a tensor of shape [${shape.join(", ")}] needs ${counted(count, "value")}, got ${values.length}.`,
      );
    }
    const copy = this.tensors.intern(Float64Array.from(values));
    return this.node("tensor", dtype, this.shapes.intern(shape.map((size) => Integer.constant(size))), copy, []);
  }

  /** The int tensor whose element is its own position along `axis`. */
  iota(shape: Shape, axis: number): Expr {
    if (!(axis >= 0 && axis < shape.length)) throw new ShapeError(`iota has no axis ${axis} in rank ${shape.length}.`);
    return this.node("iota", "int", this.shapes.intern(shape), axis, []);
  }

  /** A symbolic integer as an int value, the same in every element. */
  size(size: Integer, shape: Shape = []): Expr {
    if (size.value !== undefined) return this.constant(size.value, shape, "int");
    return this.node("size", "int", this.shapes.intern(shape), this.sizes.intern(size), []);
  }

  /** One scalar function over operands of one shape. */
  map(primitive: Primitive, operands: readonly Expr[]): Expr {
    const payload = this.primitives.intern(primitive, admit);
    const { arity } = primitive;
    if (arity === "variadic" ? operands.length < 2 : operands.length !== arity) {
      throw new UsageError(
        `${primitive.name} takes ${arity === "variadic" ? "two or more operands" : counted(arity, "operand")}, got ${operands.length}.`,
      );
    }
    const shape = this.nodes.shape(operands[0]!.id);
    const ids = new Array<number>(operands.length);
    for (let position = 0; position < operands.length; position++) {
      const operand = operands[position]!;
      this.own(operand);
      ids[position] = operand.id;
      if (this.nodes.shape(operand.id) !== shape) {
        const shapes = operands.map((each) => showShape(each.shape));
        throw new ShapeError(`${primitive.name} needs operands of one shape, got ${shapes.join(", ")}.`, { shapes });
      }
      const needed = operandType(primitive, position);
      const dtype = this.dtypeOf(operand.id);
      if (dtype !== needed && !(needed === "real" && primitive.result === "same")) {
        throw new TypeMismatchError(`${primitive.name} needs a ${needed} as operand ${position + 1}, got a ${dtype}.`);
      }
    }
    const result = primitive.result === "same" ? this.commonType(primitive, ids) : (primitive.result ?? "real");
    return this.expr(this.mapOfIds(primitive, payload, result, shape, ids));
  }

  /** The node of a map; `ids` may be reordered. */
  private mapOfIds(primitive: Primitive, payload: number, dtype: DType, shape: number, ids: number[]): number {
    if (primitive.isCommutative && ids.length === 2 && ids[0]! > ids[1]!) ids.reverse();
    return this.intern("map", dtype, shape, payload, ids);
  }

  /** For primitives that keep their operands' type: int or bool when all are, real as soon as one is. */
  private commonType(primitive: Primitive, operands: readonly number[]): DType {
    let common: DType | undefined;
    for (let position = 0; position < operands.length; position++) {
      if (operandType(primitive, position) !== "real") continue;
      const dtype = this.dtypeOf(operands[position]!);
      if (dtype === "real") return dtype;
      common = common === undefined || common === dtype ? dtype : "int";
    }
    return common!;
  }

  /** Sum over a domain of a product of reads; see {@link Contraction}. The operands give the factors' types and shapes. */
  contraction(contraction: Contraction, operands: readonly Expr[]): Expr {
    return this.combination("sum", contraction, operands);
  }

  /** The largest, smallest or product of one read over a domain; see {@link Contraction}. */
  reduce(combine: Exclude<Combine, "sum">, contraction: Contraction, operands: readonly Expr[]): Expr {
    if (contraction.factors.length !== 1) throw new UsageError(`${combine} reads one factor.`);
    return this.combination(combine, contraction, operands);
  }

  combination(combine: Combine, contraction: Contraction, operands: readonly Expr[]): Expr {
    for (const operand of operands) this.own(operand);
    const ids = operands.map((operand) => operand.id);
    const canonical = canonicalContraction(contraction, { ids, shapes: operands.map(({ shape }) => shape) });
    const payload = this.payloadOfCombination(combine, canonical.contraction);
    const used = canonical.order.map((operand) => ids[operand]!);
    const dtype = this.productType(canonical.contraction, used);
    const shape = this.shapes.intern(contraction.shape);
    const kind = combine === "sum" ? "contraction" : "reduce";
    return this.node(kind, dtype, shape, payload, used);
  }

  /** A view keeps its operand's type; a product is real as soon as one factor is. */
  private productType(contraction: Contraction, operands: readonly number[]): DType {
    const types = contraction.factors.map((factor) => this.dtypeOf(operands[factor.operand]!));
    if (isView(contraction)) return types[0]!;
    if (types.length > 0 && types.every((type) => type !== "real")) return "int";
    return "real";
  }

  /**
   * The results of an operation, one node each. The nodes are made together: equal calls give the same ones, and every
   * user of a result comes after all of them. Throws UsageError, ShapeError, TypeMismatchError.
   */
  operation(operation: Operation, operands: readonly Expr[]): Expr[] {
    if (operands.length !== operation.operands.length) {
      throw new UsageError(
        `${operation.name} takes ${counted(operation.operands.length, "operand")}, got ${operands.length}.`,
      );
    }
    const ids = operands.map((operand, position) => {
      this.own(operand);
      requireType(operation, position, operand);
      return operand.id;
    });
    if (operation.kind !== "kernel") this.extend(operation.extension);
    const first = this.payloadOfFirstResult(operation);
    return operation.results.map(({ dtype, shape }, k) =>
      this.node("operation", dtype, this.shapes.intern(shape), first + k, ids),
    );
  }

  /** A node like `id` with other operands of the same shapes and types: how passes rebuild what they replaced. */
  withOperands(id: number, operands: readonly Expr[]): Expr {
    switch (this.kindOf(id)) {
      case "map":
        return this.map(this.primitiveOf(id), operands);
      case "contraction":
      case "reduce":
        return this.combination(this.combineOf(id), this.contractionOf(id), operands);
      case "operation":
        return this.operation(this.operationOf(id), operands)[this.resultOf(id)]!;
      default:
        return this.expr(id);
    }
  }

  /**
   * The same by ids, `operands` in place of its own, and from the same origin: where types are those of before, nothing
   * needs to be checked.
   */
  withOperandIds(id: number, operands: number[]): number {
    const outer = this.currentOrigin;
    this.currentOrigin = this.originOf(id) ?? outer;
    try {
      const kind = this.kindOf(id);
      if (kind !== "operation" && this.areAlike(id, operands)) {
        const payload = this.nodes.payload(id);
        const shape = this.nodes.shape(id);
        if (kind === "map")
          return this.mapOfIds(this.primitives.at(payload), payload, this.dtypeOf(id), shape, operands);
        // what sorts factors and merges equal ones is the order of operands: where that stays, so does the structure
        if (this.areInSameOrder(id, operands)) return this.intern(kind, this.dtypeOf(id), shape, payload, operands);
      }
      return this.withOperands(
        id,
        operands.map((operand) => this.expr(operand)),
      ).id;
    } finally {
      this.currentOrigin = outer;
    }
  }

  /** True when the operands have the shapes and types of the node's own. */
  private areAlike(id: number, operands: readonly number[]): boolean {
    for (let k = 0; k < operands.length; k++) if (!this.isAlike(operands[k]!, this.operandAt(id, k))) return false;
    return true;
  }

  /** True when two operands are equal, or one before the other, just where the node's own are. */
  private areInSameOrder(id: number, operands: readonly number[]): boolean {
    for (let a = 1; a < operands.length; a++) {
      for (let b = 0; b < a; b++) {
        const before = Math.sign(this.operandAt(id, a) - this.operandAt(id, b));
        if (Math.sign(operands[a]! - operands[b]!) !== before) return false;
      }
    }
    return true;
  }

  private isAlike(a: number, b: number): boolean {
    return this.nodes.shape(a) === this.nodes.shape(b) && this.nodes.dtype(a) === this.nodes.dtype(b);
  }

  private own(expr: Expr): void {
    if (expr.graph !== this) throw ofAnotherModel();
  }

  private node(kind: NodeKind, dtype: DType, shape: number, payload: number, operands: readonly number[]): Expr {
    return this.expr(this.intern(kind, dtype, shape, payload, operands));
  }
}

/** The type a primitive needs at a position; the last entry serves the operands beyond it. */
export function operandType(primitive: Primitive, position: number): DType {
  const types = primitive.operands;
  return types ? types[Math.min(position, types.length - 1)]! : "real";
}

function requireType(operation: Operation, position: number, operand: ValueType): void {
  const wanted = operation.operands[position]!;
  if (typeKey(wanted) === typeKey(operand)) return;
  const [needed, got] = [wanted, operand].map(({ dtype, shape }) => `${dtype}${showShape(shape)}`);
  const message = `${operation.name} needs ${needed} as operand ${position + 1}, got ${got}.`;
  throw wanted.dtype === operand.dtype ? new ShapeError(message) : new TypeMismatchError(message);
}

/** A shape as errors write it: [n, d]. */
export function showShape(shape: Shape): string {
  return `[${shape.map((size) => size.toString()).join(", ")}]`;
}

/** True of shapes of as many axes, of provably equal sizes. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size.equals(b[axis]!));
}

/** Throws for what is no record of a primitive: partials make nodes of records that nobody has looked at. */
function admit(primitive: Primitive): void {
  if (!ofLibrary.has(primitive)) requirePrimitive(primitive, new Graph());
}
