import { needs, requireArgument } from "../../ir/arguments/arguments.ts";
import { DataError } from "../../ir/errors.ts";
import type { Expr } from "../../ir/graph.ts";
import { requireIdle } from "../../ops/own-primitives.ts";
import type { ModelFunction } from "../functions.ts";
import { type Binding, type BindingContext, claimsOf } from "../inputs/binding.ts";
import type { GradientOf, HessianOf, InputsOf, LossAndGradientOf, OutputsOf, PointOf } from "../inputs/by-name.ts";
import { checkOutput, type Inputs, nameCount, readInputs, record, requireNames } from "../inputs/inputs.ts";
import { copyFast, copyPart, type Result, unpacked } from "../inputs/packing.ts";
import { solveSizes } from "../inputs/sizes.ts";
import { startOf } from "../inputs/starts.ts";
import type { Tensor } from "../inputs/tensors.ts";
import { BoundFunctions } from "./functions.ts";
import { missing } from "./instance.ts";

/**
 * A model with its data checked and copied. Functions take parameters by name, or packed in one vector (`flat`):
 * parameters in declaration order, row-major. Results are new arrays unless `out` is given.
 */
export class BoundModel<
  Wrt extends string = string,
  Output extends string = string,
  Data extends string = string,
> extends BoundFunctions<Data> {
  constructor(context: BindingContext, data: InputsOf<string>, sizes?: Readonly<Record<string, number>>) {
    super(context, data, sizes);
    // callers may take these out, as they may of compiled models and of files; in a loop over names the object becomes slow
    this.loss = this.loss.bind(this);
    this.gradient = this.gradient.bind(this);
    this.lossAndGradient = this.lossAndGradient.bind(this);
    this.hvp = this.hvp.bind(this);
    this.lossGradientHvp = this.lossGradientHvp.bind(this);
    this.hessian = this.hessian.bind(this);
    this.outputs = this.outputs.bind(this);
    this.pack = this.pack.bind(this);
    this.unpack = this.unpack.bind(this);
    this.start = this.start.bind(this);
    this.refill = this.refill.bind(this);
  }

  loss(params: PointOf<Wrt>): number {
    const x = this.single(params);
    if (x) return this.flat.loss(x);
    const b = this.readPoint(params);
    const loss = this.function("loss")(b.point) as number;
    this.debug(loss);
    return loss;
  }

  gradient(params: PointOf<Wrt>, out?: GradientOf<Wrt>): GradientOf<Wrt> {
    const x = this.single(params);
    const g = out && this.single(out);
    if (x && g) {
      this.flat.gradient(x, g);
      return out;
    }
    const b = this.readPoint(params);
    this.function("gradient")(b.point, b.gradient.vector);
    this.debug(0, b.gradient.vector);
    return this.written(b.gradient, out, params);
  }

  lossAndGradient(params: PointOf<Wrt>, out?: LossAndGradientOf<Wrt>): LossAndGradientOf<Wrt> {
    const x = this.single(params);
    if (out) requireArgument('"gradient" of the result', needs.record, out.gradient);
    const g = out && this.single(out.gradient);
    if (x && g) {
      return withLoss(out, this.flat.lossAndGradient(x, g));
    }
    const b = this.readPoint(params);
    const loss = this.function("lossAndGradient")(b.point, b.gradient.vector) as number;
    this.debug(loss, b.gradient.vector);
    const gradient = this.written(b.gradient, out?.gradient, params);
    return out ? withLoss(out, loss) : { loss, gradient };
  }

  /** Hessian times direction. */
  hvp(params: PointOf<Wrt>, direction: PointOf<Wrt>, out?: GradientOf<Wrt>): GradientOf<Wrt> {
    const x = this.single(params);
    const v = this.single(direction);
    const h = out && this.single(out);
    if (x && v && h) {
      this.flat.hvp(x, v, h);
      return out;
    }
    const b = this.readPoint(params);
    this.readDirection(direction, b);
    this.function("hvp")(b.point, b.direction, b.product.vector);
    this.debug(0, b.product.vector);
    return this.written(b.product, out, params, direction);
  }

  lossGradientHvp(params: PointOf<Wrt>, direction: PointOf<Wrt>): LossAndGradientOf<Wrt> & { hvp: GradientOf<Wrt> } {
    const b = this.readPoint(params);
    this.readDirection(direction, b);
    const loss = this.function("lossGradientHvp")(b.point, b.direction, b.gradient.vector, b.product.vector) as number;
    this.debug(loss, b.gradient.vector);
    this.debug(0, b.product.vector);
    return {
      loss,
      gradient: this.written(b.gradient),
      hvp: this.written(b.product),
    };
  }

  /** Hessian blocks by row and column parameter, each of the shape of the row followed by that of the column. */
  hessian(params: PointOf<Wrt>): HessianOf<Wrt> {
    const b = this.readPoint(params);
    const blocks = this.hessianBlocks(b.point);
    for (const block of blocks) this.debug(0, block);
    const { variables } = this.context;
    return record(
      variables.map((row, i) => [
        row.name,
        record(variables.map((column, j) => [column.name, blocks[i * variables.length + j]!] as const)),
      ]),
    ) as HessianOf<Wrt>;
  }

  /** The named outputs (default: all) as flat row-major arrays; needs only the inputs that they read. */
  outputs<Wanted extends string = Output>(
    params: InputsOf<Wrt>,
    names: readonly (Wanted & Output)[] = [...this.context.outputNames] as (Wanted & Output)[],
  ): OutputsOf<Wanted> {
    requireArgument("outputs", needs.names, names);
    const wanted = [...new Set(names)];
    for (const name of wanted) this.requireOutput(name);
    const tensors = this.readParameters(params);
    if (wanted.length === 0) return record([]) as OutputsOf<Wanted>;
    requireIdle(this.running);
    this.bindTo(claimsOf(this.context.variables, tensors));
    const b = this.binding!;
    for (const [k, variable] of this.context.variables.entries()) {
      const tensor = tensors.get(variable.name);
      if (tensor) copyPart(variable.name, tensor, b, k, b.point);
      else b.point.fill(Number.NaN, b.starts[k]!, b.starts[k]! + b.lengths[k]!);
    }
    const fn = this.context.functions.get("outputs", wanted);
    const lacking = this.lacking(fn, tensors);
    if (lacking !== undefined) throw missing(lacking);
    if (b.pointRequirements.length > 0) this.checkPoint(b.point, this.givenBy(tensors));
    const arrays = this.evaluateOutputs(b.point, wanted);
    this.debugOutputs(arrays, wanted);
    return record(wanted.map((name, k) => [name, Float64Array.from(arrays[k]!)] as const)) as OutputsOf<Wanted>;
  }

  /** Shapes of the outputs with the bound sizes. */
  outputShape(name: Output): number[] {
    this.requireOutput(name);
    const fn = this.context.functions.get("outputs", [name]);
    const b = this.binding;
    return fn.lowered.outputs[0]!.shape.map((size) => b?.sizeOf(size) ?? Number.NaN);
  }

  /** Parameters by name into one vector. */
  pack(params: PointOf<Wrt>, out?: Float64Array): Float64Array {
    const given = this.context.variables.map(({ name }): unknown => (params as Inputs | undefined)?.[name]);
    const read = given.filter((value) => ArrayBuffer.isView(value));
    return this.packed(params, ({ length }) =>
      out ? checkOutput("the packed vector", out, length, read) : new Float64Array(length),
    );
  }

  /** A packed vector as parameters by name: copies. */
  unpack(x: Float64Array): GradientOf<Wrt> {
    this.bindFlat(x);
    return unpacked(this.context.variables, this.binding!, x) as GradientOf<Wrt>;
  }

  /**
   * The start as a packed vector: what is given by name, else what the model declares (`param b = 1`). Throws DataError
   * for a parameter that has neither.
   */
  start(given: InputsOf<Wrt> = {}): Float64Array {
    const tensors = this.readParameters(given);
    this.bindTo(claimsOf(this.context.variables, tensors));
    return startOf(this.context, this.binding!, tensors);
  }

  /** A parameter that the function reads and nothing gives. */
  private lacking({ lowered }: ModelFunction, tensors: ReadonlyMap<string, Tensor>): string | undefined {
    return this.context.variables.find(({ name }, k) => lowered.variables[k] && !tensors.has(name))?.name;
  }

  /** Which leaves have a value. */
  private givenBy(tensors: ReadonlyMap<string, Tensor>): (leaf: Expr) => boolean {
    const { variables, data } = this.context;
    const without = [
      ...variables.filter(({ name }) => !tensors.has(name)),
      ...data.filter(({ name }) => !this.binding!.data.has(name)),
    ].map(({ expr }) => expr);
    return (leaf) => !without.includes(leaf);
  }

  /**
   * With one parameter its array is the packed vector: no copy is needed. Arrays of other lengths are read by name, and so
   * is what has other names too.
   */
  private single(params: Inputs): Float64Array | undefined {
    const { variables } = this.context;
    if (variables.length !== 1) return undefined;
    const value = params?.[variables[0]!.name];
    const isPacked = value instanceof Float64Array && value.length === this.binding?.length && nameCount(params) === 1;
    return isPacked ? value : undefined;
  }

  private readPoint(params: Inputs): Binding {
    requireIdle(this.running);
    const known = this.binding;
    if (!(known && copyFast(this.context.variables, known, params, known.point))) {
      this.packed(params, (b) => b.point);
    }
    const b = this.binding!;
    if (b.pointRequirements.length > 0) this.checkPoint(b.point);
    return b;
  }

  /** A direction has the shapes that the parameters have at the point, and tells no sizes of its own. */
  private readDirection(direction: Inputs, b: Binding): void {
    const { variables } = this.context;
    if (copyFast(variables, b, direction, b.direction)) return;
    requireNames(direction, "the direction is");
    const tensors = this.readParameters(direction);
    const claims = claimsOf(variables, tensors).map((claim) => ({ ...claim, name: `direction.${claim.name}` }));
    solveSizes(claims, b.sizes, "the point");
    this.copyAll(tensors, b, b.direction, "direction.");
  }

  private packed(params: Inputs, vectorOf: (b: Binding) => Float64Array): Float64Array {
    const tensors = this.readParameters(params);
    const lacking = this.context.variables.find(({ name }) => !tensors.has(name));
    if (lacking) throw missing(lacking.name);
    this.bindTo(claimsOf(this.context.variables, tensors));
    const b = this.binding!;
    const target = vectorOf(b);
    this.copyAll(tensors, b, target);
    return target;
  }

  private copyAll(tensors: ReadonlyMap<string, Tensor>, b: Binding, target: Float64Array, of = ""): void {
    for (const [k, { name }] of this.context.variables.entries()) {
      const tensor = tensors.get(name);
      if (!tensor) throw missing(of + name);
      copyPart(of + name, tensor, b, k, target);
    }
  }

  private readParameters(inputs: InputsOf<string>): Map<string, Tensor> {
    const { data, variables } = this.context;
    return readInputs(inputs, variables, { leaves: data, wayOut: "data, and no parameter: it is given to bind." });
  }

  private written(result: Result, out?: GradientOf<Wrt>, params?: Inputs, direction = params): GradientOf<Wrt> {
    const { variables } = this.context;
    if (!out || !params || !direction) return unpacked(variables, this.binding!, result.vector) as GradientOf<Wrt>;
    result.writeTo(out, variables, params, direction);
    return out;
  }
}

/** The record that a caller gave, with the loss in it. Throws DataError where it may not change. */
function withLoss<Result extends { loss: number }>(out: Result, loss: number): Result {
  try {
    out.loss = loss;
  } catch {
    throw new DataError('"loss" of the result cannot be set: give an object that may change.');
  }
  return out;
}
