import { type Combine, type Contraction, contractionKey, isView as isViewStructure } from "./contraction.ts";
import type { Shape } from "./graph.ts";
import type { Integer } from "./integer.ts";
import { Interned, InternTable } from "./intern.ts";
import type { Operation } from "./operation.ts";
import type { DType, Primitive } from "./primitive.ts";
import type { Span } from "./source.ts";

/**
 * What a leaf stands for. Parameters and data are bound at the call, and so are varied data, which derivatives are taken in; a
 * variable is a stand-in that derivatives bind.
 */
export type LeafRole = "param" | "data" | "varied" | "variable";

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
 * What owns the nodes of a graph, by id: append-only typed arrays, one column a field, hash-consed on creation. What a row cannot
 * hold, its payload, is interned beside it.
 */
export class Arena {
  protected readonly nodes = new InternTable();
  protected readonly shapes = new Interned<Shape>((shape) => shape.map((size) => size.key).join(","));
  protected readonly leaves: Leaf[] = [];
  protected readonly constants = new Interned<number>(bitsOf);
  protected readonly tensors: Interned<Float64Array> = new Interned((values) => Array.from(values, bitsOf).join(","));
  protected readonly sizes = new Interned<Integer>((size) => size.key);
  protected readonly primitives = new Interned<Primitive>((primitive) => primitive);
  private readonly structures = new Interned<Contraction>(contractionKey);
  private readonly operations = new Interned<Operation>((operation) => operation.key);
  /** Every result of every operation, and for each operation where its results begin. */
  private readonly operationResults: { readonly operation: Operation; readonly result: number }[] = [];
  private readonly firstResults: number[] = [];
  private readonly origins: (Origin | undefined)[] = [];
  protected currentOrigin: Origin | undefined;

  /** Number of nodes. */
  get length(): number {
    return this.nodes.length;
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

  protected payloadOfCombination(combine: Combine, contraction: Contraction): number {
    return (this.structures.intern(contraction) << 2) | combines.indexOf(combine);
  }

  /** The payload of an operation's first result; those of its others follow. */
  protected payloadOfFirstResult(operation: Operation): number {
    const number = this.operations.intern(operation);
    if (this.firstResults[number] === undefined) {
      this.firstResults[number] = this.operationResults.length;
      for (const result of operation.results.keys()) this.operationResults.push({ operation, result });
    }
    return this.firstResults[number];
  }

  /** The node with these fields: the known one, or a new one at the end, from the present origin. */
  protected intern(kind: NodeKind, dtype: DType, shape: number, payload: number, operands: readonly number[]): number {
    const before = this.nodes.length;
    const id = this.nodes.intern(kindCode[kind], dtypeCode[dtype], shape, payload, operands);
    if (id === before) this.origins.push(this.currentOrigin);
    return id;
  }
}

/** A key that tells -0 from 0 and knows one NaN. */
function bitsOf(value: number): number | string {
  return Object.is(value, -0) ? "-0" : value;
}
