import type { Body } from "./bodies/body.ts";
import type { Expr, Graph, Shape } from "./graph.ts";
import type { Atom, Integer } from "./integer.ts";
import type { Operation } from "./operation.ts";
import type { DType } from "./primitive.ts";
import { primitiveKey } from "./primitive-key.ts";
import { topologicalOrder } from "./walks/traverse.ts";

/** First line of the text form; the number changes with its syntax. */
export const graphHeader = "nabla graph 1";

/** How nodes are referred to, and which ones stand above. */
interface References {
  readonly of: (node: Expr) => string;
  readonly has: (node: Expr) => boolean;
}

const byId: References = { of: (node) => `%${node.id}`, has: () => false };

/** The text form of the graph under the roots: one node a line, operands first, numbered from 0. */
export function showGraph(roots: readonly Expr[]): string {
  const order = topologicalOrder(roots);
  const numbers = new Map(order.map((node, number) => [node, number]));
  const references: References = {
    of: (node) => `%${numbers.get(node)}`,
    has: (node) => numbers.has(node),
  };
  const lines = order.map((node) => showNode(node, references));
  return [graphHeader, ...lines, ["roots", ...roots.map(references.of)].join(" "), ""].join("\n");
}

/** One node as a line; by default nodes are named by their ids in the graph. */
export function showNode(node: Expr, references: References = byId): string {
  return `${references.of(node)} = ${definition(node, references)} : ${showType(node.dtype, node.shape)}`;
}

/** An element type and a shape as the text form writes them: real[n, d], or real for a scalar. */
export function showType(dtype: DType, shape: Shape): string {
  return shape.length === 0 ? dtype : `${dtype}[${shape.map((size) => showInteger(size)).join(", ")}]`;
}

function definition(node: Expr, references: References): string {
  const { graph, id } = node;
  const reference = references.of;
  switch (graph.kindOf(id)) {
    case "leaf": {
      const { role, name } = graph.leafOf(id);
      return `${role} ${JSON.stringify(name)}`;
    }
    case "constant":
      return `constant ${showNumber(graph.constantOf(id))}`;
    case "tensor":
      return `tensor [${Array.from(graph.tensorOf(id), showNumber).join(", ")}]`;
    case "iota":
      return `iota ${graph.iotaAxisOf(id)}`;
    case "size":
      return `size ${showInteger(graph.sizeOf(id))}`;
    case "map":
      return [primitiveKey(graph.primitiveOf(id)), ...node.operands.map(reference)].join(" ");
    case "contraction":
      return `contract ${showTerms(graph, id, "+=", reference)}`;
    case "reduce": {
      const how = graph.combineOf(id);
      return `reduce ${how} ${showTerms(graph, id, `${how}=`, reference)}`;
    }
    case "operation":
      return showResult(node, references);
  }
}

/** The first result of a call that is listed says what is called; the others refer to it. */
function showResult(node: Expr, { of, has }: References): string {
  const { graph, id } = node;
  const { operation, operands, results } = graph.call(id);
  const result = `result ${graph.resultOf(id)} of`;
  const listed = results.find((other) => other.id < id && has(other));
  if (listed) return `${result} ${of(listed)}`;
  return [result, ...showOperation(operation), ...operands.map(of)].join(" ");
}

function showOperation(operation: Operation): string[] {
  switch (operation.kind) {
    case "kernel":
      return operation.parameters === "" ? [operation.name] : [operation.name, JSON.stringify(operation.parameters)];
    case "scan": {
      const { isReversed, isBlocks, length, carries, inputs, stacks, body } = operation;
      const parts = `carry ${carries} read ${inputs} stack ${stacks}`;
      return [
        `scan ${isReversed ? "down" : "up"}${isBlocks ? "Blocks" : ""} ${showInteger(length)} ${parts}`,
        showBody(body),
      ];
    }
    case "while": {
      const { limit, isLimited, carries, body } = operation;
      return [`while ${isLimited ? "limit" : "atMost"} ${showInteger(limit)} carry ${carries}`, showBody(body)];
    }
    case "implicit": {
      const { name, leading, solver, residual } = operation;
      return [`solution ${JSON.stringify(name)} ${leading}`, showBody(residual), showBody(solver)];
    }
    case "choice":
      return ["choice", showBody(operation.yes), showBody(operation.no)];
    case "definition":
      return [`definition ${JSON.stringify(operation.name)}`, showBody(operation.body)];
  }
}

/** A body in one line: the types of its parameters, and its graph. */
function showBody({ parameters, roots }: Body): string {
  const types = parameters.map(({ dtype, shape }) => showType(dtype, shape)).join(", ");
  const lines = showGraph(roots).trimEnd().split("\n").slice(1);
  return `(${types}) { ${lines.join("; ")} }`;
}

function showTerms(graph: Graph, id: number, combine: string, reference: References["of"]): string {
  const { extents, output, factors, guards } = graph.contractionOf(id);
  const operand = (number: number) => reference(graph.expr(graph.operandAt(id, number)));
  const integer = (value: Integer) => showInteger(value, operand);
  const read = (name: string, index: readonly Integer[]) => `${name}[${index.map(integer).join(", ")}]`;
  const domain = extents.map((extent, k) => `i${k}: ${integer(extent)}`).join(", ");
  const product = factors.map((factor) => read(operand(factor.operand), factor.index)).join(" * ");
  const conditions = guards.map(
    ({ index, extent }) => `0 <= ${integer(index)}${extent ? ` < ${integer(extent)}` : ""}`,
  );
  const where = conditions.length > 0 ? ` where ${conditions.join(" and ")}` : "";
  return `(${domain}) ${read("out", output)} ${combine} ${product || "1"}${where}`;
}

/** Digits that read back as the same bits. */
export function showNumber(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** A polynomial with hostile names quoted; lookups name the tensor that they read. */
function showInteger(integer: Integer, operand: (number: number) => string = (number) => `@${number}`): string {
  if (integer.terms.length === 0) return "0";
  return readingOrder(integer)
    .map(({ coefficient, atoms }, position) => {
      const size = Math.abs(coefficient);
      const factors = atoms.map((atom) => showAtom(atom, operand));
      const text = (size === 1 && factors.length > 0 ? factors : [String(size), ...factors]).join("*");
      if (position === 0) return coefficient < 0 ? `-${text}` : text;
      return coefficient < 0 ? ` - ${text}` : ` + ${text}`;
    })
    .join("");
}

/** Highest powers first, constants last, beginning with a term that needs no sign where there is one. */
function readingOrder({ terms }: Integer): Integer["terms"] {
  const ordered = [...terms].sort((a, b) => b.atoms.length - a.atoms.length);
  const positive = ordered.findIndex(({ coefficient }) => coefficient > 0);
  if (positive > 0) ordered.unshift(...ordered.splice(positive, 1));
  return ordered;
}

function showAtom(atom: Atom, operand: (number: number) => string): string {
  switch (atom.kind) {
    case "name":
      return isPlainName(atom.name) ? atom.name : JSON.stringify(atom.name);
    case "iterator":
      return `i${atom.iterator}`;
    case "lookup":
      return `${operand(atom.operand)}[${atom.index.map((index) => showInteger(index, operand)).join(", ")}]`;
    case "floorDiv":
      return `((${showInteger(atom.numerator, operand)})//(${showInteger(atom.denominator, operand)}))`;
  }
}

/** Names that need no quotes: identifiers that are no keyword here and no iterator. */
function isPlainName(name: string): boolean {
  return /^[\p{L}_][\p{L}\p{M}\p{N}_]*$/u.test(name) && !/^(i\d+|out|where|and)$/.test(name);
}
