import { type CompilableModel, type CompiledModel, compileModel } from "../../compile/compile.ts";
import { type Inputs, record } from "../../compile/inputs/inputs.ts";
import type { Point } from "./point.ts";
import type { Want } from "./request.ts";
import type { Evaluator, Results, Task, Variable } from "./task.ts";

/** Generated code, as compile makes it. */
export class GeneratedCode implements Evaluator {
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
      const bound = this.compiled.bind(
        inputsWhere(point, (name) => !varies(name)),
        sizes,
      );
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
      results.outputs = this.compiledOutputs
        .bind(
          inputsWhere(point, () => true),
          sizes,
        )
        .outputs({});
    }
    return results;
  }
}

function inputsWhere({ values }: Point, holds: (name: string) => boolean): Inputs {
  return record([...values].filter(([name]) => holds(name)));
}
