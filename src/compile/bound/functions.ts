import type { Admission, Array1D, BoundFunction } from "../../emit/javascript.ts";
import { meant } from "../../ir/arguments/arguments.ts";
import { UsageError } from "../../ir/errors.ts";
import type { Expr } from "../../ir/graph.ts";
import { runningAlone } from "../../ops/own-primitives.ts";
import type { FunctionName } from "../derive.ts";
import type { ModelFunction } from "../functions.ts";
import { requireFewEntries } from "../hessian.ts";
import { allocated, type BindingContext, noSizes, outside, vectorBuffer } from "../inputs/binding.ts";
import type { InputsOf } from "../inputs/by-name.ts";
import { checkVectors } from "../inputs/inputs.ts";
import { checkRequirement, leavesOf } from "../inputs/verify.ts";
import { BoundData } from "./data.ts";
import { FlatFunctions } from "./flat.ts";
import { type InstanceOptions, instantiate } from "./instance.ts";
import type { BoundParts, MadeOptions, OutputFunction } from "./parts.ts";

const noNames: readonly string[] = [];
const countOfOutside = [outside];

/** The functions of packed vectors, each built for the bound sizes at its first use. */
export class BoundFunctions<Data extends string = string> extends BoundData<Data> {
  private readonly ready = new Map<string, BoundFunction>();
  /** Of the Hessian, where there are several. */
  private blocks: Float64Array[] | undefined;
  /** How many indices leave their tensors at the point that was checked last. */
  private readonly outside = new Float64Array(1);
  readonly flat: FlatFunctions;

  constructor(context: BindingContext, data: InputsOf<string>, sizes: Readonly<Record<string, number>> = {}) {
    super(context, data, sizes);
    this.flat = new FlatFunctions(this);
    this.tryToBind();
  }

  protected override forget(): void {
    this.ready.clear();
    this.blocks = undefined;
    this.flat.reset();
  }

  /** The function for the bound sizes. */
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

  /**
   * The function of packed vectors itself, which checks arrays when they differ from the last call's. When a point of
   * another length changes the sizes, `rebound` is called in its place; `settled` takes what is to be called from then on.
   */
  flatFunction(name: FunctionName, rebound: BoundFunction, settled: (run: BoundFunction) => void): BoundFunction {
    const b = this.binding!;
    const admit: Admission = (...vectors) => {
      const { now = false } = this.running;
      // the function has begun, and touched nothing
      this.running.now = false;
      checkVectors(name, vectors, (x) => this.bindFlat(x));
      if (this.binding !== b) return rebound;
      this.running.now = now;
      return undefined;
    };
    const isPlain = !this.context.debug && b.pointRequirements.length === 0;
    const isCurrent = (run: BoundFunction) => isPlain && this.binding === b && settled(run);
    const run = this.instantiate(this.context.functions.get(name), { admit, settled: isCurrent });
    if (isPlain) return run;
    return (...vectors) => {
      const x = vectors[0] as Float64Array;
      this.bindFlat(x);
      if (this.binding !== b) return rebound(...vectors);
      this.checkPoint(x);
      const result = run(...vectors);
      if (this.context.debug) {
        b.point.set(x);
        this.debug(result ?? 0);
        for (const vector of vectors.slice(1)) this.debug(0, vector);
      }
      return result;
    };
  }

  /**
   * A function of packed vectors that is derived elsewhere, for the sizes that are bound and those that it has besides;
   * its arrays are not checked. `points`: the array whose rows are points, by default the first one, which is a point.
   */
  made(wanted: ModelFunction, { sizes = noSizes, points = 0 }: MadeOptions = {}): BoundFunction {
    const run = this.lasting(() => this.instantiate(wanted, { own: sizes }));
    if (this.context.pointRequirements.length === 0) return (...vectors) => run()(...vectors);
    const { length } = this.binding!;
    return (...vectors) => {
      const checked = run();
      const all = vectors[points] as Float64Array;
      for (let at = 0; at < all.length; at += length) this.checkPoint(all.subarray(at, at + length));
      return checked(...vectors);
    };
  }

  /** A function of outputs with the lengths of their arrays, for the sizes that are bound; `reads` the point: it is checked. */
  outputFunction(names: readonly string[], { reads }: { readonly reads: boolean }): OutputFunction {
    const fn = this.context.functions.get("outputs", names);
    const lengths = fn.lowered.outputs.map(({ shape }) => this.binding!.lengthOf(shape));
    const run = this.lasting(() => this.instantiate(fn));
    return {
      lengths,
      run: (x, arrays) => {
        const checked = run();
        if (reads) this.checkPoint(x);
        checked(x, ...arrays);
      },
    };
  }

  /** What was made for the sizes that are bound now. Where the model has been bound anew, it is bound to these, and that is made anew. */
  private lasting(make: () => BoundFunction): () => BoundFunction {
    let b = this.binding!;
    let made = make();
    return () => {
      if (this.binding === b) return made;
      b = this.bindWith(b.sizes);
      made = make();
      return made;
    };
  }

  hessianBlocks(x: Float64Array): Float64Array[] {
    const blocks = this.newBlocks(x);
    this.function("hessian")(x, ...blocks);
    return blocks;
  }

  /** Writes the Hessian at x to H by rows. A single block is all of it; several are kept in between. */
  writeHessian(x: Float64Array, H: Float64Array): void {
    requireFewEntries(x.length);
    const { lengths, starts, length, pointRequirements } = this.binding!;
    if (pointRequirements.length > 0) this.checkPoint(x);
    if (lengths.length === 1) this.function("hessian")(x, H);
    else {
      this.blocks ??= this.newBlocks(x);
      this.function("hessian")(x, ...this.blocks);
      for (let i = 0, at = 0; i < lengths.length; i++) {
        for (let j = 0; j < lengths.length; j++, at++) {
          const block = this.blocks[at]!;
          const width = lengths[j]!;
          const first = starts[i]! * length + starts[j]!;
          for (let r = 0; r < lengths[i]!; r++) {
            for (let c = 0; c < width; c++) H[first + r * length + c] = block[r * width + c]!;
          }
        }
      }
    }
    if (!this.context.debug) return;
    this.binding!.point.set(x);
    this.debug(0, H);
  }

  private newBlocks(x: Float64Array): Float64Array[] {
    requireFewEntries(x.length);
    const { hessian } = this.context.functions.get("hessian").lowered;
    return hessian.map((buffer) => allocated(vectorBuffer, this.binding!.lengthOf(buffer.shape)) as Float64Array);
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

  private instantiate(wanted: ModelFunction, options: InstanceOptions = {}): BoundFunction {
    const { running } = this;
    const alone = wanted.lowered.results[0]?.[0].graph.ability(runningAlone);
    if (!alone) return instantiate(wanted, this.binding!, options);
    const settled = (run: BoundFunction) => options.settled?.(alone(run, running));
    // what primitives print is tried when code is made
    const make = alone(() => instantiate(wanted, this.binding!, { ...options, settled }), running);
    return alone(make(), running);
  }

  protected evaluateOutputs(point: Float64Array, names: readonly string[]): Array1D[] {
    const fn = this.context.functions.get("outputs", names);
    const arrays = fn.lowered.outputs.map((buffer) => allocated(buffer, this.binding!.lengthOf(buffer.shape)));
    this.function("outputs", names)(point, ...arrays);
    return arrays;
  }

  /** Throws when an index that depends on parameters leaves its tensor. `isGiven`: of leaves, where some may lack a value. */
  protected checkPoint(point: Float64Array, isGiven?: (leaf: Expr) => boolean): void {
    const { pointRequirements } = this.binding!;
    if (pointRequirements.length === 0) return;
    if (!isGiven) {
      this.function("outputs", countOfOutside)(point, this.outside);
      if (this.outside[0] === 0) return;
    }
    for (const { requirement, outputs } of pointRequirements) {
      const { index, guard } = requirement;
      if (isGiven && !leavesOf(guard ? [index, guard] : [index]).every(isGiven)) continue;
      const values = this.evaluateOutputs(point, outputs);
      checkRequirement(
        requirement,
        values.map((array) => Array.from(array)),
        this.binding!.sizes,
      );
    }
  }

  /** With the debug option: throws an error that says where a NaN in the loss or its derivatives began. */
  protected debug(loss: number, vector?: Array1D): void {
    const { debug } = this.context;
    if (debug && (Number.isNaN(loss) || vector?.some(Number.isNaN))) debug(this.binding!);
  }

  protected debugOutputs(arrays: readonly Array1D[], names: readonly string[]): void {
    const { debug } = this.context;
    if (debug && arrays.some((array) => array.some(Number.isNaN))) debug(this.binding!, names);
  }
}
