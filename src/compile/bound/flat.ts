import type { BoundFunction } from "../../emit/javascript.ts";
import type { FunctionName } from "../derive.ts";
import { checkOutput } from "../inputs/inputs.ts";

type Vector = Float64Array;
type LoadedName = Exclude<FunctionName, "hessian" | "outputs">;

/** What they are made of: sizes by a point, and functions for the sizes. */
export interface FlatSource {
  bindFlat(x: Vector): void;
  writeHessian(x: Vector, H: Vector): void;
  flatFunction(name: FunctionName, rebound: BoundFunction, settled: (run: BoundFunction) => void): BoundFunction;
}

/**
 * The functions of packed vectors: nothing is copied and nothing is allocated. Each starts as a loader and becomes
 * the generated function itself at its first call; a loader that was kept passes its calls on.
 */
export class FlatFunctions {
  loss!: (x: Vector) => number;
  /** Writes the gradient to g. */
  gradient!: (x: Vector, g: Vector) => void;
  /** Writes the gradient to g and returns the loss. */
  lossAndGradient!: (x: Vector, g: Vector) => number;
  /** Writes the Hessian times v to h. */
  hvp!: (x: Vector, v: Vector, h: Vector) => void;
  /** Writes gradient and Hessian-vector product, returns the loss; the three share one forward pass. */
  lossGradientHvp!: (x: Vector, v: Vector, g: Vector, h: Vector) => number;
  private readonly model: FlatSource;
  private readonly loaded = new Map<LoadedName, BoundFunction>();

  constructor(model: FlatSource) {
    this.model = model;
    this.hessian = this.hessian.bind(this);
    this.reset();
  }

  /** Writes the Hessian, row-major, to H of length n^2. */
  hessian(x: Vector, H: Vector): void {
    this.model.bindFlat(x);
    checkOutput("the array of the Hessian", H, x.length ** 2, [x]);
    this.model.writeHessian(x, H);
  }

  /** Back to loaders: at the start, and when the sizes have changed. */
  reset(): void {
    this.loaded.clear();
    this.loss = this.loader("loss") as FlatFunctions["loss"];
    this.gradient = this.loader("gradient") as FlatFunctions["gradient"];
    this.lossAndGradient = this.loader("lossAndGradient") as FlatFunctions["lossAndGradient"];
    this.hvp = this.loader("hvp") as FlatFunctions["hvp"];
    this.lossGradientHvp = this.loader("lossGradientHvp") as FlatFunctions["lossGradientHvp"];
  }

  /** Calls the generated function, made at the first call and again when the sizes have changed. */
  private loader(name: LoadedName): (...vectors: [Vector, Vector, Vector, Vector]) => number | undefined {
    return (x, second, third, fourth) => (this.loaded.get(name) ?? this.load(name, x))(x, second, third, fourth);
  }

  private load(name: LoadedName, x: Vector): BoundFunction {
    this.model.bindFlat(x);
    const keep = (run: BoundFunction) => {
      this.loaded.set(name, run);
      this[name] = run as never;
      return run;
    };
    const again: BoundFunction = (...vectors) => this[name](...(vectors as [Vector, Vector, Vector, Vector])) as number;
    return keep(this.model.flatFunction(name, again, keep));
  }
}
