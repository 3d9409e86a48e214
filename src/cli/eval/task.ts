import type { CompilableModel } from "../../compile/compile.ts";
import type { Expr } from "../../ir/graph.ts";
import type { Point } from "./point.ts";
import type { Want } from "./request.ts";

export interface Variable {
  readonly name: string;
  readonly expr: Expr;
}

export type Values = ArrayLike<number>;
export type ByName<T> = Readonly<Record<string, T>>;

/** Flat results; shapes follow from the model. */
export interface Results {
  loss?: number;
  gradient?: ByName<Values>;
  hvp?: ByName<Values>;
  hessian?: ByName<ByName<Values>>;
  outputs?: ByName<Values>;
}

/** What is asked at a point; when a derivative is wanted, the model has a loss. */
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

export type EvaluatorFactory = (model: CompilableModel, variables: readonly Variable[]) => Evaluator;
