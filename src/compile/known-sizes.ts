import { type Expr, Graph } from "../ir/graph.ts";
import { Integer } from "../ir/integer.ts";
import { copyNodes } from "../ir/walks/copy-graph.ts";
import { idsUnder } from "../ir/walks/traverse.ts";
import { estimateOperations } from "../lower/program/estimate.ts";
import type { Layout, Program, Statement } from "../lower/program/loops.ts";
import { isNest, statementsOf, visitStatement } from "../lower/program/rewrite-statements.ts";
import { resizedNode } from "../rewrite/forms/resized-node.ts";
import { rootsOf } from "./derive.ts";
import type { Engine, FunctionForm } from "./functions.ts";

/** As far as a window may reach: a function of other sizes is made anew. */
const widestWindow = 16;

/**
 * The small sizes that conditions on positions ask for, with their values: where windows are as wide as a size says, every pixel asks
 * whether its window ends inside, and nothing can be laid out in tiles. With the values known most need not be asked. And those of
 * small matrices: their products in panels are mostly the ends of tiles and what is asked of these.
 */
export function smallSizes(program: Program, sizes: readonly number[]): Map<string, number> {
  const asked = new Set<string>();
  /** What variables run up to, or stand for. */
  const behind = new Map<number, readonly Integer[]>();
  const note = (integers: readonly (Integer | undefined)[]) => {
    for (const integer of integers) {
      for (const name of integer?.names() ?? []) asked.add(name);
      for (const variable of integer?.iterators() ?? []) {
        const next = behind.get(variable) ?? [];
        behind.delete(variable);
        note(next);
      }
    }
  };
  const isSmall = (name: string) => {
    const size = sizes[program.sizes.indexOf(name)]!;
    // of size 0 there is nothing to lay out, and what is never run may divide by it
    return size > 0 && size <= widestWindow;
  };
  const statement = (each: Statement) => {
    if (each.kind === "for") {
      if (each.making?.layouts.some(isTiled)) {
        const names = namesWithin(each);
        if (names.every(isSmall)) for (const name of names) asked.add(name);
      }
      behind.set(each.variable, [...each.from, ...each.to]);
      if (each.from.length + each.to.length > 2) note([...each.from, ...each.to]);
    }
    if (each.kind === "index" && each.value.kind === "integer") behind.set(each.variable, [each.value.integer]);
    if (each.kind === "when") for (const { index, extent } of each.guards) note([index, extent]);
  };
  for (const outermost of statementsOf(program)) {
    if (!isNest(outermost) && outermost.kind !== "shared") continue;
    visitStatement(outermost, {
      statement,
      value: (value) => {
        if (value.kind === "guarded") for (const { index, extent } of value.guards) note([index, extent]);
      },
    });
  }
  const known = program.sizes.map((name, k) => [name, sizes[k]!] as const);
  return new Map(known.filter(([name]) => asked.has(name) && isSmall(name)));
}

/** Loops of so many rounds are written out. */
const mostRounds = 8;
/** Operations of a call in which code of its own pays after some hundred calls. */
const worthwhile = 20_000;

/**
 * The small sizes that loops run up to, with their values, where a call takes so long that code for these sizes pays. Products of
 * matrices in tiles are as fast at open sizes.
 */
export function sizesOfLoops(whole: () => Program, sizes: readonly number[]): ReadonlyMap<string, number> {
  if (!sizes.some(isWrittenOut)) return new Map();
  const program = whole();
  return estimateOperations(program, sizes) < worthwhile ? new Map() : shortLimits(program, sizes);
}

/** The small sizes that loops run up to, with their values, in a program without products of matrices in tiles. */
export function shortLimits(program: Program, sizes: readonly number[]): ReadonlyMap<string, number> {
  const statements = statementsOf(program);
  if (statements.some(hasTiles)) return new Map();
  const limits = new Set(statements.flatMap(namesWithin));
  const known = program.sizes.map((name, k) => [name, sizes[k]!] as const);
  return new Map(known.filter(([name, size]) => isWrittenOut(size) && limits.has(name)));
}

const isWrittenOut = (size: number) => size > 0 && size <= mostRounds;

const isTiled = (layout: Layout) => layout === "tiles" || layout === "panels";

function hasTiles(outer: Statement): boolean {
  let isFound = false;
  visitStatement(outer, {
    statement: (each) => (isFound ||= each.kind === "for" && each.making?.layouts.some(isTiled) === true),
  });
  return isFound;
}

/** The sizes in the limits of a loop and of those in it. */
function namesWithin(loop: Statement): string[] {
  const limits: Integer[] = [];
  visitStatement(loop, { statement: (each) => each.kind === "for" && limits.push(...each.from, ...each.to) });
  return limits.flatMap((limit) => limit.names());
}

/** The engine for functions with numbers in place of some sizes. */
export function engineAt(engine: Engine, known: ReadonlyMap<string, number>): Engine {
  const name = `${engine.name}, ${[...known].map(([size, value]) => `${size} = ${value}`).join(", ")}`;
  return { ...engine, name, formOf: (form) => withSizes(form, known) };
}

/** A function with numbers in place of some sizes, in the bodies of operations too. */
export function withSizes(form: FunctionForm, sizes: ReadonlyMap<string, number>): FunctionForm {
  const { derived, variables, checked } = form;
  const { loss, gradient, hvp, hessian, outputs, direction, arrays } = derived;
  const leaves = [
    ...variables.map(({ expr }) => expr),
    ...direction,
    ...(arrays ?? []).map(({ expr }) => expr),
    ...(checked?.keys() ?? []),
  ];
  const roots = [...rootsOf(derived), ...leaves];
  const { graph } = roots[0]!;
  const ids = idsUnder(roots);
  const known = (integer: Integer) =>
    integer.substitute((atom) => {
      const size = atom.kind === "name" ? sizes.get(atom.name) : undefined;
      return size === undefined ? undefined : Integer.constant(size);
    });
  const copyOf = copyNodes(roots, new Graph(graph.extensions), new Map(), ids, (node, to, copied) =>
    resizedNode(known, node, to, copied),
  );
  const named = <T extends { readonly expr: Expr }>(each: T): T => ({ ...each, expr: copyOf(each.expr) });
  return {
    derived: {
      ...derived,
      loss: loss && copyOf(loss),
      gradient: gradient.map(copyOf),
      hvp: hvp.map(copyOf),
      hessian: hessian.map(copyOf),
      outputs: outputs.map(({ name, node }) => ({ name, node: copyOf(node) })),
      direction: direction.map(copyOf),
      ...(arrays && { arrays: arrays.map(named) }),
    },
    variables: variables.map(named),
    checked: checked && new Map([...checked].map(([leaf, size]) => [copyOf(leaf), known(size)])),
  };
}
