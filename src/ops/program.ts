import { type Expr, Graph } from "../ir/graph.ts";
import type { Primitive } from "../ir/primitive.ts";
import { select } from "./elementary/comparison.ts";

/** A function written over primitives, as instructions on numbered slots; only the chosen side of a select runs. */
export interface Program {
  /** Operands fill the first slots. */
  readonly arity: number;
  readonly slots: number;
  readonly constants: readonly { readonly slot: number; readonly value: number }[];
  readonly body: Block;
}

/** Instructions in order, and the slot that holds the result after them. */
export interface Block {
  readonly steps: readonly Step[];
  readonly result: number;
}

export type Step =
  | {
      readonly kind: "apply";
      readonly primitive: Primitive;
      readonly operands: readonly number[];
      readonly target: number;
    }
  | {
      readonly kind: "choose";
      readonly condition: number;
      readonly yes: Block;
      readonly no: Block;
      readonly target: number;
    };

type Definition = (...operands: Expr[]) => Expr;

/** The value of a program in binary64. */
export function realOf(definition: Definition): (...operands: number[]) => number {
  return programOver(
    definition,
    (value) => value,
    (value) => value,
    (primitive) => primitive.real,
  );
}

/** A program over any numbers. It is compiled at the first call: definitions may use primitives that are defined later. */
export function programOver<T>(
  definition: Definition,
  constant: (value: number) => T,
  realPart: (value: T) => number,
  kernel: (primitive: Primitive) => (...operands: T[]) => T,
): (...operands: T[]) => T {
  let program: Program | undefined;
  let slots: T[] = [];
  return (...operands) => {
    if (!program) {
      program = compileProgram(definition, operands.length);
      slots = new Array<T>(program.slots).fill(constant(0));
      for (const { slot, value } of program.constants) slots[slot] = constant(value);
    }
    for (let k = 0; k < operands.length; k++) slots[k] = operands[k]!;
    return run(program.body);
  };

  function run(block: Block): T {
    for (const step of block.steps) {
      if (step.kind === "choose") {
        slots[step.target] = run(realPart(slots[step.condition]!) !== 0 ? step.yes : step.no);
        continue;
      }
      const apply = kernel(step.primitive);
      const [a, b] = step.operands;
      slots[step.target] =
        step.operands.length === 1
          ? apply(slots[a!]!)
          : step.operands.length === 2
            ? apply(slots[a!]!, slots[b!]!)
            : apply(...step.operands.map((slot) => slots[slot]!));
    }
    return slots[block.result]!;
  }
}

/** One side of a select, or the whole program: nodes that only it needs belong to it. */
interface Region {
  readonly parent: Region | undefined;
  readonly depth: number;
  readonly nodes: Expr[];
}

/** The nodes of a program by the region that needs them. */
interface Regions {
  readonly whole: Region;
  readonly regionOf: ReadonlyMap<Expr, Region>;
  /** What is needed if the condition of a select holds, and what if it does not. */
  readonly sidesOf: ReadonlyMap<Expr, readonly [Region, Region]>;
}

/** Each node below the root in the innermost side of a select that needs it, users before operands. */
function regionsOf(root: Expr): Regions {
  const { graph } = root;
  const whole: Region = { parent: undefined, depth: 0, nodes: [] };
  const regionOf = new Map<Expr, Region>([[root, whole]]);
  const sidesOf = new Map<Expr, readonly [Region, Region]>();
  const need = (node: Expr, region: Region) => {
    const known = regionOf.get(node);
    regionOf.set(node, known ? innermostCommon(known, region) : region);
  };
  // users before operands: a node's region is settled when all its users are
  for (let id = root.id; id >= 0; id--) {
    const node = graph.expr(id);
    const region = regionOf.get(node);
    if (!region || node.kind !== "map") continue;
    region.nodes.push(node);
    const [first, ...rest] = node.operands;
    need(first!, region);
    if (!isSelect(node)) {
      for (const operand of rest) need(operand, region);
      continue;
    }
    const side = (): Region => ({ parent: region, depth: region.depth + 1, nodes: [] });
    const sides = [side(), side()] as const;
    sidesOf.set(node, sides);
    for (const [k, operand] of rest.entries()) need(operand, sides[k]!);
  }
  return { whole, regionOf, sidesOf };
}

/** Builds the definition in a graph of its own and orders its nodes. */
export function compileProgram(definition: Definition, arity: number): Program {
  const graph = new Graph();
  const operands = Array.from({ length: arity }, () => graph.variable([]));
  const root = definition(...operands);
  const { whole, regionOf, sidesOf } = regionsOf(root);
  const slotOf = new Map<Expr, number>();
  const slot = (node: Expr): number => {
    const known = slotOf.get(node) ?? slotOf.size;
    slotOf.set(node, known);
    return known;
  };
  for (const operand of operands) slot(operand);
  const constants = [...regionOf.keys()]
    .filter((node) => node.kind === "constant")
    .map((node) => ({ slot: slot(node), value: graph.constantOf(node.id) }));

  const blockOf = (region: Region, result: Expr): Block => ({
    steps: region.nodes.reverse().map(stepOf),
    result: slot(result),
  });
  const stepOf = (node: Expr): Step => {
    const sides = sidesOf.get(node);
    if (!sides) {
      const primitive = graph.primitiveOf(node.id);
      return { kind: "apply", primitive, operands: node.operands.map(slot), target: slot(node) };
    }
    const [condition, yes, no] = node.operands;
    return {
      kind: "choose",
      condition: slot(condition!),
      yes: blockOf(sides[0], yes!),
      no: blockOf(sides[1], no!),
      target: slot(node),
    };
  };
  const body = blockOf(whole, root);
  return { arity, slots: slotOf.size, constants, body };
}

function isSelect(node: Expr): boolean {
  return node.graph.primitiveOf(node.id) === select.primitive;
}

function innermostCommon(a: Region, b: Region): Region {
  let [x, y] = [a, b];
  while (x !== y) {
    if (x.depth >= y.depth) x = x.parent!;
    else y = y.parent!;
  }
  return x;
}
