import { described } from "../../ir/arguments/arguments.ts";
import { counted } from "../../ir/counted.ts";
import { DataError } from "../../ir/errors.ts";
import { type Running, requireIdle } from "../../ops/own-primitives.ts";
import { requireVariables } from "../derive.ts";
import { Binding, type BindingContext, checkedSizes, claimsOf, openIn } from "../inputs/binding.ts";
import type { InputsOf } from "../inputs/by-name.ts";
import { type Inputs, readInputs, record } from "../inputs/inputs.ts";
import { coordinateNames } from "../inputs/packing.ts";
import { requireSizes, type ShapeClaim, solveSizes } from "../inputs/sizes.ts";
import { boundsOf } from "../inputs/starts.ts";
import { areSame, copyInto, readTensor, type Tensor } from "../inputs/tensors.ts";

/** A model with its data, and the sizes that these tell: known at once, or at the first point. */
export abstract class BoundData<Data extends string = string> {
  protected readonly context: BindingContext;
  /** The data in the shapes in which they were given, by name. */
  private readonly tensors: Map<string, Tensor>;
  private readonly givenSizes: ReadonlyMap<string, number>;
  protected binding: Binding | undefined;
  /** Known of functions that call primitives of the user's own. */
  readonly running: Running = {};
  /** How often data were filled in again. */
  refills = 0;

  constructor(context: BindingContext, data: InputsOf<string>, sizes: Readonly<Record<string, number>>) {
    this.context = context;
    this.tensors = this.readData(data);
    this.givenSizes = checkedSizes(sizes);
  }

  /** Lets go of what was made for other sizes. */
  protected abstract forget(): void;

  /** The sizes, once known. */
  get sizes(): Readonly<Record<string, number>> {
    return record(this.binding?.sizes ?? this.givenSizes);
  }

  /**
   * Puts other values of the same shapes in the place of bound data, such as the next batch; functions stay as they are.
   * Throws DataError for data that are not bound or have another length.
   */
  refill(data: InputsOf<Data>): void {
    const b = this.binding;
    if (!b) throw new DataError("data can be filled in again once all sizes are known: bind them first.");
    const tensors = this.readData(data);
    for (const [name, tensor] of tensors) {
      const bound = b.data.get(name);
      if (bound?.length !== tensor.values.length) {
        throw new DataError(
          `"${name}" is bound with ${bound ? counted(bound.length, "value") : "no values"}, got ${tensor.values.length}.`,
        );
      }
    }
    // the shapes too, where the arrays tell them
    solveSizes(claimsOf(this.context.data, tensors), b.sizes, "what is bound");
    this.fill(tensors, b);
    // the shapes stay, also of data that come flat
    for (const name of tensors.keys())
      this.tensors.set(name, { values: b.data.get(name)!, shape: b.shapeOf(this.context.declared.get(name)!) });
  }

  /**
   * Puts data of the same names, forms and lengths in the place of those that are bound, under the same sizes: false,
   * and nothing has changed, where they are not the same or do not fit. Parameters may be among the inputs, and nothing else.
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
    try {
      this.fill(tensors, b);
      return true;
    } catch {
      // parameters may tell other sizes, which these data fit: who binds anew is told
      return false;
    }
  }

  /** Nothing has changed where it throws: functions read data without asking again. */
  private fill(tensors: ReadonlyMap<string, Tensor>, b: Binding): void {
    requireIdle(this.running);
    const filled = new Map<string, ArrayLike<number>>(b.data);
    for (const [name, tensor] of tensors) {
      const expr = this.context.declared.get(name)!;
      const { dtype } = expr;
      filled.set(name, dtype === "real" ? tensor.values : copyInto(name, tensor, b.shapeOf(expr), dtype));
    }
    this.context.verify(b.sizes, filled);
    const open = openIn(this.context, b.sizes, filled);
    // functions that check nothing are kept as such
    if (open.length !== b.pointRequirements.length) this.forget();
    b.pointRequirements = open;
    for (const [name, { shape }] of tensors) {
      const bound = b.data.get(name)!;
      bound.set(filled.get(name)!);
      this.tensors.set(name, { values: bound, shape });
      b.tell(bound);
    }
    // these read what the engines have been told of
    for (const values of b.prepared.refilled(tensors.keys())) b.tell(values);
    this.refills++;
  }

  /** Start and length of each parameter in the packed vector. */
  layout(): { name: string; start: number; length: number }[] {
    const b = this.known();
    return this.context.variables.map(({ name }, k) => ({ name, start: b.starts[k]!, length: b.lengths[k]! }));
  }

  /** The binding, once the sizes are known. Throws DataError before. */
  protected known(): Binding {
    const { binding } = this;
    if (binding) return binding;
    throw new DataError("the packed layout is known once the sizes are: bind data, pass sizes, or call with a point.");
  }

  /** The least values of the parameters, packed: -Infinity where `within` names none. Throws DataError for an empty range. */
  lowerBounds(): Float64Array {
    return boundsOf(this.context, this.known()).lower;
  }

  /** The largest values of the parameters, packed: Infinity where `within` names none. Throws DataError for an empty range. */
  upperBounds(): Float64Array {
    return boundsOf(this.context, this.known()).upper;
  }

  /** What each entry of a packed vector is, as the model writes it: `b`, `w[0]`, `A[1, 2]`. */
  coordinateNames(): string[] {
    return coordinateNames(this.context.variables, this.known());
  }

  /** Binds sizes from a packed point. */
  bindFlat(x: Float64Array): void {
    const b = this.binding;
    if (!(x instanceof Float64Array))
      throw new DataError(`a packed vector must be a Float64Array, as pack(params) gives it, got ${described(x)}.`);
    if (b && x.length === b.length) return;
    if (x.length > 0) requireVariables("a packed vector", this.context.variables);
    this.bindTo([
      { name: "packed vector", shape: [this.context.packedLength], tensor: { values: x, shape: undefined } },
    ]);
  }

  /** Binds where the data alone tell all sizes; else the first call does. Contradictions are reported at once. */
  protected tryToBind(): void {
    const sizes = solveSizes(claimsOf(this.context.data, this.tensors), this.givenSizes);
    if (this.neededSizes().every((name) => sizes.has(name))) this.bindWith(sizes);
    // later bindings read these, and callers may change their arrays from now on
    for (const [name, tensor] of this.tensors) {
      const { dtype } = this.context.declared.get(name)!;
      const { shape, values } = tensor;
      this.tensors.set(name, {
        values: this.binding?.data.get(name) ?? copyInto(name, tensor, shape ?? [values.length], dtype),
        shape,
      });
    }
  }

  protected bindTo(claims: readonly ShapeClaim[]): void {
    const all = [...claimsOf(this.context.data, this.tensors), ...claims];
    const needed = this.neededSizes();
    const told = solveSizes(all, this.givenSizes);
    // flat arrays of several axes tell too little: what is a matrix stays one
    const isTold = !this.binding || needed.every((name) => told.has(name));
    const sizes = isTold ? told : solveSizes(all, this.binding!.sizes, "the last call");
    requireSizes(sizes, needed);
    this.bindWith(sizes);
  }

  private neededSizes(): readonly string[] {
    return this.context.variables.flatMap(({ expr }) => expr.shape.flatMap((size) => size.names()));
  }

  /** Data is copied when the sizes are first known, and again when they change. */
  protected bindWith(sizes: ReadonlyMap<string, number>): Binding {
    const { binding } = this;
    const known = binding?.sizes;
    if (binding && known?.size === sizes.size && [...sizes].every(([name, value]) => known.get(name) === value))
      return binding;
    requireIdle(this.running);
    const made = new Binding(this.context, this.tensors, sizes);
    this.binding = made;
    this.forget();
    return made;
  }

  private readData(inputs: InputsOf<string>): Map<string, Tensor> {
    const { data, variables } = this.context;
    return readInputs(inputs, data, {
      leaves: variables,
      wayOut: "a parameter: it is given to the functions of the bound model, or left out of wrt.",
    });
  }
}
