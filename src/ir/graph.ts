import {
  type Combine,
  type Contraction,
  canonicalContraction,
  contractionKey,
  isView as isViewStructure,
} from "./contraction.ts";
import { ShapeError, TypeMismatchError, UsageError } from "./errors.ts";
import { type Ability, type Extension, howTo } from "./extension.ts";
import { Integer } from "./integer.ts";
import { Interned, InternTable } from "./intern.ts";
import { NodeNames } from "./node-names.ts";
import { type Call, type Operation, typeKey, type ValueType } from "./operation.ts";
import type { DType, Primitive } from "./primitive.ts";
import { ofLibrary, requirePrimitive } from "./require-primitive.ts";
import type { Span } from "./source.ts";

export type Shape = readonly Integer[];

/** What a leaf stands for. Parameters and data are bound at the call; a variable is a stand-in that derivatives bind. */
export type LeafRole = "param" | "data" | "variable";

export interface Leaf {
  readonly role: LeafRole;
  readonly name: string;
}

/** Where a node comes from: a span of model text, or a TypeScript call site. */
export type Origin = Span | string;

const kinds = ["leaf", "constant", "tensor", "iota", "size", "map", "contraction", "reduce", "operation"] as const;
export type NodeKind = (typeof kinds)[number];
const kindCode = Object.fromEntries(kinds.map((kind, code) => [kind, code])) as Record<NodeKind, number>;
const dtypes: readonly DType[] = ["real", "int", "bool"];
const dtypeCode: Readonly<Record<DType, number>> = { real: 0, int: 1, bool: 2 };
const combines: readonly Combine[] = ["sum", "max", "min", "prod"];

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
  get isScalar(): boolean {
    return this.shape.length === 0;
  }
}

/**
 * The arena that owns nodes: append-only typed arrays, one column a field, with hash-consing on creation.
 * Nothing here simplifies; a node is what was asked for, in canonical form.
 */
export class Graph {
  private readonly nodes = new InternTable();
  private readonly handles: (Expr | undefined)[] = [];
  private readonly shapes = new Interned<Shape>((shape) => shape.map((size) => size.key).join(","));
  private readonly leaves: Leaf[] = [];
  private readonly leafIds = new Map<string, number>();
  private readonly constants = new Interned<number>(bitsOf);
  private readonly tensors = new Interned<Float64Array>((values) => Array.from(values, bitsOf).join(","));
  private readonly sizes = new Interned<Integer>((size) => size.key);
  private readonly primitives = new Interned<Primitive>(
    (primitive) => primitive,
    // partials make nodes of records that nobody has looked at
    (primitive) => ofLibrary.has(primitive) || requirePrimitive(primitive, new Graph()),
  );
  private readonly structures = new Interned<Contraction>(contractionKey);
  private readonly operations = new Interned<Operation>((operation) => operation.key);
  /** Every result of every operation, and for each operation where its results begin. */
  private readonly operationResults: { readonly operation: Operation; readonly result: number }[] = [];
  private readonly firstResults: number[] = [];
  private readonly origins: (Origin | undefined)[] = [];
  private currentOrigin: Origin | undefined;
  /** What people call nodes. */
  readonly names = new NodeNames();
  private variables = 0;
  private readonly extended: Set<Extension>;

  /** `extensions` are known before any node needs them. */
  constructor(extensions: Iterable<Extension> = []) {
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

  /** Number of nodes. */
  get length(): number {
    return this.nodes.length;
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

  kindOf(id: number): NodeKind {
    return kinds[this.nodes.kind(id)]!;
  }
  dtypeOf(id: number): DType {
    return dtypes[this.nodes.dtype(id)]!;
  }
  shapeOf(id: number): Shape {
    return this.shapes.at(this.nodes.shape(id));
  }
  /** Equal for two nodes exactly when their shapes are. */
  shapeIdOf(id: number): number {
    return this.nodes.shape(id);
  }
  operandIds(id: number): number[] {
    return this.nodes.operands(id);
  }
  operandsOf(id: number): Expr[] {
    const count = this.nodes.operandCount(id);
    const operands = new Array<Expr>(count);
    for (let k = 0; k < count; k++) operands[k] = this.expr(this.nodes.operandAt(id, k));
    return operands;
  }
  operandCount(id: number): number {
    return this.nodes.operandCount(id);
  }
  operandAt(id: number, position: number): number {
    return this.nodes.operandAt(id, position);
  }
  leafOf(id: number): Leaf {
    return this.leaves[this.nodes.payload(id)]!;
  }
  /** The value of a constant, the same in every element. */
  constantOf(id: number): number {
    return this.constants.at(this.nodes.payload(id));
  }
  tensorOf(id: number): Float64Array {
    return this.tensors.at(this.nodes.payload(id));
  }
  /** The axis whose position an iota holds. */
  iotaAxisOf(id: number): number {
    return this.nodes.payload(id);
  }
  sizeOf(id: number): Integer {
    return this.sizes.at(this.nodes.payload(id));
  }
  primitiveOf(id: number): Primitive {
    return this.primitives.at(this.nodes.payload(id));
  }
  /** Equal for two maps of one graph exactly when their primitives are; counts from 0. */
  primitiveNumberOf(id: number): number {
    return this.nodes.payload(id);
  }
  /** The index structure of a contraction or reduce. */
  contractionOf(id: number): Contraction {
    return this.structures.at(this.nodes.payload(id) >> 2);
  }
  /** How a contraction (sum) or reduce combines its terms. */
  combineOf(id: number): Combine {
    return combines[this.nodes.payload(id) & 3]!;
  }
  operationOf(id: number): Operation {
    return this.operationResults[this.nodes.payload(id)]!.operation;
  }
  /** Which result of its operation a node is. */
  resultOf(id: number): number {
    return this.operationResults[this.nodes.payload(id)]!.result;
  }
  /** The first result of the call that a node belongs to: the results of a call have consecutive ids. */
  callOf(id: number): number {
    return id - this.resultOf(id);
  }
  /** The whole call that a node is a result of. */
  call(id: number): Call {
    const operation = this.operationOf(id);
    const first = this.callOf(id);
    return { operation, operands: this.operandsOf(id), results: operation.results.map((_, k) => this.expr(first + k)) };
  }
  isView(id: number): boolean {
    return this.kindOf(id) === "contraction" && isViewStructure(this.contractionOf(id));
  }
  originOf(id: number): Origin | undefined {
    return this.origins[id];
  }

  /** Runs `build`; nodes it creates carry the origin, unless an inner call sets another. */
  withOrigin<T>(origin: Origin | undefined, build: () => T): T {
    const outer = this.currentOrigin;
    this.currentOrigin = origin ?? outer;
    try {
      return build();
    } finally {
      this.currentOrigin = outer;
    }
  }

  param(name: string, shape: Shape = []): Expr {
    return this.leaf({ role: "param", name }, shape, "real");
  }

  data(name: string, shape: Shape = [], dtype: DType = "real"): Expr {
    return this.leaf({ role: "data", name }, shape, dtype);
  }

  /** A fresh stand-in, distinct from every other node. */
  variable(shape: Shape, dtype: DType = "real"): Expr {
    return this.leaf({ role: "variable", name: `u${this.variables++}` }, shape, dtype);
  }

  /** Leaves have one name space a graph: the same name twice must mean the same leaf. */
  private leaf(leaf: Leaf, shape: Shape, dtype: DType): Expr {
    const key = `${leaf.role === "variable" ? "?" : ""}${leaf.name}`;
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
      throw new ShapeError(`a tensor of shape [${shape.join(", ")}] needs ${count} values, got ${values.length}.`);
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
    const payload = this.primitives.intern(primitive);
    const { arity } = primitive;
    if (arity === "variadic" ? operands.length < 2 : operands.length !== arity) {
      throw new UsageError(
        `${primitive.name} takes ${arity === "variadic" ? "two or more" : arity} operands, got ${operands.length}.`,
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
    const structure = this.structures.intern(canonical.contraction);
    const used = canonical.order.map((operand) => ids[operand]!);
    const dtype = this.productType(canonical.contraction, used);
    const shape = this.shapes.intern(contraction.shape);
    const kind = combine === "sum" ? "contraction" : "reduce";
    return this.node(kind, dtype, shape, (structure << 2) | combines.indexOf(combine), used);
  }

  /** A view keeps its operand's type; a product is real as soon as one factor is. */
  private productType(contraction: Contraction, operands: readonly number[]): DType {
    const types = contraction.factors.map((factor) => this.dtypeOf(operands[factor.operand]!));
    if (isViewStructure(contraction)) return types[0]!;
    if (types.length > 0 && types.every((type) => type !== "real")) return "int";
    return "real";
  }

  /**
   * The results of an operation, one node each. The nodes are made together: equal calls give the same ones, and every
   * user of a result comes after all of them. Throws UsageError, ShapeError, TypeMismatchError.
   */
  operation(operation: Operation, operands: readonly Expr[]): Expr[] {
    if (operands.length !== operation.operands.length) {
      throw new UsageError(`${operation.name} takes ${operation.operands.length} operands, got ${operands.length}.`);
    }
    const ids = operands.map((operand, position) => {
      this.own(operand);
      requireType(operation, position, operand);
      return operand.id;
    });
    if (operation.kind !== "kernel") this.extend(operation.extension);
    const number = this.operations.intern(operation);
    if (this.firstResults[number] === undefined) {
      this.firstResults[number] = this.operationResults.length;
      for (const result of operation.results.keys()) this.operationResults.push({ operation, result });
    }
    const first = this.firstResults[number]!;
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
    if (expr.graph !== this) {
      throw new UsageError("an expression of another model cannot be used here: each model owns its expressions.");
    }
  }

  private node(kind: NodeKind, dtype: DType, shape: number, payload: number, operands: readonly number[]): Expr {
    return this.expr(this.intern(kind, dtype, shape, payload, operands));
  }

  private intern(kind: NodeKind, dtype: DType, shape: number, payload: number, operands: readonly number[]): number {
    const before = this.nodes.length;
    const id = this.nodes.intern(kindCode[kind], dtypeCode[dtype], shape, payload, operands);
    if (id === before) this.origins.push(this.currentOrigin);
    return id;
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

export function showShape(shape: Shape): string {
  return `[${shape.map((size) => size.toString()).join(", ")}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size.equals(b[axis]!));
}

/** A key that tells -0 from 0 and knows one NaN. */
function bitsOf(value: number): number | string {
  return Object.is(value, -0) ? "-0" : value;
}
