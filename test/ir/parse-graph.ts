import { type Body, bodyOf } from "../../src/ir/bodies/body.ts";
import { choiceOf } from "../../src/ir/bodies/choice.ts";
import { definitionOf } from "../../src/ir/bodies/definition.ts";
import { implicitOf } from "../../src/ir/bodies/implicit.ts";
import { type Scan, scanWith } from "../../src/ir/bodies/scan.ts";
import { whileWith } from "../../src/ir/bodies/while.ts";
import type { Combine, Factor, Guard } from "../../src/ir/contraction.ts";
import { LimitError } from "../../src/ir/errors.ts";
import type { Extension } from "../../src/ir/extension.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { type KernelLookup, type Operation, typeKey } from "../../src/ir/operation.ts";
import type { DType, Primitive } from "../../src/ir/primitive.ts";
import { graphHeader, showType } from "../../src/ir/show.ts";
import type { Source } from "../../src/ir/source.ts";
import { Tokens } from "./tokens.ts";

/** Finds primitives by name; the registry provides one. */
export type PrimitiveLookup = (name: string) => Primitive | undefined;

export interface ParsedGraph {
  readonly graph: Graph;
  readonly roots: readonly Expr[];
}

/**
 * Reads the text form of a graph. Into a graph that already holds the nodes, the same handles come back. A variable
 * is the one of that name which the graph has, else a fresh one. Operations with bodies need their extension. Throws ModelSyntaxError with the place.
 */
export function parseGraph(
  source: Source,
  primitives: PrimitiveLookup,
  graph: Graph = new Graph(),
  kernels: KernelLookup = () => undefined,
  loops?: Extension,
): ParsedGraph {
  return new GraphReader(source, primitives, kernels, loops, graph).read();
}

/** Quotients may nest this deep in an index. */
const deepest = 100;

class GraphReader extends Tokens {
  private readonly primitives: PrimitiveLookup;
  private readonly kernels: KernelLookup;
  private readonly loops: Extension | undefined;
  private graph: Graph;
  private nodes: Expr[] = [];
  private readonly variables = new Map<string, Expr>();
  /** Where the current node's lookups point; empty outside contractions. */
  private operands: Expr[] = [];
  private depth = 0;
  private bodies = 0;

  constructor(
    source: Source,
    primitives: PrimitiveLookup,
    kernels: KernelLookup,
    loops: Extension | undefined,
    graph: Graph,
  ) {
    super(source);
    this.loops = loops;
    this.primitives = primitives;
    this.kernels = kernels;
    this.graph = graph;
  }

  read(): ParsedGraph {
    const firstLine = this.source.text.split("\n", 1)[0]!;
    if (firstLine !== graphHeader) {
      throw this.error(
        `a graph starts with the line "${graphHeader}", got "${firstLine.slice(0, 60)}".`,
        0,
        firstLine.length,
      );
    }
    this.end = firstLine.length;
    this.next();
    this.findVariables();
    while (this.kind === "newline") {
      this.next();
      if (this.is("node")) this.nodeLine();
      else if (this.text === "roots") return { graph: this.graph, roots: this.roots() };
      else if (!this.is("newline")) throw this.unexpected("a node or the roots");
    }
    throw this.unexpected("the line of roots");
  }

  private findVariables(): void {
    for (let id = 0; id < this.graph.length; id++) {
      if (this.graph.kindOf(id) !== "leaf" || this.graph.leafOf(id).role !== "variable") continue;
      this.variables.set(this.graph.leafOf(id).name, this.graph.expr(id));
    }
  }

  private nodeLine(): void {
    const number = this.take("node");
    if (number !== `%${this.nodes.length}`) throw this.error(`the next node is %${this.nodes.length}, got ${number}.`);
    this.sign("=");
    const lineStart = this.start;
    const build = this.definition();
    this.sign(":");
    const declared = this.type();
    const node = build(declared);
    const found = showType(node.dtype, node.shape);
    const wanted = showType(declared.dtype, declared.shape);
    if (found !== wanted) throw this.error(`${number} is declared ${wanted}, but is ${found}.`, lineStart, this.start);
    this.nodes.push(node);
    if (this.kind !== "newline" && !this.is("sign", ";")) throw this.unexpected("the end of the line");
  }

  private definition(): (type: Type) => Expr {
    const { graph } = this;
    const at = this.start;
    const word = this.take("word");
    switch (word) {
      case "param": {
        const name = this.string();
        return ({ shape }) => graph.param(name, shape);
      }
      case "data": {
        const name = this.string();
        return ({ shape, dtype }) => graph.data(name, shape, dtype);
      }
      case "variable": {
        const name = this.string();
        return (type) => this.variable(name, type);
      }
      case "constant": {
        const value = this.number();
        return ({ shape, dtype }) => graph.constant(value, shape, dtype);
      }
      case "tensor": {
        const values = this.list("[", "]", () => this.number());
        return ({ shape, dtype }) =>
          graph.tensor(
            values,
            shape.map((size) => size.value ?? Number.NaN),
            dtype,
          );
      }
      case "iota": {
        const axis = this.number();
        return ({ shape }) => graph.iota(shape, axis);
      }
      case "size": {
        const size = this.size();
        return ({ shape }) => graph.size(size, shape);
      }
      case "contract":
        return this.terms("sum");
      case "reduce": {
        const how = this.take("word");
        if (how !== "max" && how !== "min" && how !== "prod") throw this.error(`no reduction is called "${how}".`, at);
        return this.terms(how);
      }
      case "result": {
        const result = this.number();
        this.word("of");
        const results = this.call();
        const node = results[result];
        if (!node) throw this.error(`there is no result ${result}: they are 0 to ${results.length - 1}.`, at);
        return () => node;
      }
      default: {
        const primitive = this.primitives(word);
        if (!primitive) throw this.error(`no operation is called "${word}".`, at, at + word.length);
        const operands: Expr[] = [];
        while (this.kind === "node") operands.push(this.node());
        return () => graph.map(primitive, operands);
      }
    }
  }

  /** The results of a call: that of a node above, or a new one. */
  private call(): readonly Expr[] {
    if (this.is("node")) {
      const at = this.start;
      const node = this.node();
      if (node.kind !== "operation") throw this.error("this node is no result of a call.", at);
      return this.graph.call(node.id).results;
    }
    const at = this.start;
    const name = this.take("word");
    const own = this.loops && this.ownOperation(name, this.loops);
    if (own) {
      const operands: Expr[] = [];
      while (this.kind === "node") operands.push(this.node());
      return this.graph.operation(own, operands);
    }
    const parameters = this.kind === "string" ? this.string() : "";
    const operands: Expr[] = [];
    while (this.kind === "node") operands.push(this.node());
    const kernel = this.kernels(name, parameters, operands);
    if (!kernel) throw this.error(`no operation with such operands is called "${name}".`, at, at + name.length);
    return this.graph.operation(kernel, operands);
  }

  /** An operation with bodies. */
  private ownOperation(name: string, extension: Extension): Operation | undefined {
    switch (name) {
      case "scan":
        return this.scan(extension);
      case "while": {
        const how = this.take("word");
        const limit = this.size();
        this.word("carry");
        const carries = this.number();
        const at = this.start;
        const body = this.body();
        const isWhole = carries <= body.parameters.length && carries + 1 === body.roots.length;
        if (!isWhole || body.roots[carries]!.dtype !== "bool") {
          throw this.error("the body of a while takes carries and constants, and gives carries and a condition.", at);
        }
        return whileWith(body, { extension, limit, isLimited: how === "limit", carries });
      }
      case "solution": {
        const name = this.string();
        const leading = this.number();
        const residual = this.body();
        return implicitOf({ extension, name, solver: this.body(), residual, leading });
      }
      case "choice": {
        const at = this.start;
        const [yes, no] = [this.body(), this.body()];
        const types = (list: readonly Expr[]) => list.map(typeKey).join();
        const isEqual = [yes, no].map(({ parameters, roots }) => `${types(parameters)} ${types(roots)}`);
        if (isEqual[0] !== isEqual[1]) throw this.error("both sides of a choice take and give the same.", at);
        return choiceOf({ extension, yes: yes!, no: no! });
      }
      case "definition": {
        const name = this.string();
        return definitionOf({ extension, name, body: this.body() });
      }
      default:
        return undefined;
    }
  }

  /** up n carry 1 read 0 stack 0 (real[d], int) { ... } */
  private scan(extension: Extension): Scan {
    const direction = this.take("word");
    const [, way, blocks] = /^(up|down)(Blocks)?$/.exec(direction) ?? [];
    if (!way) throw this.error(`a scan runs up or down, got "${direction}".`);
    const length = this.size();
    const [carries, inputs, stacks] = ["carry", "read", "stack"].map((word) => {
      this.word(word);
      return this.number();
    }) as [number, number, number];
    const at = this.start;
    const body = this.body();
    const step = body.parameters.at(-1);
    const isWhole = carries + inputs < body.parameters.length && carries + stacks <= body.roots.length;
    if (!isWhole || step?.dtype !== "int" || step.shape.length > 0) {
      throw this.error("the body of a scan takes carries, slices, constants and the step, an int.", at);
    }
    return scanWith(body, {
      extension,
      length,
      isReversed: way === "down",
      isBlocks: blocks !== undefined,
      carries,
      inputs,
      stacks,
    });
  }

  /** (real[d], int) { %0 = ...; roots %0 }: a graph of its own. */
  private body(): Body {
    if (++this.bodies > deepest) throw new LimitError(`bodies nest deeper than ${deepest}.`, { span: this.span() });
    const types = this.list("(", ")", () => this.type());
    const { graph, nodes } = this;
    this.graph = new Graph();
    this.nodes = [];
    const parameters = types.map(({ shape, dtype }, k) => this.graph.data(`p${k}`, shape, dtype));
    this.sign("{");
    while (this.is("node")) {
      this.nodeLine();
      this.sign(";");
    }
    this.word("roots");
    const roots: Expr[] = [];
    while (this.is("node")) roots.push(this.node());
    const body = bodyOf(parameters, roots);
    this.graph = graph;
    this.nodes = nodes;
    this.bodies--;
    this.sign("}");
    return body;
  }

  /** (i0: n, i1: d) out[i0] += %0[i0, i1] * %1[i1] where 0 <= i1 - 1 < m */
  private terms(how: Combine): (type: Type) => Expr {
    this.operands = [];
    const extents = this.list("(", ")", (position) => {
      const name = this.take("word");
      if (name !== `i${position}`) throw this.error(`the next iterator is i${position}, got "${name}".`);
      this.sign(":");
      return this.size();
    });
    this.word("out");
    const output = this.list("[", "]", () => this.integer());
    if (how === "sum") this.sign("+=");
    else {
      this.word(how);
      this.sign("=");
    }
    const factors: Factor[] = [];
    if (this.kind === "number" && this.text === "1") this.next();
    else {
      do {
        if (factors.length > 0) this.next();
        const of = this.node();
        factors.push({ operand: this.operand(of), index: this.index(of) });
      } while (this.text === "*");
    }
    const guards: Guard[] = [];
    while (this.text === (guards.length === 0 ? "where" : "and")) {
      this.next();
      if (this.number() !== 0) throw this.error("a condition starts with 0 <=.");
      this.sign("<=");
      const index = this.integer();
      const isBounded = this.is("sign", "<");
      if (isBounded) this.next();
      guards.push({ index, extent: isBounded ? this.size() : undefined });
    }
    const operands = this.operands;
    this.operands = [];
    const indices = [...output, ...factors.flatMap(({ index }) => index), ...guards.map(({ index }) => index)];
    const beyond = indices.flatMap((index) => index.iterators()).find((iterator) => iterator >= extents.length);
    if (beyond !== undefined) throw this.error(`i${beyond} is no iterator of this domain.`);
    if (how !== "sum" && factors.length !== 1) throw this.error(`${how} reads one factor, got ${factors.length}.`);
    return ({ shape }) => {
      if (output.length !== shape.length) throw this.error(`out has ${output.length} axes, its type ${shape.length}.`);
      return this.graph.combination(how, { extents, output, shape, factors, guards }, operands);
    };
  }

  private operand(node: Expr): number {
    const known = this.operands.indexOf(node);
    return known >= 0 ? known : this.operands.push(node) - 1;
  }

  private index(of: Expr): Integer[] {
    const index = this.list("[", "]", () => this.integer());
    if (index.length === of.shape.length) return index;
    throw this.error(
      `a read of ${showType(of.dtype, of.shape)} needs ${of.shape.length} indices, got ${index.length}.`,
    );
  }

  /** A size mentions names only. */
  private size(): Integer {
    const size = this.integer();
    const isSize = size.atoms().every((atom) => atom.kind === "name" || atom.kind === "floorDiv");
    if (!isSize) throw this.error("a size is made of names and numbers.");
    return size;
  }

  private variable(name: string, { dtype, shape }: Type): Expr {
    const known = this.variables.get(name);
    if (known) return known;
    const created = this.graph.variable(shape, dtype);
    this.variables.set(name, created);
    return created;
  }

  private roots(): Expr[] {
    this.next();
    const roots: Expr[] = [];
    while (this.kind === "node") roots.push(this.node());
    while (this.kind === "newline") this.next();
    if (this.kind !== "end") throw this.unexpected("the end");
    return roots;
  }

  private type(): Type {
    const dtype = this.take("word");
    if (dtype !== "real" && dtype !== "int" && dtype !== "bool") throw this.error(`no type is called "${dtype}".`);
    return { dtype, shape: this.text === "[" ? this.list("[", "]", () => this.size()) : [] };
  }

  /** A sum of products of atoms. */
  private integer(): Integer {
    if (++this.depth > deepest) throw new LimitError(`quotients nest deeper than ${deepest}.`, { span: this.span() });
    const terms: Integer[] = [];
    for (let sign = this.leadingSign(); sign !== 0; sign = this.leadingSign(terms.length)) {
      let product = this.atom().scaled(sign);
      while (this.text === "*" && this.kind === "sign") {
        this.next();
        product = product.times(this.atom());
      }
      terms.push(product);
    }
    this.depth--;
    return Integer.sum(terms);
  }

  /** 1 or -1 where a term follows, 0 at the end of the sum. The first term may stand without a sign. */
  private leadingSign(position = 0): -1 | 0 | 1 {
    if (this.kind === "sign" && (this.text === "+" || this.text === "-")) {
      const sign = this.text === "-" ? -1 : 1;
      this.next();
      return sign;
    }
    return position === 0 ? 1 : 0;
  }

  private atom(): Integer {
    const { kind, text } = this;
    if (kind === "number") return Integer.constant(this.number());
    if (kind === "string") return Integer.named(this.string());
    if (kind === "word") {
      this.next();
      return /^i\d+$/.test(text) ? Integer.iterator(Number(text.slice(1))) : Integer.named(text);
    }
    if (kind === "node") {
      const operand = this.operand(this.node());
      return Integer.lookup(
        operand,
        this.list("[", "]", () => this.integer()),
      );
    }
    if (text !== "(") throw this.unexpected("a size or an index");
    this.sign("(");
    this.sign("(");
    const numerator = this.integer();
    this.sign(")");
    this.sign("//");
    this.sign("(");
    const denominator = this.integer();
    this.sign(")");
    this.sign(")");
    return numerator.floorDiv(denominator);
  }

  private node(): Expr {
    const node = this.nodes[Number(this.text.slice(1))];
    if (this.kind !== "node" || !node) throw this.unexpected("a node defined above");
    this.next();
    return node;
  }
}

interface Type {
  readonly dtype: DType;
  readonly shape: readonly Integer[];
}
