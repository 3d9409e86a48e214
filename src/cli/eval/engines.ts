import { gradient, hessian, hvp } from "../../autodiff/derivatives.ts";
import { type CompilableModel, type CompiledModel, compileModel } from "../../compile/compile.ts";
import { type Inputs, record } from "../../compile/inputs.ts";
import { dualField } from "../../interpreter/dual.ts";
import { complexField, type Field, realField } from "../../interpreter/field.ts";
import { evaluateShape, interpret } from "../../interpreter/interpret.ts";
import type { Expr } from "../../ir/graph.ts";
import type { Point } from "./point.ts";
import type { EngineName, Want } from "./request.ts";

export interface Variable {
  readonly name: string;
  readonly expr: Expr;
}

type Values = ArrayLike<number>;
type ByName<T> = Readonly<Record<string, T>>;

/** Flat results; shapes follow from the model. */
export interface Results {
  loss?: number;
  gradient?: ByName<Values>;
  hvp?: ByName<Values>;
  hessian?: ByName<ByName<Values>>;
  outputs?: ByName<Values>;
}

/** What is asked at a point. */
export interface Task {
  readonly wants: ReadonlySet<Want>;
  readonly point: Point;
  /** One entry per variable when "hvp" is wanted. */
  readonly direction: ByName<Float64Array> | undefined;
}

/** One way to compute the functions of a model. */
export interface Evaluator {
  evaluate(task: Task): Results;
}

/** A model whose loss is there when a task wants it or its derivatives. */
export type EvaluatorFactory = (model: CompilableModel, variables: readonly Variable[]) => Evaluator;

/**
 * The ways to compute. `js` runs generated code. The others walk the graphs as they were built, before any rewriting:
 * `interpreter` over the reals; `complex` and `dual` over numbers with a second part, which carries the direction: one
 * pass over the gradient's graph gives gradient and Hessian-vector product, and a Hessian is a pass per coordinate.
 */
export const engines: Readonly<Record<EngineName, EvaluatorFactory>> = {
  js: (model, variables) => new GeneratedCode(model, variables),
  interpreter: (model, variables) => new RealGraphs(model, variables),
  complex: (model, variables) => new SeededGraphs(model, variables, complexSeed),
  dual: (model, variables) => new SeededGraphs(model, variables, dualSeed),
};

class GeneratedCode implements Evaluator {
  private readonly model: CompilableModel;
  private readonly variables: readonly Variable[];
  private compiled: CompiledModel | undefined;
  private compiledOutputs: CompiledModel | undefined;

  constructor(model: CompilableModel, variables: readonly Variable[]) {
    this.model = model;
    this.variables = variables;
  }

  evaluate({ wants, point, direction }: Task): Results {
    const sizes = record(point.sizes);
    const results: Results = {};
    if (["loss", "gradient", "hvp", "hessian"].some((want) => wants.has(want as Want))) {
      const wrt = this.variables.map(({ name }) => name);
      this.compiled ??= compileModel(this.model, { wrt });
      const varies = (name: string) => wrt.includes(name);
      const bound = this.compiled.bind(inputsWhere(point, (name) => !varies(name)), sizes);
      const params = inputsWhere(point, varies);
      if (wants.has("hvp") && (wants.has("loss") || wants.has("gradient"))) {
        Object.assign(results, bound.lossGradientHvp(params, direction!));
      } else if (wants.has("hvp")) results.hvp = bound.hvp(params, direction!);
      else if (wants.has("gradient")) Object.assign(results, bound.lossAndGradient(params));
      else if (wants.has("loss")) results.loss = bound.loss(params);
      if (wants.has("hessian")) results.hessian = bound.hessian(params);
    }
    if (wants.has("outputs")) {
      // nothing varies: each output then needs only what it reads
      this.compiledOutputs ??= compileModel(this.model, { wrt: [] });
      results.outputs = this.compiledOutputs.bind(inputsWhere(point, () => true), sizes).outputs({});
    }
    return results;
  }
}

function inputsWhere({ values }: Point, holds: (name: string) => boolean): Inputs {
  return record([...values].filter(([name]) => holds(name)));
}

/** The graphs of a model's functions, each built at its first use and never rewritten. */
class Graphs {
  readonly model: CompilableModel;
  readonly variables: readonly Variable[];
  /** Stand-ins for the direction. */
  readonly directions: readonly Expr[];
  private gradientGraph: Expr[] | undefined;
  private hvpGraph: Expr[] | undefined;
  private hessianGraph: Expr[] | undefined;

  constructor(model: CompilableModel, variables: readonly Variable[]) {
    this.model = model;
    this.variables = variables;
    this.directions = variables.map(({ expr }) => model.graph.variable(expr.shape));
  }

  get loss(): Expr {
    return this.model.loss!;
  }

  private get wrt(): Expr[] {
    return this.variables.map(({ expr }) => expr);
  }

  gradient(): Expr[] {
    this.gradientGraph ??= gradient(this.loss, this.wrt);
    return this.gradientGraph;
  }

  hvp(): Expr[] {
    this.hvpGraph ??= hvp(this.loss, this.wrt, this.directions);
    return this.hvpGraph;
  }

  hessian(): Expr[] {
    this.hessianGraph ??= this.wrt.flatMap((x) => this.wrt.map((y) => hessian(this.loss, x, y)));
    return this.hessianGraph;
  }

  named(values: readonly Values[]): ByName<Values> {
    return record(this.variables.map(({ name }, k) => [name, values[k]!] as const));
  }

  blocks(values: readonly Values[]): ByName<ByName<Values>> {
    const count = this.variables.length;
    return record(this.variables.map(({ name }, i) => [name, this.named(values.slice(i * count, (i + 1) * count))] as const));
  }

  outputs(values: readonly Values[]): ByName<Values> {
    return record([...this.model.outputs.keys()].map((name, k) => [name, values[k]!] as const));
  }
}

class RealGraphs implements Evaluator {
  private readonly graphs: Graphs;

  constructor(model: CompilableModel, variables: readonly Variable[]) {
    this.graphs = new Graphs(model, variables);
  }

  evaluate({ wants, point, direction }: Task): Results {
    const { graphs } = this;
    const { model, variables, directions } = graphs;
    const roots: Expr[] = [];
    const place = (want: Want, nodes: () => readonly Expr[]) => {
      const from = roots.length;
      if (wants.has(want)) roots.push(...nodes());
      const to = roots.length;
      return () => values.slice(from, to);
    };
    const loss = place("loss", () => [graphs.loss]);
    const gradientPart = place("gradient", () => graphs.gradient());
    const hvpPart = place("hvp", () => graphs.hvp());
    const hessianPart = place("hessian", () => graphs.hessian());
    const outputs = place("outputs", () => [...model.outputs.values()]);
    const bound = boundLeaves(model, point, (values) => Array.from(values));
    if (direction) variables.forEach(({ name }, k) => void bound.set(directions[k]!, Array.from(direction[name]!)));
    const values = interpret(roots, { sizes: point.sizes, values: bound }, realField);
    return {
      ...(wants.has("loss") && { loss: loss()[0]![0]! }),
      ...(wants.has("gradient") && { gradient: graphs.named(gradientPart()) }),
      ...(wants.has("hvp") && { hvp: graphs.named(hvpPart()) }),
      ...(wants.has("hessian") && { hessian: graphs.blocks(hessianPart()) }),
      ...(wants.has("outputs") && { outputs: graphs.outputs(outputs()) }),
    };
  }
}

function boundLeaves<T>(
  model: CompilableModel,
  { values }: Point,
  convert: (values: ArrayLike<number>, name: string) => readonly T[],
): Map<Expr, readonly T[]> {
  const bound = new Map<Expr, readonly T[]>();
  for (const { name, expr } of [...model.parameters, ...model.data]) {
    const value = values.get(name);
    if (value) bound.set(expr, convert(value, name));
  }
  return bound;
}

/** Numbers with a second part that carries a change of the first. */
interface Seed<T> {
  readonly field: Field<T>;
  of(value: number, change: number): T;
  change(x: T): number;
}

/** Small enough that its square vanishes beside 1, a power of two so that dividing by it is exact. */
const step = 2 ** -100;

const complexSeed: Seed<{ readonly re: number; readonly im: number }> = {
  field: complexField,
  of: (re, change) => ({ re, im: change * step }),
  change: ({ im }) => im / step,
};

const dualSeed: Seed<{ readonly value: number; readonly tangent: number }> = {
  field: dualField,
  of: (value, tangent) => ({ value, tangent }),
  change: ({ tangent }) => tangent,
};

class SeededGraphs<T> implements Evaluator {
  private readonly graphs: Graphs;
  private readonly seed: Seed<T>;

  constructor(model: CompilableModel, variables: readonly Variable[], seed: Seed<T>) {
    this.graphs = new Graphs(model, variables);
    this.seed = seed;
  }

  evaluate({ wants, point, direction }: Task): Results {
    const { graphs, seed } = this;
    const results: Results = {};
    const real = (values: readonly T[]) => values.map((value) => seed.field.real(value));
    const change = (values: readonly T[]) => values.map((value) => seed.change(value));
    if (wants.has("loss")) results.loss = real(this.run([graphs.loss], point)[0]!)[0]!;
    if (wants.has("gradient")) results.gradient = graphs.named(this.run(graphs.gradient(), point).map(real));
    if (wants.has("hvp")) results.hvp = graphs.named(this.run(graphs.gradient(), point, direction).map(change));
    if (wants.has("hessian")) results.hessian = this.hessian(point, change);
    if (wants.has("outputs")) results.outputs = graphs.outputs(this.run([...graphs.model.outputs.values()], point).map(real));
    return results;
  }

  /** Column by column: the change of the gradient along each coordinate. */
  private hessian(point: Point, change: (values: readonly T[]) => number[]): ByName<ByName<Values>> {
    const { graphs } = this;
    const lengths = graphs.variables.map(({ expr }) => evaluateShape(expr.shape, point.sizes).reduce((all, size) => all * size, 1));
    const blocks = lengths.flatMap((rows) => lengths.map((columns) => new Float64Array(rows * columns)));
    for (const [j, { name }] of graphs.variables.entries()) {
      for (let column = 0; column < lengths[j]!; column++) {
        const unit = new Float64Array(lengths[j]!);
        unit[column] = 1;
        const parts = this.run(graphs.gradient(), point, record([[name, unit]])).map(change);
        for (const [i, part] of parts.entries()) {
          const block = blocks[i * lengths.length + j]!;
          for (let row = 0; row < lengths[i]!; row++) block[row * lengths[j]! + column] = part[row]!;
        }
      }
    }
    return graphs.blocks(blocks);
  }

  private run(roots: readonly Expr[], point: Point, direction: ByName<Float64Array> = record([])): T[][] {
    const { graphs, seed } = this;
    const varies = new Set(graphs.variables.map(({ name }) => name));
    const bound = boundLeaves(graphs.model, point, (values, name) => {
      const change = varies.has(name) ? direction[name] : undefined;
      return Array.from(values, (value, k) => seed.of(value, change?.[k] ?? 0));
    });
    return interpret(roots, { sizes: point.sizes, values: bound }, seed.field);
  }
}
