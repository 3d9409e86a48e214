import type { Admission, Array1D, BoundFunction } from "../emit/javascript.ts";
import { meant, needs, requireArgument } from "../ir/arguments.ts";
import { DataError, UsageError } from "../ir/errors.ts";
import { type FunctionName, requireVariables } from "./derive.ts";
import { FlatFunctions } from "./flat.ts";
import type { ModelFunction } from "./functions.ts";
import { requireFewEntries } from "./hessian.ts";
import { allocated, Binding, type BindingContext, checkedSizes, claimsOf, vectorBuffer } from "./inputs/binding.ts";
import type { GradientOf, HessianOf, InputsOf, LossAndGradientOf, OutputsOf, PointOf } from "./inputs/by-name.ts";
import { checkOutput, checkVectors, type Inputs, readInputs, record, requireNames } from "./inputs/inputs.ts";
import { coordinateNames, copyFast, copyPart, type Result, unpacked } from "./inputs/packing.ts";
import { requireSizes, type ShapeClaim, solveSizes } from "./inputs/sizes.ts";
import { boundsOf, startOf } from "./inputs/starts.ts";
import { areSame, copyInto, readTensor, type Tensor } from "./inputs/tensors.ts";
import { checkRequirement } from "./inputs/verify.ts";
import { type InstanceOptions, instantiate, missing } from "./instance.ts";
import type { BoundParts, MadeOptions, OutputFunction } from "./parts.ts";

const noNames: readonly string[] = [];
const noSizes: ReadonlyMap<string, number> = new Map();

/**
 * A model with its data checked and copied. Functions take parameters by name, or packed in one vector (`flat`):
 * parameters in declaration order, row-major. Results are new arrays unless `out` is given.
 */
export class BoundModel<Wrt extends string = string, Output extends string = string> {
  private readonly context: BindingContext;
  private readonly tensors: Map<string, Tensor>;
  private readonly givenSizes: ReadonlyMap<string, number>;
  private readonly ready = new Map<string, BoundFunction>();
  private binding: Binding | undefined;
  readonly flat: FlatFunctions;
  /** How often data were filled in again. */
  refills = 0;

  constructor(context: BindingContext, data: Inputs, sizes: Readonly<Record<string, number>> = {}) {
    this.context = context;
    this.tensors = this.readData(data);
    this.givenSizes = checkedSizes(sizes);
    this.flat = new FlatFunctions(this);
    this.tryToBind();
  }

  /** The sizes, once known. */
  get sizes(): Readonly<Record<string, number>> {
    return record(this.binding?.sizes ?? this.givenSizes);
  }

  loss(params: PointOf<Wrt>): number {
    const x = this.single(params);
    if (x) return this.flat.loss(x);
    const b = this.readPoint(params);
    const loss = this.function("loss")(b.point) as number;
    this.debug(loss, undefined);
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
      out.loss = this.flat.lossAndGradient(x, g);
      return out;
    }
    const b = this.readPoint(params);
    const loss = this.function("lossAndGradient")(b.point, b.gradient.vector) as number;
    this.debug(loss, b.gradient.vector);
    const gradient = this.written(b.gradient, out?.gradient, params);
    if (!out) return { loss, gradient };
    out.loss = loss;
    return out;
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
    for (const name of names) this.requireOutput(name);
    const tensors = this.readParameters(params);
    if (names.length === 0) return record([]) as OutputsOf<Wanted>;
    this.bindTo(claimsOf(this.context.variables, tensors));
    const b = this.binding!;
    for (const [k, variable] of this.context.variables.entries()) {
      const tensor = tensors.get(variable.name);
      if (tensor) copyPart(variable.name, tensor, b, k, b.point);
      else b.point.fill(Number.NaN, b.starts[k]!, b.starts[k]! + b.lengths[k]!);
    }
    const fn = this.context.functions.get("outputs", names);
    this.requireVariables(fn, tensors);
    const arrays = this.evaluateOutputs(b.point, names);
    return record(names.map((name, k) => [name, Float64Array.from(arrays[k]!)] as const)) as OutputsOf<Wanted>;
  }

  /**
   * Puts other values of the same shapes in the place of bound data, such as the next batch; functions stay as they are.
   * Throws DataError for data that are not bound or have another length.
   */
  refill(data: Inputs): void {
    const b = this.binding;
    if (!b) throw new DataError("data can be filled in again once all sizes are known: bind them first.");
    const tensors = this.readData(data);
    for (const [name, tensor] of tensors) {
      const bound = b.data.get(name);
      if (bound?.length !== tensor.values.length) {
        throw new DataError(`"${name}" is bound with ${bound?.length ?? "no"} values, got ${tensor.values.length}.`);
      }
    }
    this.fill(tensors, b);
    // the shapes stay, also of data that come flat
    for (const name of tensors.keys())
      this.tensors.set(name, { values: b.data.get(name)!, shape: b.shapeOf(this.context.declared.get(name)!) });
  }

  /**
   * Puts data of the same names, forms and lengths in the place of those that are bound, under the same sizes: false,
   * and nothing has changed, where they are not the same. Parameters may be among the inputs, and nothing else.
   */
  rebind(inputs: Inputs, sizes: Readonly<Record<string, number>>): boolean {
    const b = this.binding;
    const names = Object.keys(sizes);
    if (!b || names.length !== this.givenSizes.size) return false;
    if (names.some((name) => this.givenSizes.get(name) !== sizes[name])) return false;
    const tensors = new Map<string, Tensor>();
    for (const name of Object.keys(inputs)) {
      const given = inputs[name];
      if (given === undefined || this.context.variableNames.has(name)) continue;
      const known = this.tensors.get(name);
      const tensor = known && readTensor(name, given);
      if (!tensor || known.values.length !== tensor.values.length || !areSame(known.shape, tensor.shape)) return false;
      tensors.set(name, tensor);
    }
    if (tensors.size !== this.tensors.size) return false;
    this.fill(tensors, b);
    return true;
  }

  /** Nothing has changed where it throws: functions read data without asking again. */
  private fill(tensors: ReadonlyMap<string, Tensor>, b: Binding): void {
    const filled = new Map<string, ArrayLike<number>>(b.data);
    for (const [name, tensor] of tensors) {
      const expr = this.context.declared.get(name)!;
      const { dtype } = expr;
      filled.set(name, dtype === "real" ? tensor.values : copyInto(name, tensor, b.shapeOf(expr), dtype));
    }
    this.context.verify(b.sizes, filled);
    for (const [name, { shape }] of tensors) {
      const bound = b.data.get(name)!;
      bound.set(filled.get(name)!);
      for (const part of b.shared.values()) part.refilled(bound);
      this.tensors.set(name, { values: bound, shape });
    }
    this.refills++;
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
    const read = Object.values(params ?? {}).filter((value) => ArrayBuffer.isView(value));
    return this.packed(params, ({ length }) =>
      out ? checkOutput("the packed vector", out, length, read) : new Float64Array(length),
    );
  }

  private packed(params: Inputs, vectorOf: (b: Binding) => Float64Array): Float64Array {
    const tensors = this.readParameters(params);
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

  /** A packed vector as parameters by name: copies. */
  unpack(x: Float64Array): GradientOf<Wrt> {
    this.bindFlat(x);
    return unpacked(this.context.variables, this.binding!, x) as GradientOf<Wrt>;
  }

  /**
   * The function of packed vectors itself, which checks arrays when they differ from the last call's. When a point of
   * another length changes the sizes, `rebound` is called in its place; `settled` takes what is to be called from then on.
   */
  flatFunction(name: FunctionName, rebound: BoundFunction, settled: (run: BoundFunction) => void): BoundFunction {
    const b = this.binding!;
    const admit: Admission = (...vectors) => {
      checkVectors(name, vectors, (x) => this.bindFlat(x));
      return this.binding === b ? undefined : rebound;
    };
    const isPlain = !this.context.debug && this.context.pointRequirements.length === 0;
    const isCurrent = (run: BoundFunction) => isPlain && this.binding === b && settled(run);
    const run = this.instantiate(this.context.functions.get(name), { admit, settled: isCurrent });
    if (isPlain) return run;
    return (...vectors) => {
      this.checkPoint(vectors[0] as Float64Array);
      const result = run(...vectors);
      b.point.set(vectors[0]!);
      for (const vector of vectors.slice(1)) this.debug(result ?? 0, vector as Float64Array);
      if (vectors.length === 1) this.debug(result ?? 0, undefined);
      return result;
    };
  }

  /** Binds sizes from a packed point; called by the flat functions. */
  bindFlat(x: Float64Array): void {
    const b = this.binding;
    if (!(x instanceof Float64Array)) throw new DataError("a packed vector must be a Float64Array.");
    if (b && x.length === b.length) return;
    if (x.length > 0) requireVariables("a packed vector", this.context.variables);
    this.bindTo([{ name: "x", shape: [this.context.packedLength], tensor: { values: x, shape: undefined } }]);
  }

  /** The function for the bound sizes, built at its first use. */
  function(name: FunctionName, outputs: readonly string[] = noNames): BoundFunction {
    const key = outputs.length === 0 ? name : JSON.stringify([name, outputs]);
    return this.ready.get(key) ?? this.make(key, name, outputs);
  }

  private make(key: string, name: FunctionName, outputs: readonly string[]): BoundFunction {
    const { ready } = this;
    const settled = (run: BoundFunction) => ready.get(key) === made && ready.set(key, run);
    const made = this.instantiate(this.context.functions.get(name, outputs), { settled });
    ready.set(key, made);
    return made;
  }

  hessianBlocks(x: Float64Array): Float64Array[] {
    const fn = this.context.functions.get("hessian");
    requireFewEntries(x.length);
    const arrays = fn.lowered.hessian.map(
      (buffer) => allocated(vectorBuffer, this.binding!.lengthOf(buffer.shape)) as Float64Array,
    );
    this.function("hessian")(x, ...arrays);
    return arrays;
  }

  /** Start and length of each parameter in the packed vector. */
  layout(): { name: string; start: number; length: number }[] {
    const b = this.known();
    return this.context.variables.map(({ name }, k) => ({ name, start: b.starts[k]!, length: b.lengths[k]! }));
  }

  /** The binding, once the sizes are known. Throws DataError before. */
  private known(): Binding {
    const { binding } = this;
    if (binding) return binding;
    throw new DataError("the packed layout is known once the sizes are: bind data, pass sizes, or call with a point.");
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

  /** The least values of the parameters, packed: -Infinity where `within` names none. Throws DataError for an empty range. */
  lowerBounds(): Float64Array {
    return boundsOf(this.context, this.known()).lower;
  }

  /** The largest values of the parameters, packed: Infinity where `within` names none. Throws DataError for an empty range. */
  upperBounds(): Float64Array {
    return boundsOf(this.context, this.known()).upper;
  }

  /**
   * A function of packed vectors that is derived elsewhere, for the sizes that are bound and those that it has besides;
   * its arrays are not checked. `points`: the array whose rows are points, by default the first one, which is a point.
   */
  made(wanted: ModelFunction, { sizes = noSizes, points = 0 }: MadeOptions = {}): BoundFunction {
    const run = this.instantiate(wanted, { own: sizes });
    if (this.context.pointRequirements.length === 0) return run;
    const { length } = this.binding!;
    return (...vectors) => {
      const all = vectors[points] as Float64Array;
      for (let at = 0; at < all.length; at += length) this.checkPoint(all.subarray(at, at + length));
      return run(...vectors);
    };
  }

  /** What analyses of the model read. Throws DataError while sizes are unknown. */
  parts(): BoundParts {
    const { sizes, data, length } = this.known();
    const { functions, variables, outputNames } = this.context;
    const bound = this.context.data.flatMap(({ name, expr }) => {
      const values = data.get(name);
      return values ? [[expr, values] as const] : [];
    });
    const exprs = variables.map(({ expr }) => expr);
    return { functions, variables: exprs, outputNames: [...outputNames], sizes, data: new Map(bound), length };
  }

  requireOutput(name: string): void {
    const { outputNames } = this.context;
    if (outputNames.has(name)) return;
    throw new UsageError(`the model has no output "${name}". ${meant(name, outputNames)}`);
  }

  /** A function of outputs with the lengths of their arrays, for the sizes that are bound; `reads` the point: it is checked. */
  outputFunction(names: readonly string[], { reads }: { readonly reads: boolean }): OutputFunction {
    const fn = this.context.functions.get("outputs", names);
    const lengths = fn.lowered.outputs.map(({ shape }) => this.binding!.lengthOf(shape));
    const run = this.instantiate(fn);
    const { pointRequirements } = this.context;
    return {
      lengths,
      run: (x, arrays) => {
        if (reads && pointRequirements.length > 0) this.checkPoint(x);
        run(x, ...arrays);
      },
    };
  }

  /** What each entry of a packed vector is, as the model writes it: `b`, `w[0]`, `A[1, 2]`. */
  coordinateNames(): string[] {
    return coordinateNames(this.context.variables, this.known());
  }

  private instantiate(wanted: ModelFunction, options?: InstanceOptions): BoundFunction {
    return instantiate(wanted, this.binding!, options);
  }

  private requireVariables(fn: ModelFunction, tensors: ReadonlyMap<string, Tensor>): void {
    for (const [k, variable] of this.context.variables.entries()) {
      if (fn.lowered.variables[k] && !tensors.has(variable.name)) throw missing(variable.name);
    }
  }

  private readData(inputs: Inputs): Map<string, Tensor> {
    const { data, variables } = this.context;
    return readInputs(inputs, data, {
      leaves: variables,
      wayOut: "a parameter: it is given to the functions of the bound model, or left out of wrt.",
    });
  }

  private readParameters(inputs: InputsOf<string>): Map<string, Tensor> {
    const { data, variables } = this.context;
    return readInputs(inputs, variables, { leaves: data, wayOut: "data, and no parameter: it is given to bind." });
  }

  /** With one parameter its array is the packed vector: no copy is needed. Arrays of other lengths are read by name. */
  private single(params: Inputs): Float64Array | undefined {
    const { variables } = this.context;
    if (variables.length !== 1) return undefined;
    const value = params?.[variables[0]!.name];
    return value instanceof Float64Array && value.length === this.binding?.length ? value : undefined;
  }

  private readPoint(params: Inputs): Binding {
    const known = this.binding;
    if (!(known && copyFast(this.context.variables, known, params, known.point))) {
      this.packed(params, (b) => b.point);
    }
    const b = this.binding!;
    if (this.context.pointRequirements.length > 0) this.checkPoint(b.point);
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

  /** Throws when an index that depends on parameters leaves its tensor. */
  private checkPoint(point: Float64Array): void {
    for (const { requirement, outputs } of this.context.pointRequirements) {
      const values = this.evaluateOutputs(point, outputs);
      checkRequirement(
        requirement,
        values.map((array) => Array.from(array)),
        this.binding!.sizes,
      );
    }
  }

  private evaluateOutputs(point: Float64Array, names: readonly string[]): Array1D[] {
    const fn = this.context.functions.get("outputs", names);
    const arrays = fn.lowered.outputs.map((buffer) => allocated(buffer, this.binding!.lengthOf(buffer.shape)));
    this.function("outputs", names)(point, ...arrays);
    return arrays;
  }

  /** With the debug option: reports where a NaN in the results began. */
  private debug(loss: number, vector: Float64Array | undefined): void {
    const { debug } = this.context;
    const b = this.binding!;
    if (debug && (Number.isNaN(loss) || vector?.some(Number.isNaN))) debug(b.sizes, b.data, b.point);
  }

  private written(result: Result, out?: GradientOf<Wrt>, params?: Inputs, direction = params): GradientOf<Wrt> {
    const { variables } = this.context;
    if (!out || !params || !direction) return unpacked(variables, this.binding!, result.vector) as GradientOf<Wrt>;
    result.writeTo(out, variables, params, direction);
    return out;
  }

  /** Binds where the data alone tell all sizes; else the first call does. Contradictions are reported at once. */
  private tryToBind(): void {
    const sizes = solveSizes(claimsOf(this.context.data, this.tensors), this.givenSizes);
    if (this.neededSizes().every((name) => sizes.has(name))) this.bindWith(sizes);
  }

  private bindTo(claims: readonly ShapeClaim[]): void {
    const sizes = solveSizes([...claimsOf(this.context.data, this.tensors), ...claims], this.givenSizes);
    requireSizes(sizes, this.neededSizes());
    this.bindWith(sizes);
  }

  private neededSizes(): readonly string[] {
    return this.context.variables.flatMap(({ expr }) => expr.shape.flatMap((size) => size.names()));
  }

  /** Data is copied when the sizes are first known, and again when they change. */
  private bindWith(sizes: ReadonlyMap<string, number>): void {
    const known = this.binding?.sizes;
    if (known?.size === sizes.size && [...sizes].every(([name, value]) => known.get(name) === value)) return;
    this.binding = new Binding(this.context, this.tensors, sizes);
    this.ready.clear();
    this.flat.reset();
  }
}
